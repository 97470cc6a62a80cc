/**
 * Every command of the page, once: buttons, menus, keys and the sheet of shortcuts all read this table.
 *
 * @typedef {object} Action
 * @property {string} group  heading on the sheet: group.<name>
 * @property {string[]} keys  of the moment, as keys.js writes them: "Ctrl+Z", "P", "Shift+0"; a person can change them
 * @property {() => boolean} [enabled]
 * @property {boolean} [isJudgedByPython]  its key always goes to Python: the page's mirror may be a step behind a quick hand
 * @property {boolean} [once]  a key that is held down does it once
 * @property {() => void} run
 */
import { isPacked } from "./assets.js";
import { t } from "./i18n.js";
import { modeParams } from "./store.js";

const BOX_STEP = 16;
const BOX_MIN = 16;
const BOX_MAX = 8192;
const BRUSH_MAX = 500;
const REFINEMENTS = ["fill_holes", "keep_largest", "grow", "shrink", "smooth"];
const ZOOM_STEP = 1.5;

/**
 * @param {object} parts
 * @param {import("./store.js").Store} parts.store
 * @param {import("./viewport.js").Viewport} parts.viewport
 * @param {import("./methods.js").Ask} parts.ask  failures are already told
 * @param {() => void} parts.chooseFile
 * @param {() => void} parts.chooseFolder
 * @param {import("./project.js").Project} parts.project
 * @param {import("./open_image.js").Opener} parts.opener
 * @param {import("./persist.js").Persist} parts.persist
 * @param {(asOne: boolean) => void} parts.requestConfirm
 * @param {() => boolean} parts.cancelGesture
 * @param {(erase: boolean) => boolean} parts.finishGesture
 * @param {() => boolean} parts.backCorner
 * @param {() => void} parts.togglePreview
 * @param {() => void} parts.hidePreview
 * @param {() => void} parts.closePalette
 * @param {() => void} parts.pressNegative  at the crosshair
 * @param {() => void} parts.toggleHold  at the crosshair
 * @param {() => void} parts.showHelp
 * @param {() => void} parts.showGuide
 * @param {() => void} parts.copyDiagnostics
 * @param {() => Promise<void>} parts.showExport
 * @param {() => void} parts.chooseImport
 * @param {() => Promise<void>} parts.saveProject
 * @param {() => void} parts.savePage
 * @param {() => Promise<void>} parts.showQuality
 * @param {() => void} parts.toggleHistory
 * @param {() => void} parts.changeLanguage
 * @param {(text: string) => void} parts.say
 * @returns {Record<string, Action>}
 */
export function makeActions(parts) {
  const { store, viewport, ask } = parts;
  const { project, opener } = parts;
  const hasImage = () => store.picture !== null;
  const hasDraft = () => store.mirror.draft !== null;
  const isBox = () => store.mirror.mode.kind === "fixed_box" && store.view.tool === "mark"; // the ghost is seen only then
  const isPainting = () => store.view.tool === "brush" || store.view.tool === "eraser";
  const hasCrosshair = () => store.crosshair !== null && !store.paletteOpen;
  const isDrawing = () => store.gesture !== null;
  const hasMask = () => (store.mirror.draft?.area ?? 0) > 0;

  /** @param {Partial<import("./types.js").Mode>} change Python forgets a box's size in point mode; the page remembers it. */
  function setMode(change) {
    Object.assign(store.wanted, change);
    setTool("mark");
    void ask("mode.set", modeParams(store.wanted));
  }

  /** @param {import("./store.js").Store["view"]["tool"]} tool */
  function setTool(tool) {
    parts.cancelGesture();
    if (store.view.tool !== tool) store.setView({ tool });
  }

  /** What the next visit begins with too. @param {Partial<import("./store.js").Store["view"]>} part */
  function keep(part) {
    store.setView(part);
    parts.persist.saveSettings(part);
  }

  /** @param {1|-1} step About a tenth, at least a pixel. */
  function resize(step) {
    if (!isPainting()) return setBoxSize(store.wanted.size + step * BOX_STEP);
    const now = store.view.brushSize;
    const brushSize = Math.max(1, Math.min(BRUSH_MAX, Math.round(now + step * Math.max(1, now * 0.12))));
    keep({ brushSize });
  }

  /** @param {"brush"|"eraser"|"fill"|"area"|"scratch"|"wand"|"select"} tool The same key puts it away. @param {string} key @returns {Action} */
  const toolAction = (tool, key) => ({ group: "edit", keys: [key], enabled: hasImage, run: () => setTool(store.view.tool === tool ? "mark" : tool) });

  /** @param {"annotation.reopen"|"annotation.split"} method what Python is asked to do with the selected annotation @param {string} key @returns {Action} */
  const selectedAction = (method, key) => ({
    group: "edit",
    keys: [key],
    enabled: () => store.view.selected !== null,
    run: () => void ask(method, { id: store.view.selected }),
  });

  const hasPicked = () => store.picked.length > 0;
  /** Those in hand: locked ones are unlocked only when all are. */
  function toggleLock() {
    const { picked } = store;
    const isLocked = store.mirror.annotations.filter(({ id }) => picked.includes(id)).every(({ locked }) => locked);
    void ask("annotations.lock", { ids: picked, locked: !isLocked });
  }

  /** Those in hand: hidden ones are shown only when all are. */
  function toggleShown() {
    const { picked } = store;
    const isShown = store.mirror.annotations.some(({ id, visible }) => visible && picked.includes(id));
    void ask("annotations.show", { ids: picked, visible: !isShown });
  }

  /** @param {"undo"|"redo"} side Says which step it was: the picture alone does not always tell. */
  async function walk(side) {
    const answer = await ask(side === "undo" ? "history.undo" : "history.redo");
    if (answer?.code) parts.say(t(`${side}.done`, { step: t(`history.${answer.code}`) }));
  }

  async function copyPrevious() {
    const before = project.beside(project.current, -1);
    if (before !== null) await ask("annotations.copy", { id: before.id, name: before.name, entries: await parts.persist.journalOf(before.id) });
  }

  /** Not `setMode`, which takes up marking: another size changes neither the tool nor what is being drawn. @param {number} size */
  function setBoxSize(size) {
    store.wanted.size = Math.max(BOX_MIN, Math.min(BOX_MAX, Math.round(size)));
    void ask("mode.set", modeParams(store.wanted));
  }

  function cancel() {
    parts.hidePreview();
    if (store.paletteOpen) parts.closePalette();
    else if (parts.cancelGesture()) return;
    else if (hasDraft()) void ask("draft.cancel");
    else if (store.view.selected !== null) store.setView({ selected: null });
  }

  /** @param {() => void} move */
  const zoomAction = (move) => ({ group: "view", enabled: hasImage, run: move });

  /** @type {Record<string, Action>} */
  const actions = {
    "point.negative": { group: "pointer", keys: ["X"], enabled: hasCrosshair, run: parts.pressNegative },
    "point.box": { group: "pointer", keys: ["Shift+Space"], once: true, enabled: hasCrosshair, run: parts.toggleHold },
    "gesture.done": { group: "pointer", keys: [], enabled: isDrawing, run: () => { if (!parts.finishGesture(false)) parts.cancelGesture(); } },
    "gesture.erase": { group: "pointer", keys: [], enabled: isDrawing, run: () => parts.finishGesture(true) },
    "gesture.back": { group: "pointer", keys: ["Backspace"], enabled: () => isDrawing() || store.view.selected !== null, run: () => { if (!parts.backCorner() && actions["annotation.delete"].enabled?.()) actions["annotation.delete"].run(); } },
    "mode.point": { group: "mark", keys: ["P"], run: () => setMode({ kind: "point" }) },
    "mode.fixed_box": { group: "mark", keys: ["F"], run: () => setMode({ kind: "fixed_box" }) },
    "mode.custom_box": { group: "mark", keys: ["C"], run: () => setMode({ kind: "custom_box" }) },
    "mode.polygon": { group: "mark", keys: ["O"], run: () => setMode({ kind: "polygon" }) },
    "follow": {
      group: "mark",
      keys: ["T"],
      enabled: () => ["fixed_box", "custom_box"].includes(store.mirror.mode.kind),
      run: () => setMode({ follow: !store.wanted.follow }),
    },
    "size.larger": { group: "mark", keys: ["]"], enabled: () => isBox() || isPainting(), run: () => resize(1) },
    "size.smaller": { group: "mark", keys: ["["], enabled: () => isBox() || isPainting(), run: () => resize(-1) },
    "confirm": { group: "mark", keys: ["Enter"], enabled: hasImage, run: () => parts.requestConfirm(false) },
    "confirm.one": { group: "mark", keys: ["Shift+Enter"], enabled: hasImage, run: () => parts.requestConfirm(true) },
    "confirm.reuse": { group: "mark", keys: ["U"], run: () => keep({ reuseClass: !store.view.reuseClass }) },
    "sign": { group: "mark", keys: ["N"], enabled: () => store.view.touch, run: () => store.setView({ sign: store.view.sign === "positive" ? "negative" : "positive" }) },
    "tool.brush": toolAction("brush", "B"),
    "tool.eraser": toolAction("eraser", "E"),
    "tool.fill": toolAction("fill", "G"),
    "tool.area": toolAction("area", "L"),
    "tool.scratch": toolAction("scratch", "S"),
    "tool.wand": toolAction("wand", "W"),
    "tool.select": toolAction("select", "A"),
    ...Object.fromEntries(REFINEMENTS.map((how) => [
      `refine.${how}`, { group: "edit", keys: [], enabled: hasMask, run: () => void ask("mask.refine", { how }) },
    ])),
    "cancel": { group: "mark", keys: ["Esc"], run: cancel },
    "undo": { group: "edit", keys: ["Ctrl+Z"], isJudgedByPython: true, enabled: () => store.mirror.history.undo !== null, run: () => void walk("undo") },
    "redo": { group: "edit", keys: ["Ctrl+Shift+Z", "Ctrl+Y"], isJudgedByPython: true, enabled: () => store.mirror.history.redo !== null, run: () => void walk("redo") },
    "history": { group: "edit", keys: ["Shift+H"], enabled: () => store.mirror.history.undo !== null || store.mirror.history.redo !== null, run: parts.toggleHistory },
    "annotation.reopen": selectedAction("annotation.reopen", "R"),
    "annotation.split": selectedAction("annotation.split", "K"),
    "annotation.merge": { group: "edit", keys: ["M"], enabled: () => store.picked.length > 1, run: () => void ask("annotations.merge", { ids: store.picked }) },
    "annotation.lock": { group: "edit", keys: ["Shift+L"], enabled: hasPicked, run: toggleLock },
    "annotation.show": { group: "edit", keys: ["H"], enabled: hasPicked, run: toggleShown },
    "annotation.several": { group: "edit", keys: ["Y"], enabled: hasPicked, run: () => store.setView({ several: !store.view.several }) },
    "annotation.delete": { group: "edit", keys: ["Del"], enabled: hasPicked, run: () => void ask("annotations.delete", { ids: store.picked }) },
    "annotation.all": { group: "edit", keys: ["Ctrl+A"], enabled: () => store.mirror.annotations.length > 0, run: () => store.pick(store.mirror.annotations.filter(({ visible }) => visible).map(({ id }) => id)) },
    "annotation.copy": { group: "edit", keys: ["Shift+C"], enabled: () => hasImage() && project.beside(project.current, -1) !== null, run: () => void copyPrevious() },
    "image.previous": { group: "file", keys: ["PageUp"], enabled: () => project.beside(project.current, -1) !== null, run: () => opener.go(-1) },
    "image.next": { group: "file", keys: ["PageDown"], enabled: () => project.beside(project.current, 1) !== null, run: () => opener.go(1) },
    "image.done": { group: "file", keys: ["D"], enabled: hasImage, run: () => void ask("image.mark", { is_done: store.mirror.progress !== "done" }) },
    "open.folder": { group: "file", keys: ["Ctrl+Shift+O"], run: parts.chooseFolder },
    "open": { group: "file", keys: ["Ctrl+O"], run: parts.chooseFile },
    "export": { group: "file", keys: ["Ctrl+S"], enabled: hasImage, run: () => void parts.showExport() },
    "project.save": { group: "file", keys: ["Ctrl+Shift+S"], enabled: () => parts.project.images.length > 0, run: () => void parts.saveProject() },
    "import": { group: "file", keys: ["Ctrl+I"], enabled: hasImage, run: parts.chooseImport },
    "page.save": { group: "file", keys: [], enabled: () => !isPacked, run: parts.savePage },
    "quality": { group: "file", keys: ["Q"], enabled: hasImage, run: () => void parts.showQuality() },
    "outline": { group: "view", keys: ["Shift+O"], run: () => keep({ outline: !store.view.outline }) },
    "language": { group: "view", keys: ["Shift+E"], run: parts.changeLanguage },
    "preview": { group: "view", keys: ["V"], run: parts.togglePreview },
    "zoom.in": { ...zoomAction(() => viewport.zoomBy(ZOOM_STEP)), keys: ["+"] },
    "zoom.out": { ...zoomAction(() => viewport.zoomBy(1 / ZOOM_STEP)), keys: ["-"] },
    "zoom.fit": { ...zoomAction(() => viewport.fit()), keys: ["0"] },
    "zoom.actual": { ...zoomAction(() => viewport.actual()), keys: ["Shift+0"] },
    "guide": { group: "file", keys: ["F1"], run: parts.showGuide },
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
    const action = actions[button.dataset.action ?? ""];
    button.addEventListener("click", (event) => {
      if (isEnabled(action)) action.run();
      // a tool that was picked with the mouse must not swallow the Enter that confirms
      if (event.detail > 0 && document.activeElement === button && button.closest(".tools, .zoom-buttons, .check-row") !== null) button.blur();
    });
  }
  const name = () => {
    for (const button of buttons) nameButton(button, actions[button.dataset.action ?? ""].keys);
    nameSteps(buttons, actions, store);
  };
  const update = () => {
    for (const button of buttons) button.disabled = !isEnabled(actions[button.dataset.action ?? ""]);
    nameSteps(buttons, actions, store);
  };
  store.on(["mirror", "picture", "view", "project", "opening", "gesture"], update);
  store.on("words", name);
  name();
  update();
}

/** @param {string} name @param {string[]} keys */
const withKey = (name, keys) => (keys.length > 0 ? `${name} (${keys[0]})` : name);

/** @param {HTMLButtonElement} button @param {string[]} keys */
function nameButton(button, keys) {
  const name = t(`action.${button.dataset.action}`);
  const shown = button.querySelector("kbd");
  button.title = withKey(name, keys);
  if (shown !== null) Object.assign(shown, { textContent: keys[0] ?? "", hidden: keys.length === 0 });
  const seen = button.textContent?.trim() ?? "";
  if (seen === "" || button.classList.contains("icon-only")) button.setAttribute("aria-label", `${seen} ${name}`.trim()); // what is seen is in the name too
}

/** Undo and redo say what they will do. @param {HTMLButtonElement[]} buttons @param {Record<string, Action>} actions @param {import("./store.js").Store} store */
function nameSteps(buttons, actions, store) {
  for (const side of /** @type {("undo"|"redo")[]} */ (["undo", "redo"])) {
    const button = buttons.find((candidate) => candidate.dataset.action === side);
    const code = store.mirror.history[side];
    const name = `${t(`action.${side}`)}${code === null ? "" : `: ${t(`history.${code}`)}`}`;
    if (button !== undefined) button.title = withKey(name, actions[side].keys);
  }
}
