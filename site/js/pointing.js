/** The stage under the hand: wires gestures, the keyboard crosshair and the markers of clicks to what they ask for. */
import { t } from "./i18n.js";
import { annotationAt, togglePicked } from "./picking.js";
import { makeAreaTool } from "./tools/area_tool.js";
import { makeBoxTool } from "./tools/box_tool.js";
import { makeBrushTool, makeFillTool } from "./tools/brush_tool.js";
import * as crosshair from "./tools/crosshair.js";
import { makeCrosshairHand } from "./tools/crosshair_hand.js";
import { Gestures } from "./tools/gestures.js";
import { holdMarker, markerAt } from "./tools/markers.js";
import { makePolygonTool } from "./tools/polygon_tool.js";
import { makeScratchTool, makeWandTool } from "./tools/scratch_tool.js";
import { makeSelectTool } from "./tools/select_tool.js";
import { holdGhost } from "./tools/touch_ghost.js";

/**
 * @param {object} parts
 * @param {import("./store.js").Store} parts.store
 * @param {import("./viewport.js").Viewport} parts.viewport
 * @param {import("./presses.js").Presses} parts.presses
 * @param {{close: () => void}} parts.palette
 * @param {import("./methods.js").Ask} parts.ask
 * @param {(text: string) => void} parts.say
 * @param {HTMLCanvasElement} parts.canvas
 * @param {(step: number) => void} parts.resize  the brush or the box
 */
export function makePointing({ store, viewport, presses, palette, ask, say, canvas, resize }) {
  let forced = "";
  let toolCursor = "";
  const brush = makeBrushTool(store, viewport, ask);
  /** @type {Record<string, import("./tools/tool.js").Tool>} */
  const tools = {
    brush,
    eraser: brush,
    fill: makeFillTool(ask),
    area: makeAreaTool(store, viewport, ask),
    scratch: makeScratchTool(store, viewport, ask),
    wand: makeWandTool(store, ask),
    select: makeSelectTool(store, say),
    custom_box: makeBoxTool(store, viewport, ask),
    polygon: makePolygonTool(store, viewport, ask),
  };
  /** @returns {import("./tools/tool.js").Tool|undefined} */
  const tool = () => tools[store.view.tool === "mark" ? store.mirror.mode.kind : store.view.tool];

  function showCursor() {
    const idle = store.picture === null ? "default" : store.view.hoveredClick !== null ? "remove" : toolCursor;
    canvas.dataset.cursor = forced || idle;
    canvas.title = !forced && store.view.hoveredClick !== null ? t("click.remove") : "";
  }

  /** The markers that a press could hit: none while another tool than marking is in hand. */
  const clicksInHand = () => (store.view.tool === "mark" ? (store.mirror.draft?.clicks ?? []) : []);

  /** The marker that a press takes. @param {string} button @param {{x: number, y: number}} client */
  const markerTaken = (button, client) =>
    (button === "primary" && store.gesture === null ? markerAt(store, clicksInHand(), viewport, client) : null);

  /** What lies under the pointer or the crosshair. @param {{x: number, y: number}|null} client */
  function showUnder(client) {
    const over = client === null ? null : markerAt(store, clicksInHand(), viewport, client);
    if (over !== store.view.hoveredClick) store.setView({ hoveredClick: over });
    toolCursor = client === null || store.picture === null ? "" : (tool()?.hover(client) ?? "");
  }

  /** @param {{x: number, y: number}|null} client */
  function hover(client) {
    if (client !== null && store.crosshair !== null) {
      hand.cancel();
      store.crosshair = null;
    }
    store.setCursor(client === null ? null : viewport.toImage(client.x, client.y));
    showUnder(client);
    showCursor();
  }

  /** @param {import("./types.js").Press} press @param {{x: number, y: number}} client */
  function press(press, client) {
    if (store.picture === null) return;
    palette.close();
    say(""); // what was said of the last click no longer holds
    const index = markerTaken(press.button, client);
    if (index !== null) void ask("click.remove", { index });
    else if (!tool()?.press(press, client)) void presses.send(asPoint(press));
  }

  /** A tap is a point of the chosen sign, a long press one of the other; markers, corners and frames know no sign. @param {import("./types.js").Press} press @returns {import("./types.js").Press} */
  function asPoint(press) {
    if (!press.touch || store.view.sign === "positive") return press;
    return { ...press, button: press.button === "primary" ? "secondary" : "primary" };
  }

  /** @param {import("./tools/tool.js").Grasp} grasp @returns {import("./tools/tool.js").Drag|null} */
  function hold(grasp) {
    if (store.picture === null || store.gesture?.kind === "carry") return null;
    const index = markerTaken(grasp.button, grasp.client);
    if (index !== null) return holdMarker(store, viewport, ask, index);
    const drag = tool()?.hold(grasp) ?? holdGhost(store, viewport, (press) => void presses.send(press), grasp);
    if (drag !== null) {
      palette.close();
      say("");
    }
    return drag;
  }

  const hand = makeCrosshairHand({
    store,
    viewport,
    press,
    hold,
    onEdges: () => tool()?.onEdges === true,
    told: (held) => say(t(held ? "hint.held" : "hint.nothing_to_hold")),
  });

  const gestures = new Gestures(canvas, viewport, {
    hover,
    press,
    hold,
    pick(client, isMore) {
      if (store.picture === null) return;
      const id = annotationAt(store, viewport.toImage(client.x, client.y));
      if (id === null) say(t("hint.pick"));
      else if (isMore) togglePicked(store, id);
      else store.pick([id]);
    },
    resize,
    device(kind) {
      const touch = kind === "touch";
      if (touch !== store.view.touch) store.setView({ touch });
    },
    idleDrag: () => say(t(store.mirror.mode.kind === "custom_box" ? "hint.drag_follow" : "hint.drag")),
    cursor(name) {
      forced = name;
      showCursor();
    },
  });

  /** @param {KeyboardEvent} event @returns {boolean} whether it was a key of the stage */
  function canvasKey(event) {
    if (store.picture === null || event.ctrlKey || event.metaKey) return false;
    if (event.key === " " && !event.shiftKey) {
      gestures.setSpace(true);
      return true;
    }
    const onStage = document.activeElement === canvas || document.activeElement === document.body;
    if (!onStage || store.paletteOpen) return false;
    return crosshair.isStep(event.key) && moveCrosshair(event);
  }

  /** @param {KeyboardEvent} event */
  function moveCrosshair(event) {
    store.cursor = null;
    store.crosshair = crosshair.moved(store.crosshair, event.key, event.shiftKey, viewport);
    crosshair.follow(store.crosshair, viewport);
    store.changed("cursor");
    hand.moved();
    if (!hand.isHolding) showUnder(viewport.toScreen(store.crosshair.x + 0.5, store.crosshair.y + 0.5));
    return true;
  }

  window.addEventListener("keyup", (event) => {
    if (event.key !== " " || !gestures.spaceHeld) return;
    const tapped = !gestures.spaceUsed;
    gestures.setSpace(false);
    if (tapped) hand.press("primary");
  });
  window.addEventListener("blur", () => gestures.setSpace(false));
  store.on("picture", () => {
    gestures.forget();
    hand.cancel();
  });
  store.on(["picture", "view", "mirror"], showCursor);
  return {
    canvasKey,
    pressNegative: () => hand.press("secondary"),
    /** Take hold at the crosshair, or let go. */
    toggleHold: hand.toggleHold,
    /** Enter. @param {boolean} [erase] with Shift @returns {boolean} whether it ended a gesture */
    finishGesture: (erase) => hand.finish() || (store.gesture !== null && (tool()?.finish?.(erase) ?? false)),
    /** Backspace. @returns {boolean} whether there was a corner to take back */
    backCorner: () => store.gesture !== null && (tool()?.back?.() ?? false),
    /** Esc, or another tool. @returns {boolean} whether there was one */
    cancelGesture: () => gestures.cancelDrag() || hand.cancel() || (store.gesture !== null && (tool()?.cancel() ?? false)),
  };
}
