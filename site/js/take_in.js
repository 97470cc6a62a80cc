/** What files mean that a person drops, pastes or chooses: images and archives of them join the project, annotations are for the images that come with them or for the open one, an ONNX file is the person's own network. */

import { isProjectFile } from "./project_file.js";

const ANNOTATIONS = /\.(json|xml|txt)$/i;
const ARCHIVE = /\.zip$/i;
const NETWORK = /\.onnx$/i;

/**
 * PNG masks come by the import menu, because a dropped PNG is an image; an archive with files of annotation formats in
 * it is annotations.
 * @param {File[]} files
 * @param {object} parts
 * @param {import("./open_image.js").Opener} parts.opener
 * @param {{read: (files: File[]) => Promise<void>, readAll: (files: File[], images: import("./project.js").ProjectImage[]) => Promise<void>}} parts.importing
 * @param {{open: (file: File) => Promise<void>}} parts.projectFile
 * @param {{take: (file: File) => Promise<void>}} parts.ownModel
 * @param {boolean} parts.hasImage
 */
export async function takeIn(files, { opener, importing, projectFile, ownModel, hasImage }) {
  const whole = files.find(isProjectFile);
  if (whole !== undefined) return projectFile.open(whole);
  const network = files.find(({ name }) => NETWORK.test(name));
  if (network !== undefined) return ownModel.take(network);
  const archives = files.filter(({ name }) => ARCHIVE.test(name));
  const annotations = files.filter(({ name }) => ANNOTATIONS.test(name));
  const images = files.filter((file) => !archives.includes(file) && !annotations.includes(file));
  const opened = images.length > 0 ? await opener.openFiles(images) : null;
  const imports = annotations.slice();
  for (const archive of archives) if (!(await opener.openZip(archive, hasImage || opened !== null))) imports.push(archive);
  if (imports.length === 0 || (opened !== null && opened.failure !== null)) return;
  const inOrder = files.filter((file) => imports.includes(file));
  const several = opened !== null && opened.images.length > 1;
  await (several ? importing.readAll(inOrder, opened.images) : importing.read(inOrder));
}
