/** The status line. Numbers have fixed places, the message is the last thing that was worth saying. */
import { has, megabytes, number, t } from "../i18n.js";
import { byId, el } from "./dom.js";

const MESSAGE_MS = 7000;

/** @typedef {"info"|"warn"|"error"} Level */

/** Words and values in turn, the values emphasised. @param {HTMLElement} element @param {string[]} pieces */
function fill(element, pieces) {
  element.replaceChildren(...pieces.map((piece, index) => (index % 2 === 1 ? el("b", { text: piece }) : document.createTextNode(piece))));
}

/**
 * @param {import("../store.js").Store} store
 * @param {import("../viewport.js").Viewport} viewport
 */
export function makeStatus(store, viewport) {
  const message = byId("status-message");
  let timer = 0;

  function showModel() {
    const { model } = store.mirror;
    byId("status-model").textContent = model.id === "" ? "" : t(`model.state.${model.state}`);
    byId("status-model").title = has(`model.name.${model.id}`) ? t(`model.name.${model.id}`) : model.name;
  }

  function showSize() {
    const { picture } = store;
    byId("status-size").textContent = picture === null ? "" : `${picture.width} × ${picture.height} px`;
    byId("status-size").title = picture === null ? "" : t("status.memory", { mb: megabytes(picture.width * picture.height * 4) });
  }

  function showCursor() {
    const at = store.cursor ?? store.crosshair;
    const inside = at !== null && viewport.isInside(at.x, at.y);
    fill(byId("status-cursor"), inside ? ["x ", String(Math.floor(at.x)), "  y ", String(Math.floor(at.y))] : ["x –  y –"]);
  }

  function showMs() {
    const { lastClickMs } = store.view;
    const { timing } = store.mirror;
    fill(byId("status-ms"), lastClickMs === null ? [t("status.no_click")] : [`${t("status.click")} `, `${number(lastClickMs)} ms`]);
    byId("status-ms").title = timing === null ? "" : t("status.timing", {
      network: number(timing.network_ms), before: number(timing.pre_ms, 1), after: number(timing.post_ms, 1), runs: timing.runs,
    });
  }

  function showKeeping() {
    const { keeping } = store;
    byId("status-saved").textContent = t(`keeping.${keeping}`);
    byId("status-saved").title = t(`keeping.${keeping}.why`);
    byId("status-saved").dataset.state = keeping;
  }

  store.on("keeping", showKeeping);
  store.on("mirror", showModel);
  store.on(["picture", "words"], () => { showSize(); showCursor(); });
  store.on("cursor", showCursor);
  store.on(["view", "mirror"], showMs);
  showMs();
  showCursor();

  return {
    showZoom() {
      const percent = viewport.zoom * 100;
      fill(byId("status-zoom"), [`${t("status.zoom")} `, t("percent", { n: Number(percent < 10 ? percent.toFixed(1) : percent.toFixed(0)) })]);
    },
    /** @param {string} text @param {Level} [level] */
    say(text, level = "info") {
      window.clearTimeout(timer);
      message.textContent = text;
      message.title = text;
      message.dataset.level = level;
      delete message.dataset.long;
      if (message.scrollWidth > message.clientWidth) message.dataset.long = ""; // a sentence that is cut off says nothing
      timer = window.setTimeout(() => { message.textContent = ""; delete message.dataset.long; }, MESSAGE_MS);
    },
  };
}
