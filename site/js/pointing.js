/** The stage under the hand: wires gestures, the keyboard crosshair and the markers of clicks to what they ask for. */
import { t } from "./i18n.js";
import * as crosshair from "./tools/crosshair.js";
import { Gestures } from "./tools/gestures.js";
import { markerAt } from "./tools/markers.js";

/**
 * @param {object} parts
 * @param {import("./store.js").Store} parts.store
 * @param {import("./viewport.js").Viewport} parts.viewport
 * @param {import("./presses.js").Presses} parts.presses
 * @param {{close: () => void}} parts.palette
 * @param {(method: string, params?: Record<string, any>) => Promise<any>} parts.ask
 * @param {(text: string) => void} parts.say
 * @param {HTMLCanvasElement} parts.canvas
 */
export function makePointing({ store, viewport, presses, palette, ask, say, canvas }) {
  let forced = "";

  function showCursor() {
    const idle = store.picture === null ? "default" : store.view.hoveredClick !== null ? "remove" : "";
    canvas.dataset.cursor = forced || idle;
    canvas.title = !forced && store.view.hoveredClick !== null ? t("click.remove") : "";
  }

  /** @param {{x: number, y: number}|null} client */
  function hover(client) {
    if (client !== null && store.crosshair !== null) store.crosshair = null;
    const over = client === null ? null : markerAt(store.mirror.draft?.clicks ?? [], viewport, client);
    if (over !== store.view.hoveredClick) store.setView({ hoveredClick: over });
    store.setCursor(client === null ? null : viewport.toImage(client.x, client.y));
    showCursor();
  }

  const gestures = new Gestures(canvas, viewport, {
    hover,
    press(press, client) {
      if (store.picture === null) return;
      palette.close();
      say(""); // what was said of the last click no longer holds
      const clicks = store.mirror.draft?.clicks ?? [];
      const index = press.button === "primary" ? markerAt(clicks, viewport, client) : null;
      if (index !== null) void ask("click.remove", { index });
      else void presses.send(press);
    },
    device(kind) {
      const touch = kind === "touch";
      if (touch !== store.view.touch) store.setView({ touch });
    },
    idleDrag: () => say(t("hint.drag")),
    cursor(name) {
      forced = name;
      showCursor();
    },
    sign: () => store.view.sign,
  });

  /** @param {"primary"|"secondary"} button */
  function pressAtCrosshair(button) {
    if (store.crosshair === null) return;
    say("");
    const { x, y } = store.crosshair;
    void presses.send({ x: x + 0.5, y: y + 0.5, button, time: performance.now() });
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether it was a key of the stage */
  function canvasKey(event) {
    if (store.picture === null || event.ctrlKey || event.metaKey) return false;
    if (event.key === " ") {
      gestures.setSpace(true);
      return true;
    }
    const onStage = document.activeElement === canvas || document.activeElement === document.body;
    if (!onStage || store.paletteOpen) return false;
    if (crosshair.isStep(event.key)) return moveCrosshair(event);
    if (event.key.toLowerCase() !== "x" || store.crosshair === null) return false;
    pressAtCrosshair("secondary");
    return true;
  }

  /** @param {KeyboardEvent} event */
  function moveCrosshair(event) {
    store.cursor = null;
    store.crosshair = crosshair.moved(store.crosshair, event.key, event.shiftKey, viewport);
    crosshair.follow(store.crosshair, viewport);
    store.changed("cursor");
    return true;
  }

  window.addEventListener("keyup", (event) => {
    if (event.key !== " " || !gestures.spaceHeld) return;
    const tapped = !gestures.spaceUsed;
    gestures.setSpace(false);
    if (tapped) pressAtCrosshair("primary");
  });
  window.addEventListener("blur", () => gestures.setSpace(false));
  store.on(["picture", "view"], showCursor);
  return { canvasKey };
}
