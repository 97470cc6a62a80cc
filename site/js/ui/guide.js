/** The help page: how to work with Segmark, in sections of words; it names the keys as they are at the moment. */
import { readPacked } from "../assets.js";
import { has, t, tKeyed } from "../i18n.js";
import { closeByClick } from "./dialogs.js";
import { byId, el } from "./dom.js";

const SECTIONS = ["start", "modes", "points", "edit", "confirm", "view", "hands", "keep", "trouble"];

/**
 * @param {Record<string, import("../actions.js").Action>} actions
 * @param {import("../store.js").Store} store
 * @param {() => void} startTour
 * @returns {() => void} shows it
 */
export function makeGuide(actions, store, startTour) {
  const dialog = byId("guide");

  /** @param {string} name */
  function section(name) {
    const lines = [];
    for (let n = 1; has(`guide.${name}.${n}`); n += 1) lines.push(el("li", {}, tKeyed(`guide.${name}.${n}`).map((piece, at) => (at % 2 === 1 ? el("kbd", { text: piece }) : document.createTextNode(piece)))));
    return el("section", {}, [el("h3", { text: t(`guide.${name}`) }), el("ul", {}, lines)]);
  }

  const licences = byId("licences");
  const text = byId("licences-text");
  let isRead = false;
  /** A long text that few want: read when it is asked for. */
  async function showLicences() {
    licences.showModal();
    if (isRead) return;
    const found = await readPacked("licences.txt").catch(() => null);
    isRead = found !== null;
    text.textContent = found ?? t("licences.failed");
  }

  const build = () => byId("guide-sections").replaceChildren(...SECTIONS.map(section));
  store.on("words", () => { if (dialog.open) build(); });
  closeByClick(dialog);
  closeByClick(licences);
  byId("guide-licences").addEventListener("click", () => { dialog.close(); void showLicences(); });
  byId("guide-shortcuts").addEventListener("click", () => { dialog.close(); actions.help.run(); });
  byId("guide-tour").addEventListener("click", () => { dialog.close(); startTour(); });
  return () => {
    build();
    dialog.showModal();
    byId("guide-body").scrollTop = 0;
  };
}
