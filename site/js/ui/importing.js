/** Annotation files on their way in, and the report of what was read and what was not. */
import { errorText } from "../events.js";
import { t, tn } from "../i18n.js";
import { RpcError } from "../rpc.js";
import { asking } from "./dialogs.js";
import { byId, el } from "./dom.js";

/** @typedef {import("../methods.js").FileReport} FileReport */

const UNREADABLE = "import.unreadable";

/** Of a file that the disk does not give: it is told like those that Python refuses. @param {File} file @returns {FileReport} */
const missing = ({ name }) => ({ name, format: "", read: 0, skipped: {}, new_labels: [], other_images: 0, other_name: "", error: { code: UNREADABLE, params: {} } });

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

  /** Of one file, the first line what was read. @param {FileReport} report @returns {string[]} */
  function linesOf({ name, read, skipped, other_name: otherName, other_images: others, error }) {
    if (error !== null) return [t("report.refused", { name, why: errorText(error) })];
    const lines = [tn("report.read", read, { name }), ...Object.entries(skipped).map(([why, count]) => tn(`report.skipped.${why}`, count))];
    if (otherName !== "") lines.push(t("report.other_name", { name: otherName }));
    if (others > 0) lines.push(tn("report.other_images", others));
    return lines;
  }

  /** @param {FileReport} report @returns {HTMLElement[]} */
  function rowsOf(report) {
    const [first, ...rest] = linesOf(report);
    return [el("li", { class: report.error === null ? null : "refused", text: first }), ...rest.map((text) => el("li", { class: "detail", text }))];
  }

  /** One file has its lines, several have a sum before them. @param {FileReport[]} reports */
  function tell(reports) {
    const read = reports.reduce((sum, report) => sum + report.read, 0);
    const good = reports.filter(({ error }) => error === null).length;
    const names = reports.flatMap((report) => report.new_labels).join(", ");
    const line = (/** @type {string} */ text) => el("li", { text });
    const rows = reports.flatMap(rowsOf);
    if (reports.length > 1) rows.unshift(line(tn("report.sum", read, { good, all: reports.length })));
    if (names !== "") rows.splice(1, 0, line(t("report.new_labels", { names })));
    if (read > 0) rows.push(line(t("report.undo")));
    byId("report-lines").replaceChildren(...rows);
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

  /** @param {File[]} files @param {{ask?: boolean, classes?: Record<string, number>}} params */
  async function request(files, params) {
    const contents = await Promise.all(files.map(async (file) => ({ file, bytes: await file.arrayBuffer().catch(() => null) })));
    const given = contents.filter(({ bytes }) => bytes !== null);
    if (given.length === 0) throw new RpcError(UNREADABLE, "the disk does not give the files");
    const { result } = await rpc.call("import.read", { names: given.map(({ file }) => file.name), ...params }, given.map(({ bytes }) => /** @type {ArrayBuffer} */ (bytes)));
    const others = contents.filter(({ bytes }) => bytes === null).map(({ file }) => missing(file));
    return { unknown: result.unknown, files: [...(result.files ?? []), ...others] };
  }

  /** Annotations for the open image, all files as one step. @param {File[]} files */
  async function read(files) {
    try {
      if (store.picture === null) throw Object.assign(new Error(), { code: "no_image" });
      let answer = await request(files, { ask: true });
      if (answer.unknown !== undefined) {
        const classes = await askClasses(answer.unknown);
        if (classes === null) return;
        answer = await request(files, { classes });
      }
      tell(answer.files);
    } catch (error) {
      showError(error);
    }
  }

  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = ""; // the same file can be chosen again
    if (files.length > 0) void read(files);
  });
  dialog.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    if (/** @type {HTMLElement} */ (event.target).closest("[data-close]") !== null) dialog.close();
  });
  return { read, choose: () => input.click() };
}
