/**
 * From pointer events to intents in image coordinates. Draws nothing and decides nothing about what a press means.
 *
 * | input | intent |
 * |---|---|
 * | left or right button, moved at most 4 px | press, primary or secondary, where it went down |
 * | tap / long press, of a finger or of a pen where there are fingers | press, primary / secondary; for a point the chosen sign turns them round (`pointing.js`) |
 * | left or right drag, where the tool in hand takes hold | its drag (a box, a stroke, a corner) |
 * | middle drag, Space + drag, one-finger drag, two fingers | pan; two fingers also zoom |
 * | Alt + wheel | size of brush or box |
 * | wheel, pinch on a touch pad (Ctrl + wheel) | zoom at the cursor; sideways or Shift + wheel: pan |
 */

const CLICK_SLOP_PX = 4;
const TOUCH_SLOP_PX = 10;
const LONG_PRESS_MS = 480;
const WHEEL_STEP = 0.0022;
const PINCH_STEP = 0.011;
const LINE_PX = 33;

/**
 * @typedef {object} Intents
 * @property {(press: import("../types.js").Press, client: {x: number, y: number}) => void} press
 * @property {(client: {x: number, y: number}|null) => void} hover
 * @property {(kind: "mouse"|"touch") => void} device
 * @property {(grasp: import("./tool.js").Grasp) => import("./tool.js").Drag|null} hold  what a drag from here would be
 * @property {(client: {x: number, y: number}, isMore: boolean) => void} pick  the annotation under the pointer
 * @property {() => void} idleDrag  a left drag that means nothing in this mode
 * @property {(step: number) => void} resize  of the brush or the box: 1 or -1
 * @property {(cursor: "grab"|"grabbing"|"") => void} cursor
 */

/** @typedef {{id: number, x0: number, y0: number, x: number, y: number, kind: "press"|"pan"|"moved"|"drag", button: "primary"|"secondary", touch: boolean, pen: boolean, drag: import("./tool.js").Drag|null}} Held  `touch`: by a finger, or a pen that stands for one */

/** A pen on a screen that fingers touch has no right button to speak of: it taps like a finger. @param {PointerEvent} event */
const isTouch = ({ pointerType }) => pointerType === "touch" || (pointerType === "pen" && window.matchMedia("(any-pointer: coarse)").matches);

const isMac = /Mac|iPhone|iPad/.test(navigator.platform ?? "");

export class Gestures {
  /** @param {HTMLElement} element @param {import("../viewport.js").Viewport} viewport @param {Intents} intents */
  constructor(element, viewport, intents) {
    this.element = element;
    this.viewport = viewport;
    this.intents = intents;
    /** @type {Map<number, Held>} pointers that are down */
    this.held = new Map();
    this.spaceHeld = false;
    /** Set when Space was used to drag, so that its release is no press. */
    this.spaceUsed = false;
    this.longPress = 0;
    this.sidewaysUntil = 0;
    this.#listen();
  }

  #listen() {
    const { element } = this;
    element.addEventListener("pointerdown", (event) => this.#down(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    element.addEventListener("pointerup", (event) => this.#up(event));
    element.addEventListener("pointercancel", (event) => this.#drop(event.pointerId));
    element.addEventListener("lostpointercapture", (event) => this.#drop(event.pointerId));
    element.addEventListener("pointerleave", () => { if (this.held.size === 0) this.intents.hover(null); });
    element.addEventListener("contextmenu", (event) => event.preventDefault());
    element.addEventListener("mousedown", (event) => { if (event.button === 1) event.preventDefault(); }); // no autoscroll
    element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  /** Esc in the middle of a drag: what the pointer still does means nothing. @returns {boolean} whether there was one */
  cancelDrag() {
    const dragging = [...this.held.values()].filter((pointer) => pointer.kind === "drag");
    for (const pointer of dragging) {
      pointer.kind = "moved";
      pointer.drag?.cancel();
    }
    return dragging.length > 0;
  }

  /** The picture under the pointers is another one: what they hold was of the old one. */
  forget() {
    clearTimeout(this.longPress);
    this.cancelDrag();
    for (const pointer of this.held.values()) if (pointer.kind === "press") pointer.kind = "moved";
  }

  /** @param {boolean} held */
  setSpace(held) {
    if (held === this.spaceHeld) return;
    this.spaceHeld = held;
    if (held) this.spaceUsed = false;
    this.intents.cursor(held ? "grab" : "");
  }

  /** @param {PointerEvent} event */
  #down(event) {
    const finger = event.pointerType === "touch";
    const pen = event.pointerType === "pen";
    if (finger && [...this.held.values()].some((pointer) => pointer.pen)) return; // the hand that holds the pen
    if (pen) for (const pointer of [...this.held.values()]) if (!pointer.pen) this.#drop(pointer.id);
    const touch = isTouch(event);
    this.intents.device(touch ? "touch" : "mouse");
    delete document.documentElement.dataset.keys; // the stage shows its focus only to those who use keys
    this.element.focus({ preventScroll: true });
    if (!finger && this.held.size > 0) return; // a second button of the same mouse
    const kind = this.#kindOf(event, finger);
    if (kind === null) return;
    if (event.button === 0 && (event.metaKey || (event.ctrlKey && !isMac))) {
      this.intents.pick({ x: event.clientX, y: event.clientY }, event.shiftKey);
      return;
    }
    this.element.setPointerCapture(event.pointerId);
    const { pointerId: id, clientX: x, clientY: y } = event;
    const button = event.button === 2 || (isMac && event.ctrlKey) ? "secondary" : "primary";
    const isFirst = this.held.size === 0;
    const drag = kind === "press" && isFirst ? this.intents.hold({ client: { x, y }, button, touch, shift: event.shiftKey }) : null;
    this.held.set(id, { id, x0: x, y0: y, x, y, kind: drag?.immediate ? "drag" : kind, button, touch, pen, drag });
    if (!isFirst) this.#becomePinch();
    else if (touch && !drag?.immediate) this.#waitForLongPress(id);
    if (kind === "pan") this.#startPan();
  }

  /** @param {PointerEvent} event @param {boolean} finger @returns {"press"|"pan"|null} */
  #kindOf(event, finger) {
    if (finger) return "press";
    if (event.button === 1 || (event.button === 0 && this.spaceHeld)) return "pan";
    return event.button === 0 || event.button === 2 ? "press" : null;
  }

  #startPan() {
    if (this.spaceHeld) this.spaceUsed = true;
    this.intents.cursor("grabbing");
  }

  #becomePinch() {
    clearTimeout(this.longPress);
    for (const pointer of this.held.values()) {
      if (pointer.kind === "drag") pointer.drag?.cancel();
      pointer.kind = "pan";
    }
  }

  /** @param {number} id */
  #waitForLongPress(id) {
    clearTimeout(this.longPress);
    this.longPress = window.setTimeout(() => {
      const pointer = this.held.get(id);
      if (pointer === undefined || pointer.kind !== "press") return;
      pointer.kind = "moved"; // its lifting means nothing more
      navigator.vibrate?.(12);
      this.#press(pointer, "secondary", performance.now());
    }, LONG_PRESS_MS);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const pointer = this.held.get(event.pointerId);
    if (event.pointerType !== "touch" || pointer !== undefined) this.intents.hover({ x: event.clientX, y: event.clientY });
    if (pointer === undefined) return;
    const before = { x: pointer.x, y: pointer.y };
    pointer.x = event.clientX;
    pointer.y = event.clientY;
    if (pointer.kind === "press") this.#maybeDrag(pointer);
    if (pointer.kind === "drag") {
      const path = event.getCoalescedEvents?.() ?? [];
      for (const { clientX, clientY } of path.length > 0 ? path : [event]) pointer.drag?.move({ x: clientX, y: clientY });
    }
    if (pointer.kind !== "pan") return;
    if (this.held.size === 2) this.#pinch(pointer, before);
    else this.viewport.panBy(pointer.x - before.x, pointer.y - before.y);
  }

  /** @param {Held} pointer */
  #maybeDrag(pointer) {
    const slop = pointer.touch ? TOUCH_SLOP_PX : CLICK_SLOP_PX;
    if (Math.hypot(pointer.x - pointer.x0, pointer.y - pointer.y0) <= slop) return;
    clearTimeout(this.longPress);
    pointer.kind = pointer.drag !== null ? "drag" : pointer.touch ? "pan" : "moved";
    if (pointer.kind === "moved") this.intents.idleDrag();
  }

  /** @param {Held} moved @param {{x: number, y: number}} before */
  #pinch(moved, before) {
    const other = [...this.held.values()].find((pointer) => pointer !== moved);
    if (other === undefined) return;
    const distance = (/** @type {{x: number, y: number}} */ at) => Math.max(1, Math.hypot(at.x - other.x, at.y - other.y));
    this.viewport.panBy((moved.x - before.x) / 2, (moved.y - before.y) / 2);
    this.viewport.zoomAt((moved.x + other.x) / 2, (moved.y + other.y) / 2, distance(moved) / distance(before));
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const pointer = this.held.get(event.pointerId);
    if (pointer === undefined) return;
    const drag = pointer.kind === "drag" ? pointer.drag : null;
    pointer.drag = null; // it ends here: its dropping is no cancelling
    this.#drop(event.pointerId);
    drag?.end({ x: event.clientX, y: event.clientY });
    if (pointer.kind !== "press") return;
    this.#press(pointer, pointer.button, event.timeStamp || performance.now());
  }

  /** @param {Held} pointer @param {"primary"|"secondary"} button @param {number} time */
  #press(pointer, button, time) {
    const at = this.viewport.toImage(pointer.x0, pointer.y0);
    this.intents.press({ ...at, button, time, touch: pointer.touch }, { x: pointer.x0, y: pointer.y0 });
  }

  /** @param {number} id */
  #drop(id) {
    const pointer = this.held.get(id);
    if (pointer === undefined) return;
    this.held.delete(id);
    if (pointer.kind === "drag") pointer.drag?.cancel();
    clearTimeout(this.longPress);
    if (this.held.size === 0) this.intents.cursor(this.spaceHeld ? "grab" : "");
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? 400 : 1;
    const dx = event.deltaX * unit;
    const dy = event.deltaY * unit;
    if (event.altKey) {
      this.intents.resize(dy < 0 || dx < 0 ? 1 : -1);
    } else if (event.ctrlKey || event.metaKey) {
      this.viewport.zoomAt(event.clientX, event.clientY, Math.exp(-clamp(dy, 60) * PINCH_STEP));
    } else if (this.#isSideways(event, dx)) {
      this.viewport.panBy(event.shiftKey && dx === 0 ? -dy : -dx, event.shiftKey ? 0 : -dy);
    } else {
      this.viewport.zoomAt(event.clientX, event.clientY, Math.exp(-clamp(dy, 240) * WHEEL_STEP));
    }
    this.intents.hover({ x: event.clientX, y: event.clientY });
  }

  /** Two fingers on a touch pad move both ways; once they do, the whole gesture pans. @param {WheelEvent} event @param {number} dx */
  #isSideways(event, dx) {
    if (event.shiftKey || Math.abs(dx) > 1) this.sidewaysUntil = event.timeStamp + 250;
    return event.timeStamp < this.sidewaysUntil;
  }
}

/** @param {number} value @param {number} limit */
const clamp = (value, limit) => Math.max(-limit, Math.min(limit, value));
