/** How masks look: opacity and outline, and whether a click is shown beforehand. Kept in the browser's settings. */
import { t } from "../i18n.js";
import { byId } from "./dom.js";

/** @param {import("../store.js").Store} store @param {import("../persist.js").Persist} persist */
export function makeViewPanel(store, persist) {
  const opacity = byId("opacity");
  const outline = byId("show-outline");
  const { settings } = persist;
  if (Number.isFinite(settings.opacity)) store.view.opacity = Math.max(0, Math.min(1, settings.opacity));
  if (typeof settings.outline === "boolean") store.view.outline = settings.outline;
  opacity.value = String(Math.round(store.view.opacity * 100));

  const showSwitches = () => {
    byId("preview-toggle").setAttribute("aria-checked", String(store.view.preview));
    outline.setAttribute("aria-checked", String(store.view.outline));
  };
  store.on("view", showSwitches);
  showSwitches();
  const show = () => { byId("opacity-value").textContent = t("percent", { n: Number(opacity.value) }); };
  opacity.addEventListener("input", () => {
    store.setView({ opacity: Number(opacity.value) / 100 });
    show();
  });
  opacity.addEventListener("change", () => persist.saveSettings({ opacity: store.view.opacity }));
  store.on("words", show);
  show();
}
