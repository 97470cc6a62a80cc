/**
 * The image: crisp pixels when an image pixel is at least a device pixel, smooth when smaller. Smooth means from a
 * pyramid of halves (each pixel the mean of four), so that fine defects do not flicker and large images draw fast.
 */

const GRID_FROM = 12; // CSS pixels an image pixel
const GRID_FULL = 24;
const HALVE_BELOW = 0.5;

/** Halves of one bitmap, made when first needed. */
class Pyramid {
  /** @param {ImageBitmap} bitmap */
  constructor(bitmap) {
    /** @type {(ImageBitmap|OffscreenCanvas)[]} */
    this.levels = [bitmap];
  }

  /** @param {number} level */
  get(level) {
    while (this.levels.length <= level) this.levels.push(halve(this.levels[this.levels.length - 1]));
    return this.levels[level];
  }
}

/** @param {ImageBitmap|OffscreenCanvas} source */
function halve(source) {
  const half = new OffscreenCanvas(Math.ceil(source.width / 2), Math.ceil(source.height / 2));
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (half.getContext("2d"));
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "low"; // bilinear at exactly one half is the mean of four pixels
  context.drawImage(source, 0, 0, source.width / 2, source.height / 2);
  return half;
}

/**
 * @param {import("../store.js").Store} store
 * @param {import("../viewport.js").Viewport} viewport
 * @returns {import("./renderer.js").Draw}
 */
export function imageLayer(store, viewport) {
  /** @type {WeakMap<ImageBitmap, Pyramid>} */
  const pyramids = new WeakMap();

  /** @param {ImageBitmap} bitmap */
  function pyramidOf(bitmap) {
    const pyramid = pyramids.get(bitmap) ?? new Pyramid(bitmap);
    pyramids.set(bitmap, pyramid);
    return pyramid;
  }

  return (context) => {
    const { picture } = store;
    if (picture === null) return;
    const { zoom, panX, panY } = viewport;
    const level = zoom >= HALVE_BELOW ? 0 : Math.floor(Math.log2(1 / zoom));
    const scale = 2 ** level;
    const source = pyramidOf(picture.bitmap).get(level);
    const [x0, y0, x1, y1] = clippedBox(viewport, scale, source);
    if (x0 >= x1 || y0 >= y1) return;
    context.imageSmoothingEnabled = zoom < 1;
    context.imageSmoothingQuality = "low"; // the level is at most twice too large: bilinear is enough, and has no mipmaps to make
    context.setTransform(zoom * scale, 0, 0, zoom * scale, panX, panY);
    context.drawImage(source, x0, y0, x1 - x0, y1 - y0, x0, y0, x1 - x0, y1 - y0);
    drawGrid(context, viewport);
  };
}

/** Whole pixels of the level that are in sight, one more on each side. @param {import("../viewport.js").Viewport} viewport @param {number} scale @param {{width: number, height: number}} source */
function clippedBox(viewport, scale, source) {
  const [x0, y0, x1, y1] = viewport.visibleBox();
  return [
    Math.max(0, Math.floor(x0 / scale) - 1),
    Math.max(0, Math.floor(y0 / scale) - 1),
    Math.min(source.width, Math.ceil(x1 / scale) + 1),
    Math.min(source.height, Math.ceil(y1 / scale) + 1),
  ];
}

/** Lines between pixels, a dark one beside a light one: seen on any grey. @param {CanvasRenderingContext2D} context @param {import("../viewport.js").Viewport} viewport */
function drawGrid(context, viewport) {
  const { zoom, panX, panY, dpr, imageWidth, imageHeight } = viewport;
  const strength = Math.min(1, (zoom / dpr - GRID_FROM) / (GRID_FULL - GRID_FROM));
  if (strength <= 0) return;
  const [x0, y0, x1, y1] = viewport.visibleBox();
  const left = Math.max(0, Math.floor(x0));
  const right = Math.min(imageWidth, Math.ceil(x1));
  const top = Math.max(0, Math.floor(y0));
  const bottom = Math.min(imageHeight, Math.ceil(y1));
  const device = (/** @type {number} */ value, /** @type {number} */ pan) => Math.round(value * zoom + pan);
  context.setTransform(1, 0, 0, 1, 0, 0);
  for (const [shift, colour] of [[0, `rgb(0 0 0 / ${0.24 * strength})`], [-1, `rgb(255 255 255 / ${0.12 * strength})`]]) {
    context.fillStyle = String(colour);
    for (let x = left; x <= right; x += 1) {
      context.fillRect(device(x, panX) + Number(shift), device(top, panY), 1, device(bottom, panY) - device(top, panY));
    }
    for (let y = top; y <= bottom; y += 1) {
      context.fillRect(device(left, panX), device(y, panY) + Number(shift), device(right, panX) - device(left, panX), 1);
    }
  }
}
