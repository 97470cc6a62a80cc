/** One error at a time over the stage, until it is dismissed or an image opens well. */
import { byId } from "./dom.js";

export function makeBanner() {
  const banner = byId("banner");
  const hide = () => { banner.hidden = true; };
  byId("banner-dismiss").addEventListener("click", hide);
  return {
    /** @param {string} text */
    show(text) {
      byId("banner-text").textContent = text;
      banner.hidden = false;
    },
    hide,
  };
}
