/** Header: file, the export menu. Its buttons are wired by actions.js. */
import { t } from "../i18n.js";
import { byId } from "./dom.js";
import { makeMenu } from "./menu.js";

/** @param {import("../store.js").Store} store */
export function makeHeader(store) {
  function showFile() {
    const { picture } = store;
    byId("file-name").textContent = picture?.name ?? t("file.none");
    byId("file-name").title = picture?.name ?? "";
    byId("file-size").textContent = picture === null ? "" : `${picture.width} × ${picture.height}`;
    document.title = picture === null ? "Segmark" : `${picture.name} · Segmark`;
  }

  store.on(["picture", "boot", "words"], showFile);
  showFile();
  const exporting = makeMenu(byId("export-button"), byId("export-menu"));
  byId("export-button").addEventListener("click", exporting.toggle);
  byId("export-menu").addEventListener("click", exporting.close);
}
