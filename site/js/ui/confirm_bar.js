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
    const { parts, specks, regions, clicks } = draft;
    const dropped = specks.reduce((sum, [area, count]) => sum + (area < store.view.minPx ? count : 0), 0);
    const pieces = [el("span", { title: t("confirm.connected"), text: parts > 0 ? tn(store.view.touch ? "confirm.gives" : "confirm.makes", parts - dropped) : t("confirm.nothing") })];
    if (dropped > 0) pieces.push(el("span", { "data-testid": "confirm-specks", "text": tn("confirm.specks", dropped) }));
    if (regions.length > 0) pieces.push(el("span", { text: tn("confirm.boxes", regions.length) }));
    if (clicks.length > 0) pieces.push(el("span", { text: tn("confirm.points", clicks.length) }));
    const label = store.mirror.labels.find(({ id }) => id === store.mirror.last_label_id);
    if (store.view.reuseClass && label !== undefined && parts > dropped) pieces.push(el("span", { "data-testid": "confirm-class", "text": t("confirm.reuse.as", { name: label.name }) }));
    byId("confirm-one").hidden = parts - dropped < 2;
    text.replaceChildren(...pieces.flatMap((piece, index) => (index === 0 ? [piece] : [el("span", { class: "sep", text: " · " }), piece])));
  }

  store.on(["mirror", "view"], show);
}
