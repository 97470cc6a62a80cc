/** `window.segmark.ready`, there from the first moment on, so that whoever drives the page can wait for it. Plain syntax: see main.js. */

/** @type {() => void} */
export var announceReady = function () {};

/** Resolves when the first click can be answered. @type {Promise<void>} */
export var ready = new Promise(function (resolve) { announceReady = resolve; });

/** @type {any} */ (window).segmark = { ready: ready };
