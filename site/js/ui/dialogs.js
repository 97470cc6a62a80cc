/** The sheet of shortcuts, and the question before work would be lost. */
import { t } from "../i18n.js";
import { byId, el } from "./dom.js";

const POINTER_ROWS = ["positive", "negative", "remove", "zoom", "pan", "crosshair"];

/** Its buttons marked data-close, and a click beside it, close a dialog. @param {HTMLDialogElement} dialog */
export function closeByClick(dialog) {
  dialog.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target === dialog || target.closest("[data-close]") !== null) dialog.close();
  });
}

/** @param {Record<string, import("../actions.js").Action>} actions */
export function makeHelp(actions) {
  const dialog = byId("help");
  const body = byId("help-body");

  /** @param {string} title @param {HTMLElement[]} rows */
  const group = (title, rows) => el("section", {}, [el("h3", { text: title }), ...rows]);
  /** @param {string} name @param {Node[]} keys */
  const row = (name, keys) => el("div", { class: "help-row" }, [el("span", { text: name }), el("span", { class: "keys" }, keys)]);

  function build() {
    const groups = [...new Set(Object.values(actions).map((action) => action.group))];
    body.replaceChildren(
      group(t("group.pointer"), POINTER_ROWS.map((name) => row(t(`help.${name}`), [document.createTextNode(t(`help.${name}.how`))]))),
      ...groups.map((name) => {
        const entries = Object.entries(actions).filter(([, action]) => action.group === name && action.keys.length > 0);
        const rows = entries.map(([id, action]) => row(t(`action.${id}`), action.keys.map((key) => el("kbd", { text: key }))));
        if (name === "mark") rows.push(row(t("help.digits"), [el("kbd", { text: "1" }), document.createTextNode("–"), el("kbd", { text: "9" })]));
        return group(t(`group.${name}`), rows);
      }),
    );
  }

  closeByClick(dialog);
  return () => {
    build();
    dialog.showModal();
  };
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
