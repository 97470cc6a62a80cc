/** Which drawn click lies under the pointer (a question of screen pixels, so the page answers it), and dragging it (R2.2). */
import { reach } from "./reach.js";

const REACH_CSS = 6;

/**
 * @param {import("../store.js").Store} store
 * @param {import("../types.js").Click[]} clicks
 * @param {import("../viewport.js").Viewport} viewport
 * @param {{x: number, y: number}} client
 * @returns {number|null} index of the newest click there
 */
export function markerAt(store, clicks, viewport, client) {
  const near = reach(store, REACH_CSS);
  for (let index = clicks.length - 1; index >= 0; index -= 1) {
    const at = viewport.toScreen(clicks[index].x + 0.5, clicks[index].y + 0.5);
    if (Math.hypot(at.x - client.x, at.y - client.y) <= near) return index;
  }
  return null;
}

/**
 * A drag of a marker: drawn where the pointer is, moved when it ends.
 *
 * @param {import("../store.js").Store} store
 * @param {import("../viewport.js").Viewport} viewport
 * @param {import("../methods.js").Ask} ask
 * @param {number} index
 * @returns {import("./tool.js").Drag}
 */
export function holdMarker(store, viewport, ask, index) {
  const show = (/** @type {import("./tool.js").Point} */ client) => store.setGesture({ kind: "point", index, at: viewport.toImage(client.x, client.y) });
  return {
    move: show,
    end(client) {
      show(client);
      const shown = store.gesture;
      void ask("click.move", { index, ...viewport.toImage(client.x, client.y) }).then(() => { if (store.gesture === shown) store.setGesture(null); });
    },
    cancel: () => store.setGesture(null),
  };
}
