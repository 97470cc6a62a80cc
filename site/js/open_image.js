/**
 * Opening an image: check, decode, show, hand to Python. The last good image stays until the new one is known to be
 * good. Images are handed over one at a time, in the order in which they were asked for.
 */
import { readBlob } from "./assets.js";
import { decodeImage, peekSize, readRgba } from "./decode.js";
import { t } from "./i18n.js";
import { RpcError } from "./rpc.js";

const EARLY_PIXELS = 40e6; // larger images are shown only after Python has checked the file

/** @typedef {import("./types.js").Picture} Picture */

/** @param {string} code */
const problem = (code) => new RpcError(code, code);

const newId = () =>
  `img-${[...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;

/** @param {Blob} blob */
async function decode(blob) {
  try {
    return await decodeImage(blob);
  } catch {
    throw problem("image.not_an_image");
  }
}

/** @param {() => Promise<any>} job Once more when Python was started again while it answered. */
async function twice(job) {
  try {
    return await job();
  } catch (error) {
    if (!(error instanceof RpcError) || error.code !== "worker_restarted") throw error;
    return job();
  }
}

export class Opener {
  /**
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./rpc.js").Rpc} parts.rpc
   * @param {import("./persist.js").Persist} parts.persist
   * @param {() => Promise<boolean>} parts.mayReplace  asks when work would be lost
   * @param {(error: any) => void} parts.showError
   * @param {() => void} parts.clearError
   */
  constructor(parts) {
    this.parts = parts;
    this.waiting = 0;
    /** Work of an earlier visit whose file the browser could not keep: opening that file goes on with it. @type {import("./database.js").KeptImage|null} */
    this.wanted = null;
    /** Ends when what an earlier visit left is on the page. @type {Promise<void>} */
    this.resumed = Promise.resolve();
    /** Ends when every opening asked for so far has ended. */
    this.idle = Promise.resolve();
  }

  /** @param {() => Promise<void>} job */
  #inTurn(job) {
    this.waiting += 1;
    this.idle = this.idle.then(job).catch((error) => this.#fail(error)).then(() => {
      this.waiting -= 1;
      this.parts.store.changed("boot");
    });
    return this.idle;
  }

  /** @param {any} error The last good image comes back. */
  #fail(error) {
    const { store, persist, showError } = this.parts;
    if (store.picture !== persist.picture) store.setPicture(persist.picture);
    showError(error);
  }

  /** @param {Blob} blob @param {string} name @param {string|null} sample */
  #open(blob, name, sample) {
    const early = this.#showEarly(blob, name, sample);
    early.catch(() => {}); // told when its turn comes
    return this.#inTurn(async () => {
      if (blob.size === 0) throw problem("image.empty");
      if (sample === null) await twice(async () => this.parts.rpc.call("image.probe", { name }, [await blob.arrayBuffer()]));
      const picture = (await early) ?? this.#picture(await decode(blob), name, sample);
      if (await this.#mayOpen(picture, blob)) await this.#handOver(picture, blob);
      else if (this.parts.store.picture !== picture) picture.bitmap.close();
    });
  }

  /** The file that an earlier visit's work waits for takes its place; any other asks when work would be lost. @param {Picture} picture @param {Blob} blob */
  async #mayOpen(picture, blob) {
    const { wanted } = this;
    const isIt = wanted !== null && wanted.name === picture.name && wanted.bytes === blob.size && wanted.width === picture.width && wanted.height === picture.height;
    if (!isIt) return this.parts.mayReplace();
    picture.id = wanted.id;
    return true;
  }

  /** @param {Picture} picture @param {Blob} blob */
  async #handOver(picture, blob) {
    const { store, rpc, persist, clearError } = this.parts;
    const { id, name, width, height } = picture;
    const params = { id, name, width, height, channels: 4 };
    await twice(async () => rpc.call("image.open", params, [await readRgba(picture.bitmap)]));
    const old = persist.picture;
    this.wanted = null;
    persist.setPicture(picture, blob); // from here on a worker that starts again opens this one
    if (store.picture !== picture) store.setPicture(picture);
    if (old !== picture) old?.bitmap.close();
    store.unexported = store.mirror.annotations.length > 0;
    if (picture.sample === null) persist.saveSettings({ ownImageOpened: true });
    clearError();
  }

  /**
   * While Python boots and no work is on the page, the picture can already be looked at.
   * @param {Blob} blob @param {string} name @param {string|null} sample @returns {Promise<Picture|null>}
   */
  async #showEarly(blob, name, sample) {
    const { store } = this.parts;
    if (store.boot.pythonReady || store.masks.size > 0 || store.pending.length > 0 || blob.size === 0) return null;
    const size = sample === null ? await peekSize(blob) : { width: 1, height: 1 };
    if (size === null || size.width * size.height > EARLY_PIXELS) return null;
    const picture = this.#picture(await decode(blob), name, sample);
    store.setPicture(picture);
    return picture;
  }

  /** @param {ImageBitmap} bitmap @param {string} name @param {string|null} sample @returns {Picture} */
  #picture(bitmap, name, sample) {
    return { id: newId(), name, width: bitmap.width, height: bitmap.height, bitmap, sample };
  }

  /** An image is on its way that is not here yet: the page is not ready before `release` was called. @returns {() => void} release */
  expect() {
    this.waiting += 1;
    return () => {
      this.waiting -= 1;
      this.parts.store.changed("boot");
    };
  }

  /** @param {File[]} files */
  openFiles(files) {
    if (files.length === 0) return;
    if (files.length > 1) this.parts.showError(problem("one_image"));
    this.#open(files[0], files[0].name || t("file.pasted"), null);
  }

  /** @param {{id: string, file: string}} sample */
  async openSample(sample) {
    try {
      const blob = await readBlob(`samples/${sample.file}`).catch(() => { throw problem("sample_missing"); });
      await this.#open(blob, sample.file, sample.id);
    } catch (error) {
      this.parts.showError(error);
    }
  }

  /**
   * What an earlier visit left, before Python is up.
   * @param {{entries: string[], image: import("./database.js").KeptImage}} kept
   * @returns {Promise<"whole"|"without_file"|"damaged">}
   */
  async resume({ entries, image }) {
    const { store, persist } = this.parts;
    persist.resume(entries, null, null);
    store.unexported = entries.length > 1;
    if (image.blob === null) {
      this.wanted = image;
      return "without_file";
    }
    try {
      const bitmap = await decode(image.blob);
      const { id, name, width, height, sample } = image;
      const picture = { id, name, width, height, bitmap, sample };
      persist.resume(entries, picture, image.blob);
      store.setPicture(picture);
      return "whole";
    } catch {
      this.wanted = image;
      return "damaged";
    }
  }

  /** After Python was started again: the pixels once more, under the same id, which resets nothing. */
  async reopen() {
    const picture = this.parts.persist.picture;
    if (picture === null) return;
    const { id, name, width, height, bitmap } = picture;
    await this.parts.rpc.call("image.open", { id, name, width, height, channels: 4 }, [await readRgba(bitmap)], { now: true });
    this.parts.persist.settle();
  }
}
