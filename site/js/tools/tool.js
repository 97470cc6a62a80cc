/**
 * What a tool can take from the hand. `pointing.js` asks the active one first; what it leaves is a click for Python.
 *
 * @typedef {{x: number, y: number}} Point
 * @typedef {{client: Point, button: "primary"|"secondary", touch: boolean, shift: boolean}} Grasp  the pointer went down
 *
 * @typedef {object} Drag  what moves with the pointer
 * @property {boolean} [immediate]  it begins where the pointer goes down; else a press that does not move stays a press
 * @property {(client: Point) => void} move
 * @property {(client: Point) => void} end
 * @property {() => void} cancel
 *
 * @typedef {object} Tool
 * @property {(grasp: Grasp) => Drag|null} hold
 * @property {(press: import("../types.js").Press, client: Point) => boolean} press  true: it was for the tool
 * @property {(client: Point) => string} hover  the cursor's name, "" for the usual one
 * @property {boolean} [onEdges]  what it drags are lines between pixels: the crosshair's are taken, not its pixel
 * @property {(erase?: boolean) => boolean} [finish]  Enter, with Shift: erase; true: it ended something
 * @property {() => boolean} [back]  Backspace; true: it took the last corner back
 * @property {() => boolean} cancel  Esc; true: it cancelled something
 */
export {};
