/**
 * What must outlive a worker and the page: settings, the journal of commands and the image that it belongs to. With
 * database.js the only files of the page that touch storage of the browser.
 */
import { Database } from "./database.js";

const SETTINGS_KEY = "segmark.settings";

/** @returns {Record<string, any>} */
function readSettings() {
  try {
    return JSON.parse(localStorage.getItem(SETTINGS_KEY) ?? "{}") ?? {};
  } catch {
    return {}; // forbidden or damaged storage means default settings, never a failure
  }
}

/** @param {string} entry */
const isOpening = (entry) => entry.includes('"open_image"') && JSON.parse(entry).kind === "open_image";

export class Persist {
  /** @param {(keeping: import("./database.js").Keeping) => void} changed  whether what was done is safe */
  constructor(changed) {
    /** @type {string[]} */
    this.journal = [];
    /** @type {import("./types.js").Picture|null} */
    this.picture = null;
    /** @type {Blob|null} */
    this.file = null;
    this.settings = readSettings();
    this.database = new Database(changed);
    /** Entries of an image whose file has not come yet: both are written in one go. @type {string[]|null} */
    this.held = null;
  }

  /** What an earlier visit left. @returns {Promise<{entries: string[], image: import("./database.js").KeptImage}|null>} */
  load() {
    return this.database.open();
  }

  /**
   * Go on with what was left: nothing of it is written again.
   * @param {string[]} entries @param {import("./types.js").Picture|null} picture @param {Blob|null} file
   */
  resume(entries, picture, file) {
    this.journal = entries.slice();
    this.picture = picture;
    this.file = file;
  }

  /** Entries after these could not be read: they must not stand before what is done from now on. @param {number} count */
  truncate(count) {
    if (count >= this.journal.length) return;
    this.journal.length = count;
    this.database.put({ journal: this.journal.slice() });
  }

  /** The journal began anew, for the image that is open already. */
  settle() {
    if (this.held !== null && this.picture !== null && this.file !== null) this.setPicture(this.picture, this.file);
  }

  /** @param {string} entry JSON of one command; an opened image stands for itself, what came before it can go. */
  append(entry) {
    if (isOpening(entry)) {
      this.journal = [];
      this.held = [];
    }
    this.journal.push(entry);
    if (this.held !== null) this.held.push(entry);
    else this.database.put({ entry });
  }

  /** The image that the journal from now on speaks of. @param {import("./types.js").Picture} picture @param {Blob} blob its file */
  setPicture(picture, blob) {
    const isNew = picture.id !== this.picture?.id;
    this.picture = picture;
    this.file = blob;
    const { id, name, width, height, sample } = picture;
    if (!isNew && this.held === null) return;
    this.database.put({ image: { id, name, width, height, sample, bytes: blob.size, blob } });
    for (const entry of this.held ?? []) this.database.put({ entry });
    this.held = null;
    if (sample === null) void navigator.storage?.persist?.().catch(() => {});
  }

  /** @param {Record<string, any>} part */
  saveSettings(part) {
    Object.assign(this.settings, part);
    try {
      localStorage.setItem(SETTINGS_KEY, JSON.stringify(this.settings));
    } catch {
      // private windows may refuse: the setting then lasts as long as the page
    }
  }
}
