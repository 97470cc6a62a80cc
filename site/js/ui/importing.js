/** Annotation files on their way in, and the report of what was read and what was not. */
import { t, tn } from "../i18n.js";
import { asking } from "./dialogs.js";
import { byId, el } from "./dom.js";

/**
 * @param {object} parts
 * @param {import("../store.js").Store} parts.store
 * @param {import("../rpc.js").Rpc} parts.rpc
 * @param {(error: any) => void} parts.showError
 */
export function makeImporting({ store, rpc, showError }) {
  const input = byId("import-input");
  const dialog = byId("report");
  const askMapping = asking(byId("map"));

  /** @param {{format: string, read: number, skipped: Record<string, number>, new_labels: string[], other_images: number, other_name: string}} report @param {string} name @param {string[]} left  files that were not looked at */
  function tell(report, name, left) {
    const lines = [tn("report.read", report.read, { name })];
    if (report.new_labels.length > 0) lines.push(t("report.new_labels", { names: report.new_labels.join(", ") }));
    for (const [why, count] of Object.entries(report.skipped)) lines.push(tn(`report.skipped.${why}`, count));
    if (report.other_name !== "") lines.push(t("report.other_name", { name: report.other_name }));
    if (report.other_images > 0) lines.push(tn("report.other_images", report.other_images));
    if (left.length > 0) lines.push(tn("report.left", left.length, { names: left.slice(0, 5).join(", ") + (left.length > 5 ? " …" : "") }));
    if (report.read > 0) lines.push(t("report.undo"));
    byId("report-lines").replaceChildren(...lines.map((text) => el("li", { text })));
    dialog.showModal();
  }

  /** @param {{name: string, count: number}} unknown a class of the file */
  function mapRow({ name, count }) {
    const options = [["0", t("map.new")], ...store.mirror.labels.map((label) => [String(label.id), label.name]), ["-1", t("map.leave_out")]];
    const select = el("select", { "data-name": name, "aria-label": name }, options.map(([value, text]) => el("option", { value, text })));
    return el("label", { class: "check-row" }, [el("span", { text: tn("map.class", count, { name }) }), select]);
  }

  /** What becomes of classes that are not here. @param {{name: string, count: number}[]} unknown @returns {Promise<Record<string, number>|null>} null: nothing is imported */
  async function askClasses(unknown) {
    const list = byId("map-classes");
    list.replaceChildren(...unknown.map(mapRow));
    if ((await askMapping()) !== "import") return null;
    const selects = /** @type {HTMLSelectElement[]} */ ([...list.querySelectorAll("select")]);
    return Object.fromEntries(selects.map((select) => [select.dataset.name, Number(select.value)]));
  }

  /** @param {string} name */
  const stem = (name) => name.replace(/\.[^.]*$/, "").toLowerCase();

  /** Of several files the one that is called like the open image, or the first; the report names the others. @param {File[]} files */
  async function readOne(files) {
    const own = files.find(({ name }) => stem(name) === stem(store.picture?.name ?? "")) ?? files[0];
    await read(own, files.filter((file) => file !== own).map(({ name }) => name));
  }

  /** @param {File} file @param {string[]} [left]  names of files that came with it */
  async function read(file, left = []) {
    try {
      if (store.picture === null) throw Object.assign(new Error(), { code: "no_image" });
      const params = { name: file.name };
      let { result } = await rpc.call("import.read", { ...params, ask: true }, [await file.arrayBuffer()]);
      if (result.unknown !== undefined) {
        const classes = await askClasses(result.unknown);
        if (classes === null) return;
        ({ result } = await rpc.call("import.read", { ...params, classes }, [await file.arrayBuffer()]));
      }
      tell(result, file.name, left);
    } catch (error) {
      showError(error);
    }
  }

  input.addEventListener("change", () => {
    const file = input.files[0];
    input.value = ""; // the same file can be chosen again
    if (file !== undefined) void read(file);
  });
  dialog.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    if (/** @type {HTMLElement} */ (event.target).closest("[data-close]") !== null) dialog.close();
  });
  return { readOne, choose: () => input.click() };
}
