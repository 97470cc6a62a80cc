/** Header: file, the export menu. Its buttons are wired by actions.js. */
import { t } from "../i18n.js";
import { byId } from "./dom.js";

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
  exportMenu();
}

/** The menu: arrows move, Esc and a press elsewhere close. */
function exportMenu() {
  const button = byId("export-button");
  const menu = byId("export-menu");
  const items = () => /** @type {HTMLButtonElement[]} */ ([...menu.querySelectorAll("[role=menuitem]:not([hidden])")]);

  /** @param {boolean} open */
  function show(open) {
    menu.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) items()[0].focus({ preventScroll: true });
  }

  button.addEventListener("click", () => show(menu.hidden));
  menu.addEventListener("click", () => { show(false); button.focus(); });
  menu.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const list = items();
    const at = list.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    if (event.key === "ArrowDown") list[(at + 1) % list.length].focus();
    else if (event.key === "ArrowUp") list[(at + list.length - 1) % list.length].focus();
    else if (event.key === "Escape") { show(false); button.focus(); }
    else return;
    event.preventDefault();
  });
  window.addEventListener("pointerdown", (event) => {
    if (!menu.hidden && !menu.parentElement.contains(event.target)) show(false);
  }, true);
}
