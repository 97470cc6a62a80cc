/**
 * How grey levels look on the screen: window, level, gamma, local contrast. Two SVG filters on the image's canvas alone:
 * no pixel of the image changes, so what Python and the network see stays as it is.
 *
 * @typedef {{level: number, window: number, gamma: number, local: number}} Tone
 *   `level` and `window` in grey levels of 0..255, `local`: 0 is off, 1 doubles each pixel's distance from the mean round it
 */

/** @type {Tone} */
export const PLAIN = Object.freeze({ level: 127.5, window: 255, gamma: 1, local: 0 });
const LOW = 0.001;
const HIGH = 0.999;
const LOOK = 256; // the percentiles are those of the image at most so wide

/** What each grey level is shown as, 0..1. @param {Tone} tone @returns {number[]} 256 values */
export function curve({ level, window, gamma }) {
  const low = level - window / 2;
  return Array.from({ length: 256 }, (_, value) => Math.max(0, Math.min(1, (value - low) / window)) ** (1 / gamma));
}

/** @param {Tone} tone */
export const isPlain = ({ level, window, gamma, local }) => level === PLAIN.level && window === PLAIN.window && gamma === 1 && local === 0;

/** @param {Tone} tone @param {HTMLElement} canvas the image's */
export function applyTone(tone, canvas) {
  const table = curve(tone).map((value) => value.toFixed(5)).join(" ");
  for (const channel of document.querySelectorAll("#tone-curve *")) channel.setAttribute("tableValues", table);
  const mix = document.querySelector("#tone-local [operator=arithmetic]");
  mix?.setAttribute("k2", String(1 + tone.local));
  mix?.setAttribute("k3", String(-tone.local));
  const curved = isPlain({ ...tone, local: 0 }) ? "" : "url(#tone)";
  canvas.style.filter = `${curved} ${tone.local > 0 ? "url(#tone-local)" : ""}`.trim();
}

/** Level and window from the darkest to the brightest 0.1 % of an image. @param {ImageBitmap} bitmap @returns {{level: number, window: number}} */
export function autoLevels(bitmap) {
  const width = Math.min(LOOK, bitmap.width);
  const height = Math.max(1, Math.round((bitmap.height / bitmap.width) * width));
  const canvas = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  context.imageSmoothingEnabled = false; // values of the image, not means of them
  context.drawImage(bitmap, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const counts = new Uint32Array(256);
  for (let i = 0; i < data.length; i += 4) counts[Math.round(0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2])] += 1;
  const at = (/** @type {number} */ share) => {
    let sum = 0;
    return counts.findIndex((count) => (sum += count) >= share * width * height);
  };
  const low = at(LOW);
  const high = Math.max(low + 1, at(HIGH));
  return { level: (low + high) / 2, window: high - low };
}
