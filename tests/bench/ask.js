// Benchmark harness only, before the page's own scripts: a way to ask the Python worker what the page never asks.
(() => {
  const Native = window.Worker;
  const waiting = new Map();
  let python = null;
  let count = 0;
  window.Worker = class extends Native {
    constructor(url, options) {
      super(url, options);
      if (!String(url).includes("python_worker")) return;
      python = this;
      this.addEventListener("message", ({ data }) => {
        const answer = waiting.get(data?.id);
        if (answer === undefined) return;
        waiting.delete(data.id);
        if (data.ok) answer.resolve(data.result);
        else answer.reject(new Error(JSON.stringify(data.error)));
      });
    }
  };
  window.segmarkAsk = (method, params) =>
    new Promise((resolve, reject) => {
      const id = -1 - count++;
      waiting.set(id, { resolve, reject });
      python.postMessage({ id, method, params, buffers: [] });
    });
})();
