// Run a Python script inside Pyodide in Node, with the site's own runtime and wheels:
//   node run_in_pyodide.mjs RUNTIME SITE_PACKAGES_ZIP NUMPY_REST_ZIP TESTS_ZIP SCRIPT.py
// Our wheel goes in through micropip, as on the page. The script's variable RESULT (a JSON text) is printed last.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, sitePackages, numpyRest, tests, script] = process.argv.slice(2);
const runtime = path.resolve(folder) + path.sep;
const { loadPyodide } = await import(pathToFileURL(path.join(runtime, "pyodide.mjs")).href);
const pyodide = await loadPyodide({ indexURL: runtime, fullStdLib: false });
const quiet = { messageCallback: () => {} };
await pyodide.loadPackage(["numpy", "micropip", "opencv-python", "Pillow"], quiet);

const wheel = JSON.parse(fs.readFileSync(path.join(runtime, "pyodide-lock.json"), "utf8")).packages.segmark.file_name;
pyodide.FS.mkdirTree("/wheels");
pyodide.FS.writeFile(`/wheels/${wheel}`, fs.readFileSync(path.join(runtime, wheel)));
const micropip = pyodide.pyimport("micropip");
await micropip.install.callKwargs(`emfs:/wheels/${wheel}`, { deps: false });

const unpack = (file, folder) => {
  pyodide.FS.mkdirTree(folder);
  pyodide.unpackArchive(new Uint8Array(fs.readFileSync(file)), "zip", { extractDir: folder });
};
unpack(sitePackages, "/extra");
unpack(numpyRest, pyodide.runPython("import numpy, pathlib; str(pathlib.Path(numpy.__file__).parents[1])"));
unpack(tests, "/project");
try {
  await pyodide.runPythonAsync(fs.readFileSync(script, "utf8"));
  console.log("RESULT " + pyodide.globals.get("RESULT"));
} catch (error) {
  console.log(`failed inside Pyodide: ${error.message}`); // Node would print all of pyodide.asm.js with it
  process.exit(1);
}
