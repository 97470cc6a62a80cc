/** What the project's other images hold: Python has the document of the open one only, and reads the others' journals when asked. */

/** The images that were opened: of the others nothing is known, not even the size. @param {import("./project.js").Project} project */
export const openedImages = (project) => project.images.filter(({ width }) => width > 0);

/**
 * Give Python the documents of the images that are not open, for an export or a report.
 * @param {{rpc: import("./rpc.js").Rpc, persist: import("./persist.js").Persist, project: import("./project.js").Project}} parts
 * @returns {Promise<string[]>} the ids of all opened images, in their order
 */
export async function giveOthers({ rpc, persist, project }) {
  const ids = openedImages(project).map(({ id }) => id);
  for (const id of ids) if (id !== persist.current) await rpc.call("project.take", { entries: await persist.journalOf(id) });
  return ids;
}
