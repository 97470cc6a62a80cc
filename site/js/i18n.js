/** Words of the page: one flat JSON file a language. Text is only ever set as text. */
import { readJson } from "./assets.js";
import { LANGUAGES } from "./language.js";

/** What {mode_point} and its like stand for: the keys of the moment. @type {Record<string, string>} */
let keyNames = {};
/** @type {Record<string, string>} */
let strings = {};
let language = "en";
let plurals = new Intl.PluralRules("en");
let numbers = new Intl.NumberFormat("en");

/** The page speaks `lang` from here on; what is on it already is applyStrings' business. @param {string} lang */
export async function loadStrings(lang) {
  strings = await readJson(`i18n/${lang}.json`);
  language = lang;
  plurals = new Intl.PluralRules(lang);
  numbers = new Intl.NumberFormat(lang);
  document.documentElement.lang = LANGUAGES[lang].tag;
}

export const lang = () => language;

/** @param {Record<string, string>} names */
export const nameKeys = (names) => { keyNames = names; };

/** @param {string} key */
export const has = (key) => key in strings;

/** A finger has no Enter and no right button: some texts have another wording for it. @param {string} key */
const wordsOf = (key) => (window.matchMedia("(pointer: coarse)").matches ? strings[`${key}.touch`] : undefined) ?? strings[key] ?? key;

/**
 * @param {string} key
 * @param {Record<string, any>} [params] values for {name} places; the names of keys are known without
 */
export function t(key, params = {}) {
  const text = wordsOf(key);
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = params[name] ?? keyNames[name];
    if (value === undefined || value === null) return whole;
    return typeof value === "number" ? numbers.format(value) : String(value);
  });
}

/** A text in pieces: words, the name of a key, words, and so on. @param {string} key @returns {string[]} */
export const tKeyed = (key) => wordsOf(key).split(/\{(\w+)\}/).map((piece, at) => (at % 2 === 1 ? keyNames[piece] ?? piece : piece));

/** The plural form of `key` for n: `key.one`, `key.other`. @param {string} key @param {number} n */
export function tn(key, n, params = {}) {
  const form = `${key}.${plurals.select(n)}`;
  return t(has(form) ? form : `${key}.other`, { n, ...params });
}

/** @param {number} value @param {number} [digits] */
export const number = (value, digits = 0) =>
  value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** @param {number} bytes */
export const megabytes = (bytes) => number(bytes / 1e6, 1);

/** Fill data-i18n (text), -label (title and ARIA name), -aria, -title and -placeholder. @param {ParentNode} root */
export function applyStrings(root) {
  /** @param {string} name @param {(element: HTMLElement, text: string) => void} set */
  const each = (name, set) => {
    for (const node of root.querySelectorAll(`[${name}]`)) {
      set(/** @type {HTMLElement} */ (node), t(/** @type {string} */ (node.getAttribute(name))));
    }
  };
  each("data-i18n", (element, text) => { element.textContent = text; });
  each("data-i18n-label", (element, text) => { element.title = text; element.setAttribute("aria-label", text); });
  each("data-i18n-aria", (element, text) => element.setAttribute("aria-label", text));
  each("data-i18n-title", (element, text) => { element.title = text; });
  each("data-i18n-placeholder", (element, text) => element.setAttribute("placeholder", text));
}
