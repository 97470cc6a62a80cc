/**
 * Messages of the Python worker, in their order. While a mask that answers a click waits for its frame, those behind it
 * wait too: else lists and status lines would be laid out in that frame, before the mask is seen.
 */

const PATIENCE_MS = 60; // a page that nobody looks at gets no frames

export class Inbox {
  /** @param {(message: any) => void} read */
  constructor(read) {
    this.read = read;
    /** @type {any[]} */
    this.waiting = [];
    this.timer = 0;
  }

  /** @param {any} message */
  take(message) {
    if (this.timer !== 0) this.waiting.push(message);
    else this.read(message);
  }

  /** From now on messages wait, for `release` or a short while. */
  hold() {
    if (document.hidden || this.timer !== 0) return;
    this.timer = window.setTimeout(() => this.release(), PATIENCE_MS);
  }

  /** Read what waits; a message among it may hold the rest again. */
  release() {
    clearTimeout(this.timer);
    this.timer = 0;
    while (this.waiting.length > 0 && this.timer === 0) this.read(this.waiting.shift());
  }

  /** Read all that waits, at once: nothing more will come. */
  drain() {
    do this.release(); while (this.waiting.length > 0);
  }
}
