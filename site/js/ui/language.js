/** The button that changes the page's language on the spot; nothing is loaded again and no work is touched. */
import { applyStrings, lang, loadStrings, t } from "../i18n.js";
import { LANGUAGES } from "../language.js";

/** Everything that is drawn from words and not marked with data-i18n. @type {import("../store.js").Topic[]} */
const SPEAKING = ["words", "mirror", "view", "boot", "keeping", "cursor"];

/** After another language, or other keys: every word that is on the page. @param {import("../store.js").Store} store */
export function tellAnew(store) {
  applyStrings(document);
  for (const topic of SPEAKING) store.changed(topic);
}

/**
 * @param {import("../store.js").Store} store
 * @param {import("../persist.js").Persist} persist
 * @param {(error: any) => void} showError
 * @returns {() => void} changes it
 */
export function makeLanguage(store, persist, showError) {
  const buttons = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-language]"));
  const other = () => (lang() === "en" ? "zh" : "en");

  function show() {
    const { name, tag } = LANGUAGES[other()];
    for (const button of buttons) Object.assign(button, { textContent: name, lang: tag, title: t("action.language") });
  }

  async function change() {
    try {
      await loadStrings(other());
    } catch (error) {
      showError(error);
      return;
    }
    persist.saveSettings({ language: lang() });
    tellAnew(store);
  }

  for (const button of buttons) button.addEventListener("click", () => void change());
  store.on("words", show);
  show();
  // an address that names a language is a choice too: the next visit without it speaks the same
  if (new URLSearchParams(location.search).has("lang")) persist.saveSettings({ language: lang() });
  return () => void change();
}
