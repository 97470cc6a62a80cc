/** One error at a time over the stage, with what can be done about it, until it is dismissed or an image opens well. */
import { t } from "../i18n.js";
import { byId, el } from "./dom.js";

export function makeBanner() {
  const banner = byId("banner");
  const hide = () => { banner.hidden = true; };
  byId("banner-dismiss").addEventListener("click", hide);
  return {
    /** @param {string} text @param {{key: string, run: () => void}[]} [choices]  buttons: the key of its word, what it does */
    show(text, choices = []) {
      byId("banner-text").textContent = text;
      byId("banner-choices").replaceChildren(...choices.map(({ key, run }) =>
        el("button", { "class": "button", "data-testid": `error-${key}`, "text": t(key), "onclick": run })));
      banner.hidden = false;
    },
    hide,
  };
}
