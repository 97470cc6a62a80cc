// Compile Python sources with the Python that will run them (Pyodide's): node compile_inside.mjs PYODIDE_FOLDER SOURCES.zip BYTECODE.zip OPTIMIZE
// Each NAME.py gives a NAME.pyc that is never checked against its source. The hash seed is fixed: it decides the order of sets.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, sources, bytecode, optimize] = process.argv.slice(2);
const runtime = path.resolve(folder) + path.sep;
const { loadPyodide } = await import(pathToFileURL(path.join(runtime, "pyodide.mjs")).href);
const pyodide = await loadPyodide({ indexURL: runtime, env: { PYTHONHASHSEED: "0" } });
pyodide.FS.writeFile("/sources.zip", fs.readFileSync(sources));
pyodide.runPython(`
import importlib.util, marshal, zipfile
with zipfile.ZipFile("/sources.zip") as sources, zipfile.ZipFile("/bytecode.zip", "w") as bytecode:
    for name in sources.namelist():
        text = sources.read(name)
        code = compile(text, name, "exec", dont_inherit=True, optimize=${Number(optimize)})
        header = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + importlib.util.source_hash(text)
        bytecode.writestr(name + "c", header + marshal.dumps(code))
`);
fs.writeFileSync(bytecode, pyodide.FS.readFile("/bytecode.zip"));
