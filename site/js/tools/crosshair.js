/** Marking without a pointer: arrows move a crosshair by a pixel (Shift: ten), Space is a positive press, X a negative one. */

const STEPS = /** @type {Record<string, [number, number]>} */ ({
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
});
const COARSE = 10;
const EDGE_CSS = 40;

/** @param {string} key */
export const isStep = (key) => key in STEPS;

/**
 * @param {{x: number, y: number}|null} from the crosshair, null when it is not shown yet
 * @param {string} key
 * @param {boolean} coarse
 * @param {import("../viewport.js").Viewport} viewport
 * @returns {{x: number, y: number}} a pixel of the image
 */
export function moved(from, key, coarse, viewport) {
  const { imageWidth, imageHeight } = viewport;
  const inside = (/** @type {number} */ value, /** @type {number} */ size) => Math.max(0, Math.min(size - 1, value));
  if (from === null) {
    const [x0, y0, x1, y1] = viewport.visibleBox();
    return { x: inside(Math.floor((x0 + x1) / 2), imageWidth), y: inside(Math.floor((y0 + y1) / 2), imageHeight) };
  }
  const [dx, dy] = STEPS[key];
  const step = coarse ? COARSE : 1;
  return { x: inside(from.x + dx * step, imageWidth), y: inside(from.y + dy * step, imageHeight) };
}

/** Keep the crosshair in sight. @param {{x: number, y: number}} at @param {import("../viewport.js").Viewport} viewport */
export function follow(at, viewport) {
  const rect = viewport.element.getBoundingClientRect();
  const screen = viewport.toScreen(at.x + 0.5, at.y + 0.5);
  const past = (/** @type {number} */ value, /** @type {number} */ low, /** @type {number} */ high) =>
    value < low + EDGE_CSS ? low + EDGE_CSS - value : value > high - EDGE_CSS ? high - EDGE_CSS - value : 0;
  const dx = past(screen.x, rect.left, rect.right);
  const dy = past(screen.y, rect.top, rect.bottom);
  if (dx !== 0 || dy !== 0) viewport.panBy(dx, dy);
}
