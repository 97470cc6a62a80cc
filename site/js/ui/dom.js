/** Small helpers for building elements. Text is set as text, never as HTML. */
import { readText } from "../assets.js";

import { lang } from "../i18n.js";

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} id @returns {any} the element, which is part of index.html */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`no #${id}`);
  return element;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [attributes] `class`, `text`, `on<event>` and attributes
 * @param {(Node|null)[]} [children]
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, attributes = {}, children = []) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** @param {string} name of icons.txt */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** A small icon button of a row. @param {string} name @param {string} label @param {Record<string, any>} attributes */
export const iconButton = (name, label, attributes = {}) =>
  el("button", { type: "button", title: label, "aria-label": label, ...attributes }, [icon(name)]);

/** @param {string} colour "#rrggbb" @returns {HTMLElement} */
export function swatch(colour) {
  const element = el("span", { class: "swatch", "aria-hidden": "true" });
  element.style.background = colour;
  return element;
}

/** A field for a whole number: kept in its bounds, typing replaces what is there, Enter ends it. @param {any} input @param {number} fallback @param {(value: number) => void} changed */
export function onNumber(input, fallback, changed) {
  input.addEventListener("change", () => {
    const value = Math.max(Number(input.min), Math.min(Number(input.max), Math.round(Number(input.value) || fallback)));
    input.value = String(value);
    changed(value);
  });
  input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter") input.blur(); });
  input.addEventListener("focus", () => requestAnimationFrame(() => { // after the press has set its caret
    if (document.activeElement === input) input.select(); // select() takes the focus back from whoever has it by then
  }));
}

/** Bring the symbols of icons.svg into the page, so that they take the text's colour. */
export async function loadIcons() {
  const sprite = new DOMParser().parseFromString(await readText("icons.svg"), "image/svg+xml").documentElement;
  sprite.setAttribute("aria-hidden", "true");
  sprite.setAttribute("hidden", "");
  document.body.prepend(document.adoptNode(sprite));
}

/**
 * Make the children of `list` those that the items ask for, touching only what changed (focus and scroll survive).
 * @template T
 * @param {HTMLElement} list
 * @param {T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => string} stampOf  everything that the row shows, besides the language
 * @param {(item: T) => HTMLElement} make
 */
export function syncRows(list, items, keyOf, stampOf, make) {
  const old = new Map([...list.children].map((child) => [/** @type {HTMLElement} */ (child).dataset.key, /** @type {HTMLElement} */ (child)]));
  let place = list.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const stamp = `${lang()} ${stampOf(item)}`;
    let row = old.get(key);
    old.delete(key);
    if (row === undefined || row.dataset.stamp !== stamp) {
      const fresh = make(item);
      Object.assign(fresh.dataset, { key, stamp });
      if (row === undefined) list.insertBefore(fresh, place);
      else replaceRow(row, fresh);
      if (row === place) place = fresh;
      row = fresh;
    }
    if (row === place) place = row.nextElementSibling;
    else list.insertBefore(row, place);
  }
  for (const row of old.values()) row.remove();
}

/** The focus stays where it was in the row. @param {HTMLElement} row @param {HTMLElement} fresh */
function replaceRow(row, fresh) {
  const focused = row.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
  const role = focused?.dataset.part;
  row.replaceWith(fresh);
  if (focused === row) fresh.focus();
  else if (role !== undefined) /** @type {HTMLElement|null} */ (fresh.querySelector(`[data-part="${role}"]`))?.focus();
}

/** The first of many names, for a line of text. @param {string[]} names @param {number} [most] */
export const fewOf = (names, most = 5) => names.slice(0, most).join(", ") + (names.length > most ? " …" : "");
