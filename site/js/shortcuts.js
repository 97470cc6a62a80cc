/** Keys to actions. Typing in a field is never a shortcut; a dialog keeps its own keys. */
import { isEnabled } from "./actions.js";
import { keyName } from "./keys.js";

/** @param {EventTarget|null} target */
const isField = (target) =>
  target instanceof HTMLElement && (target.matches("input:not([type=range]):not([type=checkbox]):not([type=color]), textarea, select") || target.isContentEditable);

/** Enter and Space on a control belong to that control. @param {EventTarget|null} target */
const isControl = (target) => target instanceof HTMLElement && target.matches("button, select, input, [role=option]");

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
    if (isField(event.target) && name !== "Esc") return;
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
