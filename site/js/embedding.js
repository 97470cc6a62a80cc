/**
 * The page driven from outside: `?image=` opens an image of the same origin, `?project=` a project file; `?embed=1` lets the page that frames or opened
 * this one talk to it by postMessage, if its origin is this one or is named in embed.json. Off without `?embed=1`.
 * The interface, with an example: examples/README.md.
 */
import { base, isPacked, readJson } from "./assets.js";
import { RpcError } from "./rpc.js";

/**
 * @param {object} parts
 * @param {import("./store.js").Store} parts.store
 * @param {import("./rpc.js").Rpc} parts.rpc
 * @param {import("./open_image.js").Opener} parts.opener
 * @param {{open: (file: File) => Promise<void>}} parts.projectFile
 * @param {(error: any) => void} parts.showError
 */
export function makeEmbedding({ store, rpc, opener, projectFile, showError }) {
  const asked = new URLSearchParams(location.search);

  /** A file of this site that the address names. @param {string} path @param {string} kind @returns {Promise<File>} */
  async function fileAt(path, kind) {
    const address = new URL(path, base);
    if (isPacked || address.origin !== location.origin) throw new RpcError("address.elsewhere", path, { kind });
    const response = await fetch(address).catch(() => null);
    if (!response?.ok) throw new RpcError("address.not_there", path, { kind });
    const blob = await response.blob();
    return new File([blob], decodeURIComponent(address.pathname.split("/").pop() ?? "") || kind, { type: blob.type });
  }

  /** `?project=`, when Python is there; work that is open is asked about first, as for a file that was dropped. */
  async function openProject() {
    const path = asked.get("project");
    if (path === null) return;
    try {
      await projectFile.open(await fileAt(path, "project"));
    } catch (error) {
      showError(error);
    }
  }

  /** `?image=`: before anything else that a first visit would open. @returns {Promise<boolean>} */
  async function openAsked() {
    const path = asked.get("image");
    if (path === null) return false;
    const release = opener.expect();
    try {
      const file = await fileAt(path, "image");
      await open(file.name, file);
      return true;
    } catch (error) {
      showError(error);
      return false;
    } finally {
      release();
    }
  }

  /** @param {string} name @param {Blob} blob */
  async function open(name, blob) {
    const { id, failure } = await opener.openFiles([new File([blob], name, { type: blob.type })]);
    if (failure !== null) throw failure;
    if (id === null || store.picture?.id !== id) throw new RpcError("image.refused", `${name} was not opened`);
  }

  /** @type {Record<string, (request: any) => Promise<{result: any, transfer?: Transferable[]}>>} */
  const methods = {
    async open({ name, data }) {
      await open(String(name), data instanceof Blob ? data : new Blob([data]));
      return { result: { width: store.picture?.width, height: store.picture?.height } };
    },
    async annotations({ format }) {
      const { result, buffers } = await rpc.call("export.write", { format: String(format ?? "coco") });
      return { result: { ...result, data: buffers[0] }, transfer: [buffers[0]] };
    },
  };

  /** Answer whoever may ask. @param {Promise<void>} ready */
  async function listen(ready) {
    const other = window.parent !== window ? window.parent : window.opener;
    if (asked.get("embed") !== "1" || !other || isPacked) return;
    const { origins } = await readJson("embed.json");
    const allowed = [location.origin, ...origins];
    /** @param {any} message */
    const tell = (message) => allowed.forEach((origin) => other.postMessage(message, origin));
    window.addEventListener("message", async ({ source, origin, data }) => {
      if (source !== other || !allowed.includes(origin) || typeof data?.segmark !== "string") return;
      const { segmark: method, id } = data;
      try {
        if (!Object.hasOwn(methods, method)) throw new RpcError("unknown_method", method);
        const { result, transfer = [] } = await methods[method](data);
        other.postMessage({ segmark: "answer", id, ok: true, ...result }, origin, transfer);
      } catch (error) {
        const { code = "internal", message } = /** @type {any} */ (error);
        other.postMessage({ segmark: "answer", id, ok: false, code, message }, origin);
      }
    });
    await ready;
    tell({ segmark: "ready" });
    let known = store.mirror.annotations;
    store.on("mirror", () => {
      if (store.mirror.annotations === known) return;
      known = store.mirror.annotations;
      tell({ segmark: "changed", annotations: known.length });
    });
  }

  return { openAsked, openProject, listen };
}
