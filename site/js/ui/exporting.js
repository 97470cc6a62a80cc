/** The export dialog: the formats, what each cannot hold of this very document, and the writing itself. */
import { t, tn } from "../i18n.js";
import { giveAll, openedImages } from "../others.js";
import { showFilled } from "./dialogs.js";
import { byId, el, fewOf } from "./dom.js";
import { download } from "./drop.js";

/** @typedef {{code: string, count: number, is_fatal: boolean}} Limit */

/**
 * @param {object} parts
 * @param {import("../store.js").Store} parts.store
 * @param {import("../rpc.js").Rpc} parts.rpc
 * @param {import("../persist.js").Persist} parts.persist
 * @param {import("../project.js").Project} parts.project
 * @param {(text: string) => void} parts.say
 * @param {(error: any) => void} parts.showError
 */
export function makeExporting({ store, rpc, persist, project, say, showError }) {
  const dialog = byId("export");
  const list = byId("export-formats");
  const scale = byId("export-scale");
  const only = byId("export-only");
  const all = byId("export-all");
  const shown = byId("export-shown");
  const bar = byId("export-progress");
  let chosen = "coco";
  let writing = false;
  /** Which choice is the newest: what an earlier one still gathers is no longer asked for. */
  let turn = 0;
  /** Of all images, or of those that the filter shows, the ones that can be written, by id. @type {string[]} */
  let many = [];

  /** The selected annotations; a draft is none. */
  const picked = () => store.picked.filter((id) => typeof id === "number");

  /** What is asked for: the open image, some annotations of it, or many images. */
  function choice() {
    if (all.checked || shown.checked) return { images: many };
    return only.checked ? { only: picked() } : {};
  }

  /** @param {{id: string, limits: Limit[]}} format */
  function row({ id, limits }) {
    const isFatal = limits.some((limit) => limit.is_fatal);
    const radio = el("input", { type: "radio", name: "export-format", value: id, disabled: isFatal, checked: id === chosen && !isFatal });
    const losses = limits.map((limit) => el("small", { class: "loss", text: tn(`limit.${limit.code}`, limit.count) }));
    if (limits.length === 0) losses.push(el("small", { text: t("limit.none") }));
    const words = el("span", {}, [el("b", { text: t(`format.${id}`) }), el("small", { text: t(`format.${id}.hint`) }), ...losses]);
    return el("label", { "class": "format-row", "data-testid": `export-${id}`, "data-losses": limits.map((limit) => limit.code).join(" ") }, [radio, words]);
  }

  async function refresh() {
    const { result } = await rpc.call("export.limits", choice());
    list.replaceChildren(...result.formats.map(row));
    showChoice();
  }

  function showChoice() {
    chosen = /** @type {HTMLInputElement|null} */ (list.querySelector("input:checked"))?.value ?? "";
    byId("export-scale-row").hidden = chosen !== "measurements";
    byId("export-write").disabled = chosen === "" || writing;
  }

  async function show() {
    begin();
    only.checked = all.checked = shown.checked = false;
    const count = project.images.length;
    byId("export-all-row").hidden = count < 2;
    byId("export-all-text").textContent = t("export.every", { n: count });
    showLeft([]);
    const filtered = project.shown.length;
    byId("export-shown-row").hidden = filtered === 0 || filtered === count;
    byId("export-shown-text").textContent = tn("export.shown", filtered);
    byId("export-only-row").hidden = picked().length === 0;
    byId("export-only-text").textContent = tn("export.only", picked().length);
    try {
      list.replaceChildren();
      byId("export-write").disabled = true; // until it is known what can be written
      await showFilled(dialog, bar, refresh);
      /** @type {HTMLElement|null} */ (list.querySelector("input:checked"))?.focus();
    } catch (error) {
      showError(error);
    }
  }

  /** @param {string[]} names of files that could not be read */
  function showLeft(names) {
    byId("export-left").hidden = names.length === 0;
    byId("export-left").textContent = names.length === 0 ? "" : tn("export.left", names.length, { names: fewOf(names) });
  }

  /** @param {HTMLInputElement} box  `all` or `shown` */
  async function chooseMany(box) {
    for (const other of [only, all, shown]) if (other !== box) other.checked = false;
    showLeft([]);
    const mine = begin();
    if (!box.checked) return refresh();
    writing = true; // not before all of them are known
    bar.hidden = false;
    showChoice();
    try {
      const { ids, left } = await giveAll({ rpc, persist, project }, box === all ? project.images.slice() : project.shown, (done, total) => { if (mine === turn) Object.assign(bar, { max: total, value: done }); });
      if (mine !== turn) return;
      many = ids;
      showLeft(left);
    } catch (error) {
      if (mine !== turn) return; // it is no longer asked for
      box.checked = false;
      throw error;
    } finally {
      if (mine === turn) {
        end();
        await refresh();
      }
    }
  }

  /** Another choice: what was begun before it is no longer waited for. @returns {number} its turn */
  function begin() {
    end();
    turn += 1;
    return turn;
  }

  function end() {
    writing = false;
    bar.hidden = true;
  }

  /** @param {string} format @param {Record<string, any>} [params] */
  async function write(format, params = {}) {
    try {
      const { result, buffers } = await rpc.call("export.write", { format, ...params });
      download(buffers[0], result.filename, result.mime);
      const isAll = params.images === undefined ? openedImages(project).length < 2 : openedImages(project).every(({ id }) => params.images.includes(id));
      if (result.has_masks && params.only === undefined && isAll) store.unexported = false; // a table of figures keeps no mask
      say(t("export.done", { filename: result.filename }));
    } catch (error) {
      showError(error);
    }
  }

  async function submit() {
    const mine = begin();
    writing = true;
    bar.hidden = false;
    bar.removeAttribute("value");
    showChoice();
    const mm = chosen === "measurements" && scale.value !== "" ? { mm_per_pixel: Number(scale.value) } : {};
    await write(chosen, { ...choice(), ...mm });
    if (mine !== turn) return; // the dialog was left and opened again
    end();
    dialog.close();
  }

  list.addEventListener("change", showChoice);
  only.addEventListener("change", () => { all.checked = shown.checked = false; begin(); showLeft([]); void refresh().catch(showError); });
  for (const box of [all, shown]) box.addEventListener("change", () => void chooseMany(box).catch(showError));
  dialog.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!writing && scale.checkValidity()) void submit();
  });
  dialog.addEventListener("close", () => {
    if (writing) void rpc.call("export.cancel").catch(showError);
  });
  byId("export-cancel").addEventListener("click", () => dialog.close());

  return {
    show,
    write,
    /** @param {{done: number, total: number}} params */
    progress({ done, total }) {
      bar.max = total;
      bar.value = done;
    },
  };
}
