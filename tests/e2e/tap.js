// Test harness only, injected before the page's own scripts: keeps a copy of every mask that a worker sends to the page.
(() => {
  const Native = window.Worker;
  const tap = { draft: null, annotations: {}, notices: [], errors: [], workers: 0 };
  window.segmarkTap = tap;
  const onMessage = (event) => {
    const { event: name, params, buffers } = event.data ?? {};
    if (name === "mask.changed") {
      const entry = { box: params.box, runs: new Int32Array(buffers[0]).slice(), labelId: params.label_id };
      if (params.target === "draft") tap.draft = entry;
      else tap.annotations[params.id] = entry;
    } else if (name === "mask.removed") {
      if (params.target === "draft") tap.draft = null;
      else delete tap.annotations[params.id];
    } else if (name === "notice") {
      tap.notices.push(params);
    } else if (event.data?.ok === false) {
      tap.errors.push(event.data.error);
    }
  };
  window.Worker = class extends Native {
    constructor(...args) {
      super(...args);
      tap.workers += 1;
      this.addEventListener("message", onMessage);
    }
  };
})();
