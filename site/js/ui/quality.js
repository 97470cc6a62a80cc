/** The quality report: figures of the annotations, and what looks wrong with them. A finding selects its annotation. */
import { number, t, tn } from "../i18n.js";
import { byId, el, icon, onNumber } from "./dom.js";

/**
 * @typedef {{annotations: number, area: number, objects: number, clicks: number, seconds: number, seconds_per_object: number, clicks_per_object: number}} Tally
 * @typedef {{kind: string, image: string, annotation: number, label: string, other: number, value: number}} Finding
 * @typedef {{whole: Tally, classes: Record<string, Tally>, findings: Finding[], is_cut: boolean}} Report
 */

/**
 * @param {object} parts
 * @param {import("../store.js").Store} parts.store
 * @param {import("../rpc.js").Rpc} parts.rpc
 * @param {import("../viewport.js").Viewport} parts.viewport
 * @param {(format: string, params: Record<string, any>) => Promise<void>} parts.write  saves a file of the report
 * @param {(error: any) => void} parts.showError
 */
export function makeQuality({ store, rpc, viewport, write, showError }) {
  const dialog = byId("quality");
  const list = byId("quality-findings");
  const tiny = byId("quality-tiny");
  let last = 0; // the finding that was looked at last: the next visit goes on there

  const choice = () => ({ tiny_px: Number(tiny.value) });

  /** @param {string} name @param {Tally} tally @param {boolean} isWhole */
  function row(name, tally, isWhole) {
    const made = tally.objects > 0;
    const figures = [number(tally.annotations), `${number(tally.area)} px`, made ? `${number(tally.seconds_per_object, 1)} s` : "–", made ? number(tally.clicks_per_object, 1) : "–"];
    return el("tr", { class: isWhole ? "whole" : null }, [el("th", { scope: "row", text: name }), ...figures.map((text) => el("td", { text }))]);
  }

  /** @param {Report} report */
  function showFigures({ whole, classes }) {
    const head = ["class", "annotations", "area", "seconds", "clicks"].map((name) => el("th", { scope: "col", text: t(`quality.${name}`) }));
    const rows = Object.entries(classes).map(([name, tally]) => row(name, tally, false));
    byId("quality-figures").replaceChildren(el("thead", {}, [el("tr", {}, head)]), el("tbody", {}, [...rows, row(t("quality.whole"), whole, true)]));
  }

  /** Look at the annotation: selected, in the middle of the view. @param {Finding} finding */
  function choose(finding) {
    dialog.close();
    const item = store.mirror.annotations.find(({ id }) => id === finding.annotation);
    if (item === undefined) return;
    store.setView({ selected: item.id });
    const [x0, y0, x1, y1] = item.box;
    viewport.centre((x0 + x1) / 2, (y0 + y1) / 2);
    byId("layer-marks").focus({ preventScroll: true });
  }

  /** @param {Finding} finding @param {number} at */
  function button(finding, at) {
    const { kind, annotation, label, other, value } = finding;
    const words = t(`finding.${kind}`, { value: kind === "duplicate" ? number(100 * value) : value, other });
    return el("li", {}, [el("button", {
      "type": "button", "class": "finding", "data-testid": `finding-${kind}-${annotation}`,
      "onclick": () => { last = at; choose(finding); },
    }, [icon("triangle-alert"), el("b", { text: t("finding.of", { label, annotation }) }), el("span", { text: words })])]);
  }

  /** @param {Report} report */
  function show(report) {
    showFigures(report);
    list.replaceChildren(...report.findings.map(button));
    const count = report.findings.length;
    byId("quality-sum").textContent = count === 0 ? t("quality.none") : tn(report.is_cut ? "quality.cut" : "quality.found", count);
  }

  async function refresh() {
    show((await rpc.call("quality.report", choice())).result);
  }

  async function open() {
    try {
      await refresh();
      if (!dialog.open) dialog.showModal();
      const buttons = list.querySelectorAll("button");
      buttons[Math.min(last, buttons.length - 1)]?.focus();
    } catch (error) {
      showError(error);
    }
  }

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
    if (format) void write(format, choice());
    else if (target.closest("[data-close]") !== null) dialog.close();
  });
  return { open };
}
