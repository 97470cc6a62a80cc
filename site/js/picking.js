/** Which annotation lies under a point of the image, and what a further choice makes of those that are selected. */
import { holds } from "./runs.js";

/**
 * The one that is drawn on top; hidden ones are not there.
 * @param {import("./store.js").Store} store @param {{x: number, y: number}} at image coordinates @returns {number|string|null}
 */
export function annotationAt(store, { x, y }) {
  const hidden = new Set(store.mirror.annotations.filter(({ visible }) => !visible).map(({ id }) => id));
  const [column, row] = [Math.floor(x), Math.floor(y)];
  for (const { id, runs } of [...store.masks.values()].reverse()) {
    if (id !== null && !hidden.has(id) && holds(runs, column, row)) return id;
  }
  return null;
}

/** Put one in, or take it out. @param {import("./store.js").Store} store @param {number|string} id */
export function togglePicked(store, id) {
  const { picked } = store;
  store.pick(picked.includes(id) ? picked.filter((other) => other !== id) : [...picked, id]);
}

/** A plain choice: this one alone, or one more while several are being chosen. @param {import("./store.js").Store} store @param {number|string} id */
export function choosePicked(store, id) {
  if (store.view.several) togglePicked(store, id);
  else store.pick(store.picked.length === 1 && store.picked[0] === id ? [] : [id]);
}

/** From the one selected last to this one, in the order of the list. @param {import("./store.js").Store} store @param {number|string} id */
export function pickRange(store, id) {
  const ids = store.mirror.annotations.map((annotation) => annotation.id);
  const [from, to] = [ids.indexOf(store.view.selected ?? id), ids.indexOf(id)];
  const range = ids.slice(Math.min(from, to), Math.max(from, to) + 1);
  store.pick(from > to ? range.reverse() : range);
}
