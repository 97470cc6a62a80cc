"""The wheels that ship: our own with the wasm kernels inside, and the pinned ones without what no page needs.

numpy's wheel carries its test-suite, f2py, type stubs and C headers, and ten extensions (random, fft, an old lapack) that
nothing here calls; without them it is fetched, unpacked and made ready in less time. numpy.ma stays: `np.median` asks it.
Compiling its sources took 40 % of `import numpy` (1.0 s against 0.6 s of processor time in Node), so wheels carry bytecode, made by
the Python that runs it. Foreign wheels carry it instead of their sources, ours besides them: our tracebacks stay readable.
"""

from __future__ import annotations

import re
import tempfile
import tomllib
import zipfile
from pathlib import Path

from build_kernels import EXTENSION, build
from children import run
from registry import pyodide_wheels
from steps import BUILD, ROOT, cached, files_of, key_of
from wheel_file import TAG, write_wheel, write_zip

PACKAGE = ROOT / "py" / "segmark"
PYODIDE = ROOT / "node_modules" / "pyodide"
COMPILER = ROOT / "tools" / "compile_inside.mjs"
NOT_SHIPPED = ("evaluate",)  # measured natively, never in the page
CACHE_TAG = "cpython-313"
UNUSED = re.compile(
    r"(^|/)(tests?|_pyinstaller|f2py|typing/tests|distutils|include|lib/[^/]*\.a)(/|$)|\.pyi$|\.h$|\.c$|\.a$|/conftest\.py$|/doc/|entry_points\.txt$"
    r"|^numpy/(random|fft|polynomial|testing)/|^numpy/lib/recfunctions|^PIL/(_imagingft|_imagingcms|_imagingtk|ImageFont|ImageCms|ImageDraw|ImageTk|ImageQt|ImageWin|ImageShow|PdfParser|PSDraw)[^/]*$"
    r"|^numpy/linalg/lapack_lite|\.pxd$"  # Pyodide makes every extension of a wheel ready at once: 0.4 s
)


def version() -> str:
    """The project's version, stated once in pyproject.toml."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


#: What of Python's library no page needs: servers and mail, tests and debuggers, processes, the terminal, old code pages. Nothing of Python's
#: start, numpy, Pillow, micropip or ours imports it.
UNUSED_LIBRARY = re.compile(
    r"^encodings/(mac_\w+|cp(?!437\b|1252\b)\d+|koi8_\w|kz1048|ptcp154|tis_620|hp_roman8|palmos|iso8859_(?!1\b|15\b)\d+)\.py$"
    r"|^xml/(dom|sax)/"
    r"|^(_pyrepl|ensurepip|idlelib|multiprocessing|pydoc_data|turtledemo|unittest|venv|wsgiref|xmlrpc)/"
    r"|^(_pyio|cProfile|code|doctest|ftplib|imaplib|mailbox|optparse|pdb|pickletools|poplib|profile|pstats|pyclbr|pydoc|sched|smtplib|socketserver|tabnanny|timeit|trace|tracemalloc|turtle|webbrowser)\.py$"
)
#: What a start imports of it (as the Python start in Node and ours natively told), and little else; the rest stays as sources, for bytecode is half as large again.
STARTED = re.compile(
    r"^(_pyodide|pyodide|asyncio|collections|concurrent|ctypes|importlib|json|logging|pathlib|re|sysconfig|zipfile)/"
    r"|^encodings/(__init__|aliases|utf_8|latin_1|ascii|cp437)\.py$"
    r"|^(__future__|_colorize|_collections_abc|_compat_pickle|_compression|_opcode_metadata|_py_abc|_pydatetime|_weakrefset|abc|ast|base64|bisect|bz2|codecs|contextlib|contextvars|copy|copyreg|csv|dataclasses|datetime|dis"
    r"|enum|fnmatch|functools|genericpath|glob|hashlib|heapq|hmac|inspect|io|keyword|linecache|locale|numbers|opcode|operator|os|pickle|platform|posixpath|pprint|random|reprlib|secrets|selectors|shutil|signal|site|socket|ssl"
    r"|stat|string|struct|subprocess|tempfile|textwrap|threading|token|tokenize|traceback|types|typing|warnings|weakref|zipimport)\.py$"
)


def segmark_wheel() -> Path:
    """Our wheel for Pyodide: `py/segmark` and the wasm kernels."""
    extension = build("wasm")
    sources = [path for path in files_of(PACKAGE, ["**/*.py"]) if not {"__pycache__", *NOT_SHIPPED} & set(path.parts)]
    names = [path.relative_to(PACKAGE.parent).as_posix() for path in sources]
    info = f"segmark-{version()}.dist-info"

    def make(folder: Path) -> None:
        files = {name: path.read_bytes() for name, path in zip(names, sources, strict=True)}
        for name, code in bytecode(files).items():
            folder_name, _, stem = name.removesuffix(".pyc").rpartition("/")
            files[f"{folder_name}/__pycache__/{stem}.{CACHE_TAG}.pyc"] = code
        files[f"segmark/kernels/{EXTENSION}"] = extension.read_bytes()
        files[f"{info}/METADATA"] = (
            f"Metadata-Version: 2.1\nName: segmark\nVersion: {version()}\nSummary: Interactive segmentation annotation: the logic\nLicense: Apache-2.0\nRequires-Dist: numpy\n".encode()
        )
        files[f"{info}/WHEEL"] = (
            f"Wheel-Version: 1.0\nGenerator: segmark\nRoot-Is-Purelib: false\nTag: {TAG}\n".encode()
        )
        files[f"{info}/licenses/LICENSE"] = (ROOT / "LICENSE").read_bytes()
        write_wheel(folder / f"segmark-{version()}-{TAG}.whl", files, info)

    key = key_of(version(), *names, *sources, extension, ROOT / "LICENSE", *compiler())
    return next(cached("wheel-segmark", key, make).glob("*.whl"))


def lean_wheel(project: str) -> Path:
    """A pinned wheel without tests, headers, stubs and f2py, its sources replaced by their bytecode."""
    source = next(pyodide_wheels().glob(f"{project}-*.whl"))

    def make(folder: Path) -> None:
        with zipfile.ZipFile(source) as wheel:
            files = {name: wheel.read(name) for name in wheel.namelist() if not name.endswith("/") and keep(name)}
        info = next(name.split("/")[0] for name in files if ".dist-info/" in name)
        files.pop(f"{info}/RECORD")
        code = bytecode({name: data for name, data in files.items() if name.endswith(".py")})
        files = {name: data for name, data in files.items() if not name.endswith(".py")} | code
        write_wheel(folder / source.name, files, info)

    return next(cached(f"wheel-{project}", key_of(source, UNUSED.pattern, *compiler()), make).glob("*.whl"))


def lean_library() -> Path:
    """Python's library without what no page needs, with bytecode in place of the sources that a start would compile."""
    source = PYODIDE / "python_stdlib.zip"

    def make(folder: Path) -> None:
        with zipfile.ZipFile(source) as library:
            names = [name for name in library.namelist() if not name.endswith("/") and not UNUSED_LIBRARY.search(name)]
            files = {name: library.read(name) for name in names}
        started = {name: files.pop(name) for name in names if STARTED.search(name)}
        own = {name: data for name, data in started.items() if "pyodide/" in name}  # reads its own docstrings at start
        code = bytecode(own) | bytecode({name: data for name, data in started.items() if name not in own}, 2)
        write_zip(folder / source.name, files | code)

    key = key_of(source, UNUSED_LIBRARY.pattern, STARTED.pattern, *compiler())
    return next(cached("python-library", key, make).glob("*.zip"))


def keep(name: str) -> bool:
    """Whether a member of a wheel ships."""
    return ".dist-info/" in name or not UNUSED.search(name)


def compiler() -> list[str | Path]:
    """What decides the bytecode, for cache keys."""
    return [COMPILER, PYODIDE / "package.json"]


def bytecode(sources: dict[str, bytes], optimize: int = 0) -> dict[str, bytes]:
    """`NAME.pyc` for each `NAME.py`, compiled inside Pyodide (this machine's Python is another version).

    `optimize` as in Python's `compile`; 2 leaves out docstrings.
    """
    with tempfile.TemporaryDirectory() as work:
        given, made = Path(work, "sources.zip"), Path(work, "bytecode.zip")
        with zipfile.ZipFile(given, "w") as archive:
            for name in sorted(sources):
                if name.endswith(".py"):
                    archive.writestr(name, sources[name])
        run(["node", COMPILER, PYODIDE, given, made, str(optimize)], log=BUILD / "log" / "bytecode.log")
        with zipfile.ZipFile(made) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
