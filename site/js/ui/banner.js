/** One error at a time over the stage, with what can be done about it, until it is dismissed or an image opens well. */
import { t } from "../i18n.js";
import { byId, el } from "./dom.js";

/** @param {import("../store.js").Store} store */
export function makeBanner(store) {
  const banner = byId("banner");
  let fill = () => {};
  const hide = () => { banner.hidden = true; };
  byId("banner-dismiss").addEventListener("click", hide);
  store.on(["words"], () => fill());
  return {
    /** @param {() => string} text  asked again when the language changes @param {{key: string, run: () => void}[]} [choices]  buttons: the key of its word, what it does */
    show(text, choices = []) {
      fill = () => {
        byId("banner-text").textContent = text();
        byId("banner-choices").replaceChildren(...choices.map(({ key, run }) =>
          el("button", { "class": "button", "data-testid": `error-${key}`, "text": t(key), "onclick": run })));
      };
      fill();
      banner.hidden = false;
    },
    hide,
  };
}
