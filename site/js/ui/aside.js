/**
 * Steps that could not be read any more: told over the stage when they are put aside, and in the menu as long as they
 * lie there. They are saved to a file first; only then they can be discarded.
 */
import { t, tn } from "../i18n.js";
import { asking } from "./dialogs.js";
import { byId, fewOf } from "./dom.js";
import { download } from "./drop.js";

const NAMED = 3; // so many images are named

/**
 * @param {object} parts
 * @param {import("../store.js").Store} parts.store
 * @param {import("../aside.js").Aside} parts.aside
 * @param {import("../project.js").Project} parts.project
 * @param {(text: string) => void} parts.say
 */
export function makeAside({ store, aside, project, say }) {
  const banner = byId("aside");
  const mayDiscard = asking(byId("discard"));
  /** How many were put aside when the person put the banner away. */
  let dismissed = 0;
  let filename = "";

  /** The images that have such steps, in their order. */
  const images = () => project.images.filter(({ id }) => aside.has(id)).map(({ name }) => name);

  /** @param {"save"|"discard"} what */
  const buttons = (what) => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(`[data-aside="${what}"]`)]);

  function show() {
    const { count } = aside;
    for (const button of buttons("save")) button.hidden = count === 0;
    for (const button of buttons("discard")) button.hidden = !aside.isSaved;
    banner.hidden = count === 0 || aside.fresh.size <= dismissed;
    if (banner.hidden) return;
    byId("aside-text").textContent = tn("aside.text", count, { names: fewOf(images(), NAMED) });
  }

  function save() {
    filename = `${images()[0] ?? "segmark"}.unreadable.txt`;
    download(aside.text(project.images.map(({ id }) => id)), filename, "text/plain");
    aside.wasSaved();
    say(t("export.done", { filename }));
  }

  async function discard() {
    byId("discard-text").textContent = tn("aside.discard_text", aside.count, { filename });
    if ((await mayDiscard()) === "discard") aside.discard();
  }

  for (const button of buttons("save")) button.addEventListener("click", save);
  for (const button of buttons("discard")) button.addEventListener("click", () => void discard());
  byId("aside-dismiss").addEventListener("click", () => {
    dismissed = aside.fresh.size;
    show();
  });
  store.on(["aside", "project", "words"], show);
  show();
}
