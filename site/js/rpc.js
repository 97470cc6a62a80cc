/**
 * Requests and answers over a worker's postMessage (contract: {id, method, params, buffers}). A closed gate queues
 * requests in order, so that a person can click while Python still boots or is started again.
 */

export class RpcError extends Error {
  /** @param {string} code @param {string} message @param {Record<string, any>} [params] */
  constructor(code, message, params = {}) {
    super(message);
    this.name = "RpcError";
    this.code = code;
    this.params = params;
  }
}

/**
 * @typedef {object} Request
 * @property {number} id
 * @property {string} method
 * @property {Record<string, any>} params
 * @property {Transferable[]} buffers
 * @property {string|null} image  id of the image that it means; Python refuses it when another one is open by then
 * @property {boolean} isJournalled  Python has made the edit and the journal holds it, though no answer came yet
 * @property {number} deaths  workers that died while it was on its way
 * @property {(answer: {result: any, buffers: ArrayBuffer[]}) => void} resolve
 * @property {(error: RpcError) => void} reject
 */

export class Rpc {
  /** @param {(method: string) => string|null} [imageOf] the image that a request of this method means now */
  constructor(imageOf = () => null) {
    this.imageOf = imageOf;
    /** @type {Worker|null} */
    this.worker = null;
    this.open = false;
    this.nextId = 1;
    /** @type {Request[]} */
    this.queue = [];
    /** @type {Map<number, Request>} in the order in which they were sent */
    this.outstanding = new Map();
  }

  /** @param {Worker} worker */
  attach(worker) {
    this.worker = worker;
    this.open = false;
  }

  /**
   * @template {keyof import("./methods.js").Methods} M
   * @param {M} method
   * @param {import("./methods.js").Methods[M][0]} [params]
   * @param {Transferable[]} [buffers] transferred
   * @param {{now?: boolean}} [options] now: past the gate (boot and replay only)
   * @returns {Promise<{result: import("./methods.js").Methods[M][1], buffers: ArrayBuffer[]}>}
   */
  call(method, params, buffers = [], { now = false } = {}) {
    return new Promise((resolve, reject) => {
      const request = { id: this.nextId++, method, params: params ?? {}, buffers, image: this.imageOf(method), isJournalled: false, deaths: 0, resolve, reject };
      if (this.open || now) this.#send(request);
      else this.queue.push(request);
    });
  }

  /** @param {Request} request */
  #send(request) {
    this.outstanding.set(request.id, request);
    const { id, method, params, buffers, image } = request;
    const port = buffers.find((item) => item instanceof MessagePort);
    const message = port === undefined ? { id, method, params, buffers, image } : { id, method, params, buffers: [], image, port };
    /** @type {Worker} */ (this.worker).postMessage(message, buffers);
  }

  /** A MessagePort travels beside the buffers, as `port`. @param {MessagePort} port @returns {Promise<any>} */
  attachPort(port) {
    return this.call("inference.attach", {}, [port]);
  }

  openGate() {
    this.open = true;
    for (const request of this.queue.splice(0)) this.#send(request);
  }

  /** The worker died: unanswered requests come back to the caller of this function, in order; the gate is closed. */
  detach() {
    this.open = false;
    this.worker = null;
    const lost = [...this.outstanding.values()];
    this.outstanding.clear();
    return lost;
  }

  /** @param {number|null} id  the request that a journal entry came of */
  journalled(id) {
    const request = this.outstanding.get(id ?? 0);
    if (request !== undefined) request.isJournalled = true;
  }

  /** Put requests before all that are queued. Their buffers must not have been transferred yet. @param {Request[]} requests */
  requeue(requests) {
    this.queue.unshift(...requests);
  }

  /** @param {{id: number, ok: boolean, result?: any, buffers?: ArrayBuffer[], error?: any}} answer @returns {boolean} known */
  settle(answer) {
    const request = this.outstanding.get(answer.id);
    if (request === undefined) return false;
    this.outstanding.delete(answer.id);
    if (answer.ok) request.resolve({ result: answer.result, buffers: answer.buffers ?? [] });
    else request.reject(new RpcError(answer.error.code, answer.error.message, answer.error.params));
    return true;
  }
}
