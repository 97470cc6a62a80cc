/** The question before work would be lost, and what dialogs have in common. */
import { t, tn } from "../i18n.js";
import { byId } from "./dom.js";

/** Its buttons marked data-close, and a click beside it, close a dialog. @param {HTMLDialogElement} dialog */
export function closeByClick(dialog) {
  dialog.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target === dialog || target.closest("[data-close]") !== null) dialog.close();
  });
}

/**
 * Ask before an image with unexported work is replaced.
 * @param {import("../store.js").Store} store
 * @param {() => Promise<void>} exportFirst
 * @returns {() => Promise<boolean>} whether the new image may be opened
 */
export function makeReplaceQuestion(store, exportFirst) {
  const dialog = byId("replace");

  /** @returns {Promise<string>} */
  function answer() {
    return new Promise((resolve) => {
      dialog.returnValue = "cancel";
      dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
      dialog.showModal();
    });
  }

  dialog.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const choice = /** @type {HTMLElement} */ (event.target).dataset.answer;
    if (choice !== undefined) dialog.close(choice);
  });

  return async () => {
    const { annotations, draft } = store.mirror;
    const atStake = store.unexported ? annotations.length : 0;
    if (atStake === 0 && draft === null) return true;
    const parts = [];
    if (atStake > 0) parts.push(tn("replace.annotations", atStake));
    if (draft !== null) parts.push(t("replace.draft"));
    byId("replace-text").textContent = t("replace.text", { what: parts.join(t("replace.and")) });
    /** @type {HTMLElement} */ (dialog.querySelector('[data-answer="export"]')).hidden = atStake === 0;
    const choice = await answer();
    if (choice === "export") await exportFirst();
    return choice !== "cancel";
  };
}

export const isModal = () => document.querySelector("dialog[open]") !== null;
