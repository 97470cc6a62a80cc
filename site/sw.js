/**
 * The service worker: the page works without a network after its first visit. Every part of the build is kept by its
 * sha256, so a download that broke off goes on where it was, and a new build brings only what changed. A new build waits
 * until the page asks it to take over. Answers carry the headers that a plain host does not send: the policy, and what
 * makes the page cross-origin isolated, so that onnxruntime may use threads.
 */
"use strict";

(() => {
  /** @type {any} */
  const scope = self;
  const BUILD = "{{BUILD_HASH}}";
  const CACHE = "segmark-parts";
  const UNPACKED = "segmark-unpacked";
  const LIST = `list/${BUILD}`;
  const BY_NEED = /^runtime\/(graphics\/|pyodide\/opencv_)/; // kept once somebody used it
  const LANES = 3; // downloads at a time
  const TYPES = /** @type {Record<string, string>} */ ({
    html: "text/html; charset=utf-8", css: "text/css; charset=utf-8", js: "text/javascript; charset=utf-8",
    json: "application/json", webmanifest: "application/manifest+json", svg: "image/svg+xml", png: "image/png", wasm: "application/wasm", txt: "text/plain; charset=utf-8",
  });
  const HEADERS = {
    "Content-Security-Policy": "{{POLICY_HEADER}}",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
  };
  const ISOLATED = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

  /** @typedef {{path: string, bytes: number, sha256: string}} Kept */

  /** What is kept of a build: everything, once; of a packed part the packed file, which the saved page carries too. @param {any} build @returns {Kept[]} */
  const wanted = (build) =>
    build.parts.filter((/** @type {Kept} */ { path }) => path !== "sw.js").map((/** @type {any} */ part) => part.stored ?? part);

  /** @param {string} sum */
  const keyOf = (sum) => new URL(`parts/${sum}`, scope.registration.scope).href;

  /** @param {string} url @returns {string|null} the path below the page's folder */
  function pathOf(url) {
    if (!url.startsWith(scope.registration.scope)) return null;
    return decodeURIComponent(new URL(url).pathname.slice(new URL(scope.registration.scope).pathname.length)) || "index.html";
  }

  /** @param {any} message */
  async function tell(message) {
    for (const client of await scope.clients.matchAll({ includeUncontrolled: true })) client.postMessage(message);
  }

  /** @param {ArrayBuffer} bytes */
  async function digest(bytes) {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** @param {Cache} cache @param {Kept} part */
  async function fetchPart(cache, part) {
    const response = await fetch(new URL(part.path, scope.registration.scope), { cache: "no-cache" });
    if (!response.ok) throw new Error(`${part.path}: ${response.status}`);
    const bytes = await response.arrayBuffer();
    if ((await digest(bytes)) !== part.sha256) throw new Error(`${part.path} is not the one of this build`);
    await cache.put(keyOf(part.sha256), new Response(bytes, { headers: { "x-path": part.path } }));
  }

  async function install() {
    const response = await fetch(new URL("build.json", scope.registration.scope), { cache: "no-store" });
    const text = await response.text();
    const build = JSON.parse(text);
    if (build.build !== BUILD) throw new Error("a newer build is on the server");
    const cache = await caches.open(CACHE);
    const have = new Set((await cache.keys()).map((request) => request.url));
    const parts = wanted(build).filter(({ path }) => !BY_NEED.test(path));
    const missing = parts.filter((part) => !have.has(keyOf(part.sha256)));
    const total = parts.reduce((sum, part) => sum + part.bytes, 0);
    let done = total - missing.reduce((sum, part) => sum + part.bytes, 0);
    const lanes = Array.from({ length: LANES }, async () => {
      for (let part = missing.shift(); part !== undefined; part = missing.shift()) {
        await fetchPart(cache, part).catch((error) => {
          missing.length = 0; // one is enough to fail; what is kept stays for the next try
          throw error;
        });
        done += part.bytes;
        await tell({ type: "offline.progress", done, total });
      }
    });
    const failed = (await Promise.allSettled(lanes)).find(({ status }) => status === "rejected"); // the other lanes end their part first
    if (failed !== undefined) throw /** @type {PromiseRejectedResult} */ (failed).reason;
    await cache.put(new URL(LIST, scope.registration.scope), new Response(text, { headers: { "content-type": "application/json" } }));
    for (const { path } of parts) if (path.endsWith(".wasm.packed")) await unpacked(path.replace(/\.packed$/, "")).catch(() => {});
  }

  /** Let go of what only older builds needed. */
  async function clean() {
    const cache = await caches.open(CACHE);
    const build = await (await cache.match(new URL(LIST, scope.registration.scope)))?.json();
    if (build === undefined) return;
    const keep = new Set([new URL(LIST, scope.registration.scope).href, ...wanted(build).map((part) => keyOf(part.sha256))]);
    for (const one of [cache, await caches.open(UNPACKED)]) {
      for (const request of await one.keys()) if (!keep.has(request.url)) await one.delete(request);
    }
  }

  /** @type {Promise<Map<string, Kept>>|null} what is kept, by path; a packed part by its plain path too */
  let index = null;

  async function readIndex() {
    const list = await (await caches.open(CACHE)).match(new URL(LIST, scope.registration.scope));
    if (list === undefined) throw new Error("nothing is kept");
    const build = await list.json();
    const plain = build.parts.map((/** @type {any} */ part) => [part.path, part.stored ?? part]);
    return new Map([...plain, ...wanted(build).map((part) => [part.path, part])]);
  }

  /**
   * A page that was opened to be driven from outside must not be cut off from its opener; in a frame it is not isolated anyway.
   * @param {Request} request
   */
  function headersFor({ mode, url }) {
    const isDriven = mode === "navigate" && new URL(url).searchParams.get("embed") === "1";
    return isDriven ? HEADERS : { ...HEADERS, ...ISOLATED };
  }

  /** @param {Request} request @param {string} path @param {Response} found */
  function withHeaders(request, path, found) {
    const type = TYPES[path.split(".").pop() ?? ""] ?? "application/octet-stream";
    return new Response(found.body, { headers: { ...headersFor(request), "Content-Type": type } });
  }

  /** @param {string} path @returns {Promise<Response|undefined>} as kept, or unpacked where the plain file is asked for; what is missing is fetched and kept again */
  async function kept(path) {
    const cache = await caches.open(CACHE);
    if (path === "build.json") return cache.match(new URL(LIST, scope.registration.scope));
    index ??= readIndex();
    const part = (await index).get(path);
    if (part === undefined) return undefined;
    const key = keyOf(part.sha256);
    if ((await cache.match(key)) === undefined) await fetchPart(cache, part);
    const found = await cache.match(key);
    if (found === undefined || found.body === null || part.path === path) return found;
    return new Response(found.body.pipeThrough(new DecompressionStream("gzip")));
  }

  /**
   * A packed wasm file as the compiler takes it. The browser keeps the code that it compiled with an answer straight out
   * of a cache (not with one that was made here): the next start runs at full speed from its first moment.
   * @param {string} path @returns {Promise<Response|undefined>}
   */
  async function unpacked(path) {
    const stored = await kept(`${path}.packed`);
    if (stored === undefined || stored.body === null) return undefined;
    const cache = await caches.open(UNPACKED);
    const key = keyOf((await index)?.get(`${path}.packed`)?.sha256 ?? "");
    const found = await cache.match(key);
    if (found !== undefined) return found;
    const body = stored.body.pipeThrough(new DecompressionStream("gzip"));
    await cache.put(key, new Response(body, { headers: { ...HEADERS, ...ISOLATED, "Content-Type": TYPES.wasm } }));
    return cache.match(key);
  }

  /** @param {Request} request @param {string} path */
  async function answer(request, path) {
    const isWasm = path.endsWith(".wasm");
    const found = await (isWasm ? unpacked(path) : kept(path)).catch(() => {
      index = null; // the browser threw the cache away, or a part is not to be had: the network answers
      return undefined;
    });
    if (found === undefined) return fetch(request);
    return isWasm ? found : withHeaders(request, path, found);
  }

  /** Throw away what is damaged: the network gives it anew, to be kept at the next request. */
  async function verify() {
    const cache = await caches.open(CACHE);
    for (const request of await cache.keys()) {
      const sum = request.url.split("/").pop() ?? "";
      const found = await cache.match(request);
      if (found !== undefined && request.url === keyOf(sum) && (await digest(await found.arrayBuffer())) !== sum) await cache.delete(request);
    }
    await caches.delete(UNPACKED);
  }

  /** The pages that live on the parts of the build before: the new one must not take them away. @param {any} source  the page that asks */
  async function takeOver(source) {
    const windows = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
    const others = windows.filter((/** @type {any} */ { id, url }) => id !== source.id && pathOf(url) === "index.html");
    if (others.length === 0) void scope.skipWaiting();
    return others.length === 0;
  }

  scope.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(install()));
  scope.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(clean().then(() => scope.clients.claim())));
  scope.addEventListener("message", (/** @type {any} */ event) => {
    const work = event.data?.type === "take_over" ? takeOver(event.source) : event.data?.type === "verify" ? verify() : null;
    if (work !== null) event.waitUntil(work.catch(() => false).then((result) => event.ports[0]?.postMessage(result)));
  });
  scope.addEventListener("fetch", (/** @type {any} */ event) => {
    const { request } = event;
    const path = pathOf(request.url);
    if (request.method === "GET" && path !== null && path !== "sw.js") event.respondWith(answer(request, path));
  });
})();
