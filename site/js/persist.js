/**
 * What must outlive a worker: the journal of commands and the image that it belongs to. In memory now; the database
 * comes behind the same functions. This is the only file of the page that touches storage of the browser.
 */

const SETTINGS_KEY = "segmark.settings";

/** @returns {Record<string, any>} */
function readSettings() {
  try {
    return JSON.parse(localStorage.getItem(SETTINGS_KEY) ?? "{}") ?? {};
  } catch {
    return {}; // forbidden or damaged storage means default settings, never a failure
  }
}

export class Persist {
  constructor() {
    /** @type {string[]} */
    this.journal = [];
    /** @type {import("./types.js").Picture|null} */
    this.picture = null;
    this.settings = readSettings();
  }

  /** @param {string} entry JSON of one command; an opened image stands for itself, what came before it can go. */
  append(entry) {
    if (entry.includes('"open_image"') && JSON.parse(entry).kind === "open_image") this.journal = [];
    this.journal.push(entry);
  }

  /** The image that the journal from now on speaks of. @param {import("./types.js").Picture} picture */
  setPicture(picture) {
    this.picture = picture;
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
