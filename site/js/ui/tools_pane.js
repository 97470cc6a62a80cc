/** The left pane: which mode or tool is in hand, the box's options, one sentence on what a click does now. */
import { t } from "../i18n.js";
import { byId, onNumber } from "./dom.js";

/**
 * @param {import("../store.js").Store} store
 * @param {import("../methods.js").Ask} ask
 */
export function makeToolsPane(store, ask) {
  const size = byId("box-size");
  const tools = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('.tool[data-action^="mode."], .tool[data-action^="tool."]')]);

  function show() {
    const { mode } = store.mirror;
    const { tool: hand } = store.view;
    for (const tool of tools) tool.setAttribute("aria-pressed", String(tool.dataset.action === (hand === "mark" ? `mode.${mode.kind}` : `tool.${hand}`)));
    byId("box-options").hidden = mode.kind !== "fixed_box" && mode.kind !== "custom_box";
    byId("box-size-row").hidden = mode.kind !== "fixed_box";
    byId("follow-toggle").setAttribute("aria-checked", String(mode.follow));
    if (document.activeElement !== size) size.value = String(store.wanted.size);
    byId("box-explain").textContent = t(mode.follow ? "box.explain.follow" : `box.explain.${mode.kind === "custom_box" ? "change" : "move"}`);
    byId("tool-explain").textContent = hand === "mark" ? "" : t(`explain.${hand}`);
    byId("mode-explain").textContent = t(`explain.${mode.kind}`);
  }

  onNumber(size, 256, (value) => {
    store.wanted.size = value;
    void ask("mode.set", { kind: "fixed_box", size: value, follow: store.wanted.follow });
  });
  store.on(["mirror", "view"], show);
  show();
}

/** Narrow screens: the panes are drawers. */
export function makeDrawers() {
  const app = byId("app");
  /** @param {string} name @param {string} buttonId */
  const drawer = (name, buttonId) => {
    const button = byId(buttonId);
    button.addEventListener("click", () => set(app.dataset.open === name ? "" : name));
  };
  /** @param {string} name "" closes */
  function set(name) {
    app.dataset.open = name;
    byId("fold-tools").setAttribute("aria-expanded", String(name === "tools"));
    byId("fold-side").setAttribute("aria-expanded", String(name === "side"));
  }
  drawer("tools", "fold-tools");
  drawer("side", "fold-side");
  /** The buttons that open a drawer are there only where the panes are drawers. */
  const isOpen = () => app.dataset.open !== undefined && app.dataset.open !== "" && byId("fold-tools").offsetParent !== null;
  byId("stage").addEventListener("pointerdown", (/** @type {Event} */ event) => {
    if (isOpen()) event.stopPropagation(); // the tap that closes it marks nothing
    set("");
  }, true);
  window.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !isOpen() || event.defaultPrevented) return;
    set("");
    event.preventDefault();
    event.stopPropagation();
  }, true);
  for (const tool of document.querySelectorAll("#tools .tool[data-action]")) tool.addEventListener("click", () => set(""));
}
