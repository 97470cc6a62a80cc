/** What is being loaded, in bytes, and what can be done meanwhile; a failure says so and can be tried again. */
import { megabytes, t } from "../i18n.js";
import { byId } from "./dom.js";

/** @param {import("../store.js").Store} store @param {() => void} retry */
export function makeBootCard(store, retry) {
  const card = byId("boot-card");
  const bar = byId("boot-progress");
  let highest = 0; // a bar that runs backwards would only unsettle

  function show() {
    const { phase, loaded, total, error, pythonReady } = store.boot;
    const { model } = store.mirror;
    card.hidden = error === null && pythonReady && model.state === "ready";
    if (pythonReady && model.state === "ready") highest = 0;
    byId("boot-retry").hidden = error === null;
    bar.hidden = error !== null;
    if (error !== null) {
      byId("boot-text").textContent = t(`boot.failed.${error.phase}`);
      byId("boot-bytes").textContent = lastLine(error.message);
      return;
    }
    highest = Math.max(highest, total > 0 ? loaded / total : 0);
    bar.value = highest;
    byId("boot-text").textContent = t(`boot.phase.${phase}`);
    const bytes = total > 0 ? t("boot.bytes", { loaded: megabytes(loaded), total: megabytes(total) }) : "";
    byId("boot-bytes").textContent = store.pending.length > 0 ? t("boot.waiting") : store.picture !== null && phase !== "start" ? t("boot.meanwhile", { bytes }) : bytes;
  }

  byId("boot-retry").addEventListener("click", retry);
  store.on(["boot", "mirror", "pending", "picture"], show);
  show();
}

/** Of a Python traceback only what it says at its end; the whole of it is in the diagnostics. @param {string} message */
const lastLine = (message) => (message.trim().split("\n").pop() ?? "").slice(0, 160);
