/**
 * Many finished masks at once: drawn into one sheet, a little larger than the view, and shown from there. While the view
 * moves the old sheet is shown moved and scaled, and the next one is drawn beside it, so many outlines a frame, so that a
 * frame costs the same with a thousand annotations as with a few. At rest the sheet is exact to the pixel.
 */

const EDGES_MOVING = 1000; // a frame, while the view moves
const EDGES_RESTING = 6000;
const MARGIN = 0.25; // of the view, on each side

/** @typedef {import("../types.js").Mask} Mask */
/** @typedef {{zoom: number, panX: number, panY: number}} View  the part of the viewport that a drawing depends on */
/** @typedef {{canvas: OffscreenCanvas, view: View, left: number, top: number, masks: Mask[], done: number}} Sheet */

/**
 * @param {import("../viewport.js").Viewport} viewport
 * @param {(context: OffscreenCanvasRenderingContext2D, mask: Mask, view: View) => void} drawMask
 */
export function makeMaskSheet(viewport, drawMask) {
  /** @type {Sheet|null} */
  let shown = null;
  /** @type {Sheet|null} */
  let next = null;
  let key = "";
  /** What `shown` is made of. @type {Mask[]} */
  let held = [];
  /** The view of the frame before. */
  let before = "";

  /** @param {Mask[]} masks @returns {Sheet} nothing drawn on it yet */
  function begun(masks) {
    const { width, height, zoom, panX, panY } = viewport;
    const left = Math.round(width * MARGIN);
    const top = Math.round(height * MARGIN);
    const [x0, y0, x1, y1] = [(-left - panX) / zoom, (-top - panY) / zoom, (width + left - panX) / zoom, (height + top - panY) / zoom];
    const near = masks.filter(({ box }) => box[0] < x1 && box[2] > x0 && box[1] < y1 && box[3] > y0);
    return { canvas: new OffscreenCanvas(width + 2 * left, height + 2 * top), view: { zoom, panX, panY }, left, top, masks: near, done: 0 };
  }

  /** @param {Sheet} sheet @param {number} edges at most about so many */
  function goOn(sheet, edges) {
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (sheet.canvas.getContext("2d"));
    const { zoom, panX, panY } = sheet.view;
    const moved = { zoom, panX: panX + sheet.left, panY: panY + sheet.top };
    for (let left = edges; left > 0 && sheet.done < sheet.masks.length; sheet.done += 1) {
      const mask = sheet.masks[sheet.done];
      drawMask(context, mask, moved);
      left -= 1 + mask.edges.length / 4;
    }
    return sheet.done === sheet.masks.length;
  }

  /** At the sheet's own zoom a move by whole pixels changes nothing, until its margin ends. @param {Sheet} sheet @param {number} share of the margin */
  const isExact = ({ view, left, top }, share) =>
    view.zoom === viewport.zoom && Math.abs(view.panX - viewport.panX) <= left * share && Math.abs(view.panY - viewport.panY) <= top * share;

  /** @param {Mask[]} masks @param {string} look */
  const isSame = (masks, look) => shown !== null && look === key && masks.length === held.length && masks.every((mask, k) => mask === held[k]);

  return {
    /**
     * @param {CanvasRenderingContext2D} context
     * @param {Mask[]} masks  all that may be in sight
     * @param {string} look  whatever else their drawing depends on
     * @returns {boolean} false: it has to be drawn again, in the next frame
     */
    draw(context, masks, look) {
      const now = [viewport.zoom, viewport.panX, viewport.panY].join();
      const edges = now === before ? EDGES_RESTING : EDGES_MOVING;
      before = now;
      if (shown === null || !isSame(masks, look)) {
        shown = begun(masks); // what is there has changed: that must be seen at once
        [next, key, held] = [null, look, masks];
        goOn(shown, Infinity);
      } else if (!isExact(shown, 0.5)) {
        next ??= begun(masks);
        if (goOn(next, edges)) [shown, next] = [next, null];
      }
      const scale = viewport.zoom / shown.view.zoom;
      const { view, left, top, canvas } = shown;
      context.setTransform(scale, 0, 0, scale, viewport.panX - (view.panX + left) * scale, viewport.panY - (view.panY + top) * scale);
      context.globalAlpha = 1;
      context.imageSmoothingEnabled = scale !== 1;
      context.drawImage(canvas, 0, 0);
      return isExact(shown, 0.5);
    },
    /** So few that it needs no sheet: what it holds is let go. */
    forget() {
      [shown, next, held] = [null, null, []];
    },
  };
}
