/**
 * Every command of the page, once: buttons, menus, keys and the sheet of shortcuts all read this table.
 *
 * @typedef {object} Action
 * @property {string} group  heading on the sheet: group.<name>
 * @property {string[]} keys  as shortcuts.js writes them: "Ctrl+Z", "P", "Shift+0"
 * @property {() => boolean} [enabled]
 * @property {() => void} run
 */
import { t } from "./i18n.js";

const BOX_STEP = 16;
const BOX_MIN = 16;
const BOX_MAX = 8192;
const ZOOM_STEP = 1.5;

/**
 * @param {object} parts
 * @param {import("./store.js").Store} parts.store
 * @param {import("./viewport.js").Viewport} parts.viewport
 * @param {(method: string, params?: Record<string, any>) => Promise<any>} parts.ask  failures are already told
 * @param {() => void} parts.chooseFile
 * @param {() => void} parts.requestConfirm
 * @param {() => void} parts.closePalette
 * @param {() => void} parts.showHelp
 * @param {() => void} parts.copyDiagnostics
 * @param {(method: string) => Promise<void>} parts.exportAs
 * @returns {Record<string, Action>}
 */
export function makeActions(parts) {
  const { store, viewport, ask } = parts;
  const hasImage = () => store.picture !== null;
  const hasDraft = () => store.mirror.draft !== null;
  const isBox = () => store.mirror.mode.kind === "fixed_box";

  /** @param {Partial<import("./types.js").Mode>} change Python forgets a box's size in point mode; the page remembers it. */
  function setMode(change) {
    Object.assign(store.wanted, change);
    const { kind, size, follow } = store.wanted;
    void ask("mode.set", kind === "point" ? { kind } : { kind, size, follow });
  }

  /** @param {number} size */
  const setBoxSize = (size) => setMode({ size: Math.max(BOX_MIN, Math.min(BOX_MAX, Math.round(size))) });

  function cancel() {
    if (store.paletteOpen) parts.closePalette();
    else if (hasDraft()) void ask("draft.cancel");
    else if (store.view.selected !== null) store.setView({ selected: null });
  }

  /** @param {() => void} move */
  const zoomAction = (move) => ({ group: "view", enabled: hasImage, run: move });

  /** @type {Record<string, Action>} */
  const actions = {
    "mode.point": { group: "mark", keys: ["P"], run: () => setMode({ kind: "point" }) },
    "mode.fixed_box": { group: "mark", keys: ["F"], run: () => setMode({ kind: "fixed_box" }) },
    "follow": { group: "mark", keys: ["T"], enabled: isBox, run: () => setMode({ follow: !store.wanted.follow }) },
    "box.larger": { group: "mark", keys: ["]"], enabled: isBox, run: () => setBoxSize(store.wanted.size + BOX_STEP) },
    "box.smaller": { group: "mark", keys: ["["], enabled: isBox, run: () => setBoxSize(store.wanted.size - BOX_STEP) },
    "confirm": { group: "mark", keys: ["Enter"], enabled: hasImage, run: parts.requestConfirm },
    "cancel": { group: "mark", keys: ["Esc"], run: cancel },
    "undo": { group: "edit", keys: ["Ctrl+Z"], enabled: () => store.mirror.history.undo !== null, run: () => void ask("history.undo") },
    "redo": { group: "edit", keys: ["Ctrl+Shift+Z", "Ctrl+Y"], enabled: () => store.mirror.history.redo !== null, run: () => void ask("history.redo") },
    "annotation.delete": {
      group: "edit",
      keys: ["Del"],
      enabled: () => store.view.selected !== null,
      run: () => void ask("annotation.delete", { id: store.view.selected }),
    },
    "open": { group: "file", keys: ["Ctrl+O"], run: parts.chooseFile },
    "export.coco": { group: "file", keys: ["Ctrl+S"], enabled: hasImage, run: () => void parts.exportAs("export.coco") },
    "export.png": { group: "file", keys: ["Ctrl+Shift+S"], enabled: hasImage, run: () => void parts.exportAs("export.mask_png") },
    "zoom.in": { ...zoomAction(() => viewport.zoomBy(ZOOM_STEP)), keys: ["+"] },
    "zoom.out": { ...zoomAction(() => viewport.zoomBy(1 / ZOOM_STEP)), keys: ["-"] },
    "zoom.fit": { ...zoomAction(() => viewport.fit()), keys: ["0"] },
    "zoom.actual": { ...zoomAction(() => viewport.actual()), keys: ["Shift+0"] },
    "help": { group: "file", keys: ["?"], run: parts.showHelp },
    "diagnostics": { group: "file", keys: [], run: parts.copyDiagnostics },
  };
  return actions;
}

/** @param {Action} action */
export const isEnabled = (action) => action.enabled === undefined || action.enabled();

/** Wire every [data-action] element; the title carries name and key. @param {Record<string, Action>} actions @param {import("./store.js").Store} store */
export function bindButtons(actions, store) {
  const buttons = /** @type {HTMLButtonElement[]} */ ([...document.querySelectorAll("[data-action]")]);
  for (const button of buttons) {
    const id = button.dataset.action ?? "";
    const action = actions[id];
    const key = action.keys.length > 0 ? ` (${action.keys[0]})` : "";
    button.title = t(`action.${id}`) + key;
    if (button.textContent?.trim() === "" || button.classList.contains("icon-only")) button.setAttribute("aria-label", t(`action.${id}`));
    button.addEventListener("click", () => { if (isEnabled(action)) action.run(); });
  }
  const update = () => {
    for (const button of buttons) button.disabled = !isEnabled(actions[button.dataset.action ?? ""]);
    nameSteps(buttons, store);
  };
  store.on(["mirror", "picture"], update);
  update();
}

/** Undo and redo say what they will do. @param {HTMLButtonElement[]} buttons @param {import("./store.js").Store} store */
function nameSteps(buttons, store) {
  for (const side of /** @type {("undo"|"redo")[]} */ (["undo", "redo"])) {
    const button = buttons.find((candidate) => candidate.dataset.action === side);
    const code = store.mirror.history[side];
    const key = side === "undo" ? "Ctrl+Z" : "Ctrl+Shift+Z";
    if (button !== undefined) button.title = `${t(`action.${side}`)}${code === null ? "" : `: ${t(`history.${code}`)}`} (${key})`;
  }
}
