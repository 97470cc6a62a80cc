/** The door: start checks first, in old syntax; the rest is loaded only where it can run. */
import { readJson } from "./assets.js";
import { missingFeatures } from "./checks.js";
import { LANGUAGES, pickLanguage } from "./language.js";
import "./ready.js";

/** @param {string} id */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** @param {Record<string, string>} words @param {string[]} missing */
function showUnsupported(words, missing) {
  byId("unsupported-text").textContent = words["unsupported.text"];
  byId("unsupported-browsers").textContent = words["unsupported.browsers"];
  missing.forEach(function (code) {
    var item = document.createElement("li");
    item.textContent = words["unsupported." + code];
    byId("unsupported-list").appendChild(item);
  });
  byId("unsupported").hidden = false;
  document.documentElement.dataset.phase = "unsupported";
}

var missing = missingFeatures();
if (missing.length > 0) {
  var language = pickLanguage(undefined);
  document.documentElement.lang = LANGUAGES[language].tag;
  readJson("i18n/" + language + ".json")
    .then(function (words) { showUnsupported(words, missing); });
} else {
  var begun = import("./prestart.js").then(function (early) { return early.prestart(); });
  begun.catch(function () {}); // the start shows it, with a retry
  import("./app.js").then(function (app) { return app.start(begun); });
}
