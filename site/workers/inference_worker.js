/**
 * The shell round onnxruntime-web: loads a model (checked by its hash and by its contract), warms it up, runs it. One
 * run at a time. Python asks over a MessagePort (Port B): model.load, model.run, ping. The page only hears of progress.
 */
"use strict";

(() => {
  /** @type {any} */
  const scope = self;
  const PROCESSOR = { folder: "runtime/ort/", script: "ort.wasm.min.js", stem: "ort-wasm-simd-threaded" };

  /** @typedef {{name: string, shape: number[]}} Slot */
  /** @typedef {{session: any, inputs: Slot[], outputs: Slot[], ms: number}} Loaded */

  class ModelError extends Error {
    /** @param {string} code @param {string} message */
    constructor(code, message) {
      super(message);
      this.code = code;
    }
  }

  let base = "";
  /** The person's own network, which no server has. @type {ArrayBuffer|null} */
  let own = null;
  let threads = 1;
  /** Whether the networks run on the graphics card. */
  let graphics = false;
  const progress = { loaded: 0, total: 0, lastPost: 0 };
  /** @type {Promise<any>|null} */
  let runtime = null;
  /** @type {Map<string, Promise<Loaded>>} */
  const models = new Map();
  /** Image tensors that Python need not send again, by "model key". @type {Map<string, Float32Array>} */
  const images = new Map();
  let turn = Promise.resolve();
  /** The runtime can do no more, and the page was told. */
  let spent = false;

  /** @param {boolean} now */
  function tell(now) {
    const time = performance.now();
    if (!now && time - progress.lastPost < 60) return;
    progress.lastPost = time;
    scope.postMessage({ event: "boot.phase", params: { phase: "model", loaded: progress.loaded, total: progress.total } });
  }

  /** Not by way of a blob: WebKit's workers of a page from disk cannot read one. @param {Uint8Array[]} chunks */
  function joined(chunks) {
    const whole = new Uint8Array(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0));
    let at = 0;
    for (const chunk of chunks) {
      whole.set(chunk, at);
      at += chunk.byteLength;
    }
    return whole.buffer;
  }

  /** @param {string} url @returns {Promise<ArrayBuffer>} */
  async function fetchBytes(url) {
    try {
      const response = await fetch(url);
      if (!response.ok || response.body === null) throw new Error(String(response.status));
      /** @type {Uint8Array[]} */
      const chunks = [];
      const reader = response.body.getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        chunks.push(part.value);
        progress.loaded += part.value.byteLength;
        tell(false);
      }
      return joined(chunks);
    } catch (error) {
      throw new ModelError("model.fetch", `${url.split("/").pop()}: ${error}`);
    }
  }

  async function startRuntime() {
    const { folder: path, script, stem } = graphics ? scope.segmarkGraphics : PROCESSOR;
    const folder = new URL(path, base).href;
    const wasm = `${folder}${stem}.wasm`;
    const binary = scope.segmarkParts.hasWasm() ? undefined : await fetchBytes(wasm); // else the runtime streams it
    scope.segmarkParts.runScripts([`${path}${script}`]);
    const { ort } = scope;
    ort.env.logLevel = "error";
    ort.env.wasm.numThreads = threads;
    ort.env.wasm.wasmPaths = scope.segmarkParts.isCarried() ? { wasm } : { mjs: `${folder}${stem}.js`, wasm };
    ort.env.wasm.wasmBinary = binary;
    return ort;
  }

  function ensureRuntime() {
    runtime ??= startRuntime().catch((error) => {
      runtime = null; // the next load tries again
      throw error instanceof ModelError ? error : new ModelError("model.fetch", String(error));
    });
    return runtime;
  }

  /** @param {ArrayBuffer} bytes @param {string} expected */
  async function checkHash(bytes, expected) {
    if (!scope.crypto?.subtle || !expected) return; // not there on plain http: the byte count was checked
    const digest = new Uint8Array(await scope.crypto.subtle.digest("SHA-256", bytes));
    const hex = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (hex !== expected) throw new ModelError("model.corrupt", `sha256 is ${hex.slice(0, 12)}, not ${expected.slice(0, 12)}`);
  }

  /** A size that the file leaves open (a name instead of a number) may be ours. @param {any[]} actual @param {number[]} wanted */
  const fits = (actual, wanted) => actual.length === wanted.length && actual.every((size, axis) => typeof size !== "number" || size === wanted[axis]);

  /** @param {any} declared of models.json: a name, or {name, shape} @param {any[]} metadata @param {string[]} names @returns {Slot[]} */
  function checkSlots(declared, metadata, names) {
    return declared.map((/** @type {any} */ entry) => {
      const slot = typeof entry === "string" ? { name: entry, shape: null } : entry;
      const index = names.indexOf(slot.name);
      if (index < 0) throw new ModelError("model.contract", `no ${slot.name} among ${names.join(", ")}`);
      const actual = metadata?.[index]?.shape ?? slot.shape;
      const type = metadata?.[index]?.type ?? "float32";
      const wanted = slot.shape ?? actual;
      if (type !== "float32" || !fits(actual, wanted)) throw new ModelError("model.contract", `${slot.name} is ${type} ${actual.join(" x ")}, not float32 ${wanted.join(" x ")}`);
      return { name: slot.name, shape: wanted };
    });
  }

  /** @param {string} id @param {string} url @returns {Promise<ArrayBuffer>} */
  async function contentOf(id, url) {
    if (!id.startsWith("own-")) return fetchBytes(new URL(url, base).href);
    if (own === null) throw new ModelError("model.fetch", "no network of your own is kept");
    return own;
  }

  /** @param {{id: string, url: string, sha256: string, bytes: number, contract: any}} record @returns {Promise<Loaded>} */
  async function load({ id, url, sha256, bytes, contract }) {
    const began = performance.now();
    const [ort, content] = await Promise.all([orLeaveGraphics(ensureRuntime), contentOf(id, url)]);
    if (bytes && content.byteLength !== bytes) throw new ModelError("model.corrupt", `${content.byteLength} bytes, not ${bytes}`);
    await checkHash(content, sha256);
    const options = { executionProviders: ["wasm"], graphOptimizationLevel: "all" };
    let session;
    try {
      session = await ort.InferenceSession.create(new Uint8Array(content), options);
    } catch (error) {
      throw isSpent(error) ? error : new ModelError("model.corrupt", String(error));
    }
    const inputs = checkSlots(contract.inputs, session.inputMetadata, session.inputNames);
    const outputs = checkSlots(contract.outputs, session.outputMetadata, session.outputNames);
    const loaded = { session, inputs, outputs, ms: 0 };
    /** @param {number[]} shape */
    const count = (shape) => shape.reduce((a, b) => a * b, 1);
    const logits = await run(loaded, inputs.map(({ shape }) => new Float32Array(count(shape)))); // the first run is slow
    if (logits.length !== count(outputs[0].shape) || !logits.every(Number.isFinite)) {
      throw new ModelError("model.contract", `${outputs[0].name}: ${logits.length} numbers, or not all of them finite`);
    }
    if (graphics) {
      const plain = session;
      const { session: card, ms, processorMs } = await orLeaveGraphics(() => scope.segmarkGraphics.sessionLike(ort, content, loaded, run));
      loaded.session = card;
      await plain.release();
      scope.postMessage({ event: "graphics.used", params: { ms, processorMs } });
    }
    loaded.ms = performance.now() - began;
    return loaded;
  }

  /**
   * What the graphics card cannot do, the processor does: the page then starts this worker again without the card, and
   * whatever was asked is asked again. @template T @param {() => Promise<T>} work @returns {Promise<T>}
   */
  async function orLeaveGraphics(work) {
    try {
      return await work();
    } catch (error) {
      if (!graphics) throw error;
      scope.postMessage({ event: "graphics.failed", params: { why: String(error) } });
      return new Promise(() => {}); // the page ends this worker
    }
  }

  /** @param {Loaded} loaded @param {Float32Array[]} arrays @returns {Promise<Float32Array>} a copy of the logits */
  async function run({ session, inputs, outputs }, arrays) {
    const { ort } = scope;
    /** @type {Record<string, any>} */
    const feeds = {};
    inputs.forEach(({ name, shape }, index) => { feeds[name] = new ort.Tensor("float32", arrays[index], shape); });
    const answer = (await session.run(feeds))[outputs[0].name];
    const logits = answer.data.slice(); // its own memory may belong to the runtime, and ours is transferred
    answer.dispose?.();
    return logits;
  }

  /** @param {any} record */
  function ensureModel(record) {
    const known = models.get(record.id);
    if (known !== undefined) return known;
    const loading = load(record);
    loading.catch(() => models.delete(record.id)); // asking again tries again
    models.set(record.id, loading);
    return loading;
  }

  /** @param {{method: string, params: any, buffers: any[]}} request */
  async function answer({ method, params, buffers }) {
    if (method === "ping") return { result: {}, buffers: [] };
    if (method === "model.load") return { result: { ms: (await ensureModel(params)).ms }, buffers: [] };
    if (method !== "model.run") throw new ModelError("unknown_method", method);
    const loading = models.get(params.id);
    if (loading === undefined) throw new ModelError("inference.failed", `${params.id} is not loaded`);
    const loaded = await loading;
    const [prevMask, clickMaps, fresh] = buffers.map((buffer) => new Float32Array(buffer.buffer ?? buffer));
    if (params.reset) for (const key of [...images.keys()]) if (key.startsWith(`${params.id} `)) images.delete(key);
    if (params.drop !== undefined) images.delete(`${params.id} ${params.drop}`);
    if (fresh !== undefined) images.set(`${params.id} ${params.image}`, fresh);
    const image = images.get(`${params.id} ${params.image}`);
    if (image === undefined) throw new ModelError("inference.failed", `no image ${params.image}`);
    const began = performance.now();
    const logits = await orLeaveGraphics(() => run(loaded, [image, prevMask, clickMaps]));
    return { result: { ms: performance.now() - began }, buffers: [logits.buffer] };
  }

  /**
   * Memory that ran out leaves onnxruntime aborted: no later run of it, nor another network, would work.
   * @param {any} error
   */
  const isSpent = (error) => !(error instanceof ModelError) && /RangeError|RuntimeError|aborted|out of memory|bad_alloc|unreachable/i.test(String(error));

  /** The page ends this worker; what was asked stays unanswered here and is asked of the next one. @param {any} error */
  function giveUp(error) {
    if (!spent) scope.postMessage({ event: "worker.fatal", params: { message: String(error), code: "inference.memory" } });
    spent = true;
  }

  /** @param {MessagePort} port @param {any} request */
  async function serve(port, request) {
    try {
      const { result, buffers } = await answer(request);
      port.postMessage({ id: request.id, ok: true, result, buffers }, buffers);
    } catch (caught) {
      if (isSpent(caught)) return giveUp(caught);
      const error = /** @type {any} */ (caught);
      const code = error instanceof ModelError ? error.code : "inference.failed";
      port.postMessage({ id: request.id, ok: false, error: { code, message: String(error?.message ?? error), params: {} } });
    }
  }

  /** @param {MessagePort} port */
  function attach(port) {
    port.onmessage = (event) => {
      const request = event.data;
      if (request.method === "model.run") turn = turn.then(() => serve(port, request));
      else void serve(port, request);
    };
  }

  /**
   * A network that a person brings: loaded and run once, told, and kept in memory only if it is sound.
   * @param {{record: any, bytes: ArrayBuffer}} message
   */
  async function tryOwn({ record, bytes }) {
    const before = own;
    own = bytes;
    try {
      await ensureModel(record);
      scope.postMessage({ event: "own.tried", params: { error: null } });
    } catch (caught) {
      own = before;
      if (isSpent(caught)) return giveUp(caught);
      const { code = "inference.failed", message } = /** @type {any} */ (caught);
      scope.postMessage({ event: "own.tried", params: { error: { code, message: String(message) } } });
    }
  }

  /** @param {{base: string, model: any, own: ArrayBuffer|null, parts: {path: string, bytes: number}[], carried: any, threads: number, graphics: boolean}} message Begin before Python asks. */
  function boot(message) {
    const { model, parts } = message;
    ({ base, threads, own, graphics } = message);
    scope.segmarkParts.install(message);
    if (model === null) return;
    const wasm = parts.find((part) => part.path.endsWith(`${graphics ? scope.segmarkGraphics.stem : PROCESSOR.stem}.wasm`));
    progress.total = (scope.segmarkParts.hasWasm() ? 0 : (wasm?.bytes ?? 0)) + (model.bytes ?? 0); // what comes unpacked is not counted
    tell(true);
    ensureModel({ ...model, url: `models/${model.file}` }).then(() => tell(true), () => {}); // Python asks too, and tells
  }

  scope.onmessage = (/** @type {MessageEvent} */ event) => {
    const { type } = event.data;
    if (type === "boot") boot(event.data);
    else if (type === "attach") attach(event.data.port);
    else if (type === "try") void tryOwn(event.data);
    else if (type === "ping") scope.postMessage({ event: "pong" });
  };
})();
