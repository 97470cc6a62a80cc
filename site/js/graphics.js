/** Computing on the graphics card (WebGPU): whether this browser can, and whether the person chose it. */
import { isPacked } from "./assets.js";

/** In a worker too, with a WebAssembly that can wait for the card; the saved page does not carry that runtime. */
const CAN = !isPacked && "gpu" in navigator && "Suspending" in WebAssembly;

export class Graphics {
  /** @param {import("./persist.js").Persist} persist @param {import("./store.js").Store} store */
  constructor(persist, store) {
    this.persist = persist;
    this.store = store;
    this.isOffered = CAN;
  }

  get isUsed() {
    return CAN && this.persist.settings.graphics === true;
  }

  /** @param {boolean} isUsed from the next start of the inference worker on */
  use(isUsed) {
    this.persist.saveSettings({ graphics: isUsed });
    this.store.changed("mirror"); // costs and words of the chooser
  }
}
