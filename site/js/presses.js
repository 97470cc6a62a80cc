/**
 * Clicks on their way: drawn at once, sent to Python in order, timed from the pointer event to the painted mask. Which
 * pixel a click means, and what it changes, is Python's to say.
 */

/** @typedef {import("./types.js").Press} Press */
/** @typedef {{press_ms_to_paint: number, network_ms: number|null, pre_ms: number|null, post_ms: number|null, runs: number|null}} PressTiming */

export class Presses {
  /**
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./rpc.js").Rpc} parts.rpc
   * @param {import("./open_image.js").Opener} parts.opener
   * @param {import("./render/renderer.js").Renderer} parts.renderer
   * @param {(error: any) => void} parts.showError
   */
  constructor(parts) {
    this.parts = parts;
    /** Pointer times of presses whose mask has not come. @type {Map<number, number>} */
    this.times = new Map();
    /** Painted, and waiting for the state that carries Python's own times. @type {PressTiming[]} */
    this.timings = [];
  }

  /** @param {Press} press */
  async send({ x, y, button, time }) {
    const { store, rpc, opener, showError } = this.parts;
    const { picture } = store;
    if (picture === null) return;
    const pending = { x, y, isPositive: button === "primary", since: time };
    store.pending.push(pending);
    store.changed("pending");
    try {
      if (opener.waiting > 0) await opener.idle;
      if (store.picture !== picture) return; // it was meant for an image that could not be opened
      const { result } = await rpc.call("pointer.press", { x, y, button });
      if (result.press_id) this.times.set(result.press_id, time);
    } catch (error) {
      showError(error);
    } finally {
      store.pending = store.pending.filter((other) => other !== pending);
      store.changed("pending");
    }
  }

  /** @param {number} pressId the mask that answers it has come; it is painted in the coming frame */
  maskCame(pressId) {
    const time = this.times.get(pressId);
    if (time === undefined) return;
    for (const id of this.times.keys()) if (id <= pressId) this.times.delete(id);
    this.parts.renderer.afterPaint(() => this.#painted(performance.now() - time));
  }

  /** @param {number} ms */
  #painted(ms) {
    const { store } = this.parts;
    const { timing } = store.mirror;
    this.timings.push({
      press_ms_to_paint: ms,
      network_ms: timing?.network_ms ?? null,
      pre_ms: timing?.pre_ms ?? null,
      post_ms: timing?.post_ms ?? null,
      runs: timing?.runs ?? null,
    });
    store.setView({ lastClickMs: ms });
  }

  /** A press whose answer equals the mask shown gets no mask: nothing is left to be timed. @param {import("./types.js").Mirror} mirror */
  stateCame(mirror) {
    if (!mirror.busy) this.times.clear();
  }
}
