/** The list of classes: colour, name, count, key; rename, recolour, remove, add. */
import { t } from "../i18n.js";
import { byId, el, iconButton, syncRows } from "./dom.js";

/** @typedef {import("../types.js").Label} Label */

/**
 * @param {import("../store.js").Store} store
 * @param {import("../methods.js").Ask} ask
 * @param {() => Promise<string[]|null>} giveOthers  so that Python knows what the other images use -> all ids; null: they cannot be read, and that was said
 */
export function makeClasses(store, ask, giveOthers) {
  const list = byId("class-list");

  /** @param {Label} label */
  function row(label) {
    const colour = el("input", {
      type: "color", class: "swatch", value: label.color, title: t("classes.recolor"), "aria-label": `${t("classes.recolor")}: ${label.name}`, "data-part": "color",
      onchange: (/** @type {any} */ event) => void ask("label.update", { id: label.id, color: event.target.value }),
    });
    const item = el("li", { class: "row", "aria-current": store.mirror.last_label_id === label.id ? "true" : null }, [
      colour,
      el("span", { class: "name", text: label.name, title: label.name }),
      el("span", { class: "info", text: label.count > 0 ? String(label.count) : "" }),
      iconButton("pencil", t("classes.rename", { name: label.name }), { class: "on-hover", "data-part": "rename", onclick: () => rename(item, label) }),
      label.count === 0
        ? iconButton("x", t("classes.remove", { name: label.name }), { class: "on-hover", "data-part": "remove", onclick: () => void remove(label) })
        : null,
      label.key ? el("kbd", { text: label.key }) : null,
    ]);
    item.addEventListener("dblclick", (event) => {
      if (event.target !== colour) rename(item, label);
    });
    return item;
  }

  /** @param {Label} label A class that another image uses stays: it would be gone here and there again after a switch. */
  async function remove({ id }) {
    const images = await giveOthers();
    if (images !== null) await ask("label.remove", { id, images });
  }

  /** @param {HTMLElement} item @param {Label} label */
  function rename(item, label) {
    const name = /** @type {HTMLElement} */ (item.querySelector(".name"));
    if (name === null) return;
    const field = el("input", { type: "text", value: label.name, maxlength: 80, "aria-label": t("classes.rename", { name: label.name }), "data-part": "field" });
    let done = false;
    /** @param {boolean} keep */
    const finish = (keep) => {
      if (done) return;
      done = true;
      const value = field.value.trim();
      field.replaceWith(name);
      if (keep && value !== "" && value !== label.name) void ask("label.update", { id: label.id, name: value });
    };
    field.addEventListener("keydown", (event) => {
      if (!event.isComposing && (event.key === "Enter" || event.key === "Escape")) finish(event.key === "Enter");
      event.stopPropagation();
    });
    field.addEventListener("blur", () => finish(true));
    name.replaceWith(field);
    field.select();
  }

  function show() {
    const { labels, last_label_id: last } = store.mirror;
    syncRows(list, labels, ({ id }) => String(id), (label) => JSON.stringify([label, label.id === last]), row);
  }

  const add = byId("class-add-input");
  byId("class-add").addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    const name = add.value.trim();
    if (name === "") return;
    add.value = "";
    await ask("label.add", { name });
  });
  store.on("mirror", show);
}
