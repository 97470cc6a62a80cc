/** The question before an image leaves with its work, and what dialogs have in common. */
import { t, tn } from "../i18n.js";
import { byId } from "./dom.js";

/** Its buttons marked data-close close a dialog. @param {HTMLDialogElement} dialog */
export function closeByButton(dialog) {
  dialog.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    if (/** @type {HTMLElement} */ (event.target).closest("[data-close]") !== null) dialog.close();
  });
}

/** Its buttons marked data-close, and a click beside it, close a dialog. @param {HTMLDialogElement} dialog */
export function closeByClick(dialog) {
  closeByButton(dialog);
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close();
  });
}

/** Ask before an image leaves the project with what was done on it. @param {(image: string) => boolean} hasAside  whether steps of it could not be read @returns {(image: import("../project.js").ProjectImage) => Promise<boolean>} */
export function makeRemoveQuestion(hasAside) {
  const ask = asking(byId("remove"));
  return async (image) => {
    byId("remove-text").textContent = withAside(t(`remove.text.${image.state}`, { name: image.name }), hasAside(image.id));
    return (await ask()) === "remove";
  };
}

/** Says too that what was put aside would leave, because no project file has it. @param {string} text @param {boolean} isAside */
const withAside = (text, isAside) => (isAside ? t("aside.leaves", { text }) : text);

/** A dialog whose buttons marked data-answer close it. @param {any} dialog @returns {() => Promise<string>} shows it; "cancel" if it is left */
export function asking(dialog) {
  dialog.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const choice = /** @type {HTMLElement} */ (event.target).dataset.answer;
    if (choice !== undefined) dialog.close(choice);
  });
  return () => new Promise((resolve) => {
    dialog.returnValue = "cancel";
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
    dialog.showModal();
  });
}

/** What is asked before a project is saved, and before another takes its place. */
export function makeProjectQuestions() {
  const askSave = asking(byId("project-save"));
  const askReplace = asking(byId("project-replace"));
  const box = byId("project-files");
  return {
    /** @param {number} count of images @returns {Promise<boolean|null>} whether with the files; null: not at all */
    async withFiles(count) {
      byId("project-save-text").textContent = tn("project.save_text", count);
      return (await askSave()) === "save" ? box.checked : null;
    },
    /** @param {number} count of images that would leave @param {boolean} isAside  steps that could not be read leave too @returns {Promise<boolean>} */
    async mayReplace(count, isAside) {
      byId("project-replace-text").textContent = withAside(tn("project.replace_text", count), isAside);
      return (await askReplace()) === "open";
    },
  };
}

const SLOW_MS = 300;

/**
 * Show a dialog when its content is there; where that takes long, before, with a bar that moves.
 * @param {HTMLDialogElement} dialog @param {HTMLProgressElement} bar @param {() => Promise<void>} fill
 */
export async function showFilled(dialog, bar, fill) {
  let isEarly = false;
  const timer = window.setTimeout(() => {
    if (document.querySelector("dialog[open]") !== null) return;
    isEarly = true;
    bar.hidden = false;
    bar.removeAttribute("value");
    dialog.showModal();
  }, SLOW_MS);
  try {
    await fill();
  } catch (error) {
    if (isEarly) dialog.close();
    throw error;
  } finally {
    window.clearTimeout(timer);
    bar.hidden = true;
  }
  if (!isEarly && !dialog.open) dialog.showModal(); // one that was left meanwhile stays away
}

export const isModal = () => document.querySelector("dialog[open]") !== null;
