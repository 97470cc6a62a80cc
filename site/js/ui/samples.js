/** Three generated images to try: in the side pane, and in the middle of the stage while nothing is open. */
import { addressOf } from "../assets.js";
import { has, t } from "../i18n.js";
import { byId, el } from "./dom.js";

/** @typedef {{id: string, file: string, width: number, height: number, hint: string}} Sample */

/**
 * @param {import("../store.js").Store} store
 * @param {Sample[]} samples
 * @param {(sample: Sample) => void} open
 */
export function makeSamples(store, samples, open) {
  const strip = byId("samples");
  const buttons = samples.map((sample) => {
    const picture = el("img", { alt: "", loading: "lazy", draggable: "false" });
    void addressOf(`samples/${sample.file}`).then((address) => { picture.src = address; });
    return el("button", { class: "sample", "data-testid": `sample-${sample.id}`, onclick: () => open(sample) }, [picture, el("span")]);
  });
  strip.append(...buttons);

  function name() {
    buttons.forEach((button, index) => {
      const { id } = samples[index];
      const words = has(`sample.${id}`) ? t(`sample.${id}`) : id;
      button.title = t("samples.open", { name: words });
      /** @type {HTMLElement} */ (button.lastElementChild).textContent = words;
    });
  }

  /** The same buttons move, so that each exists once. */
  function show() {
    const empty = store.picture === null;
    const loses = !empty && byId("empty").contains(document.activeElement); // what was pressed there goes: the keys belong to the image now
    byId("empty").hidden = !empty;
    const home = empty ? byId("samples-in-empty") : byId("samples-section");
    if (strip.parentElement !== home) home.append(strip);
    if (loses) byId("layer-marks").focus({ preventScroll: true });
    buttons.forEach((button, index) => button.setAttribute("aria-current", String(store.picture?.sample === samples[index].id)));
  }

  store.on("picture", show);
  store.on("words", name);
  name();
  show();
  return { showEmptyState: show };
}

/** One sentence over a sample until its first click. @param {import("../store.js").Store} store @param {Sample[]} samples */
export function makeHint(store, samples) {
  const hint = byId("hint");
  function show() {
    const sample = samples.find(({ id }) => id === store.picture?.sample);
    const { draft, annotations } = store.mirror;
    const begun = draft !== null || annotations.length > 0 || store.pending.length > 0;
    hint.hidden = sample === undefined || begun;
    if (sample !== undefined) hint.textContent = has(`sample.${sample.id}.hint`) ? t(`sample.${sample.id}.hint`) : sample.hint;
  }
  store.on(["picture", "mirror", "pending"], show);
  show();
}
