/** How far a project file is on its way out or in: told when it is more than a moment's work. */
import { t } from "../i18n.js";
import { byId } from "./dom.js";

const FEW = 10; // so many steps are done at once

export function makeProjectCard() {
  const card = byId("project-card");
  let key = "";
  return {
    /** @param {"project.saving"|"project.reading"} what the key of its words */
    begin(what) { key = what; },
    /** @param {{done: number, total: number}} params */
    tell({ done, total }) {
      if (key === "" || total < FEW) return;
      byId("project-card-text").textContent = t(key, { share: t("percent", { n: Math.floor((100 * done) / total) }) });
      Object.assign(byId("project-card-bar"), { max: total, value: done });
      card.hidden = false;
    },
    end() {
      key = "";
      card.hidden = true;
    },
  };
}
