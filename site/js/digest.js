/** The sha256 of a file: by the browser, or by Python on plain http, where the browser has none. */

/** @param {Blob} blob @param {import("./rpc.js").Rpc} rpc @returns {Promise<string>} hexadecimal */
export async function sha256Of(blob, rpc) {
  const bytes = await blob.arrayBuffer();
  if (globalThis.crypto.subtle === undefined) return (await rpc.call("file.digest", {}, [bytes])).result.sha256;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
