/** Where the next fixed box would be placed: for display only, Python decides where it is. */

/** @param {number[]} box @param {{x: number, y: number}} at */
const holds = ([x0, y0, x1, y1], at) => at.x >= x0 && at.y >= y0 && at.x < x1 && at.y < y1;

/**
 * @param {import("../store.js").Store} store
 * @param {import("../viewport.js").Viewport} viewport
 * @returns {number[]|null} [x0, y0, x1, y1] in image pixels; null where a click would be a point, not a box
 */
export function ghostBox(store, viewport) {
  const { mode, draft } = store.mirror;
  const at = store.cursor ?? store.crosshair;
  if (mode.kind !== "fixed_box" || at === null || !viewport.isInside(at.x, at.y)) return null;
  if ((draft?.regions ?? []).some((box) => holds(box, at))) return null;
  const x0 = Math.floor(at.x) - Math.floor(mode.size / 2);
  const y0 = Math.floor(at.y) - Math.floor(mode.size / 2);
  return [x0, y0, x0 + mode.size, y0 + mode.size];
}
