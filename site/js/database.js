/**
 * What outlives the page (R8.3): the images of the project and the journal of each, in IndexedDB through `idb` (Jake
 * Archibald's promise wrapper, ISC). Writes are strict (on disk before they count) and in order; the files themselves
 * come after the commands, so that a large folder on its way in does not hold up the journal.
 */
import { openDB } from "../runtime/idb/idb.js";
import { takeLock } from "./lock.js";

const NAME = "segmark";
const VERSION = 2;

/**
 * @typedef {object} KeptImage
 * @property {string} id
 * @property {string} name
 * @property {number} order  place in the list
 * @property {number} width  0 until it was opened
 * @property {number} height
 * @property {string|null} sample
 * @property {number} bytes  of the file
 * @property {string} sha256  of the file; "" until it is known
 * @property {boolean} kept  the file is in the database too; false when the browser gave no room for it
 * @property {"none"|"draft"|"done"} state
 * @property {Uint8Array|null} thumb  a small JPEG
 * @property {string} fileId  key of the file; images of one file share it
 * @property {number} page  of the file, from 0
 * @property {boolean} ours  decoded in Python, not by the browser
 */

/** @typedef {{entry: string, image: string}|{journal: string[], image: string}|{lost: string[], key: string}|{discard: string}|{meta: KeptImage}|{remove: string, file: string|null}|{current: string|null}} Item */

/** Where entries of an image's journal lie that could not be read: they are not thrown away. @param {string} image @param {string|number} [when] */
const lostKey = (image, when = "") => `lost.${image}.${when}`;
const LOST_KEY = /^lost\.(.*)\.\d+$/s;

/** @typedef {"saved"|"saving"|"failed"|"elsewhere"|"off"|"newer"} Keeping */

/** @typedef {{images: KeptImage[], current: string|null, entries: string[]}} Kept  `entries`: the journal of the current image */

/** Version 1 had one image and one journal, of entries without their image's id: they become a project of one image. @param {any} db @param {any} transaction */
async function fromVersion1(db, transaction) {
  const image = await transaction.objectStore("image").get("open");
  const entries = await transaction.objectStore("entries").getAll();
  db.deleteObjectStore("image");
  db.deleteObjectStore("entries");
  createStores(db);
  if (image === undefined) return;
  const { blob, ...meta } = image;
  const work = entries.length > 1 ? "draft" : "none";
  await transaction.objectStore("images").put({ ...meta, order: 0, kept: blob !== null, state: work, thumb: null, fileId: image.id, page: 0, ours: false });
  await transaction.objectStore("project").put(image.id, "current");
  if (blob !== null) await transaction.objectStore("files").put(blob, image.id);
  for (const entry of entries) await transaction.objectStore("entries").add({ image: image.id, entry });
}

/** @param {any} db */
function createStores(db) {
  db.createObjectStore("entries", { autoIncrement: true }).createIndex("image", "image");
  db.createObjectStore("images", { keyPath: "id" });
  db.createObjectStore("files");
  db.createObjectStore("project");
}

export class Database {
  /** @param {(keeping: Keeping) => void} changed @param {(image: string, isKept: boolean) => void} fileCame */
  constructor(changed, fileCame) {
    this.changed = changed;
    this.fileCame = fileCame;
    /** @type {import("idb").IDBPDatabase|null} */
    this.db = null;
    /** What is not written yet, oldest first. @type {Item[]} */
    this.queue = [];
    /** Files that are not written yet, by image. @type {Map<string, {key: string, file: Blob}>} */
    this.files = new Map();
    this.isWriting = false;
    /** Of the key that was made last. */
    this.moment = 0;
  }

  /** @returns {Promise<Kept|null>} what was kept, null if nothing */
  async open() {
    try {
      if (!(await takeLock())) {
        this.changed("elsewhere");
        return null;
      }
      this.db = await openDB(NAME, VERSION, {
        async upgrade(db, from, _to, transaction) {
          if (from === 1) await fromVersion1(db, transaction);
          else createStores(db);
        },
      });
      const [images, current] = await Promise.all([this.db.getAll("images"), this.db.get("project", "current")]);
      const entries = current ? await this.entriesOf(current) : [];
      this.changed("saved");
      images.sort((one, other) => one.order - other.order);
      return images.length === 0 ? null : { images, current: current ?? null, entries };
    } catch (error) {
      // forbidden, damaged or full, or made by a newer version: the page works, and says that it keeps nothing
      this.changed(/** @type {any} */ (error)?.name === "VersionError" ? "newer" : "off");
      return null;
    }
  }

  /** @param {string} image @returns {Promise<string[]>} its journal as it is kept */
  async entriesOf(image) {
    const rows = (await this.db?.getAllFromIndex("entries", "image", image)) ?? [];
    return rows.map((row) => row.entry);
  }

  /** A new place for entries that could not be read; no two are at one moment. @param {string} image */
  asideKey(image) {
    this.moment = Math.max(Date.now(), this.moment + 1);
    return lostKey(image, this.moment);
  }

  /** What lies there since earlier visits. @returns {Promise<import("./aside.js").Part[]>} */
  async asideParts() {
    const range = IDBKeyRange.bound("lost.", "lost.\uffff");
    const [keys, values] = await Promise.all([this.db?.getAllKeys("project", range) ?? [], this.db?.getAll("project", range) ?? []]);
    return keys.map((key, index) => ({ key: String(key), image: LOST_KEY.exec(String(key))?.[1] ?? "", entries: values[index] }));
  }

  /** @param {string} key @returns {Promise<Blob|null>} */
  async fileOf(key) {
    const waiting = [...this.files.values()].find((one) => one.key === key);
    return waiting?.file ?? (await this.db?.get("files", key)) ?? null;
  }

  /** @param {Item} item */
  put(item) {
    if (this.db === null) return;
    if ("remove" in item) this.files.delete(item.remove);
    this.queue.push(item);
    if (!this.isWriting) void this.#write();
  }

  /** What belongs together: in one transaction. @param {Item[]} items */
  putAll(items) {
    if (this.db === null) return;
    this.queue.push(...items);
    if (!this.isWriting) void this.#write();
  }

  /** The file of an image that was put; from the moment it is written, its record says `kept`. @param {string} image @param {string} key @param {Blob} file */
  putFile(image, key, file) {
    if (this.db === null) return;
    this.files.set(image, { key, file });
    if (!this.isWriting) void this.#write();
  }

  async #write() {
    this.isWriting = true;
    this.changed("saving");
    let well = true;
    while (well && (this.queue.length > 0 || this.files.size > 0)) {
      const items = this.queue.splice(0);
      if (items.length > 0) {
        well = await this.#transact(items).then(() => true, () => false);
        if (!well) this.queue.unshift(...items); // the next command tries again: a journal with a hole is worth nothing
      } else {
        const [image, waiting] = /** @type {[string, {key: string, file: Blob}]} */ (this.files.entries().next().value);
        const isKept = await this.#keepFile(image, waiting.key, waiting.file).then(() => true, () => false); // no room for it: its name, size and sha256 are kept, and it is asked for
        this.fileCame(image, isKept);
        if (this.files.get(image) === waiting) this.files.delete(image);
      }
    }
    this.isWriting = false;
    this.changed(well ? "saved" : "failed");
  }

  /** @param {Item[]} items */
  async #transact(items) {
    const db = /** @type {import("idb").IDBPDatabase} */ (this.db);
    const transaction = db.transaction(["entries", "images", "files", "project"], "readwrite", { durability: "strict" });
    const entries = transaction.objectStore("entries");
    const images = transaction.objectStore("images");
    const index = entries.index("image");
    const clear = async (/** @type {string} */ image) => {
      for (const key of await index.getAllKeys(image)) void entries.delete(key);
    };
    const job = async () => {
      for (const item of items) {
        if ("entry" in item) await entries.add(item);
        else if ("meta" in item) await images.put({ ...item.meta, kept: item.meta.kept || ((await images.get(item.meta.id))?.kept ?? false) });
        else if ("current" in item) await transaction.objectStore("project").put(item.current, "current");
        else if ("lost" in item) await transaction.objectStore("project").put(item.lost, item.key);
        else if ("discard" in item) await transaction.objectStore("project").delete(item.discard);
        else if ("journal" in item) {
          await clear(item.image);
          for (const entry of item.journal) await entries.add({ image: item.image, entry });
        } else {
          await clear(item.remove);
          await images.delete(item.remove);
          await transaction.objectStore("project").delete(IDBKeyRange.bound(lostKey(item.remove), lostKey(item.remove, "\uffff")));
          if (item.file !== null) await transaction.objectStore("files").delete(item.file);
        }
      }
    };
    const done = transaction.done;
    done.catch(() => {}); // told below
    await job().catch((error) => { // nothing of a transaction that failed in the middle may stay
      try {
        transaction.abort();
      } catch {
        // it is aborted already
      }
      throw error;
    });
    await done;
  }

  /** @param {string} image @param {string} key @param {Blob} file */
  async #keepFile(image, key, file) {
    const db = /** @type {import("idb").IDBPDatabase} */ (this.db);
    const transaction = db.transaction(["images", "files"], "readwrite", { durability: "strict" });
    const done = transaction.done;
    done.catch(() => {}); // told below
    const images = transaction.objectStore("images");
    const meta = await images.get(image);
    if (meta !== undefined) {
      const files = transaction.objectStore("files");
      if ((await files.getKey(key)) === undefined) await files.put(file, key);
      await images.put({ ...meta, kept: true });
    }
    await done;
  }
}
