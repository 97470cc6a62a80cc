/** Which language the page speaks. Written in old syntax on purpose: the start checks need it where the rest cannot run. */

/** Language -> what `<html lang>` says and what its own speakers call it. @type {Record<string, {tag: string, name: string}>} */
export var LANGUAGES = { en: { tag: "en", name: "English" }, zh: { tag: "zh-CN", name: "中文" } };

/**
 * What the address asks for (`?lang=`), else what was chosen before, else the first of the browser's languages that we have.
 * @param {string|undefined} remembered
 * @returns {string} a key of LANGUAGES
 */
export function pickLanguage(remembered) {
  var asked = /[?&]lang=([a-z]+)/i.exec(location.search);
  var wishes = [asked === null ? "" : asked[1], remembered || ""].concat(navigator.languages || [navigator.language || ""]);
  for (var i = 0; i < wishes.length; i += 1) {
    var known = wishes[i].toLowerCase().split("-")[0];
    if (Object.prototype.hasOwnProperty.call(LANGUAGES, known)) return known;
  }
  return "en";
}
