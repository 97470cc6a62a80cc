/** The project file: every image with its journal and, if wanted, its file, out as one archive and in again. */
import { t } from "./i18n.js";
import { download } from "./ui/drop.js";

const ENDING = ".segmark";

/** @param {File} file */
export const isProjectFile = (file) => file.name.toLowerCase().endsWith(ENDING);

/**
 * @param {object} parts
 * @param {import("./rpc.js").Rpc} parts.rpc
 * @param {import("./store.js").Store} parts.store
 * @param {import("./persist.js").Persist} parts.persist
 * @param {import("./project.js").Project} parts.project
 * @param {import("./open_image.js").Opener} parts.opener
 * @param {(count: number, isAside: boolean) => Promise<boolean>} parts.mayReplace  asks when images would leave
 * @param {(text: string) => void} parts.say
 * @param {ReturnType<typeof import("./ui/project_card.js").makeProjectCard>} parts.card
 */
export function makeProjectFile({ rpc, store, persist, project, opener, mayReplace, say, card }) {
  /**
   * One request, with its progress.
   * @template {"project.write"|"project.read"} M
   * @param {"project.saving"|"project.reading"} key
   * @param {M} method
   * @param {import("./methods.js").Methods[M][0]} params
   * @param {ArrayBuffer[]} buffers
   */
  async function requested(key, method, params, buffers) {
    card.begin(key);
    try {
      return await rpc.call(method, params, buffers);
    } finally {
      card.end();
    }
  }

  /** @param {boolean} withFiles */
  async function save(withFiles) {
    const images = [];
    const buffers = [];
    /** The buffer of each file: the pages of one share it. @type {Map<string, number>} */
    const places = new Map();
    for (const image of project.images) {
      const { id, name, width, height, sample, state, bytes: size, fileId: file_id, page } = image;
      const blob = withFiles && !places.has(file_id) ? await project.fileOf(image) : null;
      if (blob !== null) places.set(file_id, buffers.push(await blob.arrayBuffer()) - 1);
      images.push({ id, name, width, height, sample, state, size, file_id, page, sha256: await project.sha256Of(image), entries: await persist.journalOf(id), file: places.get(file_id) ?? null });
    }
    const answer = await requested("project.saving", "project.write", { images, current: persist.current }, buffers);
    const first = (project.current ?? project.images[0])?.name.replace(/\.\w{1,5}$/, "") ?? "segmark";
    const filename = `${first}${ENDING}`;
    download(answer.buffers[0], filename, answer.result.mime);
    store.unexported = false;
    say(t("export.done", { filename }));
  }

  /** The file is read whole, and found good, before anything here changes. @param {File} file */
  async function open(file) {
    const { result, buffers } = await requested("project.reading", "project.read", {}, [await file.arrayBuffer()]);
    const count = project.images.filter((image) => image.sample === null || image.state !== "none" || persist.aside.has(image.id)).length;
    if (count > 0 && !(await mayReplace(count, persist.aside.parts.length > 0))) return;
    const images = result.images.map((/** @type {any} */ row, /** @type {number} */ order) => ({
      id: row.id, name: row.name, order, width: row.width, height: row.height, sample: row.sample, bytes: row.size, sha256: row.sha256, kept: false, state: row.state, thumb: null,
      fileId: row.file_id, page: row.page, ours: false,
    }));
    const blobs = buffers.map((buffer) => new Blob([buffer]));
    /** @type {Map<string, Blob>} */
    const files = new Map();
    /** @type {Map<string, string[]>} */
    const journals = new Map();
    for (const row of result.images) {
      journals.set(row.id, row.entries);
      if (row.file !== null) files.set(row.id, blobs[row.file]);
    }
    await opener.replaceProject(images, journals, files, result.current);
    store.unexported = false;
    say(t("project.opened", { name: file.name }));
  }

  return { save, open };
}
