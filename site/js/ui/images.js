/**
 * The images of the project: thumbnails with their state, a filter, and the way to remove one. Thumbnails are made when
 * they come into view, one at a time, so that a folder of hundreds is no work until somebody looks at it.
 */
import { thumbnail } from "../decode.js";
import { errorText } from "../events.js";
import { t } from "../i18n.js";
import { byId, el, icon, iconButton, syncRows } from "./dom.js";

const THUMB_WIDTH = 160;
const THUMB_BYTES = 60e6; // a larger file gets its thumbnail when it is opened
const OPENING_MS = 500; // what takes longer is told
const FEW = 6; // so many are seen at a glance
const STATES = ["all", "none", "draft", "done"];

/** @typedef {import("../project.js").ProjectImage} ProjectImage */

/**
 * @param {object} parts
 * @param {import("../store.js").Store} parts.store
 * @param {import("../project.js").Project} parts.project
 * @param {import("../open_image.js").Opener} parts.opener
 * @param {(image: ProjectImage) => Promise<boolean>} parts.mayRemove
 * @param {(error: any) => void} parts.showError
 */
export function makeImages({ store, project, opener, mayRemove, showError }) {
  const list = byId("image-list");
  const filter = byId("images-filter");
  const state = byId("images-state");
  const thumbs = makeThumbs(project, opener, list);
  let last = /** @type {string|null} */ (null);

  /** @param {ProjectImage} image */
  async function remove(image) {
    try {
      if (!(await mayRemove(image))) return;
      const isHere = list.contains(document.activeElement);
      await opener.remove(image);
      if (isHere) /** @type {HTMLElement|null} */ (list.querySelector('[tabindex="0"]'))?.focus();
    } catch (error) {
      showError(error);
    }
  }

  /** @param {ProjectImage} image */
  function tile(image) {
    const { id, name } = image;
    const isCurrent = project.current === image;
    const fault = image.fault === null ? null : t("images.fault", { name, why: errorText(image.fault) });
    const element = el("div", {
      "class": "tile", role: "listitem", tabindex: isCurrent ? 0 : -1, title: fault ?? name, "aria-current": isCurrent ? "true" : null,
      "aria-label": fault ?? t("images.tile", { name, state: t(`images.state.${image.state}`) }), "data-id": id, "data-state": image.state, "data-testid": "image-tile",
    }, [
      el("img", { alt: "", draggable: "false", src: thumbs.addressOf(image) }),
      el("span", { class: "tile-name" }, [el("bdi", { text: name.replace(/\.[a-z0-9]{1,5}$/i, "") })]), // cut at its beginning: the ends differ
      fault !== null ? el("span", { class: "tile-mark fault" }, [icon("triangle-alert")]) : null,
      fault === null && image.state !== "none" ? el("span", { class: `tile-mark ${image.state}` }, image.state === "done" ? [icon("check")] : []) : null,
      iconButton("x", t("images.remove", { name }), {
        class: "tile-remove", tabindex: -1, "data-part": "remove", "data-testid": "image-remove",
        onclick: (/** @type {Event} */ event) => { event.stopPropagation(); void remove(image); },
      }),
    ]);
    element.addEventListener("click", () => void opener.show(image));
    thumbs.watch(element);
    return element;
  }

  /** In the list only: `scrollIntoView` would move the whole pane away under the hand. @param {Element|null} element */
  function showTile(element) {
    if (element === null) return;
    const [tile, frame] = [element.getBoundingClientRect(), list.getBoundingClientRect()];
    list.scrollTop += Math.min(0, tile.top - frame.top) + Math.max(0, tile.bottom - frame.bottom);
  }

  function show() {
    const { images, shown, current } = project;
    byId("images-section").hidden = images.length === 0 || (images.length === 1 && images[0].sample !== null); // a first visit sees no list
    byId("images-filters").hidden = images.length < FEW && project.filter.text === "" && project.filter.state === "all";
    byId("samples-section").hidden = store.picture === null || images.some(({ sample }) => sample === null);
    const done = images.filter((image) => image.state === "done").length;
    byId("images-count").textContent = images.length > 1 ? t("images.count", { done, total: images.length }) : "";
    syncRows(
      list,
      shown,
      ({ id }) => id,
      (image) => [image.name, image.state, image === current, image.fault !== null, image.thumb?.length].join(" "),
      tile,
    );
    list.dataset.empty = shown.length === 0 ? t("images.nothing") : "";
    byId("file-place").textContent = current === null || images.length < 2 ? "" : t("images.position", { n: images.indexOf(current) + 1, total: images.length });
    const mark = /** @type {HTMLElement} */ (document.querySelector('[data-action="image.done"]'));
    mark.setAttribute("aria-pressed", String(current?.state === "done"));
    if (current !== null && current.id !== last) showTile(list.querySelector('[aria-current="true"]'));
    last = current?.id ?? null;
  }

  /** Arrows move the focus, Enter opens, Del removes. @param {KeyboardEvent} event */
  function key(event) {
    const tiles = /** @type {HTMLElement[]} */ ([...list.children]);
    const at = tiles.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (at < 0) return;
    const columns = getComputedStyle(list).gridTemplateColumns.split(" ").length;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    const image = project.find(tiles[at].dataset.id);
    if (step !== undefined) tiles[Math.max(0, Math.min(tiles.length - 1, at + step))].focus();
    else if ((event.key === "Enter" || event.key === " ") && image !== null) void opener.show(image);
    else if (event.key === "Delete" && image !== null) void remove(image);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The state's names, in the language that is spoken now. */
  function name() {
    state.replaceChildren(...STATES.map((value) => el("option", { value, text: t(`images.state.${value}`), selected: value === project.filter.state })));
    list.replaceChildren();
    show();
  }

  filter.addEventListener("input", () => project.setFilter({ text: filter.value }));
  state.addEventListener("change", () => project.setFilter({ state: state.value }));
  list.addEventListener("keydown", key);
  store.on(["project", "picture"], show);
  store.on("picture", () => thumbs.takeOpen());
  store.on("words", name);
  tellOpening(store, opener);
  name();
}

/** What takes longer than half a second to open is told. @param {import("../store.js").Store} store @param {import("../open_image.js").Opener} opener */
function tellOpening(store, opener) {
  const card = byId("opening-card");
  let timer = 0;
  store.on("opening", () => {
    window.clearTimeout(timer);
    if (opener.waiting === 0 || !store.boot.pythonReady) card.hidden = true;
    else timer = window.setTimeout(() => {
      byId("opening-text").textContent = t("images.opening", { name: opener.target?.name ?? "" });
      card.hidden = false;
    }, OPENING_MS);
  });
}

/** @param {import("../project.js").Project} project @param {import("../open_image.js").Opener} opener @param {HTMLElement} list */
function makeThumbs(project, opener, list) {
  /** @type {Map<string, string>} addresses by image */
  const addresses = new Map();
  /** @type {Set<string>} images in view that have none */
  const wanted = new Set();
  let isWorking = false;
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const id = /** @type {HTMLElement} */ (target).dataset.id ?? "";
      if (isIntersecting && project.find(id)?.thumb === null) wanted.add(id);
      else wanted.delete(id);
    }
    void work();
  }, { root: list, rootMargin: "80px" });

  async function work() {
    if (isWorking) return;
    isWorking = true;
    for (const id of wanted) {
      await opener.idle; // the image that is asked for comes first
      wanted.delete(id);
      const image = project.find(id);
      if (image !== null && image.thumb === null && image.bytes <= THUMB_BYTES && image.fault === null) await make(image).catch(() => {}); // told when it is opened
    }
    isWorking = false;
  }

  /** @param {ProjectImage} image */
  async function make(image) {
    const source = opener.picture?.id === image.id ? opener.picture.bitmap : await project.fileOf(image);
    if (source !== null) project.change(image, { thumb: await thumbnail(source, THUMB_WIDTH) });
  }

  return {
    /** @param {ProjectImage} image @returns {string|null} */
    addressOf({ id, thumb }) {
      if (thumb === null) return null;
      const address = addresses.get(id) ?? URL.createObjectURL(new Blob([/** @type {BlobPart} */ (thumb)], { type: "image/jpeg" }));
      addresses.set(id, address);
      return address;
    },
    /** @param {HTMLElement} tile */
    watch: (tile) => observer.observe(tile),
    /** The open image lends its pixels. */
    takeOpen() {
      const image = project.current;
      if (image !== null && image.thumb === null) void make(image).catch(() => {});
    },
  };
}
