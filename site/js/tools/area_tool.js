/**
 * A mask by hand, corner by corner: clicked one by one and closed like a polygon region (`polygon_tool.js`); then a corner
 * is dragged, or picked up by a click and put down by the next; a click on the line puts a corner in, the right button on
 * a corner takes it out. Enter closes, then adds the pixels (Shift + Enter: erases them), as one step; Esc drops it all.
 * At the keyboard's crosshair Space is the click and X the right button.
 */
import { cornerAt, pressOpen } from "./polygon_tool.js";
import { reach } from "./reach.js";

const LINE_CSS = 6;

/** @typedef {import("./tool.js").Point} Point */

/**
 * @param {import("../store.js").Store} store
 * @param {import("../viewport.js").Viewport} viewport
 * @param {import("../methods.js").Ask} ask
 * @returns {import("./tool.js").Tool}
 */
export function makeAreaTool(store, viewport, ask) {
  const gesture = () => (store.gesture?.kind === "polygon" ? store.gesture : null);
  const corners = () => gesture()?.corners ?? [];
  const isClosed = () => gesture()?.isClosed === true;

  /** @param {number[][]} all @param {boolean} closed @param {number} [carried] */
  const show = (all, closed, carried) => store.setGesture(all.length === 0 ? null : { kind: "polygon", corners: all, isClosed: closed && all.length >= 3, isArea: true, carried });

  /** Which edge is under the pointer: the number of its first corner, or -1. @param {Point} client */
  function edgeAt(client) {
    const points = corners().map(([x, y]) => viewport.toScreen(x, y));
    return points.findIndex((a, k) => distance(client, a, points[(k + 1) % points.length]) <= reach(store, LINE_CSS));
  }

  /** @param {number} index @param {Point} to image coordinates */
  const moved = (index, to) => corners().map((corner, k) => (k === index ? [to.x, to.y] : corner));

  /** @param {import("../types.js").Press} press @param {Point} client */
  function pressClosed({ x, y, button }, client) {
    const carried = gesture()?.carried;
    const index = cornerAt(store, viewport, corners(), client);
    const edge = edgeAt(client);
    if (carried !== undefined) show(moved(carried, { x, y }), true);
    else if (index >= 0 && button === "secondary") show(corners().filter((_, k) => k !== index), true);
    else if (index >= 0) show(corners(), true, index);
    else if (edge >= 0 && button === "primary") show([...corners().slice(0, edge + 1), [x, y], ...corners().slice(edge + 1)], true);
  }

  /** @param {boolean} erase */
  async function apply(erase) {
    const answer = await ask("mask.polygon", { corners: corners().flat(), erase });
    if (answer?.done) store.dropGesture("polygon");
  }

  store.on("cursor", () => {
    const at = store.cursor ?? (store.crosshair === null ? null : { x: store.crosshair.x + 0.5, y: store.crosshair.y + 0.5 });
    const carried = gesture()?.carried;
    if (carried !== undefined && at !== null) show(moved(carried, at), true, carried);
  });

  return {
    hold({ client, button }) {
      const index = cornerAt(store, viewport, corners(), client);
      if (button !== "primary" || index < 0 || gesture()?.carried !== undefined) return null;
      const before = gesture();
      const closed = isClosed();
      return {
        move: (at) => show(moved(index, viewport.toImage(at.x, at.y)), closed),
        end: (at) => show(moved(index, viewport.toImage(at.x, at.y)), closed),
        cancel: () => store.setGesture(before),
      };
    },
    press(press, client) {
      if (isClosed()) pressClosed(press, client);
      else pressOpen(store, viewport, corners(), press, client, (all, closed) => show(all, closed));
      return true;
    },
    hover(client) {
      if (cornerAt(store, viewport, corners(), client) >= 0) return "move";
      return isClosed() && edgeAt(client) >= 0 ? "remove" : "";
    },
    finish(erase = false) {
      if (isClosed() || corners().length < 3) void apply(erase);
      else show(corners(), true);
      return true;
    },
    back() {
      if (gesture() === null) return false;
      show(isClosed() ? corners() : corners().slice(0, -1), false);
      return true;
    },
    cancel: () => store.dropGesture("polygon"),
  };
}

/** From a point to a segment, all in CSS pixels. @param {Point} p @param {Point} a @param {Point} b */
function distance(p, a, b) {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length2 = dx * dx + dy * dy;
  const along = length2 === 0 ? 0 : Math.max(0, Math.min(1, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length2));
  return Math.hypot(p.x - a.x - along * dx, p.y - a.y - along * dy);
}
