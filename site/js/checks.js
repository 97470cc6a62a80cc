/** Start checks: what this browser lacks. Written in old syntax on purpose: it must run where the rest cannot. */

// (module (func (result v128) (i8x16.splat (i32.const 0)))): validates only where wasm SIMD exists.
var SIMD_MODULE = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11];
var PAGES_NEEDED = 4096; // 256 MB of 64-KiB pages: Pyodide, numpy, the network and one large image

function hasSimd() {
  try {
    return typeof WebAssembly === "object" && WebAssembly.validate(new Uint8Array(SIMD_MODULE));
  } catch (error) {
    return false;
  }
}

function hasIndexedDb() {
  try {
    return typeof indexedDB !== "undefined" && indexedDB !== null && typeof indexedDB.open === "function";
  } catch (error) {
    return false; // some browsers throw on the mere access when storage is forbidden
  }
}

function hasMemory() {
  try {
    return new WebAssembly.Memory({ initial: PAGES_NEEDED }).buffer.byteLength > 0;
  } catch (error) {
    return false;
  }
}

/** @returns {string[]} codes of what is missing: simd, indexeddb, worker, canvas, memory; empty when all is there */
export function missingFeatures() {
  var missing = [];
  if (!hasSimd()) missing.push("simd");
  if (!hasIndexedDb()) missing.push("indexeddb");
  if (typeof Worker === "undefined" || typeof MessageChannel === "undefined") missing.push("worker");
  if (typeof DecompressionStream === "undefined") missing.push("unpack");
  if (typeof OffscreenCanvas === "undefined" || typeof createImageBitmap === "undefined") missing.push("canvas");
  if (missing.indexOf("simd") < 0 && !hasMemory()) missing.push("memory");
  return missing;
}
