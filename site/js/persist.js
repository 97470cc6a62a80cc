/**
 * What must outlive a worker and the page: settings, the images of the project and the journal of each. With
 * database.js the only files of the page that touch storage of the browser.
 */
import { Aside } from "./aside.js";
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
  /**
   * @param {(keeping: import("./database.js").Keeping) => void} changed  whether what was done is safe
   * @param {(image: string, isKept: boolean) => void} fileCame  whether the browser took in the file of an image
   * @param {() => void} asideChanged  what could not be read came, was saved or went
   */
  constructor(changed, fileCame, asideChanged) {
    /** Journals of the images that were open since the page was loaded. @type {Map<string, string[]>} */
    this.journals = new Map();
    /** The image whose document Python has. @type {string|null} */
    this.current = null;
    this.settings = readSettings();
    this.database = new Database(changed, fileCame);
    this.aside = new Aside(this.database, asideChanged);
  }

  /** What an earlier visit left; nothing of it is written again. @returns {Promise<import("./database.js").Kept|null>} */
  async load() {
    const kept = await this.database.open();
    await this.aside.load();
    if (kept !== null && kept.current !== null) {
      this.current = kept.current;
      this.journals.set(kept.current, kept.entries);
    }
    if (kept === null) this.journals.set("", await this.database.entriesOf("")); // classes made before there was an image
    return kept;
  }

  /** The journal of the image that is open. */
  get journal() {
    return this.journals.get(this.current ?? "") ?? [];
  }

  /** @param {string} image @returns {Promise<string[]>} */
  async journalOf(image) {
    return (this.journals.get(image) ?? (await this.database.entriesOf(image))).slice();
  }

  /** Entries after these could not be read: they must not stand before what is done from now on, and are put aside. @param {string} image @param {number} count */
  truncate(image, count) {
    const journal = this.journals.get(image);
    if (journal === undefined || count >= journal.length) return;
    const lost = journal.splice(count);
    this.database.putAll([this.aside.put(image, lost), { journal: journal.slice(), image }]);
  }

  /** @param {string} entry JSON of one command @param {string} image  the one that it is about; "" while none is open: then it is about the classes and the mode */
  append(entry, image) {
    if (image === "" && !this.journals.has("")) this.journals.set("", []);
    if (isOpening(entry)) {
      this.journals.set(image, [entry]); // an opened image stands for itself, what came before it can go
      this.database.put({ journal: [entry], image });
      return;
    }
    this.journals.get(image)?.push(entry);
    this.database.put({ entry, image });
  }

  /** One entry takes the place of all so far. @param {string} entry a snapshot of what they led to @param {string} image */
  compact(entry, image) {
    this.journals.set(image, [entry]);
    this.database.put({ journal: [entry], image });
  }

  /** @param {string} image @param {string[]} journal  as Python is about to read it */
  entered(image, journal) {
    if (!this.journals.has(image)) this.journals.set(image, journal);
  }

  /** @param {string|null} image */
  setCurrent(image) {
    if (image === this.current) return;
    this.current = image;
    if (image !== null) this.journals.delete(""); // what was in it is in the journal of the image now
    this.database.put({ current: image });
  }

  /** @param {import("./database.js").KeptImage} meta */
  keepImage(meta) {
    this.database.put({ meta });
  }

  /** @param {string} image @param {string} key  images of one file share it @param {Blob} file */
  keepFile(image, key, file) {
    this.database.putFile(image, key, file);
    void navigator.storage?.persist?.().catch(() => {});
  }

  /** @param {string} key @returns {Promise<Blob|null>} */
  fileOf(key) {
    return this.database.fileOf(key);
  }

  /**
   * Another project in the place of this one, at once.
   * @param {import("./database.js").KeptImage[]} images @param {Map<string, string[]>} journals @param {string|null} current @param {{id: string, fileId: string}[]} gone  the images that leave
   */
  replaceAll(images, journals, current, gone) {
    this.journals = journals;
    this.current = current;
    this.database.files.clear();
    this.aside.forget(gone.map(({ id }) => id));
    this.database.putAll([
      ...gone.map(({ id, fileId }) => ({ remove: id, file: fileId })),
      ...images.map((meta) => ({ meta })),
      ...[...journals].map(([image, journal]) => ({ journal, image })),
      { current },
    ]);
  }

  /** @param {string} image @param {string|null} file  key of its file, null when another image has it too */
  forget(image, file) {
    this.journals.delete(image);
    this.aside.forget([image]);
    this.database.put({ remove: image, file });
  }

  /** @param {Record<string, any>} part */
  saveSettings(part) {
    Object.assign(this.settings, part);
    try {
      localStorage.setItem(SETTINGS_KEY, JSON.stringify({ ...readSettings(), ...part })); // another tab has its own, of which only this part changes
    } catch {
      // private windows may refuse: the setting then lasts as long as the page
    }
  }
}
