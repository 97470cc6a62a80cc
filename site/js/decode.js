/** From the bytes of a file to pixels, without any change of their values (no colour conversion, no premultiplying). */

const STRIP_BYTES = 8e6; // one strip keeps the page's thread for a few milliseconds

/** @param {Blob} blob @returns {Promise<ImageBitmap>} upright as EXIF says */
export function decodeImage(blob) {
  return createImageBitmap(blob, {
    imageOrientation: "from-image",
    premultiplyAlpha: "none",
    colorSpaceConversion: "none",
  });
}

const MAGICS = ["89504e47", "ffd8ff", "47494638", "424d", "52494646", "49492a00", "4d4d002a"]; // PNG JPEG GIF BMP WebP TIFF

/** @param {Blob} blob */
export async function isTiff(blob) {
  const [a, b, c, d] = new Uint8Array(await blob.slice(0, 4).arrayBuffer());
  return (a === 0x49 && b === 0x49 && c === 42 && d === 0) || (a === 0x4d && b === 0x4d && c === 0 && d === 42);
}

/** What Python decoded, as the page draws it. @param {ArrayBuffer} buffer @param {{width: number, height: number, channels: number}} shape */
export function bitmapOf(buffer, { width, height, channels }) {
  const from = new Uint8Array(buffer);
  const image = new ImageData(width, height);
  const words = new Uint32Array(image.data.buffer); // little-endian everywhere: 0xAABBGGRR
  if (channels === 1) for (let i = 0; i < words.length; i += 1) words[i] = 0xff000000 | (from[i] * 0x010101);
  else for (let i = 0, k = 0; i < words.length; i += 1, k += 3) words[i] = 0xff000000 | (from[k + 2] << 16) | (from[k + 1] << 8) | from[k];
  return createImageBitmap(image, { premultiplyAlpha: "none", colorSpaceConversion: "none" });
}

/** Whether a file begins like an image: a first sieve for whole folders. @param {Blob} blob */
export async function isImageFile(blob) {
  const head = new Uint8Array(await blob.slice(0, 4).arrayBuffer());
  const text = [...head].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return MAGICS.some((magic) => text.startsWith(magic));
}

/** @param {Blob|ImageBitmap} source @param {number} width @returns {Promise<Uint8Array>} a small JPEG */
export async function thumbnail(source, width) {
  const isBitmap = source instanceof ImageBitmap;
  const small = isBitmap ? source : await createImageBitmap(source, { imageOrientation: "from-image", resizeWidth: width, resizeQuality: "medium" });
  const canvas = new OffscreenCanvas(width, Math.max(1, Math.round((small.height / small.width) * width)));
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingQuality = "high";
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
  if (!isBitmap) small.close();
  return new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg", quality: 0.75 })).arrayBuffer());
}

/**
 * Width and height from the header: an <img> that is never drawn is never decoded.
 * @param {Blob} blob @returns {Promise<{width: number, height: number}|null>} null when it is no image for this browser
 */
export function peekSize(blob) {
  const url = URL.createObjectURL(blob);
  return new Promise((resolve) => {
    const image = new Image();
    const finish = (/** @type {{width: number, height: number}|null} */ size) => {
      URL.revokeObjectURL(url);
      resolve(size);
    };
    image.onload = () => finish({ width: image.naturalWidth, height: image.naturalHeight });
    image.onerror = () => finish(null);
    image.src = url;
  });
}

const nextTask = () => new Promise((resolve) => setTimeout(resolve, 0));

/** @param {ImageBitmap} bitmap @param {number} channels 4: RGBA; 1: the red one, of a grey image @returns {Promise<ArrayBuffer>} 8 bit, row-major; read strip by strip */
export async function readPixels(bitmap, channels) {
  const { width, height } = bitmap;
  const pixels = new Uint8Array(width * height * channels);
  const rows = Math.max(1, Math.min(height, Math.floor(STRIP_BYTES / (width * 4))));
  const canvas = new OffscreenCanvas(width, rows);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  context.globalCompositeOperation = "copy";
  for (let y = 0; y < height; y += rows) {
    const count = Math.min(rows, height - y);
    context.drawImage(bitmap, 0, -y);
    const { data } = context.getImageData(0, 0, width, count);
    if (channels === 4) pixels.set(data, y * width * 4);
    else for (let i = 0, k = y * width; i < data.length; i += 4, k += 1) pixels[k] = data[i];
    if (y + rows < height) await nextTask();
  }
  return pixels.buffer;
}
