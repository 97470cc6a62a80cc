/** Ways in for a file: the file picker, a drop anywhere on the window, a paste. */
import { byId } from "./dom.js";

/** @param {(files: File[]) => void} open */
export function listenForFiles(open) {
  const input = byId("file-input");
  const hint = byId("drop-hint");
  let depth = 0; // enter and leave come for every element that is crossed

  input.addEventListener("change", () => {
    open([...input.files]);
    input.value = ""; // the same file can be chosen again
  });

  const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  /** @param {number} next */
  const enter = (next) => {
    depth = Math.max(0, next);
    hint.hidden = depth === 0;
  };
  window.addEventListener("dragenter", (event) => { if (hasFiles(event)) { event.preventDefault(); enter(depth + 1); } });
  window.addEventListener("dragleave", (event) => { if (hasFiles(event)) enter(depth - 1); });
  window.addEventListener("dragover", (event) => {
    if (!hasFiles(event) || event.dataTransfer === null) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  window.addEventListener("drop", (event) => {
    event.preventDefault(); // a file beside the target must not replace the page
    enter(0);
    open([...(event.dataTransfer?.files ?? [])]);
  });
  window.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    open(files);
  });
  return { choose: () => input.click() };
}

/** Hand bytes to the person as a download. @param {BlobPart} bytes @param {string} filename @param {string} mime */
export function download(bytes, filename, mime) {
  const url = URL.createObjectURL(new Blob([bytes], { type: mime }));
  const link = document.createElement("a");
  link.href = url;
  link.download = filename;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
