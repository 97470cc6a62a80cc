/** What a bug report needs, as text: versions, machine, phases, last errors. No file names, no image content. */

const MAX_ERRORS = 20;
const ASK_MS = 2000;

export class Log {
  constructor() {
    /** @type {{time: number, where: string, message: string}[]} */
    this.errors = [];
    /** @type {{phase: string, ms: number}[]} */
    this.phases = [];
    /** @type {any} what session.start answered */
    this.versions = null;
  }

  /** @param {string} where @param {string} message */
  error(where, message) {
    this.errors.push({ time: performance.now(), where, message: message.slice(0, 400) });
    if (this.errors.length > MAX_ERRORS) this.errors.shift();
  }

  /** @param {string} phase entered now */
  phase(phase) {
    if (this.phases[this.phases.length - 1]?.phase !== phase) this.phases.push({ phase, ms: Math.round(performance.now()) });
  }

  watchWindow() {
    window.addEventListener("error", (event) => this.error("page", `${event.message} (${shortPath(event.filename)}:${event.lineno})`));
    window.addEventListener("unhandledrejection", (event) => this.error("page", String(event.reason?.code ?? event.reason)));
  }
}

/** @param {string} url */
const shortPath = (url) => (url ?? "").split("/").slice(-2).join("/");

/**
 * @param {object} parts
 * @param {Log} parts.log
 * @param {import("./store.js").Store} parts.store
 * @param {import("./rpc.js").Rpc} parts.rpc
 * @param {import("./viewport.js").Viewport} parts.viewport
 * @param {{version: string, build: string}} parts.release
 * @param {{press_ms_to_paint: number}[]} parts.timings
 * @returns {Promise<string>}
 */
export async function describe({ log, store, rpc, viewport, release, timings }) {
  const nav = /** @type {any} */ (navigator);
  const { picture, mirror, boot } = store;
  const python = rpc.open ? await Promise.race([rpc.call("diagnostics.get").then(({ result }) => result, String), later("no answer")]) : "not started";
  const size = picture === null ? "none" : `${picture.width} x ${picture.height}`;
  const lines = [
    `Segmark ${release.version} (${release.build})`,
    `browser: ${nav.userAgent}`,
    `machine: ${nav.hardwareConcurrency ?? "?"} threads, ${nav.deviceMemory ?? "?"} GB or more, isolated: ${window.crossOriginIsolated}`,
    `screen: ${window.innerWidth} x ${window.innerHeight}, ratio ${window.devicePixelRatio}, canvas ${viewport.width} x ${viewport.height}`,
    `page heap: ${Math.round((/** @type {any} */ (performance).memory?.usedJSHeapSize ?? 0) / 1e6)} MB`,
    `boot: ${boot.phase}, python ${boot.pythonReady ? "ready" : "not ready"}, error: ${boot.error === null ? "none" : boot.error.phase}`,
    `phases (ms): ${log.phases.map(({ phase, ms }) => `${phase} ${ms}`).join(", ")}`,
    `model: ${mirror.model.id} ${mirror.model.state} ${mirror.model.code ?? ""}`,
    `image: ${size}; ${mirror.annotations.length} annotations, draft ${mirror.draft === null ? "no" : "yes"}, mode ${mirror.mode.kind}`,
    `last clicks (ms): ${timings.slice(-10).map((timing) => Math.round(timing.press_ms_to_paint)).join(", ") || "none"}`,
    `session: ${JSON.stringify(log.versions)}`,
    `python: ${JSON.stringify(python)}`,
    `errors: ${log.errors.length === 0 ? "none" : ""}`,
    ...log.errors.map(({ time, where, message }) => `  ${Math.round(time)} ms ${where}: ${message}`),
  ];
  return lines.join("\n");
}

/** @param {string} value */
const later = (value) => new Promise((resolve) => setTimeout(resolve, ASK_MS, value));

/** @param {string} text @returns {Promise<boolean>} */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text); // no permission, or no secure context
  }
}

/** @param {string} text */
function copyBySelection(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
