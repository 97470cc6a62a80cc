// Test harness only: tells the test what the browser's database has acknowledged of the journal, as it does so.
(() => {
  const visit = String(crypto.getRandomValues(new Uint32Array(2))); // a page that was killed may still be heard when the next one is there
  const ops = new WeakMap();
  for (const name of ["add", "delete"]) {
    const native = IDBObjectStore.prototype[name];
    IDBObjectStore.prototype[name] = function (...args) {
      if (this.name === "entries") {
        if (!ops.has(this.transaction)) {
          const done = [];
          ops.set(this.transaction, done);
          this.transaction.addEventListener("complete", () => window.segmarkAcknowledged(visit, JSON.stringify(done)));
        }
        ops.get(this.transaction).push(name === "delete" ? null : args[0].entry); // a journal is only deleted as a whole
      }
      return native.apply(this, args);
    };
  }
})();
