/** A menu under a button: arrows, Home and End move, Esc and a press elsewhere close. */

/**
 * @param {HTMLElement} button
 * @param {HTMLElement} menu Its items have the role `menuitem`.
 * @param {() => Promise<any>|void} [fill] makes the items each time before the menu is shown
 * @returns {{toggle: () => void, close: () => void}}
 */
export function makeMenu(button, menu, fill = () => {}) {
  const items = () => /** @type {HTMLElement[]} */ ([...menu.querySelectorAll("[role=menuitem]:not(:disabled)")]);

  /** @param {boolean} open */
  function show(open) {
    menu.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    const all = items();
    (all.find((item) => item.hasAttribute("aria-current")) ?? all[0])?.focus({ preventScroll: false });
  }

  async function toggle() {
    if (!menu.hidden) { show(false); return; }
    await fill();
    show(true);
  }

  function close() {
    show(false);
    button.focus({ preventScroll: true });
  }

  menu.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const all = items();
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const last = all.length - 1;
    if (event.key === "ArrowDown") all[at === last ? 0 : at + 1]?.focus();
    else if (event.key === "ArrowUp") all[at <= 0 ? last : at - 1]?.focus();
    else if (event.key === "Home") all[0]?.focus();
    else if (event.key === "End") all[last]?.focus();
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  window.addEventListener("pointerdown", (event) => {
    const inside = event.target instanceof Node && menu.parentElement?.contains(event.target);
    if (!menu.hidden && !inside) show(false);
  }, true);
  return { toggle: () => void toggle(), close };
}
