/**
 * Starts the two workers, and starts them again when they die.
 * Python is up when session.start was answered and image and journal were replayed; then the gate opens.
 */
import { base, readJson } from "./assets.js";
import { giveBack, restarted } from "./edits.js";
import { errorText } from "./events.js";
import { verifyKept } from "./offline.js";
import { lang, t } from "./i18n.js";
import { isOwn } from "./own_model.js";
import { beginPython, prestart } from "./prestart.js";
import { RpcError } from "./rpc.js";
import { watch } from "./watchdog.js";
import { THREADS } from "./workers.js";

const MAX_RESTARTS = 3; // in RESTART_WINDOW_MS; then a person decides
const RESTART_WINDOW_MS = 60_000;

export class Boot {
  /**
   * @param {object} parts
   * @param {ReturnType<typeof prestart>} parts.begun
   * @param {import("./store.js").Store} parts.store
   * @param {import("./rpc.js").Rpc} parts.rpc
   * @param {import("./persist.js").Persist} parts.persist
   * @param {import("./open_image.js").Opener} parts.opener
   * @param {import("./diagnostics.js").Log} parts.log
   * @param {import("./own_model.js").OwnModel} parts.own
   * @param {import("./graphics.js").Graphics} parts.graphics
   * @param {import("./inbox.js").Inbox} parts.inbox  gives what Python says to `fromPython`
   * @param {(event: string, params: any, buffers: ArrayBuffer[]) => void} parts.onEvent
   * @param {(code: string) => void} parts.onRestart  tells the person in a word
   * @param {(took: {ms: number, processorMs: number}) => void} parts.onGraphics  a network runs on the graphics card now
   * @param {(models: any[]) => void} parts.onModels  which there are, from now on
   */
  constructor(parts) {
    this.parts = parts;
    this.own = parts.own;
    /** The network of a person that the worker has on trial. @type {{resolve: () => void, reject: (error: any) => void}|null} */
    this.trial = null;
    /** The start that is under way since before this object was made. @type {ReturnType<typeof prestart>|null} */
    this.begun = parts.begun;
    /** @type {import("./workers.js").WorkerMaker} */
    this.workers = /** @type {any} */ (null);
    /** @type {Worker|null} */
    this.python = null;
    /** @type {Worker|null} */
    this.inference = null;
    /** @type {import("./prestart.js").Build} */
    this.build = { version: "", build: "", parts: [] };
    this.models = /** @type {any} */ (null);
    /** Bytes loaded, by worker. @type {Record<string, {loaded: number, total: number}>} */
    this.bytes = {};
    /** @type {number[]} */
    this.restarts = [];
    this.generation = 0;
    /** Tries to get at the page's own files. */
    this.tries = 0;
    /** Signs of progress of a start, counted: the watchdog looks whether they stop. */
    this.heard = 0;
    /** The start stood still, and the person was told; any further progress takes that back. */
    this.isStalled = false;
    this.onPong = () => {};
    parts.store.on("mirror", () => this.#followModel());
    watch(this);
  }

  async start() {
    const begun = this.begun ?? prestart();
    this.begun = null;
    this.tries += 1;
    const { tries } = this;
    let python;
    try {
      this.parts.store.setBoot({ phase: "runtime", error: null });
      const [models] = await Promise.all([readJson("models/models.json"), this.own.load()]);
      const found = await begun;
      if (tries !== this.tries) throw new Error("a later try took its place");
      ({ workers: this.workers, build: this.build, python } = found);
      this.models = models;
      this.setOwn();
    } catch (error) {
      begun.then(({ python: { worker } }) => worker.terminate(), () => {}); // the next try begins anew
      if (tries === this.tries) this.fail("files", String(error));
      return;
    }
    this.#startInference();
    this.#startPython(python);
  }

  #startInference() {
    this.inference?.terminate();
    const worker = this.workers.make("inference");
    this.inference = worker;
    worker.onmessage = (event) => this.#fromInference(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.inference) this.inferenceDied(event.message || "error");
    };
    const carried = this.workers.carried.inference;
    worker.postMessage({ type: "boot", base: base.href, model: this.#wished(), own: this.own.kept?.bytes ?? null, parts: this.build.parts, carried, isServed: this.workers.isServed, threads: THREADS, graphics: this.parts.graphics.isUsed });
  }

  /** The network in use, the one that the address asks for, the one chosen on an earlier visit, or the first. */
  #wished() {
    const { store, persist } = this.parts;
    const asked = [store.mirror.model.id, new URLSearchParams(location.search).get("model"), persist.settings.model];
    const { model: list } = this.models;
    return asked.map((wish) => list.find((/** @type {{id: string}} */ { id }) => id === wish)).find((found) => found !== undefined) ?? list[0] ?? null;
  }

  /** The most wanted first: Python loads the first one. */
  #ordered() {
    const first = this.#wished();
    return { ...this.models, model: [first, ...this.models.model.filter((/** @type {any} */ other) => other !== first)].filter(Boolean) };
  }

  /** The person's own network stands last among the models, if there is one. */
  setOwn() {
    const { kept } = this.own;
    const shipped = this.models.model.filter((/** @type {{id: string}} */ { id }) => !isOwn(id));
    this.models = { ...this.models, model: kept === null ? shipped : [...shipped, kept.record] };
    this.parts.onModels(this.models.model);
  }

  /** Have the worker load a network, check its contract and run it once; nothing else changes. @param {import("./own_model.js").Own} own @returns {Promise<void>} */
  tryOwn({ record, bytes }) {
    this.trial?.reject(restarted());
    if (this.inference === null) this.#restartInference();
    return new Promise((resolve, reject) => {
      this.trial = { resolve, reject };
      this.inference?.postMessage({ type: "try", record, bytes });
    });
  }

  /** @param {{error: {code: string, message: string}|null}} outcome */
  #tried({ error }) {
    if (error === null) this.trial?.resolve();
    else this.trial?.reject(new RpcError(`own.${error.code}`, error.message, { why: error.message.slice(0, 200) }));
    this.trial = null;
  }

  /** One end of a wire to Python. @param {MessagePort} port */
  #attach(port) {
    if (this.inference === null) this.#startInference();
    /** @type {Worker} */ (this.inference).postMessage({ type: "attach", port }, [port]);
  }

  /** @param {import("./prestart.js").Begun} [begun] the first time it is on its way already */
  #startPython(begun = beginPython(this.workers, this.build)) {
    const { rpc, inbox } = this.parts;
    const { worker, port, said } = begun;
    this.python?.terminate();
    this.generation += 1;
    this.python = worker;
    rpc.attach(worker);
    this.#attach(port);
    worker.onmessage = (event) => inbox.take(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.python) this.pythonDied(event.message || "error");
    };
    for (const message of said.splice(0)) inbox.take(message);
  }

  /** @param {any} message */
  fromPython(message) {
    if (message.event === undefined) this.parts.rpc.settle(message);
    else if (message.event === "boot.phase") this.#phase("python", message.params);
    else if (message.event === "boot.error") this.fail(message.params.phase, message.params.message);
    else if (message.event === "worker.fatal") this.pythonDied(message.params.message);
    else this.parts.onEvent(message.event, message.params ?? {}, message.buffers ?? []);
  }

  /** @param {any} message */
  #fromInference(message) {
    if (message.event === "boot.phase") this.#phase("inference", message.params);
    else if (message.event === "worker.fatal") this.inferenceDied(message.params.message, message.params.code);
    else if (message.event === "own.tried") this.#tried(message.params);
    else if (message.event === "graphics.failed") this.useGraphics(false, message.params.why);
    else if (message.event === "graphics.used") this.parts.onGraphics(message.params);
    else if (message.event === "pong") this.onPong();
  }

  /** @param {string} worker @param {{phase: string, loaded: number, total: number, from?: string}} params */
  #phase(worker, { phase, loaded, total, from }) {
    this.#moved();
    this.bytes[worker] = { loaded, total };
    let sum = { loaded: 0, total: 0 };
    for (const part of Object.values(this.bytes)) sum = { loaded: sum.loaded + part.loaded, total: sum.total + part.total };
    const { store, log } = this.parts;
    if (worker === "python") {
      log.phase(from ? `${phase}, Python from ${from}` : phase);
      if (from) document.documentElement.dataset.start = from; // "memory" or "files": for tests and bug reports
      store.setBoot({ ...sum, phase: phase === "ready" ? "model" : phase });
      if (phase === "ready") void this.#replay(this.generation);
    } else {
      store.setBoot(sum);
    }
  }

  /** Session, journal and image, then the gate. @param {number} generation of the worker that is ready */
  async #replay(generation) {
    const { store, rpc, opener, log, persist } = this.parts;
    const now = { now: true };
    try {
      await rpc.call("session.start", { models: this.#ordered(), base: base.href, lang: lang() }, [], now)
        .then(({ result }) => { log.versions = result; });
      await opener.resumed;
      // the journal first: then the image is a known one, and opening it only brings its pixels back
      if (persist.journal.length > 0) await this.#restore();
      await opener.reopen();
    } catch (error) {
      if (generation === this.generation) this.fail("packages", String(error));
      return;
    }
    if (generation !== this.generation) return;
    store.setBoot({ pythonReady: true, error: null });
    log.phase("session");
    rpc.openGate();
    this.#followModel(); // its failure may have come while the journal was replayed; only now does it leave Python ready
  }

  async #restore() {
    const { rpc, persist, opener } = this.parts;
    try {
      const { result } = await rpc.call("session.restore", { entries: persist.journal.slice() }, [], { now: true });
      persist.truncate(persist.current ?? "", result.restored);
    } catch (error) {
      if (!(error instanceof RpcError) || error.code !== "journal.newer") throw error;
      opener.leaveUnread(); // an opening would replace what only a newer version can read
    }
  }

  /** A network that could not be loaded is a failure of the start; one that came after all ends it. */
  #followModel() {
    const { store } = this.parts;
    const { state, code } = store.mirror.model;
    const failed = store.boot.error?.phase === "model";
    if (state === "error" && store.boot.error === null) this.fail("model", errorText({ code }));
    else if (state === "ready" && failed) store.setBoot({ error: null });
  }

  #moved() {
    this.heard += 1;
    if (this.isStalled) this.parts.store.setBoot({ error: null });
    this.isStalled = false;
  }

  /** @param {number} seconds without a byte */
  stalled(seconds) {
    const { pythonReady } = this.parts.store.boot;
    this.fail(pythonReady ? "model" : this.workers === null ? "files" : "runtime", t("boot.stalled", { n: seconds }));
    this.isStalled = true;
  }

  /** @param {string} phase @param {string} message */
  fail(phase, message) {
    this.isStalled = false;
    this.parts.log.error("boot", `${phase}: ${message}`);
    this.parts.store.setBoot({ error: { phase, message }, pythonReady: this.parts.rpc.open });
  }

  /** The person asks to try again what failed; a file damaged in the browser's cache is fetched anew. */
  async retry() {
    const { store } = this.parts;
    const phase = store.boot.error?.phase;
    this.restarts = [];
    this.#moved();
    store.setBoot({ error: null });
    await verifyKept();
    if (phase === "files") void this.start();
    else if (phase === "model" && this.inference !== null && store.mirror.model.state === "error") this.#askForModel();
    else if (phase === "model") this.#restartInference();
    else {
      giveBack(this.parts.rpc, this.parts.rpc.detach()); // of a start that stood still
      this.#startPython();
    }
  }

  #askForModel() {
    const { rpc, store } = this.parts;
    rpc.call("model.set", { id: store.mirror.model.id }).catch((error) => this.fail("model", errorText(error)));
  }

  #tooOften() {
    const now = performance.now();
    this.restarts = this.restarts.filter((time) => now - time < RESTART_WINDOW_MS);
    return this.restarts.push(now) > MAX_RESTARTS;
  }

  /** @param {string} why */
  pythonDied(why) {
    const { store, rpc, log, onRestart } = this.parts;
    log.error("python worker", why);
    this.parts.inbox.drain(); // what it said before
    const booted = store.boot.pythonReady;
    if (this.python !== null) this.python.onmessage = null; // a late entry of its journal would be made twice: it is sent again
    this.python?.terminate();
    this.bytes.python = { loaded: 0, total: 0 };
    giveBack(rpc, rpc.detach());
    store.setBoot({ pythonReady: false, phase: "runtime" });
    if (this.#tooOften() || !booted) return this.fail("runtime", why);
    onRestart("python");
    this.#startPython();
  }

  /** @param {string} why @param {string} [code] of the sentence that the person reads when it happens too often */
  inferenceDied(why, code = "inference.lost") {
    const { log, onRestart } = this.parts;
    log.error("inference worker", why);
    this.trial?.reject(new RpcError("own.inference.failed", why, { why }));
    this.trial = null;
    if (this.#tooOften()) return this.#refuseInference(code);
    onRestart("inference");
    this.#restartInference();
  }

  /**
   * No worker any more, so its memory is free; Python hears why instead of waiting for ever, until the person tries again
   * or chooses another network. @param {string} code
   */
  #refuseInference(code) {
    const { rpc, store, log } = this.parts;
    const refused = store.mirror.model.id;
    this.inference?.terminate();
    this.inference = null;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data: { id, method, params } }) => {
      if (method === "model.load" && params.id !== refused) this.#restartInference();
      else port1.postMessage({ id, ok: false, error: { code, message: "", params: {} } });
    };
    rpc.attachPort(port2).catch((error) => log.error("attach", String(error)));
  }

  /** The networks go to the graphics card or back to the processor; a draft stays. @param {boolean} isUsed @param {string} [why] it cannot go on there */
  useGraphics(isUsed, why) {
    const { graphics, log, onRestart } = this.parts;
    graphics.use(isUsed);
    this.trial?.reject(restarted());
    this.trial = null;
    if (why !== undefined) {
      log.error("graphics", why);
      onRestart("graphics");
    }
    this.#restartInference();
  }

  #restartInference() {
    if (this.inference === null) this.restarts = []; // a person decided
    this.#startInference();
    const { port1, port2 } = new MessageChannel();
    this.#attach(port1);
    void this.parts.rpc.attachPort(port2).catch((error) => this.parts.log.error("attach", String(error)));
  }

  /** @param {() => void} heard */
  pingInference(heard) {
    this.onPong = heard;
    this.inference?.postMessage({ type: "ping" });
  }

  /** For tests and for the curious: end a worker as a crash of the browser's process for it would. @param {"python"|"inference"} which */
  kill(which) {
    const worker = which === "python" ? this.python : this.inference;
    worker?.terminate();
    worker?.dispatchEvent(new ErrorEvent("error", { message: "killed" }));
  }
}
