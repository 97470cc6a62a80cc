/** On a touch screen: what a tap means, positive or negative. */
import { byId } from "./dom.js";

/** @param {import("../store.js").Store} store */
export function makeTouchSign(store) {
  const group = byId("sign-switch");
  const buttons = /** @type {HTMLElement[]} */ ([...group.querySelectorAll("[data-sign]")]);

  function show() {
    group.hidden = !store.view.touch;
    for (const button of buttons) {
      const chosen = button.dataset.sign === store.view.sign;
      button.setAttribute("aria-checked", String(chosen));
      button.tabIndex = chosen ? 0 : -1;
    }
  }

  for (const button of buttons) {
    button.addEventListener("click", () => store.setView({ sign: /** @type {any} */ (button.dataset.sign) }));
    button.addEventListener("keydown", (event) => {
      if (!event.key.startsWith("Arrow")) return;
      event.preventDefault();
      store.setView({ sign: store.view.sign === "positive" ? "negative" : "positive" });
      buttons.find(({ dataset }) => dataset.sign === store.view.sign)?.focus();
    });
  }
  store.on("view", show);
  store.setView({ touch: window.matchMedia("(pointer: coarse)").matches });
}
