/** Choosing annotations on the image without a modifier: by a finger, a click or the crosshair; the right button, or a long press, adds one. */
import { t } from "../i18n.js";
import { annotationAt, choosePicked, togglePicked } from "../picking.js";

/** @param {import("../store.js").Store} store @param {(text: string) => void} say @returns {import("./tool.js").Tool} */
export function makeSelectTool(store, say) {
  return {
    hold: () => null,
    press({ x, y, button }) {
      const id = annotationAt(store, { x, y });
      if (id === null) say(t("hint.pick"));
      else if (button === "secondary") togglePicked(store, id);
      else choosePicked(store, id);
      return true;
    },
    hover: (client) => (client === null ? "" : "default"),
    cancel: () => false,
  };
}
