/**
 * Hover preview: what a positive click at the pointer (or the crosshair) would give, faintly, before it is made. Asked
 * when the place has rested; shown until the place leaves the mask shown, or anything else happens. While it stays on
 * that mask, a newer answer takes its place in one frame, so nothing flickers. It is on by default where a run of the
 * network is quick; whoever has chosen keeps their choice.
 */
import { holds } from "./runs.js";
import { THREADS } from "./workers.js";

const REST_MS = 120;
const QUICK_MS = 250; // of one run; above, the previews would hold up the clicks

/** @typedef {{x: number, y: number}} Point */

/**
 * @param {object} parts
 * @param {import("./store.js").Store} parts.store
 * @param {import("./rpc.js").Rpc} parts.rpc
 * @param {import("./viewport.js").Viewport} parts.viewport
 * @param {import("./persist.js").Persist} parts.persist
 * @returns {{toggle: () => void, hide: () => void}}
 */
export function makePreview({ store, rpc, viewport, persist }) {
  let timer = 0; // 0: the place is not resting
  let question = 0; // number of the newest; an older answer is not shown
  let isAsked = false;
  let at = "";

  /** Milliseconds of a run of the network in use, as `model_chooser.js` measured it; unknown at first. */
  const runMs = () => Number(persist.settings.modelMsByThreads?.[THREADS]?.[store.mirror.model.id] ?? Infinity);

  /** @returns {Point|null} where a click would be, if it would be one */
  function place() {
    const { view, mirror, picture, gesture, pending, paletteOpen } = store;
    const isIdle = picture !== null && gesture === null && pending.length === 0 && !mirror.busy && !paletteOpen && mirror.model.state === "ready";
    if (!view.preview || !isIdle || view.tool !== "mark" || view.hoveredClick !== null) return null;
    if (store.crosshair !== null) return { x: store.crosshair.x + 0.5, y: store.crosshair.y + 0.5 };
    const { cursor } = store;
    return cursor === null || view.touch || !viewport.isInside(cursor.x, cursor.y) ? null : cursor;
  }

  /** @param {import("./types.js").Preview|null} preview */
  function show(preview) {
    if (preview === store.preview) return;
    store.preview = preview;
    store.changed("preview");
  }

  function hide() {
    stopWaiting();
    question += 1;
    if (isAsked) void rpc.call("preview.drop").catch(() => undefined);
    isAsked = false;
    show(null);
  }

  /** @param {Point} point */
  async function ask(point) {
    const number = (question += 1);
    isAsked = true;
    // a preview that fails is none; a real click tells what is wrong
    const answer = await rpc.call("preview.ask", { x: point.x, y: point.y }).catch(() => null);
    if (number !== question) return;
    isAsked = false;
    const box = answer?.result.box;
    show(answer === null || box === undefined ? null : { box, runs: new Int32Array(answer.buffers[0]), edges: new Int32Array(answer.buffers[1]) });
  }

  /** @param {Point} point */
  function askSoon(point) {
    stopWaiting();
    timer = window.setTimeout(() => {
      timer = 0;
      void ask(point);
    }, REST_MS);
  }

  function stopWaiting() {
    clearTimeout(timer);
    timer = 0;
  }

  function moved() {
    const point = place();
    const now = point === null ? "" : `${Math.floor(point.x)},${Math.floor(point.y)}`;
    if (now === at) return;
    at = now;
    if (point === null || !isOn(store.preview, point)) hide();
    if (point !== null) askSoon(point);
  }

  /** Python's news (a mode, a network) may come after the place has moved on: what was waited for is still wanted. */
  function changed() {
    const isAwaited = timer !== 0 || isAsked;
    hide();
    const point = isAwaited ? place() : null;
    if (point !== null) askSoon(point);
  }

  function decide() {
    const chosen = persist.settings.preview;
    const preview = typeof chosen === "boolean" ? chosen : runMs() <= QUICK_MS;
    if (preview !== store.view.preview) store.setView({ preview });
  }

  store.on("cursor", moved);
  store.on(["picture", "gesture", "palette", "pending"], hide);
  store.on("mirror", changed);
  store.on("mirror", decide);
  store.on("view", () => { if (place() === null) hide(); });
  decide();

  return {
    hide,
    toggle() {
      const preview = !store.view.preview;
      persist.saveSettings({ preview });
      store.setView({ preview });
      at = "";
      moved();
    },
  };
}

/** @param {import("./types.js").Preview|null} preview @param {Point} point */
const isOn = (preview, { x, y }) => preview !== null && holds(preview.runs, Math.floor(x), Math.floor(y));
