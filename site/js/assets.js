/**
 * The page's own files: from the server, or, in the saved page, from the page itself, which carries them as text in
 * inert script elements (made by tools/single.py). Written in plain syntax: main.js needs it before it knows the browser.
 */

/** Where the saved page's parts seem to lie: an address that no server can have. */
const NOWHERE = "https://segmark.invalid/";
const BATCH = 1 << 20; // characters decoded between two breaths

/** @typedef {{blob: Blob, gzip: boolean}} Stored  a part as it is kept, gzip or plain */
/** @typedef {{bytes: ArrayBuffer, gzip: boolean}} Carried  the same, as a worker gets it */

/** This page is the saved one. */
export const isPacked = document.querySelector('meta[name="segmark-packed"]') !== null;

/** The folder that all paths start from. */
export const base = isPacked ? new URL(NOWHERE) : new URL(".", document.baseURI);

/** @type {Map<string, Promise<Stored>>} */
const decoded = new Map();
/** @type {Map<string, string>} */
const addresses = new Map();

const parsed = new Promise((resolve) => {
  if (document.readyState !== "loading") resolve(undefined);
  else document.addEventListener("DOMContentLoaded", () => resolve(undefined));
});

const TYPES = { js: "text/javascript", png: "image/png", json: "application/json", svg: "image/svg+xml", wasm: "application/wasm" };

/** @param {string} path */
export function typeOf(path) {
  return /** @type {Record<string, string>} */ (TYPES)[path.split(".").pop() || ""] || "application/octet-stream";
}

/** @param {string} text base64 @param {string} type */
async function decode(text, type) {
  /** @type {BlobPart[]} */
  const parts = [];
  for (let at = 0; at < text.length; at += BATCH) {
    const binary = atob(text.slice(at, at + BATCH)); // BATCH is a multiple of 4: no batch cuts a group
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
    parts.push(bytes);
    if (at + BATCH < text.length) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return new Blob(parts, { type });
}

/** A part of the saved page as it is stored; its text is let go. @param {string} path @returns {Promise<Stored>} */
export function carried(path) {
  let found = decoded.get(path);
  if (found === undefined) {
    found = parsed.then(async () => {
      const element = /** @type {HTMLElement|null} */ (document.querySelector(`script[data-path="${CSS.escape(path)}"]`));
      if (element === null) throw new Error(`${path}: this page does not carry it; save it anew`);
      const gzip = element.dataset.gzip !== undefined;
      const stored = { blob: await decode(element.textContent || "", gzip ? "application/gzip" : typeOf(path)), gzip };
      element.remove();
      return stored;
    });
    decoded.set(path, found);
  }
  return found;
}

/** @param {Stored} stored @param {string} type */
export async function unpacked({ blob, gzip }, type) {
  if (!gzip) return blob;
  const plain = await new Response(blob.stream().pipeThrough(new DecompressionStream("gzip"))).blob();
  return plain.slice(0, plain.size, type);
}

/** @param {string} path @returns {Promise<Blob>} */
export async function readBlob(path) {
  if (isPacked) return unpacked(await carried(path), typeOf(path));
  const response = await fetch(new URL(path, base));
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.blob();
}

/** @param {string} path */
export const readText = async (path) => (await readBlob(path)).text();

/** The text of a part that the server has packed too, and the service worker keeps only so. @param {string} path */
export async function readPacked(path) {
  if (isPacked) return readText(path);
  return (await unpacked({ blob: await readBlob(`${path}.packed`), gzip: true }, "text/plain")).text();
}

/** @param {string} path */
export const readJson = async (path) => JSON.parse(await readText(path));

/** An address for an `<img>` or a link; in the saved page that of a blob. @param {string} path */
export async function addressOf(path) {
  if (!isPacked) return new URL(path, base).href;
  let address = addresses.get(path);
  if (address === undefined) {
    address = URL.createObjectURL(await readBlob(path));
    addresses.set(path, address);
  }
  return address;
}

/**
 * Every part that the saved page carries below these folders, for its workers: bytes, because WebKit's workers cannot read
 * a blob that a page from disk has made.
 * @param {string[]} folders
 */
export async function carriedBelow(folders) {
  await parsed;
  /** @type {Record<string, Carried>} */
  const found = {};
  const names = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("script[data-path]"));
  const paths = new Set([...decoded.keys(), ...[...names].map((element) => element.dataset.path || "")]);
  for (const path of paths) {
    if (!folders.some((folder) => path.startsWith(folder))) continue;
    const { blob, gzip } = await carried(path);
    found[path] = { bytes: await blob.arrayBuffer(), gzip };
  }
  return found;
}
