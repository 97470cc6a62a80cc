/**
 * Masks: a translucent colour exactly over the mask's pixels, and an outline on the pixel edges, dark under light, of
 * the same width on the screen at every zoom.
 */

import { bitmapOf } from "./mask_bitmap.js";
import { makeMaskSheet } from "./mask_sheet.js";

const OUTLINE_CSS = 1.25;
const HALO_CSS = 3;
const PREVIEW_ALPHA = 0.22;
const MANY = 60; // from so many masks on they are drawn by way of a sheet

/** @typedef {import("../types.js").Mask} Mask */
/** @typedef {import("../types.js").Preview} Preview */
/** @typedef {CanvasRenderingContext2D|OffscreenCanvasRenderingContext2D} Context */

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
  /** What was made from a mask, kept as long as the mask itself. @type {WeakMap<Preview, {bitmap: import("./mask_bitmap.js").Bitmap, path: Path2D}>} */
  const made = new WeakMap();

  /** Paint the pixels; the context is then in image coordinates. @param {Context} context @param {Preview} mask @param {string} colour @param {number} alpha @param {import("./mask_sheet.js").View} view @returns {Path2D} the outline */
  function paint(context, mask, colour, alpha, { zoom, panX, panY }) {
    const seen = [-panX / zoom, -panY / zoom, (context.canvas.width - panX) / zoom, (context.canvas.height - panY) / zoom];
    const known = made.get(mask);
    const bitmap = bitmapOf(mask, colour, seen, zoom, known?.bitmap);
    const path = known?.path ?? outline(mask.edges);
    made.set(mask, { bitmap, path });
    context.setTransform(zoom, 0, 0, zoom, panX, panY);
    context.globalAlpha = alpha;
    context.imageSmoothingEnabled = zoom < 1;
    context.imageSmoothingQuality = "medium";
    const [x0, y0, x1, y1] = bitmap.box;
    if (bitmap.canvas !== null) context.drawImage(bitmap.canvas, x0, y0, x1 - x0, y1 - y0);
    return path;
  }

  const sheet = makeMaskSheet(viewport, (context, mask, view) => draw(context, mask, false, view));

  /** @param {Mask} mask */
  const isSeen = ({ box }) => box[0] < box[2] && box[1] < box[3] && inSight(box, viewport.visibleBox());

  /** @param {Context} context @param {Mask} mask @param {boolean} strong @param {import("./mask_sheet.js").View} [view] */
  function draw(context, mask, strong, view = viewport) {
    const width = viewport.dpr / view.zoom;
    const path = paint(context, mask, store.colorOf(mask.labelId), Math.min(1, store.view.opacity + (strong ? 0.15 : 0)), view);
    context.globalAlpha = 1;
    if (!store.view.outline) return;
    stroke(context, path, (HALO_CSS + (strong ? 1.5 : 0)) * width, "rgb(0 0 0 / 70%)");
    stroke(context, path, (OUTLINE_CSS + (strong ? 0.7 : 0)) * width, "#ffffff");
  }

  /** Before the click: faint, with a thin line and no dark one round it, so that it is not taken for what is there. @param {Context} context @param {Preview} preview */
  function drawPreview(context, preview) {
    const path = paint(context, preview, store.colorOf(null), PREVIEW_ALPHA, viewport);
    context.globalAlpha = 0.65;
    stroke(context, path, viewport.dpr / viewport.zoom, "#ffffff");
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

/** @param {Context} context @param {Path2D} path @param {number} width image pixels @param {string} style */
function stroke(context, path, width, style) {
  context.lineCap = "square"; // segments meet at corners without a gap
  context.lineWidth = width;
  context.strokeStyle = style;
  context.stroke(path);
}

/** @param {number[]} a @param {number[]} b */
const inSight = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
