/**
 * Brush and eraser (R6.1, R6.2). The stroke is drawn at once where the pointer goes; Python turns it into pixels when it
 * ends. The right button does the opposite; Shift draws a straight line from the last stroke's end.
 */

const MIN_STEP = 0.5; // image pixels between two points of a path
const MOST_POINTS = 16_000; // Python takes 20,000: a longer stroke gets coarser, it is not lost

/**
 * @param {import("../store.js").Store} store
 * @param {import("../viewport.js").Viewport} viewport
 * @param {import("../methods.js").Ask} ask
 * @returns {import("./tool.js").Tool}
 */
export function makeBrushTool(store, viewport, ask) {
  /** Where the last stroke ended. @type {number[]} */
  let last = [];
  /** @param {import("./tool.js").Point} client @returns {number[]} */
  const place = (client) => {
    const { x, y } = viewport.toImage(client.x, client.y);
    return [x, y];
  };

  /** @param {number[]} path @param {boolean} erase */
  function paint(path, erase) {
    const diameter = store.view.brushSize;
    last = path.slice(-2);
    store.setGesture({ kind: "stroke", path, erase, diameter });
    const shown = store.gesture;
    void ask("mask.paint", { path, diameter, erase }).then(() => { if (store.gesture === shown) store.setGesture(null); });
  }

  return {
    hold({ client, button, shift }) {
      const erase = (store.view.tool === "eraser") !== (button === "secondary");
      const start = place(client);
      const anchor = shift && last.length > 0 ? last : start; // a straight line begins where the last stroke ended
      let path = shift ? [...anchor, ...start] : start;
      let step = MIN_STEP;
      const show = () => store.setGesture({ kind: "stroke", path, erase, diameter: store.view.brushSize });
      show();
      return {
        immediate: true,
        move(at) {
          const [x, y] = place(at);
          const [px, py] = path.slice(-2);
          if (Math.hypot(x - px, y - py) < step) return;
          if (path.length >= 2 * MOST_POINTS) {
            path = path.filter((_, index) => index % 4 < 2); // x, y, x, y ...
            step *= 2; // what comes next is as coarse as what is there
          }
          if (shift) path = [...anchor, x, y];
          else path.push(x, y);
          show();
        },
        end: () => paint(path, erase),
        cancel: () => store.setGesture(null),
      };
    },
    press({ x, y, button }) { // by keyboard: a dab
      paint([x, y], (store.view.tool === "eraser") !== (button === "secondary"));
      return true;
    },
    hover: () => "none",
    cancel: () => false,
  };
}

/** Fill a hole, or with the right button erase an island (R6.3). @param {import("../methods.js").Ask} ask @returns {import("./tool.js").Tool} */
export function makeFillTool(ask) {
  return {
    hold: () => null,
    press({ x, y, button }) {
      void ask("mask.fill", { x, y, erase: button === "secondary" });
      return true;
    },
    hover: () => "",
    cancel: () => false,
  };
}
