/**
 * Where a worker's files come from. Large parts lie packed (gzip) beside their plain names: `fetch` of a known path unpacks
 * them on the way. In the saved page there is no server: every file comes from the bytes that the page hands over.
 */
"use strict";

(() => {
  /** @type {any} */
  const scope = self;
  const TYPES = /** @type {Record<string, string>} */ ({ wasm: "application/wasm", json: "application/json", mjs: "text/javascript", js: "text/javascript" });
  const fetchPlain = scope.fetch.bind(scope);

  /** @typedef {{bytes: ArrayBuffer, gzip: boolean}} Carried */

  let base = "";
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
    const response = await fetchPlain(new URL(stored, base).href);
    return response.ok && response.body !== null ? respond(path, response.body, true) : response;
  };

  scope.segmarkParts = {
    /** @param {{base: string, parts: {path: string, stored?: {path: string}}[], carried: Record<string, Carried>|null}} message */
    install(message) {
      ({ base, carried } = message);
      for (const { path, stored } of message.parts) if (stored !== undefined && !path.endsWith(".js")) packed.set(path, stored.path);
    },

    /** Run scripts; those of the saved page have run already: they are in the worker's own text. @param {string[]} paths */
    runScripts(paths) {
      if (carried === null) scope.importScripts(...paths.map((path) => new URL(path, base).href));
    },

    /** Whether this is the saved page, whose runtimes are classic scripts without modules. */
    isCarried: () => carried !== null,
  };
})();
