/**
 * The shapes that cross the border from Python to the page, and the page's own view state. Types only, no code.
 *
 * @typedef {{id: string, name: string, width: number, height: number}} ImageRecord
 * @typedef {{kind: "point"|"fixed_box"|"custom_box"|"polygon", size: number, follow: boolean}} Mode
 * @typedef {{id: string, name: string, state: "none"|"loading"|"ready"|"error", code?: string}} ModelState
 * @typedef {{id: number|string, name: string, color: string, key: string|null, count: number}} Label
 * @typedef {{id: number|string, label_id: number|string, area: number, box: number[], visible: boolean, locked: boolean, parts: number}} Annotation
 * @typedef {{x: number, y: number, is_positive: boolean}} Click  a pixel of the image
 * @typedef {{clicks: Click[], regions: number[][], polygon: number[][], is_edited: boolean, editing: number, area: number, parts: number, specks: number[][]}} Draft
 * @typedef {{total_ms: number, pre_ms: number, network_ms: number, post_ms: number, runs: number}} Timing
 *
 * @typedef {object} Mirror  what Python last said of its document; read-only here
 * @property {number} revision
 * @property {ImageRecord|null} image
 * @property {Mode} mode
 * @property {ModelState} model
 * @property {Label[]} labels
 * @property {number|string|null} last_label_id
 * @property {Annotation[]} annotations
 * @property {Draft|null} draft
 * @property {{undo: string|null, redo: string|null}} history
 * @property {boolean} busy
 * @property {Timing|null} timing
 * @property {"none"|"draft"|"done"} progress  of the open image
 *
 * @typedef {object} Mask  one mask as Python sent it: runs of pixels (`runs.js`), outline segments in image coordinates
 * @property {string} key  "draft" or "annotation:<id>"
 * @property {number|string|null} id
 * @property {number|string|null} labelId
 * @property {number[]} box  [x0, y0, x1, y1], half-open, round all of it
 * @property {Int32Array} runs  (n * 3): y, x0, x1 (half-open), in reading order
 * @property {Int32Array} edges  (n * 4): x0, y0, x1, y1 on pixel edges
 *
 * @typedef {Pick<Mask, "box"|"runs"|"edges">} Preview  what a click would give
 *
 * @typedef {object} Picture  the image as the page shows it
 * @property {string} id
 * @property {string} name
 * @property {number} width
 * @property {number} height
 * @property {ImageBitmap} bitmap
 * @property {string|null} sample  id of the sample, null for a person's own file
 * @property {number[]} levels  the file's values that became 0 and 255
 * @property {number} page  of the file, from 0
 * @property {number} channels  that Python gets: 4, or 1 of a grey image that it decoded
 *
 * @typedef {object} PendingPress  a click that Python has not answered yet
 * @property {number} x
 * @property {number} y  image coordinates
 * @property {boolean} isPositive
 * @property {number} since  performance.now() of the pointer event
 *
 * @typedef {{kind: "box", box: number[]} | {kind: "carry", start: {x: number, y: number}, origin: number[], box: number[]}
 *   | {kind: "polygon", corners: number[][], isClosed?: boolean, isArea?: boolean, carried?: number}
 *   | {kind: "stroke", path: number[], erase: boolean, diameter: number}
 *   | {kind: "point", index: number, at: {x: number, y: number}}
 *   | {kind: "scratch", at: {x: number, y: number}, path: number[]}} Gesture  image coordinates
 *
 * @typedef {object} Press  an intent of a gesture, image coordinates
 * @property {number} x
 * @property {number} y
 * @property {"primary"|"secondary"} button
 * @property {number} time  performance.now() of the pointer event
 * @property {boolean} [touch]  by a finger, for which the switch tells what sign a point has
 */
export {};
