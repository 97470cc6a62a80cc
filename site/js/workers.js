/**
 * Makes the two workers, each from a blob: URL of this page, so that the page's Content-Security-Policy holds in them too
 * (a worker loaded by its URL does not inherit a `<meta>` policy). Served, the blob only names the scripts; in the saved
 * page it holds their text.
 */
import { base, carriedBelow, isPacked, readBlob } from "./assets.js";

/** In the order in which they must run; the last one is the worker's own. */
const SCRIPTS = {
  python: ["workers/parts.js", "workers/snapshot.js", "runtime/pyodide/pyodide.asm.js", "runtime/pyodide/pyodide.js", "workers/wire.js", "workers/python_worker.js"],
  inference: ["workers/parts.js", isPacked ? "runtime/ort/ort.single.js" : "runtime/ort/ort.wasm.min.js", "workers/graphics.js", "workers/inference_worker.js"],
};
/** What each worker reads. */
const FOLDERS = { python: ["runtime/pyodide/"], inference: ["runtime/ort/", "models/"] };
/** The runtimes' own scripts are loaded by the workers when served: later than the shell, and with progress. */
const LOADED_LATER = "runtime/";

const MAX_THREADS = 4;
/** Threads of a network's run: more than one only where the page is cross-origin isolated (SharedArrayBuffer). */
export const THREADS = globalThis.crossOriginIsolated ? Math.min(MAX_THREADS, navigator.hardwareConcurrency || 1) : 1;

/** @typedef {"python"|"inference"} Kind */

export class WorkerMaker {
  constructor() {
    /** @type {Record<string, string>} */
    this.addresses = {};
    /** What the saved page carries for each worker; null when served. @type {Record<string, Record<string, import("./assets.js").Carried>|null>} */
    this.carried = { python: null, inference: null };
    /** The service worker answers for this page. */
    this.isServed = !isPacked && Boolean(navigator.serviceWorker?.controller);
  }

  /** Get everything ready, once; after that `make` is at once. */
  async prepare() {
    for (const [kind, scripts] of Object.entries(SCRIPTS)) {
      if (isPacked) this.carried[kind] ??= await carriedBelow(FOLDERS[/** @type {Kind} */ (kind)]);
      this.addresses[kind] ??= URL.createObjectURL(await source(scripts));
    }
  }

  /** @param {Kind} kind */
  make(kind) {
    return new Worker(this.addresses[kind], { name: kind });
  }
}

/** @param {string[]} scripts @returns {Promise<Blob>} */
async function source(scripts) {
  const type = "text/javascript";
  if (isPacked) {
    const texts = await Promise.all(scripts.map(readBlob));
    return new Blob(texts.flatMap((text) => [text, "\n;\n"]), { type });
  }
  const first = scripts.filter((path) => !path.startsWith(LOADED_LATER)).map((path) => JSON.stringify(new URL(path, base).href));
  return new Blob([`importScripts(${first.join(", ")});`], { type });
}
