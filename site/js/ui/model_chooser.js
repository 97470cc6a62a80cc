/**
 * Precise or smooth (R4.2): what each costs on this machine, which one is proposed, and the choice kept. The network in
 * use is timed once it has been idle for a while; the other one's cost is estimated from its share of the work. Where the
 * browser allows threads, what they gained over one thread (timed on an earlier visit) is said in the status line.
 */
import { THREADS } from "../workers.js";
import { has, number, t } from "../i18n.js";
import { isOwn } from "../own_model.js";
import { byId, el } from "./dom.js";

const IDLE_MS = 1500;
/** What can be done rather than chosen; the last of the list. */
const CHOOSE = "own.choose";
const FORGET = "own.forget";
const USE = "graphics.use";
const LEAVE = "graphics.leave";
const PATIENT_MS = 200; // a run longer than this makes a click feel slow: the light network is proposed

/** @typedef {{id: string, name: string, multiply_adds?: number}} Model */

/**
 * @param {import("../store.js").Store} store
 * @param {import("../persist.js").Persist} persist
 * @param {import("../methods.js").Ask} ask
 * @param {{choose: () => void, forget: () => void}} own  the person's own network: take a file, forget it
 * @param {import("../graphics.js").Graphics} graphics
 * @param {(isUsed: boolean) => void} useGraphics
 * @param {(text: string) => void} say
 */
export function makeModelChooser(store, persist, ask, own, graphics, useGraphics, say) {
  const select = byId("model-select");
  /** @type {Model[]} */
  let models = [];
  /** Milliseconds of a run, by number of threads ("gpu": on the graphics card) and id: measured here, now or on an earlier visit. @type {Record<string, Record<string, number>>} */
  const byThreads = { ...persist.settings.modelMsByThreads };
  const measured = () => (byThreads[graphics.isUsed ? "gpu" : THREADS] ??= {});
  /** @type {Record<string, () => void>} */
  const acts = { [CHOOSE]: own.choose, [FORGET]: own.forget, [USE]: () => useGraphics(true), [LEAVE]: () => useGraphics(false) };
  let timer = 0;

  /** @param {Model} model @returns {{ms: number, exact: boolean}|null} */
  function cost(model) {
    if (measured()[model.id] > 0) return { ms: measured()[model.id], exact: true };
    const known = models.find(({ id }) => measured()[id] > 0);
    if (known === undefined || !known.multiply_adds || !model.multiply_adds) return null;
    return { ms: (measured()[known.id] * model.multiply_adds) / known.multiply_adds, exact: false };
  }

  /** The most accurate network (they come in that order) whose run is no wait. */
  function proposed() {
    const shipped = models.filter(({ id }) => !isOwn(id));
    if (shipped.length < 2 || shipped.every((model) => cost(model) === null)) return "";
    return (shipped.find((model) => (cost(model)?.ms ?? Infinity) <= PATIENT_MS) ?? shipped[shipped.length - 1]).id;
  }

  /** @param {Model} model */
  function words(model) {
    const given = isOwn(model.id) ? t("own.name", { name: model.name }) : model.name;
    const name = has(`model.name.${model.id}`) ? t(`model.name.${model.id}`) : given;
    const took = cost(model);
    const price = took === null ? "" : t(took.exact ? "model.ms" : "model.ms.about", { ms: number(took.ms) });
    const advice = proposed() === model.id ? t("model.proposed") : "";
    return [name, price, advice].filter(Boolean).join(" · ");
  }

  function show() {
    fill();
    const { model } = store.mirror;
    const options = /** @type {HTMLOptionElement[]} */ ([...select.options]);
    models.forEach((entry, index) => { if (options[index] !== undefined) options[index].textContent = words(entry); });
    for (const option of options.slice(models.length)) option.textContent = t(option.value);
    const isAtAct = document.activeElement === select && acts[select.value] !== undefined; // the arrows are there: it waits for Enter
    if (model.id !== "" && !isAtAct) select.value = model.id;
    select.title = t(has(`model.why.${model.id}`) ? `model.why.${model.id}` : "model.title");
    byId("model-dot").dataset.state = model.state;
    byId("model-dot").title = t(`model.state.${model.state}`);
    showThreads();
    measureLater();
  }

  function showThreads() {
    const line = byId("status-threads");
    line.dataset.graphics = String(graphics.isUsed);
    if (graphics.isUsed) {
      line.textContent = t("graphics.on");
      line.title = t("graphics.why");
      return;
    }
    const [alone, together] = [byThreads[1]?.[store.mirror.model.id], measured()[store.mirror.model.id]];
    const gain = THREADS > 1 && alone > 0 && together > 0 ? number(alone / together, 1) : "";
    line.textContent = THREADS < 2 ? "" : t(gain === "" ? "threads.many" : "threads.gain", { n: THREADS, gain });
    line.title = THREADS < 2 ? "" : t("threads.why");
  }

  /** A timing must not stand in anybody's way. */
  function measureLater() {
    clearTimeout(timer);
    const { model, busy, draft } = store.mirror;
    if (model.state !== "ready" || measured()[model.id] > 0 || busy || draft !== null) return;
    timer = window.setTimeout(() => void measure(), IDLE_MS);
  }

  async function measure() {
    const found = await ask("model.measure");
    if (found === undefined) return;
    measured()[found.id] = found.ms;
    persist.saveSettings({ modelMsByThreads: byThreads });
    show();
  }

  /** Reached by keyboard, what can be done waits for Enter: the arrows only go past it. */
  let byKey = false;
  select.addEventListener("pointerdown", () => { byKey = false; });
  select.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    byKey = event.key !== "Enter";
    if (event.key !== "Enter" || acts[select.value] === undefined) return;
    event.preventDefault();
    act();
  });
  select.addEventListener("blur", () => { if (acts[select.value] !== undefined) select.value = store.mirror.model.id; });

  function act() {
    const run = acts[select.value];
    select.value = store.mirror.model.id; // these are no networks
    run();
  }

  select.addEventListener("change", () => {
    if (acts[select.value] !== undefined) {
      if (byKey) say(t("model.enter", { what: t(select.value) }));
      else act();
      return;
    }
    persist.saveSettings({ model: select.value });
    void ask("model.set", { id: select.value });
  });
  store.on("mirror", show);

  /** The networks, then what can be done. */
  function fill() {
    const more = [CHOOSE];
    if (models.some(({ id }) => isOwn(id))) more.push(FORGET);
    if (graphics.isOffered) more.push(graphics.isUsed ? LEAVE : USE);
    const ids = [...models.map(({ id }) => id), ...more];
    if (ids.join() === [...select.options].map(({ value }) => value).join()) return;
    select.replaceChildren(...ids.map((id) => el("option", { value: id, "data-testid": `model-${id}` })));
  }

  return {
    /** @param {Model[]} all the most accurate first */
    setModels(all) {
      models = all;
      show();
    },
  };
}
