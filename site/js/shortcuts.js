/** Keys to actions. Typing in a field is never a shortcut; a dialog keeps its own keys. */
import { isEnabled } from "./actions.js";

/** @param {KeyboardEvent} event @returns {string} "Ctrl+Shift+Z", "P", "Shift+0", "?" */
export function keyName(event) {
  const ctrl = event.ctrlKey || event.metaKey ? "Ctrl+" : "";
  if (/^Digit[0-9]$/.test(event.code)) return `${ctrl}${event.shiftKey ? "Shift+" : ""}${event.code.slice(5)}`;
  const names = /** @type {Record<string, string>} */ ({ Escape: "Esc", Delete: "Del", Backspace: "Del", "=": "+", _: "-" });
  const key = names[event.key] ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  const namesShift = /^([A-Z]|Enter| )$/.test(key); // other keys have their Shift in what they write
  return `${ctrl}${event.shiftKey && namesShift ? "Shift+" : ""}${key}`;
}

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
  /** @type {Map<string, import("./actions.js").Action>} */
  const byKey = new Map();
  for (const action of Object.values(actions)) for (const key of action.keys) byKey.set(key, action);

  window.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || isModal() || event.isComposing || event.altKey) return;
    const name = keyName(event);
    if (name === "Tab" || name.startsWith("Arrow")) document.documentElement.dataset.keys = "";
    if (isField(event.target) && name !== "Esc") return;
    if (isControl(event.target) && (event.key === "Enter" || event.key === " ")) return;
    if (canvasKey(event) || (/^[1-9]$/.test(name) && digit(name))) {
      event.preventDefault();
      return;
    }
    const action = byKey.get(name);
    if (action === undefined) return;
    event.preventDefault(); // even when it can do nothing now: Ctrl+S must not save the page
    if (isEnabled(action)) action.run();
  });
}
