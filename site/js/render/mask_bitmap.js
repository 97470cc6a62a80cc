/**
 * The pixels of a mask in a colour, for drawing. A small mask is laid out once, whole; of a larger one only what is in
 * sight, and no finer than the screen shows it, so that the work follows the view and not the image.
 */
import { extentIn, rowStart } from "../runs.js";

const WHOLE = 1 << 20; // pixels of the box: so small a mask is laid out whole
const MARGIN = 0.125; // of the view on each side, so that not every move lays it out anew

/** @typedef {import("../types.js").Preview} Preview */
/** @typedef {{canvas: OffscreenCanvas|null, box: number[], level: number, area: number[], colour: string}} Bitmap  each of its pixels covers 2^level of the image's; `area`: what it was made for; no canvas: nothing of the mask is there */

/** @param {string} colour "#rrggbb" @returns {number} as one little-endian RGBA word */
export function colourWord(colour) {
  const value = parseInt(colour.slice(1), 16);
  return ((0xff << 24) | ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}

/**
 * @param {Preview} mask
 * @param {string} colour
 * @param {number[]} view  the part of the image that is in sight
 * @param {number} zoom
 * @param {Bitmap} [known]  what it gave before
 * @returns {Bitmap} the known one where that will do
 */
export function bitmapOf(mask, colour, view, zoom, known) {
  const isSmall = sizeOf(mask.box) <= WHOLE;
  const level = isSmall ? 0 : Math.max(0, Math.round(Math.log2(1 / zoom)));
  const needed = isSmall ? mask.box : common(mask.box, inCells(view, 0));
  if (known !== undefined && known.colour === colour && known.level === level && isInside(needed, known.area)) return known;
  const [dx, dy] = [(view[2] - view[0]) * MARGIN, (view[3] - view[1]) * MARGIN];
  const wider = [view[0] - dx, view[1] - dy, view[2] + dx, view[3] + dy];
  const area = isSmall ? mask.box : inCells(common(mask.box, wider), level);
  const extent = extentIn(mask.runs, area);
  const box = inCells(extent ?? area, level);
  return { canvas: extent === null ? null : laidOut(mask.runs, box, level, colourWord(colour)), box, level, area, colour };
}

/** @param {Int32Array} runs @param {number[]} box in whole cells @param {number} level @param {number} word */
function laidOut(runs, box, level, word) {
  const [width, height] = [(box[2] - box[0]) >> level, (box[3] - box[1]) >> level];
  const canvas = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(width, height);
  const words = new Uint32Array(image.data.buffer);
  if (level === 0) eachRun(runs, box, (y, x0, x1) => words.fill(word, (y - box[1]) * width + x0 - box[0], (y - box[1]) * width + x1 - box[0]));
  else shade(words, covered(runs, box, level, width, height), 4 ** level, word);
  context.putImageData(image, 0, 0);
  return canvas;
}

/** How many of the mask's pixels lie in each cell. @param {Int32Array} runs @param {number[]} box @param {number} level @param {number} width @param {number} height */
function covered(runs, box, level, width, height) {
  const counts = new Uint32Array(width * height);
  const side = 1 << level;
  eachRun(runs, box, (y, x0, x1) => {
    const row = ((y - box[1]) >> level) * width;
    for (let x = x0 - box[0]; x < x1 - box[0];) {
      const stop = Math.min(x1 - box[0], (x | (side - 1)) + 1); // the end of the cell, or of the run
      counts[row + (x >> level)] += stop - x;
      x = stop;
    }
  });
  return counts;
}

/** As opaque as the cell is full. @param {Uint32Array} words @param {Uint32Array} counts @param {number} full @param {number} word */
function shade(words, counts, full, word) {
  const colour = word & 0xffffff;
  for (let k = 0; k < words.length; k += 1) if (counts[k] > 0) words[k] = (Math.round((255 * counts[k]) / full) << 24) | colour;
}

/** Those in a box, cut off at its sides. @param {Int32Array} runs @param {number[]} box @param {(y: number, x0: number, x1: number) => void} take */
function eachRun(runs, [x0, y0, x1, y1], take) {
  for (let k = rowStart(runs, y0); k < runs.length && runs[k] < y1; k += 3) {
    if (runs[k + 1] < x1 && runs[k + 2] > x0) take(runs[k], Math.max(runs[k + 1], x0), Math.min(runs[k + 2], x1));
  }
}

/** @param {number[]} box @param {number} level @returns {number[]} the smallest box of whole cells round it */
const inCells = (box, level) => box.map((value, k) => (k < 2 ? Math.floor(value / 2 ** level) : Math.ceil(value / 2 ** level)) * 2 ** level);

/** @param {number[]} a @param {number[]} b */
const common = (a, b) => [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])];

/** @param {number[]} inner @param {number[]} outer */
const isInside = (inner, outer) => inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3];

/** @param {number[]} box */
const sizeOf = ([x0, y0, x1, y1]) => (x1 - x0) * (y1 - y0);
