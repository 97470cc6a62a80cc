/** What Enter will do, in words, while there is a draft. */
import { t, tn } from "../i18n.js";
import { byId, el } from "./dom.js";

/** @param {import("../store.js").Store} store */
export function makeConfirmBar(store) {
  const bar = byId("confirm-bar");
  const text = byId("confirm-text");

  function show() {
    const { draft } = store.mirror;
    bar.hidden = draft === null;
    if (draft === null) return;
    const { parts, regions, clicks } = draft;
    const pieces = [el("span", { text: parts > 0 ? tn("confirm.makes", parts) : t("confirm.nothing") })];
    if (regions.length > 0) pieces.push(el("span", { text: tn("confirm.boxes", regions.length) }));
    pieces.push(el("span", { text: tn("confirm.points", clicks.length) }));
    text.replaceChildren(...pieces.flatMap((piece, index) => (index === 0 ? [piece] : [el("span", { class: "sep", text: " · " }), piece])));
  }

  store.on("mirror", show);
}
