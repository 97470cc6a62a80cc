/**
 * The map between image and screen. `zoom` counts DEVICE pixels an image pixel (100 % = one to one on the screen's
 * own pixels, at every devicePixelRatio); `panX`, `panY` is the image's corner in device pixels of the canvas,
 * whole, so that at whole zooms every image pixel covers whole device pixels. `exactX`, `exactY` are the same before
 * rounding: steps of zoom and pan start from them, so that rounding never adds up.
 */

const MAX_ZOOM = 64;
const FIT_MARGIN_CSS = 24;
const MAX_FIT_ZOOM = 8;

export class Viewport {
  /** @param {HTMLElement} element the stage that the canvases fill */
  constructor(element) {
    this.element = element;
    this.zoom = 1;
    this.panX = 0;
    this.panY = 0;
    this.exactX = 0;
    this.exactY = 0;
    this.dpr = window.devicePixelRatio;
    this.width = 1;
    this.height = 1;
    this.imageWidth = 0;
    this.imageHeight = 0;
    this.isFit = true;
    /** @type {() => void} */
    this.onChange = () => {};
  }

  /** @param {number} width @param {number} height device pixels of the canvas @param {number} dpr */
  resize(width, height, dpr) {
    const ratio = dpr / this.dpr;
    const centre = { x: (this.width / 2 - this.exactX) / this.zoom, y: (this.height / 2 - this.exactY) / this.zoom };
    Object.assign(this, { width, height, dpr });
    if (this.isFit) return this.fit();
    this.zoom *= ratio;
    this.#place(width / 2 - centre.x * this.zoom, height / 2 - centre.y * this.zoom);
  }

  /** @param {number} width @param {number} height of the image */
  setImage(width, height) {
    this.imageWidth = width;
    this.imageHeight = height;
    this.fit();
  }

  fitZoom() {
    const margin = 2 * FIT_MARGIN_CSS * this.dpr;
    const zoom = Math.min((this.width - margin) / this.imageWidth, (this.height - margin) / this.imageHeight);
    return Math.max(1e-3, Math.min(zoom, MAX_FIT_ZOOM * this.dpr));
  }

  fit() {
    if (this.imageWidth === 0) return;
    this.zoom = this.fitZoom();
    this.#place((this.width - this.imageWidth * this.zoom) / 2, (this.height - this.imageHeight * this.zoom) / 2);
    this.isFit = true;
    this.onChange();
  }

  actual() {
    this.#zoomAbout(this.width / 2, this.height / 2, 1);
  }

  /** @param {number} clientX @param {number} clientY keep their image point under them @param {number} factor */
  zoomAt(clientX, clientY, factor) {
    const rect = this.element.getBoundingClientRect();
    this.#zoomAbout((clientX - rect.left) * this.dpr, (clientY - rect.top) * this.dpr, this.zoom * factor);
  }

  /** @param {number} factor about the middle of the canvas */
  zoomBy(factor) {
    this.#zoomAbout(this.width / 2, this.height / 2, this.zoom * factor);
  }

  /** @param {number} x @param {number} y device pixels @param {number} wanted */
  #zoomAbout(x, y, wanted) {
    if (this.imageWidth === 0) return;
    const zoom = Math.max(Math.min(this.fitZoom() / 4, 1), Math.min(MAX_ZOOM * this.dpr, wanted));
    const imageX = (x - this.exactX) / this.zoom;
    const imageY = (y - this.exactY) / this.zoom;
    this.zoom = zoom;
    this.#place(x - imageX * zoom, y - imageY * zoom);
    this.isFit = false;
    this.onChange();
  }

  /** @param {number} dx @param {number} dy CSS pixels */
  panBy(dx, dy) {
    if (this.imageWidth === 0) return;
    this.#place(this.exactX + dx * this.dpr, this.exactY + dy * this.dpr);
    this.isFit = false;
    this.onChange();
  }

  /** Bring an image position to the middle. @param {number} x @param {number} y image coordinates */
  centre(x, y) {
    if (this.imageWidth === 0) return;
    this.#place(this.width / 2 - x * this.zoom, this.height / 2 - y * this.zoom);
    this.isFit = false;
    this.onChange();
  }

  /** Some of the image always stays in sight. @param {number} x @param {number} y */
  #place(x, y) {
    const keep = 40 * this.dpr;
    const clamp = (/** @type {number} */ value, /** @type {number} */ extent, /** @type {number} */ size) =>
      Math.max(keep - extent, Math.min(size - keep, value));
    this.exactX = clamp(x, this.imageWidth * this.zoom, this.width);
    this.exactY = clamp(y, this.imageHeight * this.zoom, this.height);
    this.panX = Math.round(this.exactX);
    this.panY = Math.round(this.exactY);
  }

  /** @param {number} clientX @param {number} clientY @returns {{x: number, y: number}} image coordinates */
  toImage(clientX, clientY) {
    const rect = this.element.getBoundingClientRect();
    return {
      x: ((clientX - rect.left) * this.dpr - this.panX) / this.zoom,
      y: ((clientY - rect.top) * this.dpr - this.panY) / this.zoom,
    };
  }

  /** @param {number} x @param {number} y image coordinates @returns {{x: number, y: number}} client coordinates */
  toScreen(x, y) {
    const rect = this.element.getBoundingClientRect();
    return { x: rect.left + (x * this.zoom + this.panX) / this.dpr, y: rect.top + (y * this.zoom + this.panY) / this.dpr };
  }

  /** Image coordinates of the canvas's corners. @returns {number[]} [x0, y0, x1, y1] */
  visibleBox() {
    const { panX, panY, zoom } = this;
    return [-panX / zoom, -panY / zoom, (this.width - panX) / zoom, (this.height - panY) / zoom];
  }

  /** @param {number} x @param {number} y */
  isInside(x, y) {
    return x >= 0 && y >= 0 && x < this.imageWidth && y < this.imageHeight;
  }
}
