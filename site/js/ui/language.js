/** The button that changes the page's language on the spot; nothing is loaded again and no work is touched. */
import { applyStrings, lang, loadStrings, t } from "../i18n.js";
import { LANGUAGES } from "../language.js";
import { byId } from "./dom.js";

/** Everything that is drawn from words and not marked with data-i18n. @type {import("../store.js").Topic[]} */
const SPEAKING = ["words", "mirror", "view", "boot", "keeping", "cursor"];

/**
 * @param {import("../store.js").Store} store
 * @param {import("../persist.js").Persist} persist
 * @param {(error: any) => void} showError
 */
export function makeLanguage(store, persist, showError) {
  const button = byId("language");
  const other = () => (lang() === "en" ? "zh" : "en");

  function show() {
    const { name, tag } = LANGUAGES[other()];
    button.textContent = name;
    button.lang = tag;
    button.title = t("action.language");
  }

  button.addEventListener("click", async () => {
    try {
      await loadStrings(other());
    } catch (error) {
      showError(error);
      return;
    }
    persist.saveSettings({ language: lang() });
    applyStrings(document);
    for (const topic of SPEAKING) store.changed(topic);
  });
  store.on("words", show);
  show();
  // an address that names a language is a choice too: the next visit without it speaks the same
  if (new URLSearchParams(location.search).has("lang")) persist.saveSettings({ language: lang() });
}
