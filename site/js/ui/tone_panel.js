/** Window, level, gamma and local contrast of the display, folded away until they are wanted. Kept in the browser's settings. */
import { t } from "../i18n.js";
import { PLAIN, applyTone, autoLevels, isPlain } from "../tone.js";
import { byId } from "./dom.js";

const FIELDS = /** @type {("level"|"window"|"gamma"|"local")[]} */ (["level", "window", "gamma", "local"]);
const GAMMA_STEPS = 100; // the slider is the logarithm: 10 ** (value / 100)

/** @param {import("../store.js").Store} store @param {import("../persist.js").Persist} persist */
export function makeTonePanel(store, persist) {
  const canvas = byId("layer-image");
  const auto = byId("tone-auto");
  let tone = read(persist.settings.tone);

  function show() {
    for (const field of FIELDS) {
      byId(`tone-${field}`).value = String(field === "gamma" ? Math.round(GAMMA_STEPS * Math.log10(tone.gamma)) : field === "local" ? 100 * tone.local : tone[field]);
    }
    byId("tone-level-value").textContent = String(Math.round(tone.level));
    byId("tone-window-value").textContent = String(Math.round(tone.window));
    byId("tone-gamma-value").textContent = tone.gamma.toFixed(2);
    byId("tone-local-value").textContent = t("percent", { n: Math.round(100 * tone.local) });
    byId("tone-summary").textContent = t(isPlain(tone) ? "tone.plain" : "tone.changed");
    auto.disabled = store.picture === null;
    applyTone(tone, canvas);
  }

  /** @param {Partial<import("../tone.js").Tone>} part */
  function change(part) {
    tone = { ...tone, ...part };
    show();
    persist.saveSettings({ tone });
  }

  for (const field of FIELDS) {
    byId(`tone-${field}`).addEventListener("input", (/** @type {Event} */ event) => {
      const value = Number(/** @type {HTMLInputElement} */ (event.target).value);
      change({ [field]: field === "gamma" ? 10 ** (value / GAMMA_STEPS) : field === "local" ? value / 100 : value });
    });
  }
  auto.addEventListener("click", () => { if (store.picture !== null) change(autoLevels(store.picture.bitmap)); });
  byId("tone-reset").addEventListener("click", () => change(PLAIN));
  store.on(["words", "picture"], show);
  show();
}

/** What an earlier visit left, as far as it makes sense. @param {any} kept @returns {import("../tone.js").Tone} */
function read(kept) {
  const ranges = /** @type {Record<string, [number, number]>} */ ({ level: [0, 255], window: [1, 255], gamma: [0.1, 10], local: [0, 2] });
  const isGood = FIELDS.every((field) => kept?.[field] >= ranges[field][0] && kept[field] <= ranges[field][1]);
  return isGood ? { level: kept.level, window: kept.window, gamma: kept.gamma, local: kept.local } : PLAIN;
}
