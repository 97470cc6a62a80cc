/** The sheet of shortcuts: every command with its key, which a click changes. */
import { t } from "../i18n.js";
import { isFixed, keyName } from "../keys.js";
import { closeByClick } from "./dialogs.js";
import { byId, el } from "./dom.js";

const POINTER_ROWS = ["positive", "negative", "remove", "zoom", "pan", "crosshair"];

/** @param {string} name @param {(Node|string)[]} keys */
const row = (name, keys) => el("div", { class: "help-row" }, [el("span", { text: name }), el("span", { class: "keys" }, keys.map((key) => (typeof key === "string" ? document.createTextNode(key) : key)))]);

/**
 * @param {Record<string, import("../actions.js").Action>} actions
 * @param {import("../keys.js").Keys} keys
 * @returns {() => void} shows it
 */
export function makeKeySheet(actions, keys) {
  const dialog = byId("help");
  const body = byId("help-body");
  const message = byId("help-message");
  /** The command whose key is being asked for, and the key that would have to be taken from another one. */
  let asking = "";
  let wanted = "";

  /** @param {string} id */
  function keyButton(id) {
    const name = t(`action.${id}`);
    const held = actions[id].keys;
    if (held.length > 0 && held.every(isFixed)) return held.map((key) => el("kbd", { text: key }));
    const shown = id === asking ? [el("span", { text: t("keys.press") })] : held.length > 0 ? held.flatMap((key) => [el("kbd", { text: key }), document.createTextNode(" ")]) : [el("span", { text: t("keys.none") })];
    return [el("button", {
      "class": "key-button", "data-key-of": id, "data-testid": `key-${id}`, "title": t("keys.change"), "aria-label": `${name}: ${held.join(" ") || t("keys.none")}. ${t("keys.change")}`,
      "onclick": () => ask(id === asking ? "" : id),
    }, shown)];
  }

  /** @param {string} name */
  function group(name) {
    const rows = Object.keys(actions).filter((id) => actions[id].group === name).map((id) => row(t(`action.${id}`), keyButton(id)));
    if (name === "mark") rows.push(row(t("help.digits"), [el("kbd", { text: "1" }), "–", el("kbd", { text: "9" })]));
    if (name === "pointer") rows.unshift(...POINTER_ROWS.map((how) => row(t(`help.${how}`), [t(`help.${how}.how`)])));
    return el("section", {}, [el("h3", { text: t(`group.${name}`) }), ...rows]);
  }

  function build() {
    const focused = /** @type {HTMLElement|null} */ (document.activeElement)?.dataset.keyOf;
    body.replaceChildren(...[...new Set(Object.values(actions).map((action) => action.group))].map(group));
    if (focused !== undefined) /** @type {HTMLElement|null} */ (body.querySelector(`[data-key-of="${focused}"]`))?.focus();
    byId("help-reset").disabled = !keys.isChanged;
  }

  /** @param {string} text */
  const say = (text) => { message.textContent = text; };

  /** @param {string} id "" ends the asking */
  function ask(id) {
    asking = id;
    wanted = "";
    say(t(id === "" ? "keys.hint" : "keys.press.hint"));
    build();
  }

  /** @param {string} key what was pressed while a key is asked for */
  function answer(key) {
    const holder = keys.holder(key);
    if (isFixed(key)) return say(t("keys.fixed", { key }));
    if (holder !== undefined && holder !== asking && wanted !== key) {
      wanted = key;
      return say(t("keys.taken", { key, name: t(`action.${holder}`) }));
    }
    const id = asking;
    keys.give(id, key);
    ask("");
    say(t("keys.given", { key, name: t(`action.${id}`) }));
  }

  dialog.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (asking === "" || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    const key = event.altKey || event.repeat ? "" : keyName(event);
    if (key === "Esc") ask("");
    else if (key !== "") answer(key);
  }, true);
  // the release of Space would press the button that is asking
  dialog.addEventListener("keyup", (/** @type {KeyboardEvent} */ event) => { if (asking !== "") event.preventDefault(); }, true);
  byId("help-reset").addEventListener("click", () => {
    keys.reset();
    ask("");
    say(t("keys.were_reset"));
  });
  closeByClick(dialog);
  dialog.addEventListener("close", () => { asking = ""; });
  return () => {
    ask("");
    dialog.showModal();
  };
}
