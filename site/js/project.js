/**
 * The images of the project, in their order. Which one is open, and what was done on each, is Python's and the journal's
 * to know; here is what the list shows, and where the files are.
 *
 * @typedef {import("./database.js").KeptImage & {blob: Blob|null, fault: any, checked: boolean}} ProjectImage
 *   `blob`: the file while it is in memory; `fault`: why it could not be opened, null if nobody knows of a reason;
 *   `checked`: Python has looked at the file and found it good
 * @typedef {{name: string, blob: Blob, sample?: string|null, page?: number, pages?: number}} NewFile
 * @typedef {"all"|"none"|"draft"|"done"} StateFilter
 */
import { sha256Of } from "./digest.js";

const newId = () =>
  `img-${[...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;

/** img2 before img10. */
const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** The record that the database keeps. @param {ProjectImage} image @returns {import("./database.js").KeptImage} */
const keptOf = ({ id, name, order, width, height, sample, bytes, sha256, kept, state, thumb, fileId, page, ours }) =>
  ({ id, name, order, width, height, sample, bytes, sha256, kept, state, thumb, fileId, page, ours });

/** Its file is to be given again. @param {ProjectImage} image */
const isWithoutFile = ({ kept, blob }) => !kept && blob === null;

/** @param {Blob} blob */
const isReadable = (blob) => blob.slice(0, 1).arrayBuffer().then(() => true, () => false);

/** @param {Blob} one @param {Blob} other */
async function areEqual(one, other) {
  const [a, b] = (await Promise.all([one.arrayBuffer(), other.arrayBuffer()])).map((buffer) => new Uint8Array(buffer));
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

export class Project {
  /** @param {import("./store.js").Store} store @param {import("./persist.js").Persist} persist @param {import("./rpc.js").Rpc} rpc */
  constructor(store, persist, rpc) {
    this.store = store;
    this.persist = persist;
    this.rpc = rpc;
    /** Ends when the digests of all files added so far are known. */
    this.learning = Promise.resolve();
    /** @type {ProjectImage[]} */
    this.images = [];
    /** What the list leaves out; next and previous follow it. */
    this.filter = { text: "", state: /** @type {StateFilter} */ ("all") };
    store.on("mirror", () => this.#follow());
  }

  /** @param {string|null|undefined} id */
  find(id) {
    return this.images.find((image) => image.id === id) ?? null;
  }

  get current() {
    return this.find(this.persist.current);
  }

  /** What an earlier visit left. @param {import("./database.js").KeptImage[]} kept */
  resume(kept) {
    this.images = kept.map((image) => ({ ...image, sha256: image.sha256 ?? "", blob: null, fault: null, checked: image.width > 0 }));
    this.store.changed("project");
  }

  /** New images, by name after those that are there. A file that is there already, or that an earlier visit's work waits for, is that image; another file of the name of one that waits is refused. @param {NewFile[]} files @returns {Promise<{images: ProjectImage[], refused: string[]}>} `refused`: names */
  async add(files) {
    const sorted = files.length > 1 ? files.slice().sort((one, other) => byName.compare(one.name, other.name)) : files;
    const images = [];
    const refused = [];
    for (const file of sorted) {
      const known = await this.#known(file).catch(() => null); // what is wrong with a file is told when it is opened
      if (known === null && this.images.some((one) => isWithoutFile(one) && one.name === file.name)) refused.push(file.name);
      else images.push(known ?? this.#fresh(file));
    }
    this.store.changed("project");
    return { images, refused };
  }

  /** @param {NewFile} file */
  async #known(file) {
    return (await this.#awaited(file)) ?? this.#same(file);
  }

  /** The file of an image is in the database now. @param {string} id */
  fileIsKept(id) {
    const image = this.find(id);
    if (image !== null) image.kept = true;
  }

  /** The very file that work waits for: by its digest, under whatever name it comes; by its name where no digest is known. @param {NewFile} file */
  async #awaited({ name, blob, page = 0 }) {
    const waiting = this.images.filter((one) => isWithoutFile(one) && one.bytes === blob.size && one.page === page);
    if (waiting.length === 0) return null;
    const sha256 = await sha256Of(blob, this.rpc);
    const image = waiting.find((one) => one.sha256 === sha256) ?? waiting.find((one) => one.sha256 === "" && one.name === name);
    if (image === undefined) return null;
    Object.assign(image, { blob, sha256, fault: null });
    this.persist.keepImage(keptOf(image));
    this.persist.keepFile(image.id, image.fileId, blob);
    return image;
  }

  /** Told when it is asked for the first time; "" when the file is not here and never was looked at. @param {ProjectImage} image @returns {Promise<string>} */
  async sha256Of(image) {
    await this.learning;
    const blob = image.sha256 === "" ? await this.fileOf(image) : null;
    if (blob !== null) image.sha256 = await sha256Of(blob, this.rpc);
    return image.sha256;
  }

  /** The digest of a new file, beside everything else and one at a time: it is kept even where the file cannot be. @param {ProjectImage} image @param {Blob} blob */
  #learn(image, blob) {
    this.learning = this.learning.then(async () => {
      const twin = this.images.find((one) => one.fileId === image.fileId && one.sha256 !== "");
      image.sha256 = twin?.sha256 ?? (await sha256Of(blob, this.rpc));
      if (this.images.includes(image)) this.persist.keepImage(keptOf(image));
    }).catch(() => {}); // a file that cannot be read is told when it is opened
  }

  /** Byte for byte: cameras write files of one size, and of one name in many folders. @param {NewFile} file */
  async #same({ name, blob }) {
    for (const image of this.images) {
      if (image.name !== name || image.bytes !== blob.size || image.sample !== null) continue;
      const file = await this.fileOf(image);
      if (file !== null && (await areEqual(file, blob))) return image;
    }
    return null;
  }

  /** @param {NewFile} file @returns {ProjectImage} */
  #fresh({ name, blob, sample = null, page = 0, pages = 1 }) {
    const order = 1 + Math.max(-1, ...this.images.map((image) => image.order));
    const id = newId();
    const first = pages > 1 ? this.images.find((image) => image.blob === blob) : undefined; // the pages of a file share it
    const image = {
      id, fileId: first?.fileId ?? id, page, ours: false, name, order, width: 0, height: 0, sample, bytes: blob.size, sha256: "", kept: false, state: /** @type {const} */ ("none"), thumb: null,
      blob, fault: null, checked: sample !== null,
    };
    this.images.push(image);
    this.persist.keepImage(keptOf(image));
    this.persist.keepFile(id, image.fileId, blob);
    this.#learn(image, blob);
    return image;
  }

  /** A file that was chosen only points to the disk: where it can no longer be read there, the copy in the database serves. @param {ProjectImage} image @returns {Promise<Blob|null>} */
  async fileOf(image) {
    if (image.blob !== null && !(await isReadable(image.blob))) image.blob = null;
    return image.blob ?? this.persist.fileOf(image.fileId);
  }

  /** @param {ProjectImage} image @param {Partial<ProjectImage>} change */
  change(image, change) {
    Object.assign(image, change);
    if (this.images.includes(image)) this.persist.keepImage(keptOf(image));
    this.store.changed("project");
  }

  /** @param {ProjectImage} image */
  remove(image) {
    this.images = this.images.filter((other) => other !== image);
    this.persist.forget(image.id, this.images.some(({ fileId }) => fileId === image.fileId) ? null : image.fileId);
    this.store.changed("project");
  }

  /**
   * Another project in the place of this one.
   * @param {import("./database.js").KeptImage[]} images @param {Map<string, string[]>} journals @param {Map<string, Blob>} files  by image @param {string|null} current
   */
  replace(images, journals, files, current) {
    const gone = this.images;
    this.images = images.map((image) => ({ ...image, blob: files.get(image.id) ?? null, fault: null, checked: false }));
    this.persist.replaceAll(images, journals, current, gone);
    for (const { id, fileId, blob } of this.images) if (blob !== null) this.persist.keepFile(id, fileId, blob);
    this.store.changed("project");
  }

  /** The state of the open image is what Python says. */
  #follow() {
    const { image, progress } = this.store.mirror;
    const found = this.find(image?.id);
    if (found !== null && progress !== undefined && found.state !== progress) this.change(found, { state: progress });
  }

  /** What the filter lets through. */
  get shown() {
    const { text, state } = this.filter;
    const wanted = text.trim().toLocaleLowerCase();
    return this.images.filter((image) => (state === "all" || image.state === state) && image.name.toLocaleLowerCase().includes(wanted));
  }

  /** @param {Partial<Project["filter"]>} part */
  setFilter(part) {
    Object.assign(this.filter, part);
    this.store.changed("project");
  }

  /** The image that is `step` places after another among the shown ones; null at the end. @param {ProjectImage|null} from @param {1|-1} step @returns {ProjectImage|null} */
  beside(from, step) {
    const { shown } = this;
    if (from === null) return shown[0] ?? null;
    const beyond = shown.filter((image) => (image.order - from.order) * step > 0);
    return (step > 0 ? beyond[0] : beyond[beyond.length - 1]) ?? null;
  }
}
