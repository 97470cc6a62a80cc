/**
 * Edits on their way when Python dies. One that the journal holds was made and comes back with it; one that it does not hold
 * is sent again, in order, before whatever waits. Questions are not asked again: whoever asked is told.
 */
import { RpcError } from "./rpc.js";

/** What changes the document, the choice of network, or opens the classes for the draft. @type {ReadonlySet<string>} */
export const EDITS = new Set([
  "pointer.press", "pointer.drag", "region.polygon", "click.move", "click.remove",
  "mask.paint", "mask.fill", "mask.polygon", "mask.scratch", "mask.wand", "mask.refine",
  "draft.request_confirm", "draft.confirm", "draft.cancel", "history.undo", "history.redo", "history.walk",
  "annotation.reopen", "annotation.delete", "annotation.split",
  "annotations.delete", "annotations.merge", "annotations.relabel", "annotations.lock", "annotations.show", "annotations.copy",
  "label.add", "label.update", "image.mark", "image.close", "mode.set", "model.set",
]);

/** Edits that are about no image. */
const OF_NO_IMAGE = new Set(["label.add", "label.update", "mode.set", "model.set", "image.close"]);

/** Whether an edit means the image that is shown when it is asked for, and no other. @param {string} method */
export const isOfImage = (method) => EDITS.has(method) && !OF_NO_IMAGE.has(method);

export const restarted = () => new RpcError("worker_restarted", "the Python worker was started again");

/** @param {import("./rpc.js").Request} request */
const isEdit = ({ method, params }) => EDITS.has(method) && params.preview !== true;

/**
 * @param {import("./rpc.js").Rpc} rpc closed now
 * @param {import("./rpc.js").Request[]} lost what Python had not answered, in the order in which it was sent
 */
export function giveBack(rpc, lost) {
  for (const request of lost) if (!isEdit(request)) request.reject(restarted());
  const edits = lost.filter(isEdit);
  for (const request of edits) if (request.isJournalled) request.resolve({ result: {}, buffers: [] }); // done; only what Python said of it is gone
  const open = edits.filter(({ isJournalled }) => !isJournalled);
  // the oldest one may be what ended Python: a second time says so, and the others need not die of it
  if (open[0]?.deaths > 0) open.shift()?.reject(restarted());
  for (const request of open) request.deaths += 1;
  rpc.requeue(open);
}
