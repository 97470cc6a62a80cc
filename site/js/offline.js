/**
 * The page's side of the service worker (`sw.js`): it is registered only once the first click can be answered, says how
 * far the download for offline use is, and offers a new version, which takes over only when the person asks for it.
 */
import { isPacked } from "./assets.js";

const UPDATE_EVERY_MS = 3600_000;
const VERIFY_MS = 10_000;

/**
 * "off": not possible here (no secure address, or a window that keeps nothing); "file": this is the saved page; "loading":
 * `share` of it is kept; "ready": works without a network; "update": a new version waits; "failed": tried again at the next visit.
 * @typedef {{state: "off"|"file"|"loading"|"ready"|"update"|"failed", share: number}} OfflineState
 */

/** Have the service worker, if there is one, check every kept part and let go of the damaged ones. */
export async function verifyKept() {
  const worker = isPacked ? null : navigator.serviceWorker?.controller;
  if (!worker) return;
  await Promise.race([ask(worker, "verify"), new Promise((resolve) => setTimeout(resolve, VERIFY_MS))]);
}

/** @param {ServiceWorker} worker @param {string} type @returns {Promise<any>} its answer */
function ask(worker, type) {
  const { port1, port2 } = new MessageChannel();
  worker.postMessage({ type }, [port2]);
  return new Promise((resolve) => { port1.onmessage = ({ data }) => resolve(data); });
}

export class Offline {
  /** @param {(now: OfflineState) => void} changed */
  constructor(changed) {
    this.changed = changed;
    /** @type {OfflineState} */
    this.now = { state: isPacked ? "file" : "off", share: 0 };
    /** @type {ServiceWorkerRegistration|null} */
    this.registration = null;
    this.askedAt = 0;
  }

  async begin() {
    this.changed(this.now);
    const container = isPacked ? undefined : navigator.serviceWorker;
    if (container === undefined) return;
    const wasControlled = container.controller !== null;
    try {
      const registration = await container.register(new URL("sw.js", document.baseURI));
      if (!registration) return; // a browser that is told to forbid service workers
      this.registration = registration;
      if (registration.active !== null) this.#set("ready", 1);
      this.#follow(registration.installing);
      if (registration.waiting !== null && registration.active !== null) this.#set("update", 1);
      registration.addEventListener("updatefound", () => this.#follow(registration.installing));
    } catch {
      return this.#set("failed", 0);
    }
    container.addEventListener("message", (event) => {
      const { type, done, total } = event.data ?? {};
      const isFirst = this.registration?.active === null && this.registration.installing !== null;
      if (type === "offline.progress" && isFirst) this.#set("loading", done / total);
    });
    container.addEventListener("controllerchange", () => {
      if (wasControlled) this.#set("update", 1); // another tab let the new version in: this page is still the old one
    });
    document.addEventListener("visibilitychange", () => this.#look());
  }

  /**
   * Take the new version: the page is loaded again. Call it only when nothing can be lost.
   * @returns {Promise<boolean>} false: another page of this version is open, and the new one waits on
   */
  async takeOver() {
    const waiting = this.registration?.waiting;
    if (!waiting) {
      location.reload();
      return true;
    }
    const reload = () => location.reload();
    navigator.serviceWorker.addEventListener("controllerchange", reload);
    const comes = await ask(waiting, "take_over");
    if (!comes) navigator.serviceWorker.removeEventListener("controllerchange", reload);
    return comes;
  }

  /** @param {ServiceWorker|null} worker */
  #follow(worker) {
    if (worker === null) return;
    const isFirst = this.registration?.active === null;
    if (isFirst) this.#set("loading", this.now.share);
    const follow = () => {
      if (worker.state === "activated") this.#set("ready", 1);
      else if (worker.state === "installed" && !isFirst) this.#set("update", 1);
      else if (worker.state === "redundant" && isFirst) this.#set("failed", 0);
    };
    worker.addEventListener("statechange", follow);
    follow();
  }

  /** Whoever comes back to the page after a while hears of a new version. */
  #look() {
    if (document.visibilityState !== "visible" || performance.now() - this.askedAt < UPDATE_EVERY_MS) return;
    this.askedAt = performance.now();
    this.registration?.update().catch(() => {}); // no network: the kept version goes on
  }

  /** @param {OfflineState["state"]} state @param {number} share */
  #set(state, share) {
    this.now = { state, share };
    this.changed(this.now);
  }
}
