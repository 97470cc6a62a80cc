/** The list of steps: what was done, newest first; a choice goes to the state after that step. */
import { t, tn } from "../i18n.js";
import { byId, el } from "./dom.js";
import { makeMenu } from "./menu.js";

/**
 * @param {import("../store.js").Store} store
 * @param {import("../methods.js").Ask} ask
 * @param {(text: string) => void} say
 * @returns {{toggle: () => void}}
 */
export function makeHistoryMenu(store, ask, say) {
  const menu = byId("history-menu");

  /** @param {number} steps forward from the present; back if negative @param {string} name */
  async function go(steps, name) {
    close();
    const answer = steps === 0 ? undefined : await ask("history.walk", { steps });
    if (answer?.done) say(tn(steps < 0 ? "history.went_back" : "history.went_on", answer.done, { step: name }));
  }

  /** @param {string} name @param {number} steps */
  const row = (name, steps) => el("button", {
    type: "button",
    role: "menuitem",
    class: steps > 0 ? "undone" : null,
    "aria-current": steps === 0 ? "step" : null,
    "data-steps": steps,
    title: t(steps > 0 ? "history.undone" : steps === 0 ? "history.now" : "history.back_to"),
    onclick: () => void go(steps, name),
  }, [el("span", { text: name })]);

  async function fill() {
    const steps = await ask("history.list");
    if (steps === undefined) return;
    const { past, future, from_start: isWhole } = steps;
    const name = (/** @type {string} */ code) => t(`history.${code}`);
    const rows = [
      ...future.map((code, at) => row(name(code), at + 1)).reverse(),
      ...past.map((code, at) => row(name(code), at + 1 - past.length)).reverse(),
    ];
    if (isWhole) rows.push(row(t("history.start"), -past.length));
    menu.replaceChildren(...rows);
  }

  const { toggle, close } = makeMenu(byId("history-button"), menu, fill);
  store.on("mirror", async () => { // an undo by its key, another image: the list is of the steps that are
    if (menu.hidden) return;
    const isInside = menu.contains(document.activeElement);
    await fill();
    if (isInside && !menu.hidden) /** @type {HTMLElement|null} */ (menu.querySelector("[aria-current]"))?.focus();
  });
  return { toggle };
}
