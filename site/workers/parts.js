/**
 * Where a worker's files come from. Large parts lie packed (gzip) beside their plain names: `fetch` of a known path unpacks
 * them on the way. In the saved page there is no server: every file comes from the bytes that the page hands over.
 */
"use strict";

(() => {
  /** @type {any} */
  const scope = self;
  const TYPES = /** @type {Record<string, string>} */ ({ wasm: "application/wasm", json: "application/json", js: "text/javascript" });
  const fetchPlain = scope.fetch.bind(scope);

  /** @typedef {{bytes: ArrayBuffer, gzip: boolean}} Carried */

  let base = "";
  /** The service worker answers for this page: it has wasm files unpacked, as the compiler wants them. */
  let isServed = false;
  /** @type {Map<string, string>} stored path by plain path */
  const packed = new Map();
  /** @type {Record<string, Carried>|null} */
  let carried = null;

  /** @param {string} path @param {ReadableStream} body @param {boolean} gzip */
  function respond(path, body, gzip) {
    const stream = gzip ? body.pipeThrough(new DecompressionStream("gzip")) : body;
    return new Response(stream, { headers: { "content-type": TYPES[path.split(".").pop() ?? ""] ?? "application/octet-stream" } });
  }

  /** @param {string} url @returns {string|null} the path below the page's folder */
  const pathOf = (url) => (base !== "" && url.startsWith(base) ? decodeURIComponent(url.slice(base.length)) : null);

  scope.fetch = async (/** @type {any} */ input, /** @type {any} */ init) => {
    const url = new URL(input instanceof Request ? input.url : String(input), base || undefined).href;
    const path = pathOf(url);
    if (path === null) return fetchPlain(input, init);
    if (carried !== null) {
      const stored = carried[path];
      if (stored === undefined) throw new TypeError(`${path}: this page does not carry it`);
      return respond(path, /** @type {ReadableStream} */ (new Response(stored.bytes).body), stored.gzip);
    }
    const stored = packed.get(path);
    if (stored === undefined) return fetchPlain(input, init);
    if (isServed && path.endsWith(".wasm")) {
      const whole = await fetchPlain(url).catch(() => null);
      if (whole?.ok && whole.headers.get("content-type") === TYPES.wasm) return whole;
    }
    const response = await fetchPlain(new URL(stored, base).href);
    return response.ok && response.body !== null ? respond(path, response.body, true) : response;
  };

  /**
   * What the cache holds unpacked is checked by nobody but the compiler: where that refuses it, the copy goes and the packed
   * file, whose sum is known, takes its place.
   */
  function mendStreaming() {
    const instantiate = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (source, imports) => {
      const response = await source;
      try {
        return await instantiate(response, imports);
      } catch (error) {
        if (!isServed || !packed.has(pathOf(response.url) ?? "")) throw error;
        isServed = false;
        await scope.caches.delete("segmark-unpacked");
        return instantiate(scope.fetch(response.url), imports);
      }
    };
  }

  scope.segmarkParts = {
    /** @param {{base: string, parts: {path: string, stored?: {path: string}}[], carried: Record<string, Carried>|null, isServed: boolean}} message */
    install(message) {
      ({ base, carried, isServed } = message);
      for (const { path, stored } of message.parts) if (stored !== undefined && !path.endsWith(".js")) packed.set(path, stored.path);
      if (isServed) mendStreaming();
    },

    /** Run scripts; those of the saved page have run already: they are in the worker's own text. @param {string[]} paths */
    runScripts(paths) {
      if (carried === null) scope.importScripts(...paths.map((path) => new URL(path, base).href));
    },

    /** Whether wasm files come unpacked, straight from a cache: then the browser keeps its compiled code with them. */
    hasWasm: () => isServed,

    /** Whether this is the saved page, whose runtimes are classic scripts without modules. */
    isCarried: () => carried !== null,
  };
})();
