/** Ways in for a file: the file picker, a drop anywhere on the window, a paste. */
import { byId } from "./dom.js";

const MAX_DROPPED = 20_000;

/** @param {(files: File[]) => void} open @param {(count: number) => void} untold  so many of a folder cannot be read */
export function listenForFiles(open, untold) {
  const input = byId("file-input");
  const folder = byId("folder-input");
  const model = byId("model-input");
  const hint = byId("drop-hint");
  let depth = 0; // enter and leave come for every element that is crossed

  input.addEventListener("change", () => {
    open([...input.files]);
    input.value = ""; // the same file can be chosen again
  });

  folder.addEventListener("change", () => {
    open([...folder.files]);
    folder.value = "";
  });

  model.addEventListener("change", () => {
    open([...model.files]);
    model.value = "";
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
    void droppedFiles(event.dataTransfer, untold).then((dropped) => { if (dropped.length > 0) open(dropped); });
  });
  window.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    open(files);
  });
  return { choose: () => input.click(), chooseFolder: () => folder.click(), chooseModel: () => model.click() };
}

/** The files of a drop, those in folders too. The entries must be taken before the event ends. @param {DataTransfer|null} data @param {(count: number) => void} untold  so many entries cannot be read @returns {Promise<File[]>} */
async function droppedFiles(data, untold) {
  const files = [...(data?.files ?? [])];
  const entries = [...(data?.items ?? [])].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (!entries.some((entry) => entry?.isDirectory)) return files;
  /** @type {File[]} */
  const found = [];
  let unread = 0;
  const left = entries.filter((entry) => entry !== null);
  while (left.length > 0 && found.length < MAX_DROPPED) {
    const entry = /** @type {any} */ (left.shift());
    try {
      if (entry.isFile) found.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
      else left.push(...(await entriesOf(entry.createReader())));
    } catch {
      unread += 1;
    }
  }
  if (unread > 0) untold(unread);
  return found;
}

/** @param {any} reader gives a folder's entries a hundred at a time @returns {Promise<any[]>} */
async function entriesOf(reader) {
  const all = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
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
