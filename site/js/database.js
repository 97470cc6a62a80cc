/**
 * What outlives the page (R8.3): the journal of commands and the image that it belongs to, in IndexedDB through `idb`
 * (Jake Archibald's promise wrapper, ISC). Writes are strict (on disk before they count) and in order; a journal and its
 * image are changed in one transaction, so a crash leaves the old pair or the new one, never half of each.
 */
import { openDB } from "../runtime/idb/idb.js";

const NAME = "segmark";
const VERSION = 1;
const LOCK = "segmark.journal";

/**
 * @typedef {object} KeptImage
 * @property {string} id
 * @property {string} name
 * @property {number} width
 * @property {number} height
 * @property {string|null} sample
 * @property {number} bytes  of the file
 * @property {Blob|null} blob  the file itself; null when the browser gave no room for it
 */

/** @typedef {{entry: string}|{image: KeptImage}|{journal: string[]}} Item  one more entry, another image, another journal */

/** @typedef {"saved"|"saving"|"failed"|"elsewhere"|"off"} Keeping */

/** This tab writes; a second one on the same journal must not. Held as long as the tab lives. @returns {Promise<boolean>} */
function takeLock() {
  if (navigator.locks === undefined) return Promise.resolve(true);
  return new Promise((resolve) => {
    navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock === null ? undefined : new Promise(() => {});
    }).catch(() => resolve(true)); // file:// in some browsers: no locks, one tab
  });
}

export class Database {
  /** @param {(keeping: Keeping) => void} changed */
  constructor(changed) {
    this.changed = changed;
    /** @type {import("idb").IDBPDatabase|null} */
    this.db = null;
    /** What is not written yet, oldest first; an image starts the journal anew. @type {Item[]} */
    this.queue = [];
    this.isWriting = false;
  }

  /** @returns {Promise<{entries: string[], image: KeptImage}|null>} what was kept, null if nothing */
  async open() {
    try {
      if (!(await takeLock())) {
        this.changed("elsewhere");
        return null;
      }
      this.db = await openDB(NAME, VERSION, {
        upgrade(db) {
          db.createObjectStore("entries", { autoIncrement: true });
          db.createObjectStore("image");
        },
      });
      const [entries, image] = await Promise.all([this.db.getAll("entries"), this.db.get("image", "open")]);
      this.changed("saved");
      return image === undefined ? null : { entries, image };
    } catch {
      this.changed("off"); // forbidden, damaged or full: the page works, and says that it keeps nothing
      return null;
    }
  }

  /** @param {Item} item */
  put(item) {
    if (this.db === null) return;
    this.queue.push(item);
    if (!this.isWriting) void this.#write();
  }

  async #write() {
    this.isWriting = true;
    this.changed("saving");
    let well = true;
    while (this.queue.length > 0 && well) {
      const items = this.queue.splice(0);
      well = await this.#transact(items).then(() => true, () => this.#withoutBytes(items));
      if (!well) this.queue.unshift(...items); // the next command tries again: a journal with a hole is worth nothing
    }
    this.isWriting = false;
    this.changed(well ? "saved" : "failed");
  }

  /** @param {Item[]} items */
  async #transact(items) {
    const db = /** @type {import("idb").IDBPDatabase} */ (this.db);
    const transaction = db.transaction(["entries", "image"], "readwrite", { durability: "strict" });
    const entries = transaction.objectStore("entries");
    /** @type {Promise<any>[]} */
    const jobs = [];
    for (const item of items) {
      if ("image" in item) jobs.push(entries.clear(), transaction.objectStore("image").put(item.image, "open"));
      else if ("journal" in item) jobs.push(entries.clear(), ...item.journal.map((entry) => entries.add(entry)));
      else jobs.push(entries.add(item.entry));
    }
    await Promise.all([...jobs, transaction.done]);
  }

  /** The quota refuses the file: its name and size are kept, and the file is asked for. @param {any[]} items @returns {Promise<boolean>} */
  #withoutBytes(items) {
    if (!items.some((item) => item.image?.blob)) return Promise.resolve(false);
    const lighter = items.map((item) => ("image" in item ? { image: { ...item.image, blob: null } } : item));
    return this.#transact(lighter).then(() => true, () => false);
  }
}
