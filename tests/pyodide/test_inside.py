"""The shipped runtime in Node: the kernel tests run again inside Pyodide, and the slim OpenCV against the native one."""

from __future__ import annotations

import gzip
import importlib.util
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import calls
import numpy as np
import pytest
from registry import pyodide_wheels

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PURE = [
    "pytest",
    "_pytest",
    "py",
    "pluggy",
    "iniconfig",
    "hypothesis",
    "_hypothesis_globals",
    "sortedcontainers",
    "packaging",
    "pygments",
]

#: Judged by scipy and pycocotools, which are not in Pyodide here.
NEED_FOREIGN = {"test_labels_against_scipy", "test_rle_of_coco"}


def zip_of(path: Path, entries: dict[str, Path]) -> Path:
    """Folders and files under given names."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, source in entries.items():
            files = (
                [source]
                if source.is_file()
                else [p for p in source.rglob("*") if p.is_file() and p.suffix in (".py", ".json", ".txt", ".typed")]
            )
            for file in files:
                archive.write(file, name if source.is_file() else f"{name}/{file.relative_to(source).as_posix()}")
    return path


def runtime_of(dist: Path, folder: Path) -> Path:
    """The site's Pyodide as Node wants it: parts that the site stores packed are unpacked."""
    for path in (dist / "runtime" / "pyodide").iterdir():
        plain = folder / path.name.removesuffix(".packed")
        if plain.name != path.name:
            plain.write_bytes(gzip.decompress(path.read_bytes()))
        elif not plain.exists():
            shutil.copyfile(path, plain)
    # pytest wants doctest, pdb and unittest, which the page's library goes without
    shutil.copyfile(ROOT / "node_modules" / "pyodide" / "python_stdlib.zip", folder / "python_stdlib.zip")
    return folder


def numpy_rest(path: Path) -> Path:
    """What the tests use of numpy and the page does not."""
    with zipfile.ZipFile(next(pyodide_wheels().glob("numpy-*.whl"))) as wheel, zipfile.ZipFile(path, "w") as rest:
        for name in wheel.namelist():
            if name.startswith(("numpy/random/", "numpy/ma/", "numpy/testing/")) and "/tests/" not in name:
                rest.writestr(name, wheel.read(name))
    return path


def collected_natively() -> set[str]:
    """The kernel tests that this machine's own pytest finds."""
    command = [sys.executable, "-m", "pytest", "tests/kernels", "--collect-only", "-q"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {line.removeprefix("tests/kernels/") for line in listed.splitlines() if "::" in line}


@pytest.fixture(scope="session")
def run_inside(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A function that runs one of the inside_*.py scripts in Pyodide and gives its RESULT."""
    dist = ROOT / "dist"
    assert (dist / "build.json").exists(), "there is no built site in dist/: run ./build.sh build first"
    folder = tmp_path_factory.mktemp("pyodide")
    modules = {}
    for name in PURE:
        spec = importlib.util.find_spec(name)
        assert spec is not None and spec.origin is not None, name
        origin = Path(spec.origin)
        modules[name if origin.name == "__init__.py" else origin.name] = (
            origin.parent if origin.name == "__init__.py" else origin
        )
    extra = zip_of(folder / "extra.zip", modules)
    rest = numpy_rest(folder / "numpy_rest.zip")
    runtime = runtime_of(dist, tmp_path_factory.mktemp("runtime"))
    project = zip_of(folder / "project.zip", {"tests/kernels": ROOT / "tests" / "kernels", "tests/pyodide": HERE})

    def run(script: str) -> Any:
        command = ["node", HERE / "run_in_pyodide.mjs", runtime, extra, rest, project, HERE / script]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, timeout=600)
        lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
        assert lines, done.stdout[-4000:] + done.stderr[-4000:]
        return json.loads(lines[-1].removeprefix("RESULT ")) | {"output": done.stdout[-4000:]}

    return run


def test_kernels_inside_pyodide(run_inside: Any) -> None:
    result = run_inside("inside_kernels.py")
    outcomes = result["outcomes"]
    assert result["code"] == 0 and "failed" not in outcomes.values(), result["output"]
    assert set(outcomes) == collected_natively(), "the same tests as outside, each of them"
    skipped = {name.split("::")[1].split("[")[0] for name, outcome in outcomes.items() if outcome == "skipped"}
    assert skipped == NEED_FOREIGN
    assert result["backend"] == "simd"
    assert result["kernels"]["target"] == "wasm-simd128"


def test_slim_opencv_agrees_with_the_native_one(run_inside: Any) -> None:
    result = run_inside("inside_cv2.py")
    assert result["error"] == "cv2.error"
    native = calls.results()
    assert len(native) == len(result["results"]) >= 20
    for name, expected in native.items():
        found = np.array(result["results"][name])
        assert found.shape == expected.shape, name
        difference = np.abs(found.astype(np.float64) - expected.astype(np.float64))
        # uint8 results may round differently by 1 where the native build uses wider vectors; floats to 1e-4
        limit = 1 if expected.dtype == np.uint8 and name not in ("open", "close", "flood", "lines", "otsu") else 1e-4
        assert difference.max() <= limit or (difference > limit).mean() < 1e-4, (name, difference.max())
