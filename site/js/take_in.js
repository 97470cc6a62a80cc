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
  /** @type {import("./project.js").ProjectImage[]} */
  const opened = [];
  const imports = annotations.slice();
  if (images.length > 0) {
    const { images: fresh, failure } = await opener.openFiles(images);
    if (failure !== null && fresh.length < 2) return; // else the annotations would be taken for the image that stays
    opened.push(...fresh);
  }
  for (const archive of archives) {
    const { images: fresh, failure, annotations: isToRead } = await opener.openZip(archive, hasImage || opened.length > 0);
    opened.push(...fresh);
    if (isToRead && failure === null) imports.push(archive);
  }
  if (imports.length === 0) return;
  const inOrder = files.filter((file) => imports.includes(file));
  await (opened.length > 1 ? importing.readAll(inOrder, opened) : importing.read(inOrder));
}
