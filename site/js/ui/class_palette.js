/** Which class the draft becomes: last class selected; Enter or 1-9 finishes, a new name adds a class, Esc closes. */
import { byId, el, swatch } from "./dom.js";
import { t } from "../i18n.js";

/** @typedef {import("../types.js").Label} Label */
/** @typedef {{label: Label|null, name: string}} Option  label null: a class to be added */

/**
 * @param {import("../store.js").Store} store
 * @param {import("../methods.js").Ask} ask
 * @param {() => void} focusCanvas
 */
export function makePalette(store, ask, focusCanvas) {
  const palette = byId("palette");
  const input = byId("palette-input");
  const list = byId("palette-list");
  /** @type {Option[]} */
  let options = [];
  let active = 0;
  let asking = false;
  let requesting = false;
  let asOne = false;
  /** Enter came again before the palette was there: a quick hand means the selected class. */
  let twice = false;

  function filter() {
    const typed = input.value.trim();
    const lower = typed.toLocaleLowerCase();
    options = store.mirror.labels
      .filter(({ name }) => name.toLocaleLowerCase().includes(lower))
      .map((label) => ({ label, name: label.name }));
    const exact = options.findIndex(({ name }) => name.toLocaleLowerCase() === lower);
    if (typed !== "" && exact < 0) options.push({ label: null, name: typed });
    const last = options.findIndex(({ label }) => label !== null && label.id === store.mirror.last_label_id);
    // a typed name means itself: an exact match, or the new class, never a chance match that only contains it
    active = typed === "" ? Math.max(0, last) : exact >= 0 ? exact : options.length - 1;
    draw();
  }

  function draw() {
    list.replaceChildren(...options.map((option, index) => {
      const chosen = index === active;
      const row = el("li", { role: "option", id: `class-option-${index + 1}`, "data-testid": `class-option-${index + 1}`, "aria-selected": String(chosen) }, [
        swatch(option.label?.color ?? "transparent"),
        el("span", { class: "name", text: option.label === null ? t("palette.add", { name: option.name }) : option.name }),
        option.label?.key && input.value === "" ? el("kbd", { text: option.label.key }) : null,
      ]);
      row.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the field
      row.addEventListener("click", () => void choose(option));
      return row;
    }));
    input.setAttribute("aria-activedescendant", options.length > 0 ? `class-option-${active + 1}` : "");
    list.children[active]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Option} option */
  async function choose(option) {
    if (asking) return;
    asking = true;
    close();
    try {
      const id = option.label?.id ?? (await ask("label.add", { name: option.name }))?.id;
      if (id !== undefined) await ask("draft.confirm", { label_id: id, as_one: asOne, min_px: store.view.minPx, takes: store.view.takes });
    } finally {
      asking = false;
    }
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const digit = input.value === "" && /^[1-9]$/.test(event.key) ? store.mirror.labels.find(({ key }) => key === event.key) : undefined;
    const move = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (digit !== undefined) void choose({ label: digit, name: digit.name });
    else if (event.key === "Enter" && options.length > 0) void choose(options[active]);
    else if (event.key === "Escape") close();
    else if (move !== 0 && options.length > 0) {
      active = (active + move + options.length) % options.length;
      draw();
    } else if (event.key !== "Enter" && event.key !== "Tab") {
      event.stopPropagation(); // a letter typed here is no shortcut
      return;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function open() {
    input.value = "";
    palette.hidden = false;
    store.paletteOpen = true;
    store.changed("palette");
    filter();
    if (!store.view.touch) input.focus({ preventScroll: true }); // on touch the keyboard would cover the list
  }

  function close() {
    if (!store.paletteOpen) return;
    palette.hidden = true;
    store.paletteOpen = false;
    store.changed("palette");
    focusCanvas();
  }

  input.addEventListener("input", filter);
  input.addEventListener("keydown", onKey);
  store.on("mirror", () => {
    if (!store.paletteOpen) return;
    if (store.mirror.draft === null) close();
    else draw();
  });

  return {
    close,
    /** Enter or the button: asks Python how many annotations it would be; none: the notice says so. @param {boolean} keepsParts all parts become one */
    async request(keepsParts = false) {
      if (store.paletteOpen) return void (options.length > 0 && choose(options[active]));
      twice = requesting;
      if (requesting) return;
      requesting = true;
      asOne = keepsParts;
      const answer = await ask("draft.request_confirm", { min_px: store.view.minPx });
      requesting = false;
      if ((answer?.parts ?? 0) === 0) return;
      const last = store.mirror.labels.find(({ id }) => id === store.mirror.last_label_id);
      if (store.view.reuseClass && last !== undefined) return void choose({ label: last, name: last.name });
      open();
      if (twice) void choose(options[active]);
    },
    /** A digit outside the palette finishes at once. @param {Label} label */
    finish(label) {
      if (!requesting) asOne = false; // a quick hand: the palette was asked for, and this is its answer
      void choose({ label, name: label.name });
    },
  };
}
