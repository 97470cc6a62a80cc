/**
 * "Save this page": the one HTML file that `./build.sh single` writes, put together from the parts that the page runs on
 * (the service worker's cache gives them, or the server). Each part is checked by its hash, so the file is that very one.
 */
import { base } from "./assets.js";
import { RpcError } from "./rpc.js";

const CHUNK = 3 << 15; // bytes turned to base64 at a time: a multiple of 3, so that the pieces join

/** @param {Uint8Array} bytes */
function base64(bytes) {
  /** @type {string[]} */
  const pieces = [];
  for (let at = 0; at < bytes.length; at += CHUNK) pieces.push(btoa(String.fromCharCode(...bytes.subarray(at, at + CHUNK))));
  return pieces.join("");
}

/** The server has gone on, and no service worker keeps this page's parts. @param {string} what */
const otherBuild = (what) => new RpcError("page.other_build", what);

/** @param {string} path @param {string} sha256 @returns {Promise<Uint8Array>} */
async function read(path, sha256) {
  const response = await fetch(new URL(path, base));
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  const bytes = await response.arrayBuffer();
  if (sha256 !== "" && crypto.subtle !== undefined) {
    const hash = [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (hash !== sha256) throw otherBuild(path);
  }
  return new Uint8Array(bytes);
}

/** @param {string} path @param {Uint8Array} bytes @param {boolean} gzip */
const element = (path, bytes, gzip) =>
  [`<script type="application/octet-stream" data-path="${path}"${gzip ? " data-gzip" : ""}>`, base64(bytes), "</script>\n"];

/**
 * @param {string} own  this page's build
 * @param {(share: number) => void} progress
 * @returns {Promise<{name: string, blob: Blob}>}
 */
export async function assemblePage(own, progress) {
  const list = await read("build.json", "");
  const build = JSON.parse(new TextDecoder().decode(list));
  if (build.build !== own) throw otherBuild("build.json");
  const parts = new Map(build.parts.map((/** @type {any} */ part) => [part.path, part]));
  const { shell, name, parts: order } = build.single;
  /** @type {BlobPart[]} */
  const pieces = [/** @type {any} */ (await read(shell, parts.get(shell).sha256)), ...element("build.json", list, false)];
  for (const [index, path] of order.entries()) {
    const part = parts.get(path);
    const { path: stored, sha256 } = part.stored ?? part;
    pieces.push(...element(path, await read(stored, sha256), part.stored !== undefined));
    progress((index + 1) / order.length);
  }
  pieces.push("</body>\n</html>\n");
  return { name, blob: new Blob(pieces, { type: "text/html" }) };
}
