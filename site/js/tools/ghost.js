/** Where a press would place the next box: for display only, Python decides where it is. */

/** @param {number[]} box @param {{x: number, y: number}} at */
const holds = ([x0, y0, x1, y1], at) => at.x >= x0 && at.y >= y0 && at.x < x1 && at.y < y1;

/** A custom box that follows has the size of the first one. @param {import("../types.js").Mode} mode @param {number[][]} regions @param {number[][]} polygon */
function stampSize(mode, regions, polygon) {
  if (mode.kind !== "custom_box" || !mode.follow || regions.length === 0 || polygon.length > 0) return null;
  const [x0, y0, x1, y1] = regions[0];
  return [x1 - x0, y1 - y0];
}

/**
 * @param {import("../store.js").Store} store
 * @param {import("../viewport.js").Viewport} viewport
 * @returns {number[]|null} [x0, y0, x1, y1] in image pixels; null where a click would be a point, not a box
 */
export function ghostBox(store, viewport) {
  const { mode, draft } = store.mirror;
  const at = store.cursor ?? store.crosshair;
  if (store.view.tool !== "mark" || at === null || !viewport.isInside(at.x, at.y)) return null;
  const regions = draft?.regions ?? [];
  if (regions.some((box) => holds(box, at))) return null;
  const size = mode.kind === "fixed_box" ? [mode.size, mode.size] : stampSize(mode, regions, draft?.polygon ?? []);
  if (size === null) return null;
  const x0 = Math.floor(at.x) - Math.floor(size[0] / 2);
  const y0 = Math.floor(at.y) - Math.floor(size[1] / 2);
  return [x0, y0, x0 + size[0], y0 + size[1]];
}
