/** Which drawn click lies under the pointer: a question of screen pixels, so the page answers it. */

const REACH_CSS = 6;

/**
 * @param {import("../types.js").Click[]} clicks
 * @param {import("../viewport.js").Viewport} viewport
 * @param {{x: number, y: number}} client
 * @returns {number|null} index of the newest click there
 */
export function markerAt(clicks, viewport, client) {
  for (let index = clicks.length - 1; index >= 0; index -= 1) {
    const at = viewport.toScreen(clicks[index].x + 0.5, clicks[index].y + 0.5);
    if (Math.hypot(at.x - client.x, at.y - client.y) <= REACH_CSS) return index;
  }
  return null;
}
