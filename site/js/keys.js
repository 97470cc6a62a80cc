/**
 * Which key stands for which command. The table of commands (actions.js) holds the keys of the moment; this puts the
 * person's own over the shipped ones, remembers them, and knows the keys that nobody can have.
 */

/** Keys with a fixed meaning: the crosshair, the classes, the browser's own. */
const FIXED = /^((Shift\+)?Arrow(Left|Right|Up|Down)|Space|[1-9]|(Shift\+)?Tab|Esc|F5|F11|F12|Ctrl\+[CVRWTN])$/;
/** Not keys by themselves. */
const SILENT = /^(Ctrl\+|Shift\+)*(Shift|Control|Alt|AltGraph|Meta|CapsLock|NumLock|Dead|Process|Unidentified|ContextMenu)$/;

/** @param {KeyboardEvent} event @returns {string} "Ctrl+Shift+Z", "P", "Shift+0", "?", "Shift+Space"; "" while only a modifier is down */
export function keyName(event) {
  const ctrl = event.ctrlKey || event.metaKey ? "Ctrl+" : "";
  if (/^Digit[0-9]$/.test(event.code)) return `${ctrl}${event.shiftKey ? "Shift+" : ""}${event.code.slice(5)}`;
  const names = /** @type {Record<string, string>} */ ({ " ": "Space", Escape: "Esc", Delete: "Del", "=": "+", _: "-" });
  const key = names[event.key] ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  const namesShift = /^([A-Z]|[A-Z][A-Za-z0-9]+)$/.test(key); // other keys have their Shift in what they write
  return SILENT.test(key) ? "" : `${ctrl}${event.shiftKey && namesShift ? "Shift+" : ""}${key}`;
}

/** @param {string} key */
export const isFixed = (key) => FIXED.test(key);

export class Keys {
  /**
   * @param {Record<string, import("./actions.js").Action>} actions  their `keys` are changed in place
   * @param {import("./persist.js").Persist} persist
   * @param {() => void} changed
   */
  constructor(actions, persist, changed) {
    this.actions = actions;
    this.persist = persist;
    this.changed = changed;
    /** As shipped. @type {Record<string, string[]>} */
    this.shipped = Object.fromEntries(Object.entries(actions).map(([id, { keys }]) => [id, keys.slice()]));
    /** The person's own, by command. @type {Record<string, string[]>} */
    this.own = {};
    for (const [id, keys] of Object.entries(persist.settings.keys ?? {})) {
      if (id in actions && Array.isArray(keys)) this.own[id] = keys.filter((key) => typeof key === "string" && !isFixed(key));
    }
    this.#apply();
  }

  get isChanged() {
    return Object.keys(this.own).length > 0;
  }

  /** A key of the person's own is not also a shipped one of another command. */
  #apply() {
    const taken = new Set(Object.values(this.own).flat());
    for (const [id, action] of Object.entries(this.actions)) action.keys = this.own[id] ?? this.shipped[id].filter((key) => !taken.has(key));
  }

  #keep() {
    this.#apply();
    this.persist.saveSettings({ keys: this.own });
    this.changed();
  }

  /** @param {string} key @returns {string|undefined} the command that has it */
  holder(key) {
    return Object.keys(this.actions).find((id) => this.actions[id].keys.includes(key));
  }

  /** The command has this key from now on, no other one, and nobody else has it. @param {string} id @param {string} key */
  give(id, key) {
    const loser = this.holder(key);
    if (loser !== undefined) this.own[loser] = this.actions[loser].keys.filter((other) => other !== key);
    this.own[id] = [key];
    this.#keep();
  }

  /** As shipped again. */
  reset() {
    this.own = {};
    this.#keep();
  }

  /** For texts that name keys: "mode.point" is {mode_point}. @returns {Record<string, string>} */
  names() {
    return Object.fromEntries(Object.entries(this.actions).map(([id, { keys }]) => [id.replace(/\./g, "_"), keys[0] ?? "–"]));
  }
}
