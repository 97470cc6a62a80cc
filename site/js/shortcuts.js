/** Keys to actions. Typing in a field is never a shortcut; a dialog keeps its own keys. */
import { isEnabled } from "./actions.js";
import { keyName } from "./keys.js";

/** @param {EventTarget|null} target */
const isField = (target) =>
  target instanceof HTMLElement && (target.matches("input:not([type=range]):not([type=checkbox]):not([type=color]), textarea, select") || target.isContentEditable);

/** Enter and Space on a control belong to that control. @param {EventTarget|null} target */
const isControl = (target) => target instanceof HTMLElement && target.matches("button, select, input, summary, [role=option]");

/**
 * @param {object} parts
 * @param {Record<string, import("./actions.js").Action>} parts.actions
 * @param {(key: KeyboardEvent) => boolean} parts.canvasKey  crosshair and Space; true: it was one
 * @param {(digit: string) => boolean} parts.digit  1-9; true: it meant something
 * @param {() => boolean} parts.isModal
 */
export function listenForKeys({ actions, canvasKey, digit, isModal }) {
  window.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || isModal() || event.isComposing || event.altKey) return;
    const name = keyName(event);
    if (/^(Shift\+)?(Tab|Arrow)/.test(name)) document.documentElement.dataset.keys = "";
    if (isField(event.target)) {
      if (name === "Esc") /** @type {HTMLElement} */ (event.target).blur(); // it leaves the field; the draft stays
      return;
    }
    if (isControl(event.target) && (event.key === "Enter" || event.key === " ")) return;
    if (canvasKey(event) || (/^[1-9]$/.test(name) && digit(name))) {
      event.preventDefault();
      return;
    }
    const action = Object.values(actions).find(({ keys }) => keys.includes(name)); // a person can change keys at any time
    if (action === undefined) return;
    event.preventDefault(); // even when it can do nothing now: Ctrl+S must not save the page
    if ((isEnabled(action) || action.isJudgedByPython) && !(event.repeat && action.once)) action.run();
  });
}

/**
 * A menu chosen with the pointer gives the keys back to the stage: otherwise the next shortcut, a letter, would choose in
 * the menu again. Who goes to a menu by keyboard stays in it.
 * @param {() => void} focusStage
 */
export function keysBackAfterMenus(focusStage) {
  let byPointer = false;
  window.addEventListener("pointerdown", ({ target }) => { byPointer = target instanceof HTMLSelectElement; }, true);
  window.addEventListener("keydown", () => { byPointer = false; }, true);
  window.addEventListener("change", ({ target }) => {
    if (byPointer && target instanceof HTMLSelectElement && target.closest("dialog") === null) focusStage();
  });
}
