/** Corners of a polygon region (R1.6): clicked one by one, closed at the first one, dragged afterwards. */
import { reach } from "./reach.js";

const CORNER_CSS = 9;

/** Which corner is under the pointer, or -1. @param {import("../store.js").Store} store @param {import("../viewport.js").Viewport} viewport @param {number[][]} corners @param {import("./tool.js").Point} client */
export function cornerAt(store, viewport, corners, client) {
  const near = reach(store, CORNER_CSS);
  return corners.findIndex(([x, y]) => {
    const at = viewport.toScreen(x, y);
    return Math.hypot(at.x - client.x, at.y - client.y) <= near;
  });
}

/**
 * A press while the line is open: one more corner, the first one again closes, the right button takes the last one back.
 * @param {import("../store.js").Store} store
 * @param {import("../viewport.js").Viewport} viewport
 * @param {number[][]} corners
 * @param {import("../types.js").Press} press
 * @param {import("./tool.js").Point} client
 * @param {(corners: number[][], isClosed: boolean) => void} show
 */
export function pressOpen(store, viewport, corners, { x, y, button }, client, show) {
  if (button === "secondary") show(corners.slice(0, -1), false);
  else if (corners.length >= 3 && cornerAt(store, viewport, corners.slice(0, 1), client) === 0) show(corners, true);
  else show([...corners, [x, y]], false);
}

/**
 * @param {import("../store.js").Store} store
 * @param {import("../viewport.js").Viewport} viewport
 * @param {import("../methods.js").Ask} ask
 * @returns {import("./tool.js").Tool}
 */
export function makePolygonTool(store, viewport, ask) {
  const open = () => (store.gesture?.kind === "polygon" ? store.gesture.corners : []);
  const closed = () => store.mirror.draft?.polygon ?? [];

  /** @param {number[][]} corners */
  const show = (corners) => store.setGesture(corners.length === 0 ? null : { kind: "polygon", corners });

  /** @param {number[][]} corners */
  const close = (corners) => void ask("region.polygon", { corners: corners.flat() }).then(() => store.setGesture(null));

  /** @param {number[][]} corners @param {number} index @param {import("./tool.js").Point} client */
  function moved(corners, index, client) {
    const { x, y } = viewport.toImage(client.x, client.y);
    return corners.map((corner, k) => (k === index ? [x, y] : corner));
  }

  return {
    hold({ client, button }) {
      const index = cornerAt(store, viewport, closed(), client);
      if (button !== "primary" || index < 0 || open().length > 0) return null;
      const corners = closed();
      return {
        move: (at) => store.setGesture({ kind: "polygon", corners: moved(corners, index, at), isClosed: true }),
        end: (at) => close(moved(corners, index, at)),
        cancel: () => store.setGesture(null),
      };
    },
    press(press, client) {
      const corners = open();
      if (corners.length === 0 && (closed().length > 0 || press.button === "secondary")) return false; // a click in the polygon that is there
      pressOpen(store, viewport, corners, press, client, (all, isClosed) => (isClosed ? close(all) : show(all)));
      return true;
    },
    back() {
      if (open().length === 0) return false;
      show(open().slice(0, -1));
      return true;
    },
    hover: (client) => (cornerAt(store, viewport, open().length > 2 ? open().slice(0, 1) : closed(), client) >= 0 ? "remove" : ""),
    finish() {
      if (open().length < 3) return false;
      close(open());
      return true;
    },
    cancel: () => store.dropGesture("polygon"),
  };
}
