/**
 * The shell round Python: loads Pyodide, numpy and the project's own wheel, reports progress in bytes, then hands every
 * message to `segmark.worker_main` (border: py/segmark/bridge/README.md). A classic worker, so that it also runs from
 * a blob URL. Nothing here knows what a message means.
 */
"use strict";

(() => {
  /** @type {any} */
  const scope = self;
  const RUNTIME = "runtime/pyodide/";
  const IDLE_MS = 2500;
  const KEEP_AFTER_MS = 800;
  /** What a person may need later and the first click does not: fetched when nothing else is to do. */
  const LATER = ["Pillow"];

  /** Python's end of the wire. @type {any} */
  let receive = null;
  /** @type {any[]} */
  const early = [];
  let lastMessageAt = 0;

  /** @param {any} envelope */
  const post = (envelope) => scope.postMessage(envelope);

  /** Bytes of the start that have arrived, by file name. */
  class Progress {
    /** @param {{path: string, bytes: number}[]} parts */
    constructor(parts) {
      this.phase = "runtime";
      this.from = "";
      this.sizes = new Map(parts.map((part) => [part.path.split("/").pop() ?? "", part.bytes]));
      /** @type {Map<string, number>} */
      this.seen = new Map();
      this.total = 0;
      this.lastPost = 0;
    }

    /** @param {string[]} names of the files that the start needs */
    expect(names) {
      for (const name of names) this.total += this.sizes.get(name) ?? 0;
      this.expected = new Set(names);
      this.tell(true);
    }

    /** @param {string} name @param {number} bytes */
    add(name, bytes) {
      if (!this.expected?.has(name)) return;
      this.seen.set(name, Math.min(this.sizes.get(name) ?? 0, (this.seen.get(name) ?? 0) + bytes));
      this.tell(false);
    }

    /** @param {string} name */
    done(name) {
      this.add(name, this.sizes.get(name) ?? 0);
    }

    /** @param {string} phase */
    enter(phase) {
      this.phase = phase;
      this.tell(true);
    }

    /** @param {boolean} now */
    tell(now) {
      const time = performance.now();
      if (!now && time - this.lastPost < 60) return;
      this.lastPost = time;
      let loaded = 0;
      for (const bytes of this.seen.values()) loaded += bytes;
      post({ event: "boot.phase", params: { phase: this.phase, loaded, total: this.total, from: this.from }, buffers: [] });
    }
  }

  /** Count the bytes of every response on their way. @param {Progress} progress */
  function countFetches(progress) {
    const fetchPlain = scope.fetch.bind(scope);
    scope.fetch = async (/** @type {any} */ input, /** @type {any} */ init) => {
      const response = await fetchPlain(input, init);
      const name = new URL(response.url || String(input.url ?? input), scope.location.href).pathname.split("/").pop() ?? "";
      if (!response.ok || response.body === null || !progress.expected?.has(name)) return response;
      if (response.url !== "" && name.endsWith(".wasm")) return response; // as it is, or the browser keeps no compiled code
      const counter = new TransformStream({
        transform(chunk, controller) {
          progress.add(name, chunk.byteLength);
          controller.enqueue(chunk);
        },
      });
      const { status, statusText, headers } = response;
      return new Response(response.body.pipeThrough(counter), { status, statusText, headers });
    };
  }

  /** @param {string} url */
  async function readJson(url) {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url.split("/").pop()}: ${response.status}`);
    return response.json();
  }

  /** @param {{base: string, parts: {path: string, bytes: number, sha256: string}[], carried: any, isServed: boolean, inferencePort: MessagePort}} message */
  async function boot(message) {
    const { base, parts, inferencePort } = message;
    scope.segmarkParts.install(message);
    const progress = new Progress(parts);
    try {
      const indexURL = new URL(RUNTIME, base).href;
      const lock = await readJson(`${indexURL}pyodide-lock.json`);
      const wheel = lock.packages.segmark.file_name;
      const wheels = ["numpy", "micropip", "packaging", "segmark"].map((name) => lock.packages[name]?.file_name?.split("/").pop());
      const runtime = ["pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip"];
      progress.expect([...runtime, ...wheels.filter(Boolean)]);
      countFetches(progress);
      scope.segmarkParts.runScripts([`${RUNTIME}pyodide.js`]);
      progress.done("pyodide.js");
      const { pyodide, from, keep } = await scope.startPyodide({ indexURL, parts });
      runtime.forEach((name) => progress.done(name));
      progress.enter("packages");
      await installPackages(pyodide, new URL(wheel, indexURL).href);
      wheels.forEach((name) => name && progress.done(name));
      startPython(pyodide, inferencePort);
      progress.from = from;
      progress.enter("ready");
      void loadTheRest(pyodide, keep);
    } catch (error) {
      post({ event: "boot.error", params: { phase: progress.phase, message: String(error) }, buffers: [] });
    }
  }

  /** @param {any} pyodide @param {string} wheelUrl */
  async function installPackages(pyodide, wheelUrl) {
    const quiet = { messageCallback: () => {}, errorCallback: (/** @type {string} */ text) => console.warn(text) };
    await pyodide.loadPackage(["numpy", "micropip"], quiet);
    const micropip = pyodide.pyimport("micropip");
    await micropip.install.callKwargs(wheelUrl, { deps: false }); // its only need, numpy, is there
    micropip.destroy();
  }

  /** @param {any} pyodide @param {MessagePort} inferencePort */
  function startPython(pyodide, inferencePort) {
    if (pyodide._api) {
      pyodide._api.on_fatal = (/** @type {any} */ error) => post({ event: "worker.fatal", params: { message: String(error) }, buffers: [] });
    }
    const main = pyodide.pyimport("segmark.worker_main");
    receive = main.start(inferencePort);
    main.destroy();
    for (const message of early.splice(0)) scope.segmarkWire.hand(message, receive);
  }

  /** One package at a time, each only after a pause in which nobody asked for anything. @param {any} pyodide @param {() => Promise<void>} keep */
  async function loadTheRest(pyodide, keep) {
    await new Promise((resolve) => setTimeout(resolve, KEEP_AFTER_MS));
    await keep();
    for (const name of LATER) {
      await untilIdle();
      await pyodide.loadPackage([name], { messageCallback: () => {}, errorCallback: () => {} }).catch(() => {});
    }
  }

  async function untilIdle() {
    do {
      await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    } while (performance.now() - lastMessageAt < IDLE_MS);
  }

  scope.onmessage = (/** @type {MessageEvent} */ event) => {
    lastMessageAt = performance.now();
    if (event.data.type === "boot") void boot(event.data);
    else if (receive === null) early.push(event.data);
    else scope.segmarkWire.hand(event.data, receive);
  };
})();
