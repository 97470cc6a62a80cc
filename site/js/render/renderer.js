/**
 * Three canvases over each other: image, masks, marks. A layer is drawn only when something of it changed, all in one
 * animation frame. Everything is drawn in device pixels.
 *
 * @typedef {"image"|"masks"|"marks"} LayerName
 * @typedef {(context: CanvasRenderingContext2D, time: number) => number|void} Draw  a number: draw again after so many ms
 */

export class Renderer {
  /**
   * @param {HTMLElement} stage
   * @param {import("../viewport.js").Viewport} viewport
   * @param {Record<LayerName, {canvas: HTMLCanvasElement, draw: Draw}>} layers
   */
  constructor(stage, viewport, layers) {
    this.viewport = viewport;
    this.layers = Object.entries(layers).map(([name, { canvas, draw }]) => ({
      name: /** @type {LayerName} */ (name),
      canvas,
      draw,
      context: /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")),
      dirty: true,
      timer: 0,
    }));
    this.frame = 0;
    /** @type {(() => void)[]} */
    this.painted = [];
    this.#observe(stage);
  }

  /** @param {...LayerName} names none: all */
  invalidate(...names) {
    for (const layer of this.layers) {
      if (names.length === 0 || names.includes(layer.name)) layer.dirty = true;
    }
    this.#ask();
  }

  #ask() {
    if (this.frame === 0) this.frame = requestAnimationFrame((time) => this.#draw(time));
  }

  /** @param {() => void} job called after the coming frame has been painted */
  afterPaint(job) {
    this.painted.push(job);
    this.#ask();
  }

  /** @param {number} time */
  #draw(time) {
    this.frame = 0;
    for (const layer of this.layers) {
      if (!layer.dirty) continue;
      layer.context.setTransform(1, 0, 0, 1, 0, 0);
      layer.context.clearRect(0, 0, layer.canvas.width, layer.canvas.height);
      layer.dirty = false;
      const again = layer.draw(layer.context, time);
      clearTimeout(layer.timer);
      if (again !== undefined) layer.timer = window.setTimeout(() => this.invalidate(layer.name), again);
    }
    if (this.painted.length > 0) this.#tellPainted();
  }

  /** A message posted inside a frame arrives after that frame was painted. */
  #tellPainted() {
    const jobs = this.painted.splice(0);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      for (const job of jobs) job();
    };
    port2.postMessage(null);
  }

  /** @param {HTMLElement} stage The box in whole device pixels where the browser tells it, so that nothing is resampled. */
  #observe(stage) {
    const observer = new ResizeObserver((entries) => {
      const dpr = window.devicePixelRatio;
      const exact = entries[0].devicePixelContentBoxSize?.[0];
      const rect = stage.getBoundingClientRect();
      const width = devicePixels(exact?.inlineSize, rect.width * dpr);
      const height = devicePixels(exact?.blockSize, rect.height * dpr);
      for (const { canvas } of this.layers) Object.assign(canvas, { width, height });
      this.viewport.resize(width, height, dpr);
      for (const layer of this.layers) layer.dirty = true;
      if (this.frame !== 0) cancelAnimationFrame(this.frame);
      this.#draw(performance.now()); // at once: a resized canvas is empty and would flash
    });
    try {
      observer.observe(stage, { box: "device-pixel-content-box" });
    } catch {
      observer.observe(stage); // Safari
    }
  }
}

/** What the browser tells, unless it contradicts the ratio (Chromium does when a ratio is emulated). @param {number|undefined} exact @param {number} expected */
function devicePixels(exact, expected) {
  const told = exact !== undefined && Math.abs(exact - expected) < 1.5;
  return Math.max(1, told ? exact : Math.round(expected));
}
