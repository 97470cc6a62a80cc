/**
 * The Python worker, made while most of the page's own modules are still on their way: nothing is waited for longer.
 */
import { base, readJson } from "./assets.js";
import { WorkerMaker } from "./workers.js";

/** @typedef {{path: string, bytes: number, sha256: string}} Part */
/** @typedef {{version: string, build: string, parts: Part[]}} Build */
/** @typedef {{worker: Worker, port: MessagePort, said: any[]}} Begun  `port`: its wire to the inference worker; `said`: what it has told so far */

/** @returns {Promise<{workers: WorkerMaker, build: Build, python: Begun}>} */
export async function prestart() {
  const workers = new WorkerMaker();
  const [build] = await Promise.all([readJson("build.json"), workers.prepare()]);
  return { workers, build, python: beginPython(workers, build) };
}

/** @param {WorkerMaker} workers @param {Build} build @returns {Begun} whoever takes it hears the worker from then on */
export function beginPython(workers, { parts }) {
  const worker = workers.make("python");
  const { port1: port, port2 } = new MessageChannel();
  /** @type {any[]} */
  const said = [];
  worker.onmessage = ({ data }) => said.push(data);
  worker.onerror = (event) => {
    event.preventDefault();
    said.push({ event: "worker.fatal", params: { message: event.message || "error" } });
  };
  worker.postMessage({ type: "boot", base: base.href, parts, carried: workers.carried.python, isServed: workers.isServed, inferencePort: port2 }, [port2]);
  return { worker, port, said };
}
