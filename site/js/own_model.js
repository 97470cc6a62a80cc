/**
 * A person's own click network: an ONNX file of the same contract (models/README.md). It is tried in the inference worker
 * before anything changes, and kept in a database of its own, so that it is there at the next visit. One at a time.
 */
import { openDB } from "../runtime/idb/idb.js";
import { RpcError } from "./rpc.js";

const NAME = "segmark.own";
const STORE = "model";
const SIZE = 256;
const LARGEST = 200 * 2 ** 20; // bytes; a network beyond that leaves no room for the image
const CONTRACT = {
  version: 1,
  size: SIZE,
  click_radius: 5,
  inputs: [
    { name: "image", shape: [1, 3, SIZE, SIZE] },
    { name: "prev_mask", shape: [1, 1, SIZE, SIZE] },
    { name: "click_maps", shape: [1, 2, SIZE, SIZE] },
  ],
  outputs: [{ name: "logits", shape: [1, 1, SIZE, SIZE] }],
};

/** @typedef {{record: any, bytes: ArrayBuffer}} Own  `record` as in models.json */

/** @param {string} id of a model */
export const isOwn = (id) => id.startsWith("own-");

/** @param {File} file @returns {Promise<Own>} with an id that its content gives */
async function ownFrom(file) {
  if (file.size > LARGEST) throw new RpcError("own.large", "", { mb: LARGEST / 2 ** 20 });
  const bytes = await file.arrayBuffer();
  // without https there is no digest: name and size then
  const digest = globalThis.crypto?.subtle ? new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)) : null;
  const sha256 = digest === null ? "" : [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const name = file.name.replace(/\.onnx$/i, "").slice(0, 40);
  const record = { id: `own-${sha256.slice(0, 12) || file.size}`, name, file: file.name, bytes: bytes.byteLength, sha256, contract: CONTRACT };
  return { record, bytes };
}

export class OwnModel {
  constructor() {
    /** @type {Own|null} */
    this.kept = null;
  }

  #open() {
    return openDB(NAME, 1, { upgrade: (db) => void db.createObjectStore(STORE) });
  }

  /** What an earlier visit left. */
  async load() {
    try {
      const db = await this.#open();
      this.kept = (await db.get(STORE, "own")) ?? null;
      db.close();
    } catch {
      this.kept = null; // no storage: none is kept
    }
  }

  /** @param {Own|null} own null: forget it @returns {Promise<boolean>} false if the browser does not keep it; it works all the same until the page is left */
  async keep(own) {
    this.kept = own;
    try {
      const db = await this.#open();
      await (own === null ? db.delete(STORE, "own") : db.put(STORE, own, "own"));
      db.close();
      return true;
    } catch {
      return false;
    }
  }
}

/**
 * @param {object} parts
 * @param {import("./boot.js").Boot} parts.boot
 * @param {import("./store.js").Store} parts.store
 * @param {import("./rpc.js").Rpc} parts.rpc
 * @param {import("./persist.js").Persist} parts.persist
 * @param {(code: string, params: Record<string, any>, level?: import("./ui/status.js").Level) => void} parts.tell
 * @param {(error: any) => void} parts.showError
 */
export function makeOwnModel({ boot, store, rpc, persist, tell, showError }) {
  /** @param {string} id */
  async function use(id) {
    persist.saveSettings({ model: id });
    await rpc.call("model.set", { id });
  }

  /** @param {File} file */
  async function takeNow(file) {
    tell("own.trying", { name: file.name });
    try {
      const own = await ownFrom(file);
      await boot.tryOwn(own);
      await rpc.call("model.own", { entry: own.record });
      const isKept = await boot.own.keep(own);
      boot.setOwn();
      await use(own.record.id);
      tell(isKept ? "own.taken" : "own.not_kept", { name: own.record.name }, isKept ? undefined : "warn");
    } catch (error) {
      tell("own.refused", { name: file.name }, "error");
      showError(error);
    }
  }

  /** One after the other: a verdict of the worker does not say which file it is about. */
  let turn = Promise.resolve();

  return {
    /** @param {File} file */
    take(file) {
      turn = turn.then(() => takeNow(file));
      return turn;
    },

    async forget() {
      const { kept } = boot.own;
      if (kept === null) return;
      try {
        if (store.mirror.model.id === kept.record.id) await use(boot.models.model[0].id);
        await rpc.call("model.own", { entry: null });
        await boot.own.keep(null);
        boot.setOwn();
        tell("own.forgotten", { name: kept.record.name });
      } catch (error) {
        showError(error);
      }
    },
  };
}
