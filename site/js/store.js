/**
 * The page's read-only mirror of Python's document, and the page's own view state. Nobody else keeps state that two
 * modules need. Listeners hear of a topic after it changed.
 *
 * @typedef {import("./types.js").Mirror} Mirror
 * @typedef {import("./types.js").Mask} Mask
 * @typedef {import("./types.js").Picture} Picture
 * @typedef {import("./types.js").PendingPress} PendingPress
 * @typedef {"mirror"|"masks"|"picture"|"view"|"pending"|"boot"|"cursor"|"palette"|"gesture"|"keeping"|"project"|"opening"|"words"|"preview"|"aside"} Topic
 */

/** @returns {Mirror} */
const emptyMirror = () => ({
  revision: 0,
  image: null,
  mode: { kind: "point", size: 256, follow: false },
  model: { id: "", name: "", state: "none" },
  labels: [],
  last_label_id: null,
  annotations: [],
  draft: null,
  history: { undo: null, redo: null },
  busy: false,
  timing: null,
  progress: "none",
});

/** What a mode has of its own, as Python wants it and says it. @param {import("./types.js").Mode} mode @returns {import("./methods.js").WantedMode} */
export function modeParams({ kind, size, follow }) {
  return { kind, ...{ point: {}, polygon: {}, custom_box: { follow }, fixed_box: { size, follow } }[kind] };
}

export class Store {
  constructor() {
    this.mirror = emptyMirror();
    /** @type {Map<string, Mask>} in drawing order */
    this.masks = new Map();
    /** @type {Picture|null} */
    this.picture = null;
    /** @type {PendingPress[]} */
    this.pending = [];
    /** @type {{x: number, y: number}|null} the pointer in image coordinates, null when it is elsewhere */
    this.cursor = null;
    /** @type {{x: number, y: number}|null} pixel of the keyboard crosshair */
    this.crosshair = null;
    /** What the hand is in the middle of, as it is drawn. @type {import("./types.js").Gesture|null} */
    this.gesture = null;
    /** What a click at the pointer would give. @type {import("./types.js").Preview|null} */
    this.preview = null;
    /** Outstanding changes since the last export: opening another image asks first. */
    this.unexported = false;
    /** Whether what was done is safe in the browser's database. @type {import("./database.js").Keeping} */
    this.keeping = "saved";
    /** Images whose file the browser did not take in; told with "keeping". @type {Set<string>} */
    this.refused = new Set();
    this.view = {
      opacity: 0.38,
      outline: true,
      /** @type {number|string|null} */
      selected: null,
      /** Those that are selected besides it. @type {(number|string)[]} */
      also: [],
      /** At confirm: parts with fewer pixels are dropped, and whether the others give up the pixels that overlap. */
      minPx: 0,
      takes: false,
      /** A confirm takes the class used last and asks for none. */
      reuseClass: false,
      /** Choosing an annotation adds it to those selected, without a modifier (by touch, at the crosshair). */
      several: false,
      /** @type {number|string|null} */
      hovered: null,
      /** @type {number|null} */
      hoveredClick: null,
      /** @type {"positive"|"negative"} what a tap means */
      sign: "positive",
      touch: false,
      /** What a press means: "mark" leaves it to the mode. @type {"mark"|"brush"|"eraser"|"fill"|"area"|"scratch"|"wand"|"select"} */
      tool: "mark",
      /** Whether `preview` is wanted. */
      preview: false,
      brushSize: 16,
      /** Colour of painting and of the draft; "" is the class's. */
      brushColor: "",
      /** Of a line that the scratch tool marks, image pixels; 0: measured. */
      scratchWidth: 0,
      /** Grey levels that the wand lets pass. */
      wandTolerance: 24,
      /** Whether the wand goes from pixel to pixel over corners too. */
      wandDiagonal: false,
      lastClickMs: /** @type {number|null} */ (null),
    };
    this.boot = {
      phase: "start",
      loaded: 0,
      total: 0,
      pythonReady: false,
      /** @type {{phase: string, message: string}|null} */
      error: null,
    };
    this.paletteOpen = false;
    /** The mode that was asked for last; keeps a box's size while another mode is on. */
    this.wanted = emptyMirror().mode;
    /** @type {Map<Topic, Set<() => void>>} */
    this.listeners = new Map();
  }

  /** @param {Topic|Topic[]} topics @param {() => void} listener */
  on(topics, listener) {
    for (const topic of Array.isArray(topics) ? topics : [topics]) {
      const set = this.listeners.get(topic) ?? new Set();
      set.add(listener);
      this.listeners.set(topic, set);
    }
  }

  /** @param {Topic} topic */
  changed(topic) {
    for (const listener of this.listeners.get(topic) ?? []) listener();
  }

  /** @param {Mirror} mirror */
  setMirror(mirror) {
    this.mirror = mirror;
    const ids = new Set(mirror.annotations.map((annotation) => annotation.id));
    this.#forgetMasks(ids, mirror.draft !== null);
    this.#followMode(mirror.mode);
    const left = this.picked.filter((id) => ids.has(id));
    Object.assign(this.view, { selected: left.pop() ?? null, also: left });
    if (this.view.selected === null) this.view.several = false;
    this.view.hoveredClick = null;
    this.changed("mirror");
  }

  /** Masks that the document no longer has (a worker that starts again sends no farewells). @param {Set<any>} ids @param {boolean} draft */
  #forgetMasks(ids, draft) {
    for (const mask of this.masks.values()) {
      const alive = mask.key === "draft" ? draft : ids.has(mask.id);
      if (!alive) this.dropMask(mask.key);
    }
  }

  /** @param {Mirror["mode"]} mode */
  #followMode({ kind, size, follow }) {
    Object.assign(this.wanted, modeParams({ kind, size, follow })); // what a mode does not have is remembered
  }

  /** @param {import("./types.js").Gesture|null} gesture */
  setGesture(gesture) {
    if (gesture === this.gesture) return;
    this.gesture = gesture;
    this.changed("gesture");
  }

  /** @param {...import("./types.js").Gesture["kind"]} kinds @returns {boolean} whether there was one */
  dropGesture(...kinds) {
    if (this.gesture === null || !kinds.includes(this.gesture.kind)) return false;
    this.setGesture(null);
    return true;
  }

  /** All selected annotations, the one that single commands mean last. @returns {(number|string)[]} */
  get picked() {
    const { selected, also } = this.view;
    return selected === null ? [] : [...also, selected];
  }

  /** @param {(number|string)[]} ids the last one is the one that single commands mean */
  pick(ids) {
    this.setView({ selected: ids[ids.length - 1] ?? null, also: ids.slice(0, -1) });
  }

  /** @param {Partial<Store["view"]>} part */
  setView(part) {
    Object.assign(this.view, "selected" in part ? { also: [] } : {}, part);
    if (this.view.selected === null) this.view.several = false;
    this.changed("view");
  }

  /** @param {Partial<Store["boot"]>} part */
  setBoot(part) {
    Object.assign(this.boot, part);
    this.changed("boot");
  }

  /** @param {Picture|null} picture @param {boolean} [keepMasks]  those of the new image are here already */
  setPicture(picture, keepMasks = false) {
    this.picture = picture;
    if (!keepMasks) this.masks.clear();
    this.pending = [];
    this.crosshair = null;
    this.gesture = null;
    Object.assign(this.view, { selected: null, also: [] });
    this.changed("picture");
  }

  /** @param {Mask} mask */
  putMask(mask) {
    this.masks.delete(mask.key); // the newest is drawn last
    this.masks.set(mask.key, mask);
    this.changed("masks");
  }

  /** @param {string} key */
  dropMask(key) {
    if (this.masks.delete(key)) this.changed("masks");
  }

  /** @param {{x: number, y: number}|null} cursor */
  setCursor(cursor) {
    this.cursor = cursor;
    this.changed("cursor");
  }

  /** The colour that a mask is drawn in: its class's, for a draft the brush's or the last class's. @param {number|string|null} labelId */
  colorOf(labelId) {
    if (labelId === null && this.view.brushColor !== "") return this.view.brushColor;
    const wanted = labelId ?? this.mirror.last_label_id;
    return this.mirror.labels.find((label) => label.id === wanted)?.color ?? "#56b4e9";
  }
}
