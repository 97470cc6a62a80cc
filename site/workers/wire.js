/**
 * The wire between messages and Python (border: py/segmark/bridge/README.md). Every step from JavaScript into Python or
 * back costs, so a message crosses in one: its data as one JSON text, its port and its bytes beside it.
 */
"use strict";

(() => {
  /** @typedef {(text: string, port: MessagePort|null, ...bytes: Uint8Array[]) => void} Receive */

  /** @type {any} */
  const scope = self;

  /** @param {ArrayBuffer|ArrayBufferView} buffer */
  const bytesOf = (buffer) => (ArrayBuffer.isView(buffer) ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength) : new Uint8Array(buffer));

  scope.segmarkWire = {
    /** Post what Python says. @param {string} text @param {...Uint8Array} bytes each over a whole buffer, which is transferred */
    toPage(text, ...bytes) {
      postTo(scope, text, bytes);
    },

    /** @param {MessagePort} port @param {string} text @param {...Uint8Array} bytes */
    toPort(port, text, ...bytes) {
      postTo(port, text, bytes);
    },

    /**
     * Let Python read what comes through a port; this also starts it.
     * @param {MessagePort} port @param {Receive|null} receive null: no longer
     */
    listen(port, receive) {
      port.onmessage = receive === null ? null : (event) => scope.segmarkWire.hand(event.data, receive);
    },

    /** A message's data -> Python. @param {any} message @param {Receive} receive */
    hand({ buffers = [], port, ...fields }, receive) {
      receive(JSON.stringify(fields), port ?? null, ...buffers.map(bytesOf));
    },
  };

  /** @param {any} target @param {string} text @param {Uint8Array[]} bytes */
  function postTo(target, text, bytes) {
    const buffers = bytes.map(({ buffer }) => buffer);
    target.postMessage({ ...JSON.parse(text), buffers }, buffers);
  }
})();
