/**
 * Masks: a translucent colour exactly over the mask's pixels, and an outline on the pixel edges, dark under light, of
 * the same width on the screen at every zoom.
 */

import { makeMaskSheet } from "./mask_sheet.js";

const OUTLINE_CSS = 1.25;
const HALO_CSS = 3;
const PREVIEW_ALPHA = 0.22;
const MANY = 60; // from so many masks on they are drawn by way of a sheet

/** @typedef {import("../types.js").Mask} Mask */

/** @param {string} colour "#rrggbb" @returns {number} as one little-endian RGBA word */
export function colourWord(colour) {
  const value = parseInt(colour.slice(1), 16);
  return ((0xff << 24) | ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}

/** @param {import("../types.js").Preview} mask @param {string} colour @returns {OffscreenCanvas} */
function tint(mask, colour) {
  const [x0, y0, x1, y1] = mask.box;
  const canvas = new OffscreenCanvas(x1 - x0, y1 - y0);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(x1 - x0, y1 - y0);
  const words = new Uint32Array(image.data.buffer);
  const word = colourWord(colour);
  const { pixels } = mask;
  for (let i = 0; i < words.length; i += 1) words[i] = -pixels[i] & word; // 0 or 1 becomes none or all bits
  context.putImageData(image, 0, 0);
  return canvas;
}

/** @param {Int32Array} edges (n * 4) @returns {Path2D} in image coordinates */
function outline(edges) {
  const path = new Path2D();
  for (let i = 0; i < edges.length; i += 4) {
    path.moveTo(edges[i], edges[i + 1]);
    path.lineTo(edges[i + 2], edges[i + 3]);
  }
  return path;
}

/**
 * @param {import("../store.js").Store} store
 * @param {import("../viewport.js").Viewport} viewport
 * @returns {import("./renderer.js").Draw}
 */
export function maskLayer(store, viewport) {
  /** What was made from a mask, kept as long as the mask itself. @type {WeakMap<Mask, {colour: string, tinted: OffscreenCanvas, path: Path2D}>} */
  const made = new WeakMap();
  /** The same of the preview shown. @type {{of: object, colour: string, tinted: OffscreenCanvas, path: Path2D}|null} */
  let faint = null;

  /** @param {Mask} mask @param {string} colour */
  function drawable(mask, colour) {
    const known = made.get(mask);
    if (known !== undefined && known.colour === colour) return known;
    const fresh = { colour, tinted: tint(mask, colour), path: known?.path ?? outline(mask.edges) };
    made.set(mask, fresh);
    return fresh;
  }

  const sheet = makeMaskSheet(viewport, (context, mask, view) => draw(context, mask, false, view));

  /** @param {Mask} mask */
  const isSeen = ({ box }) => box[0] < box[2] && box[1] < box[3] && inSight(box, viewport.visibleBox());

  /** @param {CanvasRenderingContext2D|OffscreenCanvasRenderingContext2D} context @param {Mask} mask @param {boolean} strong @param {import("./mask_sheet.js").View} [view] */
  function draw(context, mask, strong, { zoom, panX, panY } = viewport) {
    const [x0, y0] = mask.box;
    const { dpr } = viewport;
    const { tinted, path } = drawable(mask, store.colorOf(mask.labelId));
    context.setTransform(zoom, 0, 0, zoom, panX, panY);
    context.globalAlpha = Math.min(1, store.view.opacity + (strong ? 0.15 : 0));
    context.imageSmoothingEnabled = zoom < 1;
    context.imageSmoothingQuality = "medium";
    context.drawImage(tinted, x0, y0);
    context.globalAlpha = 1;
    if (!store.view.outline) return;
    stroke(context, path, (HALO_CSS + (strong ? 1.5 : 0)) * dpr / zoom, "rgb(0 0 0 / 70%)");
    stroke(context, path, (OUTLINE_CSS + (strong ? 0.7 : 0)) * dpr / zoom, "#ffffff");
  }

  /** Before the click: faint, with a thin line and no dark one round it, so that it is not taken for what is there. @param {CanvasRenderingContext2D} context @param {import("../types.js").Preview} preview */
  function drawPreview(context, preview) {
    const colour = store.colorOf(null);
    if (faint?.of !== preview || faint.colour !== colour) faint = { of: preview, colour, tinted: tint(preview, colour), path: outline(preview.edges) };
    const { zoom, panX, panY, dpr } = viewport;
    context.setTransform(zoom, 0, 0, zoom, panX, panY);
    context.globalAlpha = PREVIEW_ALPHA;
    context.imageSmoothingEnabled = zoom < 1;
    context.drawImage(faint.tinted, preview.box[0], preview.box[1]);
    context.globalAlpha = 0.65;
    stroke(context, faint.path, dpr / zoom, "#ffffff");
    context.globalAlpha = 1;
  }

  return (context) => {
    const { hovered } = store.view;
    const picked = new Set(store.picked);
    const hidden = new Set(store.mirror.annotations.filter(({ visible }) => !visible).map(({ id }) => id));
    const shown = [...store.masks.values()].filter((mask) => mask.box[0] < mask.box[2] && (mask.id === null || !hidden.has(mask.id)));
    const finished = shown.filter((mask) => mask.key !== "draft");
    const isStrong = (/** @type {Mask} */ mask) => (mask.id !== null && picked.has(mask.id)) || mask.id === hovered;
    /** @type {number|undefined} */
    let again;
    if (finished.length >= MANY) {
      const colours = store.mirror.labels.map(({ color }) => color).join();
      again = sheet.draw(context, finished, [store.view.opacity, store.view.outline, colours, viewport.width, viewport.height, viewport.dpr].join());
      for (const mask of finished) if (isStrong(mask) && isSeen(mask)) draw(context, mask, true);
    } else {
      sheet.forget();
      for (const mask of finished) if (isSeen(mask)) draw(context, mask, isStrong(mask));
    }
    for (const mask of shown) if (mask.key === "draft" && isSeen(mask)) draw(context, mask, false);
    if (store.preview !== null) drawPreview(context, store.preview);
    return again;
  };
}

/** @param {CanvasRenderingContext2D|OffscreenCanvasRenderingContext2D} context @param {Path2D} path @param {number} width image pixels @param {string} style */
function stroke(context, path, width, style) {
  context.lineCap = "square"; // segments meet at corners without a gap
  context.lineWidth = width;
  context.strokeStyle = style;
  context.stroke(path);
}

/** @param {number[]} a @param {number[]} b */
const inSight = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
