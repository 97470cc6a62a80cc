/** The quality report: figures of the annotations, and what looks wrong with them. A finding selects its annotation. */
import { number, t, tn } from "../i18n.js";
import { giveOthers, openedImages } from "../others.js";
import { showFilled } from "./dialogs.js";
import { byId, el, icon, onNumber } from "./dom.js";

/**
 * @typedef {{annotations: number, area: number, objects: number, clicks: number, seconds: number, seconds_per_object: number, clicks_per_object: number}} Tally
 * @typedef {{kind: string, image: string, name: string, annotation: number, label: string, other: number, value: number}} Finding
 * @typedef {{whole: Tally, classes: Record<string, Tally>, findings: Finding[], is_cut: boolean}} Report
 */

/**
 * @param {object} parts
 * @param {import("../store.js").Store} parts.store
 * @param {import("../rpc.js").Rpc} parts.rpc
 * @param {import("../viewport.js").Viewport} parts.viewport
 * @param {import("../persist.js").Persist} parts.persist
 * @param {import("../project.js").Project} parts.project
 * @param {(image: import("../project.js").ProjectImage) => Promise<void>} parts.goTo  opens an image of the project
 * @param {(format: string, params: Record<string, any>) => Promise<void>} parts.write  saves a file of the report
 * @param {(error: any) => void} parts.showError
 */
export function makeQuality({ store, rpc, viewport, persist, project, goTo, write, showError }) {
  const dialog = byId("quality");
  const list = byId("quality-findings");
  const tiny = byId("quality-tiny");
  const all = byId("quality-all");
  let last = 0; // the finding that was looked at last: the next visit goes on there

  /** What is looked at: the open image, or all that were opened. */
  const choice = async () => ({ tiny_px: Number(tiny.value), ...(all.checked ? { images: await giveOthers({ rpc, persist, project }) } : {}) });

  /** @param {string} name @param {Tally} tally @param {boolean} isWhole */
  function row(name, tally, isWhole) {
    const made = tally.objects > 0;
    const figures = [number(tally.annotations), `${number(tally.area)} px`, made ? `${number(tally.seconds_per_object, 1)} s` : "–", made ? number(tally.clicks_per_object, 1) : "–"];
    return el("tr", { class: isWhole ? "whole" : null }, [el("th", { scope: "row", text: name }), ...figures.map((text) => el("td", { text }))]);
  }

  /** @param {Report} report */
  function showFigures({ whole, classes }) {
    const head = ["class", "annotations", "area", "seconds", "clicks"].map((name) => el("th", { scope: "col", text: t(`quality.${name}`), title: name === "seconds" ? t("quality.seconds.why") : null }));
    const rows = Object.entries(classes).map(([name, tally]) => row(name, tally, false));
    byId("quality-figures").replaceChildren(el("thead", {}, [el("tr", {}, head)]), el("tbody", {}, [...rows, row(t("quality.whole"), whole, true)]));
  }

  /** Look at the annotation: selected, in the middle of the view. @param {Finding} finding */
  async function choose(finding) {
    dialog.close();
    const image = project.images.find(({ id }) => id === finding.image);
    if (image !== undefined && image !== project.current) await goTo(image);
    const item = store.mirror.annotations.find(({ id }) => id === finding.annotation);
    if (item === undefined) return;
    store.setView({ selected: item.id });
    const [x0, y0, x1, y1] = item.box;
    viewport.centre((x0 + x1) / 2, (y0 + y1) / 2);
    byId("layer-marks").focus({ preventScroll: true });
  }

  /** @param {Finding} finding @param {number} at */
  function button(finding, at) {
    const { kind, image, name, annotation, label, other, value } = finding;
    const words = t(`finding.${kind}`, { value: kind === "duplicate" ? number(100 * value) : value, other });
    return el("li", {}, [el("button", {
      "type": "button", "class": "finding", "data-testid": `finding-${kind}-${annotation}`,
      "onclick": () => { last = at; void choose(finding).catch(showError); },
    }, [icon("triangle-alert"), image === project.current?.id ? null : el("span", { class: "finding-image", text: name }), el("b", { text: t("finding.of", { label, annotation }) }), el("span", { text: words })])]);
  }

  /** @param {Report} report */
  function show(report) {
    showFigures(report);
    list.replaceChildren(...report.findings.map(button));
    const count = report.findings.length;
    byId("quality-sum").textContent = count === 0 ? t("quality.none") : tn(report.is_cut ? "quality.cut" : "quality.found", count);
  }

  async function refresh() {
    show((await rpc.call("quality.report", await choice())).result);
  }

  async function open() {
    const count = openedImages(project).length;
    byId("quality-all-row").hidden = count < 2;
    byId("quality-all-text").textContent = t("export.all", { n: count });
    if (count < 2) all.checked = false;
    try {
      for (const id of ["quality-figures", "quality-sum", "quality-findings"]) byId(id).replaceChildren();
      await showFilled(dialog, byId("quality-progress"), refresh);
      const buttons = list.querySelectorAll("button");
      buttons[Math.min(last, buttons.length - 1)]?.focus();
    } catch (error) {
      showError(error);
    }
  }

  all.addEventListener("change", () => { last = 0; void refresh().catch(showError); });
  onNumber(tiny, 16, () => { last = 0; void refresh().catch(showError); });
  list.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const buttons = [...list.querySelectorAll("button")];
    buttons[buttons.indexOf(/** @type {any} */ (document.activeElement)) + step]?.focus();
  });
  dialog.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const format = target.closest("[data-write]")?.getAttribute("data-write");
    if (format) void choice().then((chosen) => write(format, chosen)).catch(showError);
    else if (target.closest("[data-close]") !== null) dialog.close();
  });
  return { open };
}
