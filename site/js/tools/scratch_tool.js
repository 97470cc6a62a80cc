/**
 * The scratch tool: a click begins a thin line, each further click marks it up to there (one step of the history each).
 * Where it would run is shown on the way to the cursor: one question at a time, for the latest place. The right button
 * and Esc end the line; so does an undo, since the next click would then begin at an end that is no longer there.
 */

/**
 * @param {import("../store.js").Store} store
 * @param {import("../viewport.js").Viewport} viewport
 * @param {import("../methods.js").Ask} ask
 * @returns {import("./tool.js").Tool}
 */
export function makeScratchTool(store, viewport, ask) {
  /** The last click, or the end of what it marked. @type {{x: number, y: number, marked: boolean}|null} */
  let anchor = null;
  let asking = false;
  /** @type {import("./tool.js").Point|null} */
  let wanted = null;

  /** @param {number[]} [path] */
  const show = (path = []) => {
    if (anchor !== null) store.setGesture({ kind: "scratch", at: anchor, path });
  };
  const stop = () => {
    anchor = null;
    wanted = null;
    return store.dropGesture("scratch");
  };

  /** @param {{x: number, y: number, marked: boolean}} from @param {import("./tool.js").Point} to @param {boolean} preview */
  const question = (from, to, preview) => {
    const width = store.view.scratchWidth || null;
    return ask("mask.scratch", { x0: from.x, y0: from.y, x1: to.x, y1: to.y, is_start_fixed: from.marked, width, preview });
  };

  async function preview() {
    if (asking) return;
    asking = true;
    while (wanted !== null && anchor !== null) {
      const from = anchor;
      const to = wanted;
      wanted = null;
      const found = await question(from, to, true);
      if (anchor === from) show(found?.path ?? []);
    }
    asking = false;
  }

  /** @param {import("./tool.js").Point} to */
  async function mark(to) {
    if (anchor === null) {
      anchor = { x: to.x, y: to.y, marked: false };
      return show();
    }
    const from = anchor;
    anchor = { x: to.x, y: to.y, marked: false };
    wanted = null;
    show();
    const next = anchor;
    const found = await question(from, to, false);
    const path = found?.path ?? [];
    if (anchor !== next) return undefined;
    if (path.length === 0) anchor = from; // nothing was marked: the line goes on from where it was
    else anchor = { x: path[path.length - 2], y: path[path.length - 1], marked: true };
    return show();
  }

  store.on("mirror", () => {
    const { draft, history } = store.mirror;
    if (anchor?.marked && (history.redo !== null || (draft === null && history.undo !== null))) stop();
  });
  store.on("picture", stop);

  return {
    hold: () => null,
    press({ x, y, button }) {
      if (button === "secondary") stop();
      else void mark({ x, y });
      return true;
    },
    hover(client) {
      if (anchor !== null) {
        wanted = viewport.toImage(client.x, client.y);
        void preview();
      }
      return "";
    },
    cancel: stop,
  };
}

/** The magic wand: the connected pixels like the clicked one; the right button takes them away. @param {import("../store.js").Store} store @param {import("../methods.js").Ask} ask @returns {import("./tool.js").Tool} */
export function makeWandTool(store, ask) {
  return {
    hold: () => null,
    press({ x, y, button }) {
      const { wandTolerance: tolerance, wandDiagonal } = store.view;
      void ask("mask.wand", { x, y, tolerance, connectivity: wandDiagonal ? 8 : 4, erase: button === "secondary" });
      return true;
    },
    hover: () => "",
    cancel: () => false,
  };
}
