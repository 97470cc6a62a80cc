/** The sheet of shortcuts, and the question before work would be lost. */
import { t, tn } from "../i18n.js";
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
