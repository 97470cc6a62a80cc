/**
 * The custom box under the hand (R1.4, R1.5): which part of it lies under the pointer, and the box that a drag would
 * make. For display; what the drag means is Python's to say.
 */
import { reach } from "./reach.js";

const HANDLE_CSS = 9;
const FRAME_CSS = 5;

/** Name and place of the eight handles, as shares of width and height. @type {[string, number, number][]} */
export const HANDLES = [
  ["nw", 0, 0], ["n", 0.5, 0], ["ne", 1, 0], ["e", 1, 0.5],
  ["se", 1, 1], ["s", 0.5, 1], ["sw", 0, 1], ["w", 0, 0.5],
];

/** @typedef {{x: number, y: number}} Point */

/**
 * @param {number[]} box
 * @param {import("../viewport.js").Viewport} viewport
 * @param {Point} client
 * @param {import("../store.js").Store} store
 * @returns {string} a handle's name, "frame", "move" (inside) or ""
 */
export function gripAt([x0, y0, x1, y1], viewport, client, store) {
  const near = viewport.toScreen(x0, y0);
  const far = viewport.toScreen(x1, y1);
  for (const [name, u, v] of HANDLES) {
    if (isAlong(client.x, near.x, far.x, u, store) && isAlong(client.y, near.y, far.y, v, store)) return name;
  }
  const inside = Math.min(client.x - near.x, far.x - client.x, client.y - near.y, far.y - client.y);
  if (Math.abs(inside) <= reach(store, FRAME_CSS)) return "frame";
  return inside > 0 ? "move" : "";
}

/**
 * Whether a place is near a handle in one direction. Along its side a handle reaches at most an eighth of the side, so that
 * between two handles of a small box there is frame left to take hold of; away from the box it reaches as far as ever.
 * @param {number} at @param {number} near @param {number} far both ends of the side @param {number} share 0, 0.5 or 1: where the handle is on it
 * @param {import("../store.js").Store} store
 */
function isAlong(at, near, far, share, store) {
  const most = reach(store, HANDLE_CSS);
  const within = Math.min(most, (far - near) / 8);
  const away = at - (near + share * (far - near));
  return away >= (share === 0 ? -most : -within) && away <= (share === 1 ? most : within);
}

/** The box that a drag would make. @param {string} grip @param {number[]} box @param {Point} start @param {Point} now @returns {number[]} */
export function dragged(grip, box, start, now) {
  const [dx, dy] = [Math.round(now.x - start.x), Math.round(now.y - start.y)];
  let [x0, y0, x1, y1] = grip === "" ? [start.x, start.y, now.x, now.y].map(Math.round) : box;
  if (grip === "move") return [x0 + dx, y0 + dy, x1 + dx, y1 + dy];
  if (grip.includes("w")) x0 += dx;
  if (grip.includes("e")) x1 += dx;
  if (grip.includes("n")) y0 += dy;
  if (grip.includes("s")) y1 += dy;
  return [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)];
}

/**
 * @param {import("../store.js").Store} store
 * @param {import("../viewport.js").Viewport} viewport
 * @param {import("../methods.js").Ask} ask
 * @returns {import("./tool.js").Tool}
 */
export function makeBoxTool(store, viewport, ask) {
  /** The box that can be changed: the only one, drawn with follow off. */
  function changeable() {
    const { draft, mode } = store.mirror;
    return draft !== null && !mode.follow && draft.regions.length === 1 && draft.polygon.length === 0 ? draft.regions[0] : null;
  }

  /** @param {Point} client */
  function grip(client) {
    const box = changeable();
    return box === null ? "" : gripAt(box, viewport, client, store);
  }

  /** @param {string} how @param {Point} start @param {Point} end */
  const tell = (how, start, end) => ask("pointer.drag", { grip: how, x0: start.x, y0: start.y, x1: end.x, y1: end.y });

  return {
    onEdges: true,
    hold({ client, button }) {
      if (button !== "primary" || (store.mirror.mode.follow && (store.mirror.draft?.regions.length ?? 0) > 0)) return null;
      const found = grip(client);
      const how = found === "frame" ? "move" : found;
      const start = viewport.toImage(client.x, client.y);
      const box = changeable() ?? [];
      return {
        move: (at) => store.setGesture({ kind: "box", box: dragged(how, box, start, viewport.toImage(at.x, at.y)) }),
        end: (at) => void tell(how, start, viewport.toImage(at.x, at.y)).then(() => store.setGesture(null)),
        cancel: () => store.setGesture(null),
      };
    },
    press({ x, y, button }, client) {
      const carried = store.gesture;
      if (carried?.kind === "carry") {
        void tell("move", carried.start, { x, y }).then(() => store.setGesture(null));
        return true;
      }
      if (button !== "primary" || grip(client) !== "frame") return false;
      store.setGesture({ kind: "carry", start: { x, y }, origin: changeable() ?? [], box: changeable() ?? [] });
      return true;
    },
    hover(client) {
      const carried = store.gesture;
      if (carried?.kind === "carry") store.setGesture({ ...carried, box: dragged("move", carried.origin, carried.start, viewport.toImage(client.x, client.y)) });
      const found = grip(client);
      return carried?.kind === "carry" || found === "frame" ? "move" : found === "move" ? "" : found;
    },
    cancel: () => store.dropGesture("carry"),
  };
}
