/** Width of the scratch tool's line, tolerance and neighbours of the wand: kept in the browser's settings. */
import { byId, onNumber } from "./dom.js";

/** @param {import("../store.js").Store} store @param {import("../persist.js").Persist} persist */
export function makeLineOptions(store, persist) {
  const width = byId("scratch-width");
  const tolerance = byId("wand-tolerance");
  const diagonal = byId("wand-diagonal");
  const { scratchWidth, wandTolerance, wandDiagonal } = persist.settings;
  if (Number.isFinite(scratchWidth)) store.view.scratchWidth = Math.max(0, Math.min(Number(width.max), Math.round(scratchWidth)));
  if (Number.isFinite(wandTolerance)) store.view.wandTolerance = Math.max(0, Math.min(Number(tolerance.max), Math.round(wandTolerance)));
  if (typeof wandDiagonal === "boolean") store.view.wandDiagonal = wandDiagonal;
  width.value = String(store.view.scratchWidth);
  tolerance.value = String(store.view.wandTolerance);
  diagonal.checked = store.view.wandDiagonal;

  function show() {
    const { tool, wandTolerance: shown } = store.view;
    byId("scratch-options").hidden = tool !== "scratch";
    byId("wand-options").hidden = tool !== "wand";
    byId("wand-tolerance-value").textContent = String(shown);
  }

  /** @param {Partial<import("../store.js").Store["view"]>} part */
  function keep(part) {
    store.setView(part);
    persist.saveSettings(part);
  }

  onNumber(width, 0, (value) => keep({ scratchWidth: value }));
  tolerance.addEventListener("input", () => keep({ wandTolerance: Number(tolerance.value) }));
  diagonal.addEventListener("change", () => keep({ wandDiagonal: diagonal.checked }));
  store.on("view", show);
  show();
}
