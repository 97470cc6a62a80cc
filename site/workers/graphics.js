/**
 * A network on the graphics card (WebGPU), believed only if it answers a probe as the processor does. Used by
 * inference_worker.js where the person chose it; its runtime is fetched only then.
 */
"use strict";

(() => {
  /** @type {any} */
  const scope = self;
  const MOST_PIXELS = 0.0005; // share of the mask's pixels that may differ
  const MOST_PROBABILITY = 0.02; // cards add in another order: a software one is 0.0000004 off at its worst pixel
  const SIDE = 256;

  /** A dark pit on a grained surface, one click in its middle: the mask has an edge, so a difference can show. @param {string} name @param {number} count */
  function probe(name, count) {
    const values = new Float32Array(count);
    let seed = 7;
    for (let k = 0; k < count; k += 1) {
      const [x, y] = [k % SIDE, Math.floor(k / SIDE) % SIDE];
      const far = Math.hypot(x - SIDE / 2, (y - SIDE / 2) * 1.4);
      seed = (seed * 1103515245 + 12345) % 2147483648;
      if (name === "image") values[k] = 0.55 + 0.1 * (seed / 2147483648 - 0.5) - (far < 50 ? 0.3 : 0);
      else if (name === "click_maps" && k < SIDE * SIDE) values[k] = Math.hypot(x - SIDE / 2, y - SIDE / 2) <= 5 ? 1 : 0;
    }
    return values;
  }

  /** @param {number} value */
  const sigmoid = (value) => 1 / (1 + Math.exp(-value));

  scope.segmarkGraphics = {
    folder: "runtime/graphics/",
    script: "ort.jspi.min.js",
    stem: "ort-wasm-simd-threaded.jspi",

    /**
     * @param {any} ort @param {ArrayBuffer} content of the model's file
     * @param {any} plain  the same network on the processor @param {(loaded: any, arrays: Float32Array[]) => Promise<Float32Array>} run
     * @returns {Promise<{session: any, ms: number, processorMs: number}>} a session on the graphics card, and what a run takes there and here; throws where there is no
     *   card, or where it answers otherwise
     */
    async sessionLike(ort, content, plain, run) {
      const session = await ort.InferenceSession.create(new Uint8Array(content), { executionProviders: ["webgpu"], graphOptimizationLevel: "all" });
      const arrays = plain.inputs.map((/** @type {{name: string, shape: number[]}} */ { name, shape }) => probe(name, shape.reduce((a, b) => a * b, 1)));
      const onCard = { ...plain, session };
      const times = [performance.now()];
      const expected = await run(plain, arrays);
      times.push(performance.now());
      const found = await run(onCard, arrays); // this one also makes the card's programs
      times.push(performance.now());
      await run(onCard, arrays);
      times.push(performance.now());
      let pixels = 0;
      let worst = 0;
      for (let k = 0; k < expected.length; k += 1) {
        if (expected[k] >= 0 !== found[k] >= 0) pixels += 1;
        if (!Number.isFinite(found[k])) throw new Error(`${found[k]} at pixel ${k}`); // no comparison would show it
        worst = Math.max(worst, Math.abs(sigmoid(expected[k]) - sigmoid(found[k])));
      }
      if (found.length === expected.length && pixels <= MOST_PIXELS * expected.length && worst <= MOST_PROBABILITY) return { session, ms: times[3] - times[2], processorMs: times[1] - times[0] };
      throw new Error(`${pixels} pixels and a probability of ${worst.toFixed(3)} off`);
    },
  };
})();
