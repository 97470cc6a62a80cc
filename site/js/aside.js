/**
 * Entries of journals that could not be read: they lie in the database, put aside, until the person has saved them to a
 * file and discards them, or their image leaves the project.
 *
 * @typedef {{key: string, image: string, entries: string[]}} Part  what one reading of an image's journal left out; `key`: its place in the database
 */
export class Aside {
  /** @param {import("./database.js").Database} database @param {() => void} changed */
  constructor(database, changed) {
    this.database = database;
    this.changed = changed;
    /** Oldest first, of each image. @type {Part[]} */
    this.parts = [];
    /** Those that were put aside since the page was loaded. @type {Set<Part>} */
    this.fresh = new Set();
    /** Those that the file has that was saved last: only they may be discarded. @type {Set<Part>} */
    this.saved = new Set();
  }

  /** What earlier visits put aside. */
  async load() {
    this.parts = await this.database.asideParts();
    if (this.parts.length > 0) this.changed();
  }

  get count() {
    return this.parts.reduce((sum, { entries }) => sum + entries.length, 0);
  }

  /** Nothing that lies here is only here. */
  get isSaved() {
    return this.parts.length > 0 && this.parts.every((part) => this.saved.has(part));
  }

  /** @param {string} image */
  has(image) {
    return this.parts.some((part) => part.image === image);
  }

  /** @param {string} image @param {string[]} entries @returns {import("./database.js").Item} to be written together with the journal that they leave */
  put(image, entries) {
    const part = { key: this.database.asideKey(image), image, entries };
    this.parts.push(part);
    this.fresh.add(part);
    this.changed();
    return { lost: entries, key: part.key };
  }

  /** One entry a line, as it was put aside. @param {string[]} order  of the images */
  text(order) {
    const sorted = this.parts.slice().sort((one, other) => order.indexOf(one.image) - order.indexOf(other.image));
    return sorted.flatMap(({ entries }) => entries).map((entry) => `${entry}\n`).join("");
  }

  /** A file has all of it now. */
  wasSaved() {
    this.saved = new Set(this.parts);
    this.changed();
  }

  /** What was saved to a file goes; what was put aside since stays. */
  discard() {
    this.database.putAll(this.parts.filter((part) => this.saved.has(part)).map(({ key }) => ({ discard: key })));
    this.#keep((part) => !this.saved.has(part));
  }

  /** Images that leave the project take theirs along, here as in the database. @param {string[]} images */
  forget(images) {
    this.#keep(({ image }) => !images.includes(image));
  }

  /** @param {(part: Part) => boolean} isKept */
  #keep(isKept) {
    const before = this.parts.length;
    this.parts = this.parts.filter(isKept);
    if (this.parts.length < before) this.changed();
  }
}
