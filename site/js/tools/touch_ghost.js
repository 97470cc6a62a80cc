/** On a touch screen the ghost box follows above the finger, which would hide it; lifting the finger stamps it (R1.3, R1.5). */
import { ghostBox } from "./ghost.js";

const ABOVE_CSS = 70;

/**
 * @param {import("../store.js").Store} store
 * @param {import("../viewport.js").Viewport} viewport
 * @param {(press: import("../types.js").Press) => void} press
 * @param {import("./tool.js").Grasp} grasp
 * @returns {import("./tool.js").Drag|null}
 */
export function holdGhost(store, viewport, press, { touch, client }) {
  if (!touch || store.picture === null) return null;
  const above = (/** @type {import("./tool.js").Point} */ at) => viewport.toImage(at.x, at.y - ABOVE_CSS);
  const before = store.cursor;
  store.cursor = viewport.toImage(client.x, client.y);
  const shows = ghostBox(store, viewport) !== null;
  store.cursor = before;
  if (!shows) return null; // inside a box a finger pans
  return {
    move: (at) => store.setCursor(above(at)),
    end(at) {
      press({ ...above(at), button: "primary", time: performance.now() });
      store.setCursor(null);
    },
    cancel: () => store.setCursor(null),
  };
}
