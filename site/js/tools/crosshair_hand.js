/**
 * A hand without a pointer (R8.2): what a mouse does at a place, at the keyboard's crosshair. Space presses, X with the
 * right button; Shift + Space takes hold and lets go, and in between the arrows carry what is held: a box, its handle, a
 * stroke, a corner, a point. Every tool is asked just as the pointer asks it.
 */

/** @typedef {import("./tool.js").Point} Point */

/**
 * @param {object} parts
 * @param {import("../store.js").Store} parts.store
 * @param {import("../viewport.js").Viewport} parts.viewport
 * @param {() => boolean} parts.onEdges  the tool takes lines between pixels, not pixels
 * @param {(press: import("../types.js").Press, client: Point) => void} parts.press
 * @param {(grasp: import("./tool.js").Grasp) => import("./tool.js").Drag|null} parts.hold
 * @param {(held: boolean) => void} parts.told  it took hold (or found nothing to hold), so that the page can say what next
 */
export function makeCrosshairHand({ store, viewport, onEdges, press, hold, told }) {
  /** @type {import("./tool.js").Drag|null} */
  let held = null;

  /** @param {number} value @param {number} size @returns {number} the line before the pixel; behind the last one the border */
  const edge = (value, size) => (value === size - 1 ? size : value);

  /** Where a pointer would be. @param {boolean} between @returns {Point} */
  function client(between) {
    const { x, y } = /** @type {Point} */ (store.crosshair);
    if (!between) return viewport.toScreen(x + 0.5, y + 0.5);
    return viewport.toScreen(edge(x, viewport.imageWidth), edge(y, viewport.imageHeight));
  }

  /** The drag that is held takes pixels or lines for as long as it lasts. */
  let between = false;

  function cancel() {
    const drag = held;
    held = null;
    drag?.cancel();
    return drag !== null;
  }

  function letGo() {
    const drag = held;
    held = null;
    drag?.end(client(between));
    return drag !== null;
  }

  return {
    cancel,
    /** @param {"primary"|"secondary"} button */
    press(button) {
      if (store.crosshair === null || held !== null) return;
      press({ x: store.crosshair.x + 0.5, y: store.crosshair.y + 0.5, button, time: performance.now() }, client(false));
    },
    finish: letGo,
    toggleHold() {
      if (store.crosshair === null || letGo()) return;
      between = onEdges();
      held = hold({ client: client(between), button: "primary", touch: false, shift: false });
      held?.move(client(between));
      told(held !== null);
    },
    /** The crosshair has moved. */
    moved: () => held?.move(client(between)),
    get isHolding() {
      return held !== null;
    },
  };
}
