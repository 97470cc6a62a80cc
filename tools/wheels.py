"""The wheels that ship: our own with the wasm kernels inside, and numpy without what no page needs.

numpy's wheel carries its test-suite, f2py, type stubs and C headers; without them it is fetched and unpacked in less time.
"""

from __future__ import annotations

import re
import tomllib
import zipfile
from pathlib import Path

from build_cv2 import TAG, write_wheel
from build_kernels import EXTENSION, build
from registry import pyodide_wheels
from steps import ROOT, cached, files_of, key_of

PACKAGE = ROOT / "py" / "segmark"
UNUSED = re.compile(
    r"(^|/)(tests?|_pyinstaller|f2py|typing/tests|distutils|include|lib/[^/]*\.a)(/|$)|\.pyi$|\.h$|\.c$|\.a$|/conftest\.py$|/doc/|random/_examples|entry_points\.txt$"
)


def version() -> str:
    """The project's version, stated once in pyproject.toml."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def segmark_wheel() -> Path:
    """Our wheel for Pyodide: `py/segmark` and the wasm kernels."""
    extension = build("wasm")
    sources = [path for path in files_of(PACKAGE, ["**/*.py"]) if "__pycache__" not in path.parts]
    names = [path.relative_to(PACKAGE.parent).as_posix() for path in sources]
    info = f"segmark-{version()}.dist-info"

    def make(folder: Path) -> None:
        files = {name: path.read_bytes() for name, path in zip(names, sources, strict=True)}
        files[f"segmark/kernels/{EXTENSION}"] = extension.read_bytes()
        files[f"{info}/METADATA"] = (
            f"Metadata-Version: 2.1\nName: segmark\nVersion: {version()}\nSummary: Interactive segmentation annotation: the logic\nLicense: Apache-2.0\nRequires-Dist: numpy\n".encode()
        )
        files[f"{info}/WHEEL"] = (
            f"Wheel-Version: 1.0\nGenerator: segmark\nRoot-Is-Purelib: false\nTag: {TAG}\n".encode()
        )
        files[f"{info}/licenses/LICENSE"] = (ROOT / "LICENSE").read_bytes()
        write_wheel(folder / f"segmark-{version()}-{TAG}.whl", files, info)

    key = key_of(version(), *names, *sources, extension, ROOT / "LICENSE")
    return next(cached("wheel-segmark", key, make).glob("*.whl"))


def numpy_wheel() -> Path:
    """The pinned numpy wheel without tests, headers, stubs and f2py."""
    source = next(pyodide_wheels().glob("numpy-*.whl"))

    def make(folder: Path) -> None:
        with zipfile.ZipFile(source) as wheel:
            files = {name: wheel.read(name) for name in wheel.namelist() if not name.endswith("/") and keep(name)}
        info = next(name.split("/")[0] for name in files if ".dist-info/" in name)
        files.pop(f"{info}/RECORD")
        write_wheel(folder / source.name, files, info)

    return next(cached("wheel-numpy", key_of(source, UNUSED.pattern), make).glob("*.whl"))


def keep(name: str) -> bool:
    """Whether a member of numpy's wheel ships."""
    return name.startswith("numpy-") or not UNUSED.search(name)
