/** What Python tells, put into the mirror; the words for notices and errors. */
import { has, t } from "./i18n.js";

/**
 * @param {object} parts
 * @param {import("./store.js").Store} parts.store
 * @param {import("./rpc.js").Rpc} parts.rpc
 * @param {import("./persist.js").Persist} parts.persist
 * @param {import("./presses.js").Presses} parts.presses
 * @param {(text: string, level: any) => void} parts.say
 * @param {(params: {done: number, total: number}) => void} parts.exportProgress
 * @param {(params: {done: number, total: number}) => void} parts.projectProgress
 * @returns {(event: string, params: any, buffers: ArrayBuffer[]) => void}
 */
export function makeEventHandler({ store, rpc, persist, presses, say, exportProgress, projectProgress }) {
  /** @param {any} params */
  const keyOf = ({ target, id }) => (target === "draft" ? "draft" : `annotation:${id}`);

  /** @type {Record<string, (params: any, buffers: any[]) => void>} */
  const handlers = {
    "state.changed": (params) => {
      store.setMirror(params);
      presses.stateCame(params);
    },
    "mask.changed": (params, [runs, edges]) => {
      const { id, label_id: labelId, box } = params;
      store.putMask({ key: keyOf(params), id: params.target === "draft" ? null : id, labelId, box, runs: wordsOf(runs), edges: wordsOf(edges) });
      if (params.press_id) presses.maskCame(params.press_id);
    },
    "mask.removed": (params) => store.dropMask(keyOf(params)),
    "notice": ({ code, params, level }) => say(notice(code, params), level),
    "export.progress": exportProgress,
    "project.progress": projectProgress,
    "journal.truncate": ({ image, count }) => persist.truncate(image, count),
    "journal.append": ({ entry, image, request }) => {
      rpc.journalled(request);
      persist.append(entry, image);
      store.unexported = true;
    },
    "journal.snapshot": ({ entry, image }) => persist.compact(entry, image),
  };
  return (event, params, buffers) => handlers[event]?.(params, buffers);
}

/** @param {ArrayBuffer|ArrayBufferView} buffer */
const wordsOf = (buffer) => (ArrayBuffer.isView(buffer) ? new Int32Array(buffer.buffer, buffer.byteOffset, buffer.byteLength / 4) : new Int32Array(buffer));

/** @param {string} code @param {any} params */
function notice(code, params = {}) {
  const reason = typeof params?.code === "string" && has(`error.${params.code}`) ? t(`error.${params.code}`) : "";
  return has(`notice.${code}`) ? t(`notice.${code}`, { ...params, reason }) : t("notice.unknown", { code });
}

/** What a browser throws for a file that was moved, changed or whose drive is gone. */
const UNREADABLE = ["NotReadableError", "NotFoundError"];

/** @param {any} error an RpcError or whatever was thrown */
export function errorText(error) {
  const code = error?.code;
  if (typeof code === "string" && has(`error.${code}`)) return t(`error.${code}`, error.params);
  if (error instanceof DOMException && UNREADABLE.includes(error.name)) return t("error.file_unreadable");
  return t("error.unknown", { message: typeof code === "string" ? code : (error?.message ?? String(error)) });
}
