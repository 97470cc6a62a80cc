/** Annotation files for many images: each image is opened in turn and takes what the files surely hold for it, as a step of its own. */
import { t } from "../i18n.js";
import { RpcError } from "../rpc.js";
import { closeByButton } from "./dialogs.js";
import { byId } from "./dom.js";

/** @typedef {import("../methods.js").FileReport} FileReport */
/** @typedef {import("../project.js").ProjectImage} ProjectImage */
/**
 * What became of the images: how many took something, how many no file speaks of, how many were left out because another
 * has their name, the names of those that cannot be opened, and whether the person stopped it.
 * @typedef {{taken: number, without: number, alike: number, unopened: string[], stopped: boolean}} Whole
 */
/** Reads files for the open image, only what is surely about it; null: the person does not want to. @typedef {(files: File[]) => Promise<FileReport[]|null>} ReadSurely */

/** A file says so of an image that it is not about: that is nothing wrong. */
const ELSEWHERE = ["import.no_match", "import.other_image"];

const stemOf = (/** @type {string} */ name) => name.replace(/\.[^.]*$/, "").toLowerCase();

/** A file that is called like images is about those alone: a folder of a thousand is read once, not a thousand times. @param {File[]} files @param {ProjectImage[]} images */
function filesFor(files, images) {
  const own = new Map(images.map(({ name }) => [stemOf(name), /** @type {File[]} */ ([])]));
  /** @type {File[]} */
  const shared = [];
  for (const file of files) (own.get(stemOf(file.name)) ?? shared).push(file);
  return (/** @type {ProjectImage} */ image) => [...(own.get(stemOf(image.name)) ?? []), ...shared];
}

/** Reports of one file over the images, joined. @param {FileReport|undefined} sum @param {FileReport} report @returns {FileReport} */
function joined(sum, report) {
  if (sum === undefined) return { ...report, other_images: 0, other_name: "" };
  const isElsewhere = report.error !== null && ELSEWHERE.includes(report.error.code);
  const wasElsewhere = sum.error !== null && ELSEWHERE.includes(sum.error.code);
  const skipped = { ...sum.skipped };
  for (const [why, count] of Object.entries(report.skipped)) skipped[why] = (skipped[why] ?? 0) + count;
  return {
    ...sum, format: sum.format || report.format, read: sum.read + report.read, skipped, new_labels: [...sum.new_labels, ...report.new_labels],
    error: wasElsewhere ? report.error : (isElsewhere ? sum.error : report.error ?? sum.error),
  };
}

/**
 * @param {object} parts
 * @param {import("../project.js").Project} parts.project
 * @param {import("../open_image.js").Opener} parts.opener
 */
export function makeImportAll({ project, opener }) {
  const dialog = byId("import-all");
  const bar = byId("import-all-bar");

  /** @param {number} done @param {number} total @param {string} name */
  function tell(done, total, name) {
    Object.assign(bar, { max: total, value: done });
    byId("import-all-text").textContent = t("importall.text", { done: done + 1, total, name });
  }

  /** @param {File[]} files @param {ProjectImage[]} images @param {ReadSurely} readSurely @returns {Promise<{reports: FileReport[], whole: Whole}>} */
  async function run(files, images, readSurely) {
    const start = project.current;
    /** @type {Map<File, FileReport>} */
    const sums = new Map();
    /** @type {Whole} */
    const whole = { taken: 0, without: 0, alike: 0, unopened: [], stopped: false };
    const filesOf = filesFor(files, images);
    dialog.showModal();
    for (const [index, image] of images.entries()) {
      tell(index, images.length, image.name);
      if (project.images.filter(({ name }) => name === image.name).length > 1) { // nothing tells which of them is meant
        whole.alike += 1;
        continue;
      }
      const own = filesOf(image);
      if (own.length > 0 && (await opener.show(image)) !== null) whole.unopened.push(image.name);
      else {
        const reports = own.length > 0 ? await readSurely(own) : [];
        if (reports === null) whole.stopped = true;
        else {
          for (const [at, report] of reports.entries()) sums.set(own[at], joined(sums.get(own[at]), report));
          whole[reports.some(({ error }) => error === null) ? "taken" : "without"] += 1;
        }
      }
      if (!dialog.open) whole.stopped = true;
      if (whole.stopped) break;
    }
    if (start !== null && project.images.includes(start)) await opener.show(start);
    if (dialog.open) dialog.close();
    return { reports: files.flatMap((file) => sums.get(file) ?? []).map(plainly), whole };
  }

  /** A file that is about none of the images says so, and not something of one of them. @param {FileReport} report @returns {FileReport} */
  const plainly = (report) =>
    report.read > 0 ? { ...report, error: null } : report.error !== null && ELSEWHERE.includes(report.error.code) ? { ...report, error: new RpcError("import.no_image", "no image") } : report;

  closeByButton(dialog);
  return { run };
}
