/** `window.segmark` and the ready signal: what tests and the curious can see from outside. */
import { announceReady, ready } from "./ready.js";

/**
 * @param {object} parts
 * @param {import("./store.js").Store} parts.store
 * @param {import("./project.js").Project} parts.project
 * @param {import("./viewport.js").Viewport} parts.viewport
 * @param {import("./boot.js").Boot} parts.boot
 * @param {import("./open_image.js").Opener} parts.opener
 * @param {import("./presses.js").Presses} parts.presses
 * @param {{version: string, build: string}} parts.release
 * @param {import("./rpc.js").Rpc} parts.rpc
 * @param {import("./methods.js").Ask} parts.ask
 */
export function publish({ store, project, viewport, boot, opener, presses, release, rpc, ask }) {
  const root = document.documentElement;
  /** The first click can be answered: Python is up, the model too, and no image is on its way in. */
  function update() {
    const isReady = store.boot.pythonReady && store.mirror.model.state === "ready" && opener.waiting === 0;
    root.dataset.ready = String(isReady);
    root.dataset.phase = isReady ? "ready" : store.boot.error !== null ? "error" : store.boot.phase;
    if (isReady) announceReady();
  }

  store.on(["boot", "mirror", "picture"], update);
  update();
  /** @type {any} */ (window).segmark = {
    ...release,
    ready,
    state: () => structuredClone(store.mirror),
    /** Requests that Python has not answered yet: 0 when everything asked for is done. */
    unanswered: () => rpc.outstanding.size + rpc.queue.length,
    images: () => project.images.map(({ id, name, state, fault }) => ({ id, name, state, fault: fault === null ? null : String(fault.code ?? fault) })),
    timings: presses.timings,
    /** What the hand is in the middle of. */
    gesture: () => structuredClone(store.gesture),
    /** What a click at the pointer would give, if that is shown. */
    preview: () => structuredClone(store.preview),
    toScreen: (/** @type {number} */ x, /** @type {number} */ y) => viewport.toScreen(x, y),
    toImage: (/** @type {number} */ x, /** @type {number} */ y) => viewport.toImage(x, y),
    /** In CSS pixels: client position = corner of the canvas + pan + image position * zoom. */
    imageView: () => ({ zoom: viewport.zoom / viewport.dpr, panX: viewport.panX / viewport.dpr, panY: viewport.panY / viewport.dpr }),
    debug: {
      killWorker: (/** @type {"python"|"inference"} */ which) => boot.kill(which),
      bench: (/** @type {string} */ name, /** @type {number} */ repeat) => ask("bench.run", { name, repeat }),
    },
  };
}
