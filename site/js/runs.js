/**
 * A mask as Python sends it: its runs of pixels, an Int32Array (n * 3) of y, x0, x1 (half-open), in reading order. What is
 * asked of it here costs what lies in the rows asked about, however large the image is.
 */

/** Where in `runs` row y, or the first one after it, begins. @param {Int32Array} runs @param {number} y */
export function rowStart(runs, y) {
  let [low, high] = [0, runs.length / 3];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runs[3 * middle] < y) low = middle + 1;
    else high = middle;
  }
  return 3 * low;
}

/** Whether a pixel belongs to the mask. @param {Int32Array} runs @param {number} x @param {number} y */
export function holds(runs, x, y) {
  for (let k = rowStart(runs, y); k < runs.length && runs[k] === y && runs[k + 1] <= x; k += 3) if (x < runs[k + 2]) return true;
  return false;
}

/** The box round the pixels in a box; null if there are none. @param {Int32Array} runs @param {number[]} box @returns {number[]|null} */
export function extentIn(runs, [x0, y0, x1, y1]) {
  let [left, top, right, bottom] = [x1, y1, x0, y0];
  for (let k = rowStart(runs, y0); k < runs.length && runs[k] < y1; k += 3) {
    if (runs[k + 1] >= x1 || runs[k + 2] <= x0) continue;
    left = Math.min(left, Math.max(runs[k + 1], x0));
    right = Math.max(right, Math.min(runs[k + 2], x1));
    top = Math.min(top, runs[k]);
    bottom = runs[k] + 1;
  }
  return left < right ? [left, top, right, bottom] : null;
}
