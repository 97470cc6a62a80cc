/** What the hand is in the middle of: a box being drawn, handles, a polygon, a stroke, the brush's ring. */
import { HANDLES } from "../tools/box_tool.js";

const ACCENT = "#56b4e9";
const HANDLE_CSS = 4;

/**
 * @param {import("../store.js").Store} store
 * @param {import("../viewport.js").Viewport} viewport
 */
export function gestureMarks(store, viewport) {
  /** @param {number} x @param {number} y @returns {[number, number]} */
  const place = (x, y) => [x * viewport.zoom + viewport.panX, y * viewport.zoom + viewport.panY];

  /** Dark under light, so that it shows on any grey. @param {CanvasRenderingContext2D} context @param {string} colour */
  function twoTone(context, colour) {
    context.lineWidth = 3 * viewport.dpr;
    context.strokeStyle = "rgb(0 0 0 / 50%)";
    context.stroke();
    context.lineWidth = 1.5 * viewport.dpr;
    context.strokeStyle = colour;
    context.stroke();
  }

  /** @param {CanvasRenderingContext2D} context @param {number[]} box */
  function drawBox(context, [x0, y0, x1, y1]) {
    const [left, top] = place(x0, y0);
    const [right, bottom] = place(x1, y1);
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    context.fillStyle = "rgb(86 180 233 / 12%)";
    context.fill();
    twoTone(context, ACCENT);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y device @param {number} [radius] */
  function drawHandle(context, x, y, radius = HANDLE_CSS) {
    const reach = radius * viewport.dpr;
    context.beginPath();
    context.rect(Math.round(x - reach), Math.round(y - reach), Math.round(2 * reach), Math.round(2 * reach));
    context.fillStyle = "#ffffff";
    context.fill();
    context.lineWidth = 1.5 * viewport.dpr;
    context.strokeStyle = "rgb(0 0 0 / 75%)";
    context.stroke();
  }

  /** @param {CanvasRenderingContext2D} context @param {number[][]} corners @param {boolean} isClosed @param {boolean} [isArea] its pixels will be marked */
  function drawPolygon(context, corners, isClosed, isArea = false) {
    context.beginPath();
    corners.forEach(([x, y]) => context.lineTo(...place(x, y)));
    if (isClosed) context.closePath();
    else if (store.cursor !== null) context.lineTo(...place(store.cursor.x, store.cursor.y));
    if (isArea) {
      context.globalAlpha = 0.25;
      context.fillStyle = store.colorOf(null);
      context.fill("evenodd");
      context.globalAlpha = 1;
    }
    twoTone(context, isClosed ? "#ffffff" : ACCENT);
    corners.forEach(([x, y], index) => drawHandle(context, ...place(x, y), !isClosed && index === 0 && corners.length > 2 ? 6 : HANDLE_CSS));
  }

  /** @param {CanvasRenderingContext2D} context @param {{path: number[], erase: boolean, diameter: number}} stroke */
  function drawStroke(context, { path, erase, diameter }) {
    context.beginPath();
    context.moveTo(...place(path[0], path[1]));
    for (let k = 0; k < path.length; k += 2) context.lineTo(...place(path[k], path[k + 1]));
    context.lineCap = "round";
    context.lineJoin = "round";
    context.lineWidth = Math.max(diameter * viewport.zoom, viewport.dpr);
    context.globalAlpha = erase ? 0.4 : Math.max(store.view.opacity, 0.3);
    context.strokeStyle = erase ? "#ffffff" : store.colorOf(null);
    context.stroke();
    context.globalAlpha = 1;
    context.lineCap = "butt";
    context.lineJoin = "miter";
  }

  /** The way that a click here would mark. @param {CanvasRenderingContext2D} context @param {{at: {x: number, y: number}, path: number[]}} line */
  function drawScratch(context, { at, path }) {
    context.beginPath();
    for (let k = 0; k < path.length; k += 2) context.lineTo(...place(path[k], path[k + 1]));
    twoTone(context, ACCENT);
    drawHandle(context, ...place(at.x, at.y), 3);
  }

  /** @param {CanvasRenderingContext2D} context */
  function drawBrush(context) {
    const at = store.cursor ?? (store.crosshair === null ? null : { x: store.crosshair.x + 0.5, y: store.crosshair.y + 0.5 });
    if (at === null) return;
    context.beginPath();
    context.arc(...place(at.x, at.y), Math.max((store.view.brushSize * viewport.zoom) / 2, 2 * viewport.dpr), 0, 2 * Math.PI);
    twoTone(context, store.view.tool === "eraser" ? "#ffffff" : store.colorOf(null));
  }

  return (/** @type {CanvasRenderingContext2D} */ context) => {
    const { gesture, view, mirror } = store;
    const { mode, draft } = mirror;
    const polygon = draft?.polygon ?? [];
    if (polygon.length > 0 && gesture?.kind !== "polygon") drawPolygon(context, polygon, true);
    const isChangeable = view.tool === "mark" && mode.kind === "custom_box" && !mode.follow && draft?.regions.length === 1 && polygon.length === 0;
    if (isChangeable && gesture === null) {
      const [x0, y0, x1, y1] = draft.regions[0];
      for (const [, u, v] of HANDLES) drawHandle(context, ...place(x0 + u * (x1 - x0), y0 + v * (y1 - y0)));
    }
    if (gesture?.kind === "box" || gesture?.kind === "carry") drawBox(context, gesture.box);
    else if (gesture?.kind === "polygon") drawPolygon(context, gesture.corners, gesture.isClosed === true, gesture.isArea);
    else if (gesture?.kind === "stroke") drawStroke(context, gesture);
    else if (gesture?.kind === "scratch") drawScratch(context, gesture);
    if (view.tool === "brush" || view.tool === "eraser") drawBrush(context);
  };
}
