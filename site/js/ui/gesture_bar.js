/** While a gesture of several clicks goes on: what it needs next, and buttons that end it (a finger has no Enter). */
import { t } from "../i18n.js";
import { byId } from "./dom.js";

/** @param {import("../store.js").Store} store */
export function makeGestureBar(store) {
  function show() {
    const { gesture } = store;
    const isPolygon = gesture?.kind === "polygon" && !(gesture.isClosed && !gesture.isArea); // a region's corner being dragged
    const isWhole = gesture?.kind === "polygon" && gesture.isClosed === true;
    byId("gesture-bar").hidden = !isPolygon && gesture?.kind !== "scratch";
    byId("gesture-erase").hidden = !isWhole;
    byId("gesture-back").hidden = !isPolygon || isWhole;
    byId("gesture-text").textContent = t(`gesture.${gesture?.kind === "scratch" ? "scratch" : isWhole ? "area" : "corners"}`);
    byId("gesture-done").textContent = t(`gesture.done.${gesture?.kind === "scratch" ? "scratch" : isWhole ? "area" : "corners"}`);
  }

  store.on(["gesture", "words", "picture"], show);
  show();
}
