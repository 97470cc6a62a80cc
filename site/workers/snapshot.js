/**
 * Python's memory after its start, kept in the browser's cache: the next visit begins where this one's interpreter began,
 * and saves most of Pyodide's own start. The snapshot is taken before any C extension is loaded (their tables are not
 * in it) and named by the very files that it was made from; whatever goes wrong, Python starts the plain way.
 */
"use strict";

(() => {
  /** @type {any} */
  const scope = self;
  const CACHE = "segmark-python-memory";
  const MADE_FROM = ["pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip"];
  /** What numpy, micropip and our own wheel import of the standard library. */
  const MODULES = [
    "array", "ast", "asyncio", "bisect", "bz2", "collections.abc", "concurrent.futures", "contextlib", "contextvars", "copy", "ctypes", "dataclasses",
    "datetime", "email.parser", "enum", "fnmatch", "functools", "glob", "hashlib", "html.parser", "importlib.metadata", "importlib.resources", "inspect",
    "io", "ipaddress", "itertools", "json", "logging", "math", "numbers", "operator", "pathlib", "pickle", "platform", "random", "re", "reprlib",
    "shutil", "socket", "string", "struct", "subprocess", "sysconfig", "tarfile", "tempfile", "textwrap", "threading", "tokenize", "traceback",
    "types", "typing", "urllib.parse", "warnings", "weakref", "zipfile", "zlib",
  ];

  /** @param {Uint8Array} bytes */
  async function digest(bytes) {
    const hash = new Uint8Array(await scope.crypto.subtle.digest("SHA-256", bytes));
    return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** @param {string} base @param {{path: string, sha256: string}[]} parts @returns {string} "" where nothing can be kept (file://, plain http) */
  function keyOf(base, parts) {
    if (scope.caches === undefined || scope.crypto?.subtle === undefined) return "";
    const sums = parts.filter((part) => MADE_FROM.includes(part.path.split("/").pop() ?? "")).map((part) => part.sha256.slice(0, 16));
    return sums.length === MADE_FROM.length ? new URL(`python-memory/${sums.join("-")}-${MODULES.length}`, base).href : "";
  }

  /** @param {string} key @returns {Promise<Uint8Array|null>} whole as it was kept, or null */
  async function read(key) {
    if (key === "") return null;
    try {
      const found = await (await scope.caches.open(CACHE)).match(key);
      if (found === undefined) return null;
      const bytes = new Uint8Array(await found.arrayBuffer());
      return (await digest(bytes)) === found.headers.get("x-sha256") ? bytes : null;
    } catch {
      return null;
    }
  }

  /** Replace whatever was kept. @param {string} key @param {Uint8Array} bytes */
  async function write(key, bytes) {
    try {
      await scope.caches.delete(CACHE);
      const headers = { "x-sha256": await digest(bytes) };
      await (await scope.caches.open(CACHE)).put(key, new Response(/** @type {any} */ (bytes), { headers }));
    } catch {
      // no room: the next start is as slow as this one
    }
  }

  /**
   * What pyodide.js makes of its options. It only warns when its wasm cannot be had or compiled, and then waits for ever: the
   * first failure of a part ends the wait. @param {Record<string, any>} options @returns {Promise<any>}
   */
  async function load(options) {
    const { fetch: fetchPlain } = scope;
    const { instantiateStreaming, instantiate } = WebAssembly;
    let lose = (/** @type {any} */ _error) => {};
    const lost = new Promise((_, reject) => { lose = reject; });
    /** @param {Promise<any>} answer */
    const watched = (answer) => { answer.catch(lose); return answer; };
    scope.fetch = (/** @type {any[]} */ ...asked) => watched(fetchPlain(...asked));
    WebAssembly.instantiateStreaming = (...given) => watched(instantiateStreaming.call(WebAssembly, ...given));
    WebAssembly.instantiate = (/** @type {any[]} */ ...given) => watched(/** @type {any} */ (instantiate).apply(WebAssembly, given));
    try {
      return await Promise.race([scope.loadPyodide(options), lost]);
    } finally {
      scope.fetch = fetchPlain;
      Object.assign(WebAssembly, { instantiateStreaming, instantiate });
    }
  }

  /**
   * Start Python, from its kept memory if there is any.
   * @param {{indexURL: string, parts: {path: string, bytes: number, sha256: string}[]}} where
   * @returns {Promise<{pyodide: any, from: "memory"|"files", keep: () => Promise<void>}>} `keep` writes a new snapshot: when there is time
   */
  scope.startPyodide = async ({ indexURL, parts }) => {
    const key = keyOf(indexURL, parts);
    const kept = await read(key);
    if (kept !== null) {
      try {
        return { pyodide: await load({ indexURL, _loadSnapshot: kept }), from: "memory", keep: async () => {} };
      } catch (error) {
        console.warn(`Python's kept memory was refused: ${error}`);
        await scope.caches.delete(CACHE).catch(() => {});
      }
    }
    if (key === "") return { pyodide: await load({ indexURL }), from: "files", keep: async () => {} };
    const pyodide = await load({ indexURL, _makeSnapshot: true });
    let bytes = /** @type {Uint8Array|null} */ (null);
    try {
      pyodide.runPython(MODULES.map((name) => `import ${name}`).join("\n") + "\ndel " + [...new Set(MODULES.map((name) => name.split(".")[0]))].join(", "));
      bytes = pyodide.makeMemorySnapshot();
    } catch (error) {
      console.warn(`Python's memory could not be kept: ${error}`);
    }
    return { pyodide, from: "files", keep: async () => { if (bytes !== null) await write(key, bytes); bytes = null; } };
  };
})();
