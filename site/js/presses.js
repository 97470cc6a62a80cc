/**
 * Clicks on their way: drawn at once, sent to Python in order, timed from the pointer event to the painted mask. Which
 * pixel a click means, and what it changes, is Python's to say.
 */

/** @typedef {import("./types.js").Press} Press */
/** @typedef {{press_ms_to_paint: number, network_ms: number|null, pre_ms: number|null, post_ms: number|null, runs: number|null}} PressTiming */
/** @typedef {{ms: number|null, timing: import("./types.js").Timing|null|undefined}} Answered */

export class Presses {
  /**
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./rpc.js").Rpc} parts.rpc
   * @param {import("./open_image.js").Opener} parts.opener
   * @param {import("./render/renderer.js").Renderer} parts.renderer
   * @param {import("./inbox.js").Inbox} parts.inbox
   * @param {(error: any) => void} parts.showError
   */
  constructor(parts) {
    this.parts = parts;
    /** Pointer times of presses whose mask has not come. @type {Map<number, number>} */
    this.times = new Map();
    /** The answer whose state has not come yet. @type {Answered|null} */
    this.answered = null;
    /** @type {PressTiming[]} */
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
    /** @type {Answered} */
    const answered = { ms: null, timing: undefined };
    this.answered = answered;
    const { renderer, inbox } = this.parts;
    inbox.hold();
    renderer.afterPaint(() => {
      answered.ms = performance.now() - time;
      this.#note(answered);
      inbox.release();
    });
  }

  /** The state that follows a mask carries Python's own times. @param {import("./types.js").Mirror} mirror */
  stateCame(mirror) {
    if (this.answered !== null) {
      this.answered.timing = mirror.timing;
      this.#note(this.answered);
      this.answered = null;
    }
    if (!mirror.busy) this.times.clear(); // an answer equal to the mask shown brings no mask: nothing to be timed
  }

  /** @param {Answered} answered Painted and told, in either order. */
  #note({ ms, timing }) {
    if (ms === null || timing === undefined) return;
    this.timings.push({
      press_ms_to_paint: ms,
      network_ms: timing?.network_ms ?? null,
      pre_ms: timing?.pre_ms ?? null,
      post_ms: timing?.post_ms ?? null,
      runs: timing?.runs ?? null,
    });
    this.parts.store.setView({ lastClickMs: ms });
  }
}
