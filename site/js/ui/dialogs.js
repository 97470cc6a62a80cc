/** The question before an image leaves with its work, and what dialogs have in common. */
import { t } from "../i18n.js";
import { byId } from "./dom.js";

/** Its buttons marked data-close, and a click beside it, close a dialog. @param {HTMLDialogElement} dialog */
export function closeByClick(dialog) {
  dialog.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target === dialog || target.closest("[data-close]") !== null) dialog.close();
  });
}

/** Ask before an image leaves the project with what was done on it. @returns {(image: import("../project.js").ProjectImage) => Promise<boolean>} */
export function makeRemoveQuestion() {
  const dialog = byId("remove");
  dialog.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const choice = /** @type {HTMLElement} */ (event.target).dataset.answer;
    if (choice !== undefined) dialog.close(choice);
  });

  return (image) => new Promise((resolve) => {
    byId("remove-text").textContent = t(`remove.text.${image.state}`, { name: image.name });
    dialog.returnValue = "cancel";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "remove"), { once: true });
    dialog.showModal();
  });
}

export const isModal = () => document.querySelector("dialog[open]") !== null;
