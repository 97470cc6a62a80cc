/**
 * Clicks, placed boxes, the ghost box, the keyboard crosshair and the sign that something is being computed. Sizes are
 * CSS pixels at every zoom. A click's sign shows in its shape: circle with plus, square with minus.
 */
import { ghostBox } from "../tools/ghost.js";
import { gestureMarks } from "./gesture_marks.js";

export const CLICK_RADIUS_CSS = 7.5;
const ACCENT = "#56b4e9"; // the same in both themes: it lies on the image, not on the page
const POSITIVE = "#00805c";
const NEGATIVE = "#c8281e";
const BUSY_AFTER_MS = 300; // shorter work shows no sign: drawing it would only slow the work down
const BUSY_FRAME_MS = 40;
const TURN_MS = 900;

const stillness = window.matchMedia("(prefers-reduced-motion: reduce)");

/**
 * @param {import("../store.js").Store} store
 * @param {import("../viewport.js").Viewport} viewport
 * @returns {import("./renderer.js").Draw}
 */
export function marksLayer(store, viewport) {
  /** Since when the present work goes on, 0 when there is none. */
  let busySince = 0;
  const drawGesture = gestureMarks(store, viewport);

  /** @param {number} x @param {number} y image coordinates @returns {[number, number]} */
  const place = (x, y) => [x * viewport.zoom + viewport.panX, y * viewport.zoom + viewport.panY];

  /** @param {CanvasRenderingContext2D} context @param {number[]} box */
  function boxPath(context, [x0, y0, x1, y1]) {
    const [left, top] = place(x0, y0).map(Math.round);
    const [right, bottom] = place(x1, y1).map(Math.round);
    context.beginPath();
    context.rect(left + 0.5, top + 0.5, right - left - 1, bottom - top - 1);
  }

  /** @param {CanvasRenderingContext2D} context */
  function drawRegions(context) {
    const { dpr } = viewport;
    const { regions = [], polygon = [] } = store.mirror.draft ?? {};
    for (const box of polygon.length > 0 ? regions.slice(1) : regions) { // a polygon shows its own outline
      boxPath(context, box);
      context.setLineDash([]);
      context.lineWidth = dpr;
      context.strokeStyle = "rgb(0 0 0 / 55%)";
      context.stroke();
      context.setLineDash([5 * dpr, 4 * dpr]);
      context.strokeStyle = "#ffffff";
      context.stroke();
    }
    context.setLineDash([]);
  }

  /** @param {CanvasRenderingContext2D} context */
  function drawGhost(context) {
    const box = ghostBox(store, viewport);
    if (box === null) return;
    boxPath(context, box);
    context.globalAlpha = 0.1;
    context.fillStyle = ACCENT;
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = 1.5 * viewport.dpr;
    context.strokeStyle = "rgb(0 0 0 / 45%)";
    context.stroke();
    context.setLineDash([6 * viewport.dpr, 4 * viewport.dpr]);
    context.strokeStyle = ACCENT;
    context.stroke();
    context.setLineDash([]);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y device @param {boolean} positive @param {boolean} hot */
  function drawClick(context, x, y, positive, hot) {
    const unit = viewport.dpr;
    const radius = (CLICK_RADIUS_CSS + (hot ? 1.5 : 0)) * unit;
    context.beginPath();
    if (positive) context.arc(x, y, radius, 0, 2 * Math.PI);
    else context.roundRect(x - radius * 0.92, y - radius * 0.92, radius * 1.84, radius * 1.84, 2 * unit);
    context.lineWidth = 3.5 * unit;
    context.strokeStyle = "rgb(0 0 0 / 55%)";
    context.stroke();
    context.fillStyle = positive ? POSITIVE : NEGATIVE;
    context.fill();
    context.lineWidth = 1.5 * unit;
    context.strokeStyle = "#ffffff";
    context.stroke();
    context.beginPath();
    const arm = radius * 0.5;
    context.moveTo(x - arm, y);
    context.lineTo(x + arm, y);
    if (positive) {
      context.moveTo(x, y - arm);
      context.lineTo(x, y + arm);
    }
    context.lineWidth = 1.75 * unit;
    context.stroke();
  }

  /** @param {CanvasRenderingContext2D} context @returns {{x: number, y: number}|null} image position of the newest click */
  function drawClicks(context) {
    const clicks = store.mirror.draft?.clicks ?? [];
    let newest = null;
    const dragged = store.gesture?.kind === "point" ? store.gesture : null;
    clicks.forEach(({ x, y, is_positive }, index) => {
      if (dragged?.index === index) return drawClick(context, ...place(dragged.at.x, dragged.at.y), is_positive, false);
      drawClick(context, ...place(x + 0.5, y + 0.5), is_positive, index === store.view.hoveredClick);
      newest = { x: x + 0.5, y: y + 0.5 };
    });
    for (const { x, y, isPositive } of store.pending) {
      newest = { x: Math.floor(x) + 0.5, y: Math.floor(y) + 0.5 };
      drawClick(context, ...place(newest.x, newest.y), isPositive, false);
    }
    return newest;
  }

  /** A turning arc round the newest click. @param {CanvasRenderingContext2D} context @param {{x: number, y: number}} at @param {number} time */
  function drawBusy(context, at, time) {
    const [x, y] = place(at.x, at.y);
    const start = stillness.matches ? -Math.PI / 2 : ((time % TURN_MS) / TURN_MS) * 2 * Math.PI;
    const radius = (CLICK_RADIUS_CSS + 5) * viewport.dpr;
    for (const [width, colour] of [[4, "rgb(0 0 0 / 45%)"], [2, "#ffffff"]]) {
      context.beginPath();
      context.arc(x, y, radius, start, start + 1.6);
      context.lineWidth = Number(width) * viewport.dpr;
      context.lineCap = "round";
      context.strokeStyle = String(colour);
      context.stroke();
    }
  }

  /** @param {CanvasRenderingContext2D} context */
  function drawCrosshair(context) {
    if (store.crosshair === null) return;
    const [x, y] = place(store.crosshair.x + 0.5, store.crosshair.y + 0.5).map(Math.round);
    const arm = 13 * viewport.dpr;
    const gap = 4 * viewport.dpr;
    context.lineCap = "butt";
    for (const [width, colour] of [[3, "rgb(0 0 0 / 60%)"], [1, "#ffffff"]]) {
      context.beginPath();
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        context.moveTo(x + dx * gap, y + dy * gap);
        context.lineTo(x + dx * arm, y + dy * arm);
      }
      context.lineWidth = Number(width) * viewport.dpr;
      context.strokeStyle = String(colour);
      context.stroke();
    }
  }

  return (context, time) => {
    if (store.picture === null) return undefined;
    drawRegions(context);
    drawGhost(context);
    drawGesture(context);
    const newest = drawClicks(context);
    drawCrosshair(context);
    if (newest === null || !(store.mirror.busy || store.pending.length > 0)) {
      busySince = 0;
      return undefined;
    }
    if (busySince === 0) busySince = time;
    const wait = busySince + BUSY_AFTER_MS - time;
    if (wait > 0) return wait;
    drawBusy(context, newest, time);
    return BUSY_FRAME_MS; // not every frame: the two cores have better things to do just now
  };
}
