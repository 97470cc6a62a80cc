/** What a confirm does besides: drops specks below a size, takes pixels that overlap from the annotations below, takes the last class. Kept in the browser's settings. */
import { t } from "../i18n.js";
import { byId, onNumber } from "./dom.js";

const SPECK_MAX = 1000; // Python tells the sizes of all parts below

/** @param {import("../store.js").Store} store @param {import("../persist.js").Persist} persist */
export function makeConfirmOptions(store, persist) {
  const least = byId("confirm-least");
  const overlap = byId("confirm-overlap");
  const { settings } = persist;
  if (Number.isInteger(settings.minPx)) store.view.minPx = Math.max(0, Math.min(SPECK_MAX, settings.minPx));
  store.view.takes = settings.takes === true;
  store.view.reuseClass = settings.reuseClass === true;
  least.value = String(store.view.minPx);
  overlap.value = store.view.takes ? "take" : "keep";

  function show() {
    const { minPx, takes, reuseClass } = store.view;
    const words = [minPx > 0 ? t("confirm.least.short", { n: minPx }) : "", takes ? t("confirm.overlap.short") : "", reuseClass ? t("confirm.reuse.short") : ""].filter(Boolean);
    byId("confirm-reuse").setAttribute("aria-checked", String(reuseClass));
    byId("confirm-summary").textContent = words.length > 0 ? words.join(", ") : t("confirm.plain");
  }

  onNumber(least, 0, (minPx) => {
    store.setView({ minPx });
    persist.saveSettings({ minPx });
  });
  overlap.addEventListener("change", () => {
    const takes = overlap.value === "take";
    store.setView({ takes });
    persist.saveSettings({ takes });
  });
  store.on(["words", "view"], show);
  show();
}
