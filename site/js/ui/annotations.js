/**
 * The list of finished annotations, the draft first. A row selects, with Ctrl one more, with Shift all up to it; digits then
 * change their class, Del removes them.
 */
import { number, t } from "../i18n.js";
import { choosePicked, pickRange, togglePicked } from "../picking.js";
import { byId, el, iconButton, swatch, syncRows } from "./dom.js";

/** @typedef {import("../types.js").Annotation} Annotation */

/**
 * @param {import("../store.js").Store} store
 * @param {import("../methods.js").Ask} ask
 */
export function makeAnnotations(store, ask) {
  const list = byId("annotation-list");
  const labelOf = (/** @type {any} */ id) => store.mirror.labels.find((label) => label.id === id);
  const isSelected = (/** @type {Annotation} */ item) => store.picked.includes(item.id);

  /** @param {Annotation} item @param {MouseEvent|KeyboardEvent} event */
  function choose(item, event) {
    if (event.ctrlKey || event.metaKey) togglePicked(store, item.id);
    else if (event.shiftKey) pickRange(store, item.id);
    else choosePicked(store, item.id);
  }

  /** @param {Annotation} item */
  function row(item) {
    const label = labelOf(item.label_id);
    const name = label?.name ?? "";
    const element = el("li", {
      class: ["row", item.visible ? "" : "off", item.visible && !item.locked ? "" : "marked"].filter(Boolean).join(" "), tabindex: 0, "aria-current": isSelected(item) ? "true" : null, "data-testid": `annotation-${item.id}`,
      "aria-label": t("annotations.row", { name, area: item.area }),
    }, [
      swatch(label?.color ?? "#888888"),
      el("span", { class: "name", text: name, title: name }),
      el("span", { class: "info", text: `${number(item.area)} px` }),
      iconButton(item.visible ? "eye" : "eye-off", t(item.visible ? "annotations.hide" : "annotations.show"), {
        class: item.visible ? "on-hover" : null, "data-part": "show",
        onclick: (/** @type {Event} */ event) => { event.stopPropagation(); void ask("annotations.show", { ids: [item.id], visible: !item.visible }); },
      }),
      iconButton(item.locked ? "lock" : "lock-open", t(item.locked ? "annotations.unlock" : "annotations.lock"), {
        class: item.locked ? null : "on-hover", "data-part": "lock", "data-testid": `annotation-lock-${item.id}`,
        onclick: (/** @type {Event} */ event) => { event.stopPropagation(); void ask("annotations.lock", { ids: [item.id], locked: !item.locked }); },
      }),
      iconButton("square-pen", t("annotations.reopen"), {
        class: "on-hover", "data-part": "reopen", "data-testid": `annotation-reopen-${item.id}`,
        onclick: (/** @type {Event} */ event) => { event.stopPropagation(); void ask("annotation.reopen", { id: item.id }); },
      }),
      iconButton("trash-2", t("annotations.delete"), {
        class: "on-hover", "data-part": "delete", "data-testid": `annotation-delete-${item.id}`,
        onclick: (/** @type {Event} */ event) => { event.stopPropagation(); void ask("annotation.delete", { id: item.id }); },
      }),
    ]);
    element.addEventListener("click", (event) => choose(item, event));
    element.addEventListener("keydown", (event) => {
      if (event.target !== element || (event.key !== "Enter" && event.key !== " ")) return;
      event.preventDefault();
      choose(item, event);
    });
    element.addEventListener("pointerenter", () => store.setView({ hovered: item.id }));
    element.addEventListener("pointerleave", () => store.setView({ hovered: null }));
    return element;
  }

  /** @param {{area: number}} draft */
  function draftRow(draft) {
    return el("li", { class: "row draft", "data-testid": "annotation-draft" }, [
      swatch(store.colorOf(null)),
      el("span", { class: "name", text: t("annotations.draft") }),
      el("span", { class: "info", text: `${number(draft.area)} px` }),
    ]);
  }

  function show() {
    const { annotations, draft } = store.mirror;
    /** @type {any[]} */
    const items = [...(draft === null ? [] : [draft]), ...annotations.slice().reverse()];
    const isDraft = (/** @type {any} */ item) => item === draft;
    syncRows(
      list,
      items,
      (item) => (isDraft(item) ? "draft" : String(item.id)),
      (item) => (isDraft(item) ? `${item.area} ${store.colorOf(null)}` : JSON.stringify([item, isSelected(item), labelOf(item.label_id)?.name, labelOf(item.label_id)?.color])),
      (item) => (isDraft(item) ? draftRow(item) : row(item)),
    );
    const { picked } = store;
    const bar = byId("picked-bar");
    bar.hidden = picked.length === 0;
    bar.querySelector("[data-action='annotation.several']")?.setAttribute("aria-pressed", String(store.view.several));
    byId("picked-count").textContent = t("annotations.picked", { n: picked.length });
    byId("annotation-count").textContent = annotations.length === 0 ? "" : String(annotations.length);
    byId("annotations-empty").hidden = items.length > 0;
  }

  store.on("mirror", show);
  store.on("view", show);
}
