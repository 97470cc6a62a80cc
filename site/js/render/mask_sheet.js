/**
 * Many finished masks at once: drawn into one sheet, a little larger than the view, and shown from there. While the view
 * moves the old sheet is shown moved and scaled; where it is not enough the next one is drawn beside it, so many outlines a
 * frame, so that a frame costs the same with a thousand annotations as with a few. At rest the sheet is exact to the pixel.
 */

const EDGES_MOVING = 300; // a frame, while the view moves
const EDGES_RESTING = 6000;
const REST_MS = 120;
const COARSEST = 2.5; // enlarged more than this a moving sheet is drawn anew at once
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
  let movedAt = 0;

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
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (sheet.canvas.getContext("2d", { willReadFrequently: true }));
    const { zoom, panX, panY } = sheet.view;
    const moved = { zoom, panX: panX + sheet.left, panY: panY + sheet.top };
    for (let left = edges; left > 0 && sheet.done < sheet.masks.length; sheet.done += 1) {
      const mask = sheet.masks[sheet.done];
      drawMask(context, mask, moved);
      left -= 1 + mask.edges.length / 4;
    }
    context.getImageData(0, 0, 1, 1); // a browser only notes what is drawn: read, it is done now, not all in the frame that shows the sheet
    return sheet.done === sheet.masks.length;
  }

  /** At the sheet's own zoom a move by whole pixels changes nothing, until its margin ends. @param {Sheet} sheet @param {number} share of the margin */
  const isExact = ({ view, left, top }, share) =>
    view.zoom === viewport.zoom && Math.abs(view.panX - viewport.panX) <= left * share && Math.abs(view.panY - viewport.panY) <= top * share;

  /** While the view moves: it shows all that is in the view, not too coarsely. @param {Sheet} sheet */
  function isEnough({ view, left, top }) {
    const { width, height, zoom, panX, panY } = viewport;
    const scale = zoom / view.zoom;
    const [x, y] = [panX - (view.panX + left) * scale, panY - (view.panY + top) * scale]; // its corner on the screen
    return scale < COARSEST && x <= 0 && y <= 0 && x + (width + 2 * left) * scale >= width && y + (height + 2 * top) * scale >= height;
  }

  /** @param {Mask[]} masks @param {string} look */
  const isSame = (masks, look) => shown !== null && look === key && masks.length === held.length && masks.every((mask, k) => mask === held[k]);

  return {
    /**
     * @param {CanvasRenderingContext2D} context
     * @param {Mask[]} masks  all that may be in sight
     * @param {string} look  whatever else their drawing depends on
     * @returns {number|undefined} milliseconds after which it has to be drawn again
     */
    draw(context, masks, look) {
      const now = [viewport.zoom, viewport.panX, viewport.panY].join();
      if (now !== before) movedAt = performance.now();
      before = now;
      const rest = movedAt + REST_MS - performance.now(); // between two turns of a wheel the view stands still for a frame
      if (shown === null || !isSame(masks, look)) {
        shown = begun(masks); // what is there has changed: that must be seen at once
        [next, key, held] = [null, look, masks];
        goOn(shown, Infinity);
      } else if (!isExact(shown, 0.5) && (rest <= 0 || !isEnough(shown))) {
        if (next === null || (rest <= 0 && !isExact(next, 0.5))) next = begun(masks);
        if (goOn(next, rest <= 0 ? EDGES_RESTING : EDGES_MOVING)) [shown, next] = [next, null];
      }
      const scale = viewport.zoom / shown.view.zoom;
      const { view, left, top, canvas } = shown;
      context.setTransform(scale, 0, 0, scale, viewport.panX - (view.panX + left) * scale, viewport.panY - (view.panY + top) * scale);
      context.globalAlpha = 1;
      context.imageSmoothingEnabled = false; // only for as long as the view moves: the next sheet is exact again
      context.drawImage(canvas, 0, 0);
      if (isExact(shown, 0.5)) return undefined;
      return rest > 0 && isEnough(shown) ? rest : 0;
    },
    /** So few that it needs no sheet: what it holds is let go. */
    forget() {
      [shown, next, held] = [null, null, []];
    },
  };
}
