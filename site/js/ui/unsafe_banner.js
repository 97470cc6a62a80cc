/** Work that the browser does not keep: said over the stage, with the way to save it to a file, until it is safe or the person has seen it. */
import { t, tn } from "../i18n.js";
import { byId } from "./dom.js";

/**
 * @param {import("../store.js").Store} store
 * @param {import("../project.js").Project} project
 */
export function makeUnsafeBanner(store, project) {
  const banner = byId("unsafe");
  /** What is wrong now; "" if nothing is. */
  let wrong = "";
  let dismissed = "";

  /** Images whose file the browser refused. */
  const refused = () => project.images.filter(({ id }) => store.refused.has(id));

  function show() {
    const { keeping } = store;
    const files = refused();
    if (keeping !== "saving") wrong = keeping !== "saved" ? keeping : files.length > 0 ? `files ${files.length}` : ""; // "saving" is no news
    if (wrong === "") dismissed = "";
    banner.hidden = wrong === "" || wrong === dismissed || project.images.length === 0;
    if (banner.hidden) return;
    byId("unsafe-text").textContent = files.length > 0 && wrong.startsWith("files") ? tn("unsafe.files", files.length, { name: files[0].name }) : t(`keeping.${wrong}.why`);
  }

  byId("unsafe-dismiss").addEventListener("click", () => {
    dismissed = wrong;
    show();
  });
  window.addEventListener("beforeunload", (event) => {
    const hasWork = store.unexported && project.images.some(({ state }) => state !== "none");
    if (hasWork && wrong !== "" && !wrong.startsWith("files")) event.preventDefault(); // the browser asks before the page goes
  });
  store.on(["keeping", "project", "words"], show);
  show();
}
