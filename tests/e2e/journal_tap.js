// Test harness only: tells the test what the browser's database has acknowledged, as it does so.
(() => {
  const visit = String(crypto.getRandomValues(new Uint32Array(2))); // a page that was killed may still be heard when the next one is there
  const ops = new WeakMap();
  for (const name of ["add", "put", "clear"]) {
    const native = IDBObjectStore.prototype[name];
    IDBObjectStore.prototype[name] = function (...args) {
      if (this.name === "entries") {
        if (!ops.has(this.transaction)) {
          const done = [];
          ops.set(this.transaction, done);
          this.transaction.addEventListener("complete", () => window.segmarkAcknowledged(visit, JSON.stringify(done)));
        }
        ops.get(this.transaction).push(name === "clear" ? null : args[0]);
      }
      return native.apply(this, args);
    };
  }
})();
