/** A page that frames Segmark (same origin, one folder below it), opens an image there and reads the annotations. */
const frame = /** @type {HTMLIFrameElement} */ (document.getElementById("segmark"));
const said = /** @type {HTMLOutputElement} */ (document.getElementById("said"));
const waiting = new Map();
let lastId = 0;

/** @param {string} method @param {Record<string, any>} params @returns {Promise<any>} */
function ask(method, params) {
  lastId += 1;
  frame.contentWindow?.postMessage({ segmark: method, id: lastId, ...params }, location.origin);
  return new Promise((resolve, reject) => waiting.set(lastId, { resolve, reject }));
}

/** @param {string} id @param {() => Promise<string>} work */
function button(id, work) {
  const element = /** @type {HTMLButtonElement} */ (document.getElementById(id));
  element.addEventListener("click", () => work().then((text) => { said.value = text; }, (error) => { said.value = error.message; }));
  return element;
}

const buttons = [
  button("open", async () => {
    const data = await (await fetch("../samples/blowhole.png")).blob();
    const { width, height } = await ask("open", { name: "part 7.png", data });
    return `open: ${width} × ${height}`;
  }),
  button("read", async () => {
    const { data } = await ask("annotations", { format: "coco" });
    return `annotations: ${JSON.parse(new TextDecoder().decode(data)).annotations.length}`;
  }),
];

window.addEventListener("message", ({ source, origin, data }) => {
  if (source !== frame.contentWindow || origin !== location.origin) return;
  if (data.segmark === "ready") buttons.forEach((element) => { element.disabled = false; });
  if (data.segmark === "ready" || data.segmark === "changed") said.value = data.segmark;
  const { resolve, reject } = waiting.get(data.id) ?? {};
  waiting.delete(data.id);
  if (data.ok) resolve?.(data);
  else reject?.(new Error(`${data.code}: ${data.message}`));
});
