// Benchmark harness only: note when the page says that the first click can be answered (ms since navigation began).
(() => {
  const look = () => {
    if (window.segmarkReadyAt === undefined && document.documentElement?.dataset.ready === "true") window.segmarkReadyAt = performance.now();
  };
  new MutationObserver(look).observe(document, { attributes: true, subtree: true, attributeFilter: ["data-ready"] });
})();
