/** Annotation files on their way in, and the report of what was read and what was not. */
import { t, tn } from "../i18n.js";
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

  /** @param {{format: string, read: number, skipped: Record<string, number>, new_labels: string[], other_images: number}} report @param {string} name */
  function tell(report, name) {
    const lines = [tn("report.read", report.read, { name })];
    if (report.new_labels.length > 0) lines.push(t("report.new_labels", { names: report.new_labels.join(", ") }));
    for (const [why, count] of Object.entries(report.skipped)) lines.push(tn(`report.skipped.${why}`, count));
    if (report.other_images > 0) lines.push(tn("report.other_images", report.other_images));
    if (report.read > 0) lines.push(t("report.undo"));
    byId("report-lines").replaceChildren(...lines.map((text) => el("li", { text })));
    dialog.showModal();
  }

  /** @param {File} file */
  async function read(file) {
    try {
      if (store.picture === null) throw Object.assign(new Error(), { code: "no_image" });
      const { result } = await rpc.call("import.read", { name: file.name }, [await file.arrayBuffer()]);
      tell(result, file.name);
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
  return { read, choose: () => input.click() };
}
