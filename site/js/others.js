/** What the project's other images hold: Python has the document of the open one only, and reads the others' journals when asked. */

/**
 * Give Python images of the project, for an export: of one that was never opened the size is read from its file.
 * @param {{rpc: import("./rpc.js").Rpc, persist: import("./persist.js").Persist, project: import("./project.js").Project}} parts
 * @param {import("./project.js").ProjectImage[]} images
 * @param {(done: number, total: number) => void} tell
 * @returns {Promise<{ids: string[], left: string[]}>} the images in their order; names of those whose file cannot be read
 */
export async function giveAll({ rpc, persist, project }, images, tell) {
  /** @type {string[]} */
  const ids = [];
  /** @type {string[]} */
  const left = [];
  for (const [done, image] of images.entries()) {
    tell(done, images.length);
    const { id, name, page, width } = image;
    try {
      if (width > 0 && id !== persist.current) await rpc.call("project.take", { id, name, entries: await persist.journalOf(id) });
      else if (width === 0) await rpc.call("project.take", { id, name, page, ...(await sizeOf(rpc, project, image)) });
      ids.push(id);
    } catch (error) {
      if (width > 0) throw error; // work on it would be missing: that is no export
      left.push(name);
    }
  }
  return { ids, left };
}

/** @param {import("./rpc.js").Rpc} rpc @param {import("./project.js").Project} project @param {import("./project.js").ProjectImage} image */
async function sizeOf(rpc, project, image) {
  const blob = await project.fileOf(image);
  if (blob === null) throw new Error("no file");
  const bytes = [await blob.arrayBuffer()];
  // the pages of a file may differ in size
  const { result } = image.page > 0 ? await rpc.call("image.decode", { page: image.page }, bytes) : await rpc.call("image.probe", { name: image.name }, bytes);
  return { width: result.width, height: result.height };
}

/** The images that were opened: of the others nothing is known, not even the size. @param {import("./project.js").Project} project */
export const openedImages = (project) => project.images.filter(({ width }) => width > 0);

/**
 * Give Python the documents of the images that are not open, for an export or a report.
 * @param {{rpc: import("./rpc.js").Rpc, persist: import("./persist.js").Persist, project: import("./project.js").Project}} parts
 * @returns {Promise<string[]>} the ids of all opened images, in their order
 */
export async function giveOthers({ rpc, persist, project }) {
  const opened = openedImages(project);
  for (const { id, name } of opened) if (id !== persist.current) await rpc.call("project.take", { id, name, entries: await persist.journalOf(id) });
  return opened.map(({ id }) => id);
}
