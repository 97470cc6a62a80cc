/** Annotation files on their way in, and the report of what was read and what was not. */
import { errorText } from "../events.js";
import { t, tn } from "../i18n.js";
import { RpcError } from "../rpc.js";
import { asking, closeByButton } from "./dialogs.js";
import { byId, el, fewOf } from "./dom.js";

/** @typedef {import("../methods.js").FileReport} FileReport */
/** @typedef {import("../project.js").ProjectImage} ProjectImage */

const UNREADABLE = "import.unreadable";
/** No answer about a file. */
const BROKEN = ["worker_restarted", "internal"];
const MAX_FILES_TOLD = 40; // a folder may hold thousands of files of another kind

/** A file of which nothing is taken. @param {File} file @param {FileReport["error"]} error @returns {FileReport} */
const refused = ({ name }, error) => ({ name, format: "", read: 0, skipped: {}, new_labels: [], other_images: 0, other_name: "", error });

/**
 * @param {object} parts
 * @param {import("../store.js").Store} parts.store
 * @param {import("../rpc.js").Rpc} parts.rpc
 * @param {import("../project.js").Project} parts.project
 * @param {ReturnType<typeof import("./import_all.js").makeImportAll>} parts.importAll
 * @param {(error: any) => void} parts.showError
 */
export function makeImporting({ store, rpc, project, importAll, showError }) {
  const input = byId("import-input");
  const dialog = byId("report");
  const forAll = byId("report-all");
  /** The files of the report that is shown; the open image has what they hold for it. @type {File[]} */
  let told = [];
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

  /** @param {import("./import_all.js").Whole} whole @returns {string[]} */
  function linesOfImages({ taken, without, alike, unopened, stopped }) {
    const lines = taken > 0 ? [tn("report.images", taken)] : [];
    if (without > 0) lines.push(tn("report.without", without));
    if (alike > 0) lines.push(tn("report.alike", alike));
    if (unopened.length > 0) lines.push(tn("report.unopened", unopened.length, { names: fewOf(unopened) }));
    if (stopped) lines.push(t("report.stopped"));
    return lines;
  }

  /** One file has its lines, several have a sum before them. @param {File[]} files @param {FileReport[]} reports @param {import("./import_all.js").Whole|null} whole  of an import for many images */
  function tell(files, reports, whole = null) {
    told = files;
    const read = reports.reduce((sum, report) => sum + report.read, 0);
    const good = reports.filter(({ error }) => error === null).length;
    const names = reports.flatMap((report) => report.new_labels).join(", ");
    const line = (/** @type {string} */ text) => el("li", { text });
    const rows = reports.slice(0, MAX_FILES_TOLD).flatMap(rowsOf);
    if (reports.length > MAX_FILES_TOLD) rows.push(line(tn("report.more", reports.length - MAX_FILES_TOLD)));
    if (reports.length > 1) rows.unshift(line(tn("report.sum", read, { good, all: reports.length })));
    if (names !== "") rows.splice(1, 0, line(t("report.new_labels", { names })));
    if (whole !== null) rows.push(...linesOfImages(whole).map(line));
    else if (read > 0) rows.push(line(t("report.undo")));
    byId("report-lines").replaceChildren(...rows);
    forAll.hidden = whole !== null || project.images.length < 2 || reports.every(({ other_images: others }) => others === 0);
    forAll.textContent = tn("report.all", project.images.length - 1);
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

  /** @param {File[]} files @param {{ask?: boolean, sure?: boolean, classes?: Record<string, number>}} params */
  async function request(files, params) {
    const contents = await Promise.all(files.map(async (file) => ({ file, bytes: await file.arrayBuffer().catch(() => null) })));
    const given = contents.filter(({ bytes }) => bytes !== null);
    if (given.length === 0) throw new RpcError(UNREADABLE, "the disk does not give the files");
    const { result } = await rpc.call("import.read", { names: given.map(({ file }) => file.name), ...params }, given.map(({ bytes }) => /** @type {ArrayBuffer} */ (bytes)));
    const reports = [...(result.files ?? [])];
    return { unknown: result.unknown, files: contents.map(({ file, bytes }) => (bytes === null ? refused(file, { code: UNREADABLE, params: {} }) : /** @type {FileReport} */ (reports.shift()))) };
  }

  /** Annotations for the open image, all files as one step. @param {File[]} files */
  async function read(files) {
    try {
      if (store.picture === null) throw Object.assign(new Error(), { code: "no_image" });
      const reports = await readWith(files, {}, {});
      if (reports !== null) tell(files, reports);
    } catch (error) {
      const isElsewhere = error instanceof RpcError && error.code === "import.no_match" && project.images.length > 1;
      if (isElsewhere) tell(files, [{ ...refused(files[0], error), other_images: error.params.images }]); // the other images may be its own
      else showError(error);
    }
  }

  /** @param {File[]} files @param {{sure?: boolean}} params @param {Record<string, number>} classes  what was answered about classes; grows @returns {Promise<FileReport[]|null>} null: the person does not want to */
  async function readWith(files, params, classes) {
    let answer = await request(files, { ask: true, ...params });
    if (answer.unknown === undefined) return answer.files;
    const open = answer.unknown.filter(({ name }) => !(name in classes));
    const chosen = open.length > 0 ? await askClasses(open) : {};
    if (chosen === null) return null;
    answer = await request(files, { ...params, classes: Object.assign(classes, chosen) });
    return answer.files;
  }

  /** Annotations for many images, each a step of its own there; what is not surely about one is not taken. @param {File[]} files @param {ProjectImage[]} images */
  async function readAll(files, images) {
    /** @type {Record<string, number>} */
    const classes = {};
    try {
      const { reports, whole } = await importAll.run(files, images, async (own) => {
        try {
          return await readWith(own, { sure: true }, classes);
        } catch (error) { // a lone file's refusal is the whole answer
          if (!(error instanceof RpcError) || own.length > 1 || BROKEN.includes(error.code)) throw error;
          return [refused(own[0], error)];
        }
      });
      tell(files, reports, whole);
    } catch (error) {
      byId("import-all").close();
      showError(error);
    }
  }

  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = ""; // the same file can be chosen again
    if (files.length > 0) void read(files);
  });
  closeByButton(dialog);
  forAll.addEventListener("click", () => {
    dialog.close();
    void readAll(told, project.images.filter((image) => image !== project.current));
  });
  return { read, readAll, choose: () => input.click() };
}
