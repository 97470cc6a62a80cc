/** Corners of a polygon region (R1.6): clicked one by one, closed at the first one, dragged afterwards. */

const CORNER_CSS = 9;

/**
 * @param {import("../store.js").Store} store
 * @param {import("../viewport.js").Viewport} viewport
 * @param {(method: string, params?: Record<string, any>) => Promise<any>} ask
 * @returns {import("./tool.js").Tool}
 */
export function makePolygonTool(store, viewport, ask) {
  const open = () => (store.gesture?.kind === "polygon" ? store.gesture.corners : []);
  const closed = () => store.mirror.draft?.polygon ?? [];

  /** @param {number[][]} corners @param {import("./tool.js").Point} client */
  function cornerAt(corners, client) {
    return corners.findIndex(([x, y]) => {
      const at = viewport.toScreen(x, y);
      return Math.hypot(at.x - client.x, at.y - client.y) <= CORNER_CSS;
    });
  }

  /** @param {number[][]} corners */
  const close = (corners) => void ask("region.polygon", { corners: corners.flat() }).then(() => store.setGesture(null));

  /** @param {number[][]} corners @param {number} index @param {import("./tool.js").Point} client */
  function moved(corners, index, client) {
    const { x, y } = viewport.toImage(client.x, client.y);
    return corners.map((corner, k) => (k === index ? [x, y] : corner));
  }

  return {
    hold({ client, button }) {
      const index = cornerAt(closed(), client);
      if (button !== "primary" || index < 0 || open().length > 0) return null;
      const corners = closed();
      return {
        move: (at) => store.setGesture({ kind: "polygon", corners: moved(corners, index, at), isClosed: true }),
        end: (at) => close(moved(corners, index, at)),
        cancel: () => store.setGesture(null),
      };
    },
    press({ x, y, button }, client) {
      const corners = open();
      if (corners.length === 0 && closed().length > 0) return false; // a click in the polygon that is there
      if (button === "secondary") {
        if (corners.length === 0) return false;
        store.setGesture(corners.length === 1 ? null : { kind: "polygon", corners: corners.slice(0, -1) });
      } else if (corners.length >= 3 && cornerAt(corners.slice(0, 1), client) === 0) close(corners);
      else store.setGesture({ kind: "polygon", corners: [...corners, [x, y]] });
      return true;
    },
    hover: (client) => (cornerAt(open().length > 2 ? open().slice(0, 1) : closed(), client) >= 0 ? "remove" : ""),
    finish() {
      if (open().length < 3) return false;
      close(open());
      return true;
    },
    cancel: () => store.dropGesture("polygon"),
  };
}
