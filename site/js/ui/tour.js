/**
 * First steps: a card in the side pane that goes on by itself as the steps are done. It never lies on the image, takes no
 * focus and no key; skipped or finished, it does not come back by itself.
 */
import { t } from "../i18n.js";
import { byId } from "./dom.js";

/** @typedef {import("../types.js").Mirror} Mirror */

/** Each step with what shows that it was done. @type {{name: string, isDone: (mirror: Mirror) => boolean}[]} */
const STEPS = [
  { name: "click", isDone: ({ draft, annotations }) => (draft?.clicks.length ?? 0) > 0 || annotations.length > 0 },
  { name: "refine", isDone: ({ draft, annotations }) => (draft !== null && (draft.clicks.length > 1 || draft.is_edited)) || annotations.length > 0 },
  { name: "confirm", isDone: ({ annotations }) => annotations.length > 0 },
  { name: "export", isDone: () => false },
];

/**
 * @param {import("../store.js").Store} store
 * @param {import("../persist.js").Persist} persist
 * @returns {() => void} begins it (again)
 */
export function makeTour(store, persist) {
  const card = byId("tour");
  let at = 0;
  let isOn = persist.settings.tour !== "over" && persist.settings.ownImageOpened !== true;

  function end() {
    isOn = false;
    persist.saveSettings({ tour: "over" });
    show();
  }

  function show() {
    while (isOn && at < STEPS.length - 1 && STEPS[at].isDone(store.mirror)) at += 1;
    card.hidden = !isOn;
    if (!isOn) return;
    const isLast = at === STEPS.length - 1;
    byId("tour-count").textContent = t("tour.count", { n: at + 1, total: STEPS.length });
    byId("tour-text").textContent = t(`tour.${STEPS[at].name}`);
    byId("tour-next").textContent = t(isLast ? "tour.done" : "tour.next");
    byId("tour-skip").hidden = isLast;
  }

  byId("tour-next").addEventListener("click", () => {
    at += 1;
    if (at === STEPS.length) end();
    else show();
  });
  byId("tour-skip").addEventListener("click", end);
  store.on(["mirror", "words"], show);
  show();
  return () => {
    at = 0;
    isOn = true;
    byId("app").dataset.open = "side"; // on a narrow screen the pane is a drawer
    show();
  };
}
