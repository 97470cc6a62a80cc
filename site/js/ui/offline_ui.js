/** What the page says about working without a network: the status line, the offer of a new version, saving the page. */
import { isPacked } from "../assets.js";
import { errorText } from "../events.js";
import { t } from "../i18n.js";
import { Offline } from "../offline.js";
import { RpcError } from "../rpc.js";
import { assemblePage } from "../save_page.js";
import { byId } from "./dom.js";
import { download } from "./drop.js";

/**
 * @param {object} parts
 * @param {import("../store.js").Store} parts.store
 * @param {string} parts.build  this page's
 * @param {(text: string, level?: import("./status.js").Level) => void} parts.say
 */
export function makeOffline({ store, build, say }) {
  const line = byId("status-offline");
  const button = byId("status-update");
  let saving = false;

  let state = "off";
  let share = 0;

  function show() {
    line.textContent = state === "off" ? "" : t(`offline.${state}`, { percent: Math.floor(share * 100) });
    line.title = state === "off" ? "" : t(`offline.${state}.why`);
    line.dataset.state = state;
    button.hidden = state !== "update";
  }

  const offline = new Offline((now) => {
    ({ state, share } = now);
    show();
  });

  /** The new version comes only when this one's work is on disk, and no other page lives on the old one's parts. */
  async function update() {
    if (store.unexported && store.keeping !== "saved") say(t("offline.update.unsafe"), "warn");
    else if (!(await offline.takeOver())) say(t("offline.update.others"), "warn");
  }

  async function save() {
    if (saving) return;
    saving = true;
    try {
      const { name, blob } = await assemblePage(build, (share) => say(t("page.saving", { percent: Math.floor(share * 100) })));
      download(blob, name, "text/html");
      say(t("page.saved", { name }));
    } catch (error) {
      say(error instanceof RpcError ? errorText(error) : t("page.save_failed", { why: String(error) }), "error");
    } finally {
      saving = false;
    }
  }

  button.addEventListener("click", () => void update());
  store.on("words", show);
  byId("save-page").hidden = isPacked;
  return { begin: () => void offline.begin(), save };
}
