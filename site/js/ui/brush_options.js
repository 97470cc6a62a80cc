/** Size and colour of the brush (R6.1), kept in the browser's settings. */
import { byId, onNumber } from "./dom.js";

/** @param {import("../store.js").Store} store @param {import("../persist.js").Persist} persist */
export function makeBrushOptions(store, persist) {
  const size = byId("brush-size");
  const colour = byId("brush-color");
  const { brushSize, brushColor } = persist.settings;
  if (Number.isFinite(brushSize)) store.view.brushSize = Math.max(1, Math.min(Number(size.max), brushSize));
  if (/^#[0-9a-f]{6}$/i.test(brushColor ?? "")) store.view.brushColor = brushColor;

  function show() {
    const { tool } = store.view;
    byId("brush-options").hidden = tool !== "brush" && tool !== "eraser";
    if (document.activeElement !== size) size.value = String(store.view.brushSize);
    colour.value = store.colorOf(null).toLowerCase();
  }

  onNumber(size, 16, (value) => {
    store.setView({ brushSize: value });
    persist.saveSettings({ brushSize: value });
  });
  colour.addEventListener("input", () => {
    store.setView({ brushColor: colour.value });
    persist.saveSettings({ brushColor: colour.value });
  });
  store.on(["view", "mirror"], show);
  show();
}
