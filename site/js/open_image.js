/**
 * Opening an image of the project: check, decode, hand to Python with its journal, show. The last good image stays until
 * the new one is known to be good. One at a time; of several asked for in a row only the last one is opened.
 */
import { readBlob } from "./assets.js";
import { bitmapOf, decodeImage, isImageFile, isTiff, peekSize, readPixels } from "./decode.js";
import { t, tn } from "./i18n.js";
import { RpcError } from "./rpc.js";

const EARLY_PIXELS = 40e6; // larger images are shown only after Python has checked the file
const AHEAD_BYTES = 40e6; // the file of an image that is decoded ahead is at most so large

/** @typedef {import("./types.js").Picture} Picture */
/** @typedef {import("./project.js").ProjectImage} ProjectImage */

/** @param {string} code */
const problem = (code) => new RpcError(code, code);

/** @param {Blob} blob */
async function decode(blob) {
  try {
    return await decodeImage(blob);
  } catch {
    throw problem("image.not_an_image");
  }
}

/** plate.tif -> plate_02.tif @param {string} name @param {number} page from 0 @param {number} pages */
function pageName(name, page, pages) {
  const [, stem, ending] = /** @type {RegExpExecArray} */ (/^(.*?)(\.[^.]*)?$/s.exec(name));
  return `${stem}_${String(page + 1).padStart(String(pages).length, "0")}${ending ?? ""}`;
}

/** @param {() => Promise<any>} job Once more when Python was started again while it answered. */
async function twice(job) {
  try {
    return await job();
  } catch (error) {
    if (!(error instanceof RpcError) || error.code !== "worker_restarted") throw error;
    return job();
  }
}

export class Opener {
  /**
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./rpc.js").Rpc} parts.rpc
   * @param {import("./persist.js").Persist} parts.persist
   * @param {import("./project.js").Project} parts.project
   * @param {(error: any) => void} parts.showError
   * @param {() => void} parts.clearError
   * @param {(text: string, level?: any) => void} parts.say
   */
  constructor(parts) {
    this.parts = parts;
    this.waiting = 0;
    /** The picture whose pixels Python has. @type {Picture|null} */
    this.picture = null;
    /** The image that was asked for last. @type {ProjectImage|null} */
    this.target = null;
    /** The next image, decoded ahead. @type {{id: string, picture: Promise<Picture|null>}|null} */
    this.ahead = null;
    /** Ends when what an earlier visit left is on the page. @type {Promise<void>} */
    this.resumed = Promise.resolve();
    /** Ends when every opening asked for so far has ended. */
    this.idle = Promise.resolve();
  }

  /** @param {() => Promise<void>} job @returns {Promise<any>} what went wrong (told already), or null */
  #inTurn(job) {
    this.waiting += 1;
    this.parts.store.changed("opening");
    const ended = this.idle.then(job).then(() => null, (error) => {
      this.#fail(error);
      return error;
    }).finally(() => {
      this.waiting -= 1;
      this.parts.store.changed("opening");
      this.parts.store.changed("boot");
    });
    this.idle = ended.then(() => {});
    return ended;
  }

  /** @param {any} error The last good image comes back. */
  #fail(error) {
    const { store, showError } = this.parts;
    if (store.picture !== this.picture) store.setPicture(this.picture);
    showError(error);
  }

  /**
   * Go to an image of the project. One that was just added alone and cannot be opened leaves the list again.
   * @param {ProjectImage} image @param {boolean} [isOnly] @returns {Promise<any>} what went wrong (told already), or null
   */
  show(image, isOnly = false) {
    const early = this.#showEarly(image);
    early.catch(() => {}); // told when its turn comes
    this.target = image;
    return this.#inTurn(async () => {
      await this.resumed;
      if (this.target !== image && !isOnly) return; // the person went on
      if (this.picture?.id === image.id) return this.#mayLeave(null);
      try {
        await this.#enter(image, (await this.#confirmed(image, await early)) ?? (await this.#prepared(image)));
      } catch (error) {
        if (isOnly && image.width === 0) this.parts.project.remove(image);
        else this.parts.project.change(image, { fault: error });
        throw error;
      }
      void this.#lookAhead(image);
    });
  }

  /** A picture that was shown before Python was there: null when it is not to be the browser's. @param {ProjectImage} image @param {Picture|null} early */
  async #confirmed(image, early) {
    if (early === null || image.blob === null) return null;
    await this.#check(image, image.blob);
    return image.ours ? null : early;
  }

  /** An image as a picture, checked; decoded ahead or now. @param {ProjectImage} image @returns {Promise<Picture>} */
  async #prepared(image) {
    const { ahead } = this;
    this.ahead = null;
    if (ahead?.id === image.id) {
      const picture = await ahead.picture;
      if (picture !== null) return picture;
    } else {
      void ahead?.picture.then((picture) => picture?.bitmap.close());
    }
    return this.#read(image);
  }

  /** @param {ProjectImage} image @returns {Promise<Picture>} */
  async #read(image) {
    const { project, persist, rpc } = this.parts;
    const blob = await project.fileOf(image);
    if (blob === null) throw new RpcError("image.file_missing", "no file", { name: image.name });
    await this.#check(image, blob);
    if (!image.ours) return this.#picture(await decode(blob), image);
    const { result, buffers } = await twice(async () => {
      const entries = (await persist.journalOf(image.id)).slice(0, 1);
      return rpc.call("image.decode", { page: image.page, entries }, [await blob.arrayBuffer()]);
    });
    return { ...this.#picture(await bitmapOf(buffers[0], result), image), levels: result.levels, channels: result.channels === 1 ? 1 : 4 };
  }

  /** @param {ProjectImage} image @param {Blob} blob */
  async #check(image, blob) {
    if (blob.size === 0) throw problem("image.empty");
    if (image.checked) return;
    const { result } = await twice(async () => this.parts.rpc.call("image.probe", { name: image.name }, [await blob.arrayBuffer()]));
    image.checked = true;
    image.ours = result.needs_us;
  }

  /** @param {ProjectImage} image @param {Picture} picture */
  async #enter(image, picture) {
    const { store, rpc, persist, project, clearError } = this.parts;
    const { id, name, width, height, levels, page, channels } = picture;
    await twice(async () => {
      const entries = await persist.journalOf(id);
      persist.entered(id, entries);
      await rpc.call("image.open", { id, name, width, height, levels, page, channels, entries }, [await readPixels(picture.bitmap, channels)]);
    });
    const { picture: old } = this;
    const left = project.current;
    persist.setCurrent(id);
    this.picture = picture; // from here on a worker that starts again opens this one
    if (store.picture !== picture) store.setPicture(picture, true);
    if (old !== null && old !== picture) old.bitmap.close();
    project.change(image, { width, height, fault: null });
    if (left !== image) this.#mayLeave(left);
    if (picture.sample === null) persist.saveSettings({ ownImageOpened: true });
    clearError();
  }

  /** The journal of the open image is of a newer version: the image is left as it is kept, so that nothing is written over it. */
  leaveUnread() {
    const { store, project, persist, showError } = this.parts;
    const image = project.current;
    this.picture?.bitmap.close();
    this.picture = null;
    persist.current = null; // in the database it stays the open one
    store.setPicture(null);
    if (image === null) return;
    const fault = new RpcError("journal.newer", "a newer schema", { name: image.name, image: image.id });
    project.change(image, { fault });
    showError(fault);
  }

  /** A sample that nothing was done on, and of which nothing lies aside, goes when another image is opened. @param {ProjectImage|null} left */
  #mayLeave(left) {
    const { project, persist } = this.parts;
    if (left?.sample && left.state === "none" && !persist.aside.has(left.id) && (persist.journals.get(left.id)?.length ?? 2) < 2) project.remove(left);
  }

  /** While the person works on this one, the next is read and decoded. @param {ProjectImage} image */
  async #lookAhead(image) {
    const next = this.parts.project.beside(image, 1);
    if (next === null || next.bytes > AHEAD_BYTES || next.fault !== null || this.ahead?.id === next.id) return;
    const picture = this.#read(next).catch(() => null); // what is wrong with it is told when it is asked for
    this.ahead = { id: next.id, picture };
  }

  /**
   * While Python boots and no work is on the page, the picture can already be looked at.
   * @param {ProjectImage} image @returns {Promise<Picture|null>}
   */
  async #showEarly(image) {
    const { store } = this.parts;
    if (store.boot.pythonReady || this.picture !== null || store.masks.size > 0 || store.pending.length > 0 || !image.blob?.size) return null;
    const size = image.sample === null ? await peekSize(image.blob) : { width: 1, height: 1 };
    if (size === null || size.width * size.height > EARLY_PIXELS) return null;
    const picture = this.#picture(await decode(image.blob), image);
    store.setPicture(picture);
    return picture;
  }

  /** @param {ImageBitmap} bitmap @param {ProjectImage} image @returns {Picture} */
  #picture(bitmap, { id, name, sample, page }) {
    return { id, name, width: bitmap.width, height: bitmap.height, bitmap, sample, page, levels: [0, 255], channels: 4 };
  }

  /** An image is on its way that is not here yet: the page is not ready before `release` was called. @returns {() => void} release */
  expect() {
    this.waiting += 1;
    return () => {
      this.waiting -= 1;
      this.parts.store.changed("boot");
    };
  }

  /**
   * New files join the project and the first of them is opened; what is no image is left out and told.
   * @param {File[]} files @returns {Promise<{id: string|null, images: ProjectImage[], failure: any}>} the image to open, all of them, and what went wrong with the first (told already)
   */
  async openFiles(files) {
    const { project, say } = this.parts;
    const isOnly = files.length === 1;
    const kinds = await Promise.all(files.map((file) => isOnly || isImageFile(file).catch(() => false)));
    const good = files.filter((_, index) => kinds[index]);
    if (good.length < files.length) say(t("images.left_out", { n: files.length - good.length }), "warn");
    if (good.length === 0) return { id: null, images: [], failure: null };
    const added = [];
    for (const file of good) added.push(...(await this.#pages(file)));
    const { images, refused } = await project.add(added);
    if (images.length === 0) throw new RpcError("image.other_file", "another file", { name: refused[0] });
    if (refused.length > 0) say(tn("images.other_file", refused.length, { name: refused[0] }), "warn");
    return { id: images[0].id, images, failure: await this.show(images[0], added.length === 1) };
  }

  /** A file of several pages is as many images. @param {File} blob @returns {Promise<{name: string, blob: Blob, page: number, pages: number}[]>} */
  async #pages(blob) {
    const name = blob.name || t("file.pasted");
    const whole = [{ name, blob, page: 0, pages: 1 }];
    if (!(await isTiff(blob).catch(() => false))) return whole;
    const answer = await twice(async () => this.parts.rpc.call("image.probe", { name }, [await blob.arrayBuffer()])).catch(() => null);
    const pages = answer?.result.pages ?? 1; // what is wrong with it is told when it is opened
    return pages === 1 ? whole : Array.from({ length: pages }, (_, page) => ({ name: pageName(name, page, pages), blob, page, pages }));
  }

  /**
   * The images of an archive join the project, unless it is one of annotations for images that are there.
   * @param {File} file @param {boolean} areThere @returns {Promise<{images: ProjectImage[], failure: any, annotations: boolean}>} as `openFiles`; whether the archive has annotations
   */
  async openZip(file, areThere) {
    const { result, buffers } = await this.parts.rpc.call("project.unzip", {}, [await file.arrayBuffer()]);
    if (result.annotations && areThere) return { images: [], failure: null, annotations: true };
    if (result.names.length === 0) throw problem("images.zip_empty");
    const opened = await this.openFiles(result.names.map((/** @type {string} */ path, /** @type {number} */ index) =>
      new File([buffers[index]], path.slice(path.lastIndexOf("/") + 1))));
    return { ...opened, annotations: result.annotations };
  }

  /** @param {{id: string, file: string}} sample */
  async openSample(sample) {
    const { project, showError } = this.parts;
    try {
      const there = project.images.find((image) => image.sample === sample.id);
      if (there !== undefined) return void (await this.show(there));
      const blob = await readBlob(`samples/${sample.file}`).catch(() => { throw problem("sample_missing"); });
      const { images: [image] } = await project.add([{ name: sample.file, blob, sample: sample.id }]);
      await this.show(image, true);
    } catch (error) {
      showError(error);
    }
  }

  /** @param {1|-1} step */
  go(step) {
    const { project } = this.parts;
    const next = project.beside(this.waiting > 0 ? this.target : project.current, step);
    if (next !== null) void this.show(next);
  }

  /** The image leaves the project with all that was done on it; when it is open, its neighbour is opened first. @param {ProjectImage} image */
  async remove(image) {
    const { project, store, rpc, persist } = this.parts;
    if (this.waiting > 0) await this.idle; // it may be the very one that is on its way
    if (!project.images.includes(image)) return;
    if (this.picture?.id === image.id || project.current === image) {
      const next = project.beside(image, 1) ?? project.beside(image, -1) ?? project.images.find((other) => other !== image) ?? null;
      if (next !== null) {
        await this.show(next);
        if (project.current === image) return; // the neighbour could not be opened: the banner says why
      } else {
        await rpc.call("image.close");
        this.picture?.bitmap.close();
        this.picture = null;
        persist.setCurrent(null);
        store.setPicture(null);
      }
    }
    project.remove(image);
  }

  /**
   * Another project in the place of this one; its open image, or its first one, is opened. Parameters as `Project.replace`.
   * @param {import("./database.js").KeptImage[]} images @param {Map<string, string[]>} journals @param {Map<string, Blob>} files @param {string|null} current
   */
  async replaceProject(images, journals, files, current) {
    const { project, store, rpc, persist } = this.parts;
    await this.idle;
    await rpc.call("image.close");
    this.picture?.bitmap.close();
    this.picture = null;
    this.ahead = null;
    store.setPicture(null);
    project.replace(images, journals, files, current);
    const first = project.current ?? project.images[0];
    if (first === undefined) return;
    const entries = persist.journals.get(first.id) ?? [];
    if (entries.length > 0) await rpc.call("session.restore", { entries }); // its classes, not those of the project that left
    await this.show(first);
  }

  /**
   * What an earlier visit left, before Python is up.
   * @param {import("./database.js").Kept} kept
   * @returns {Promise<"whole"|"without_file"|"damaged">}
   */
  async resume(kept) {
    const { store, project } = this.parts;
    project.resume(kept.images);
    store.unexported = kept.entries.length > 1 || kept.entries.some((entry) => entry.includes('"kind":"snapshot"'));
    const image = project.current;
    if (image === null) return "whole";
    const blob = await project.fileOf(image);
    if (blob === null) return "without_file";
    if (image.ours) {
      void this.show(image); // as soon as Python is there to decode it
      return "whole";
    }
    try {
      this.picture = this.#picture(await decode(blob), image);
      store.setPicture(this.picture);
      return "whole";
    } catch {
      image.kept = false;
      return "damaged";
    }
  }

  /** After Python was started again: the pixels once more, under the same id, which resets nothing. */
  async reopen() {
    const { picture } = this;
    if (picture === null) return;
    const { id, name, width, height, bitmap, levels, page, channels } = picture;
    await this.parts.rpc.call("image.open", { id, name, width, height, levels, page, channels }, [await readPixels(bitmap, channels)], { now: true });
  }
}
