"""Run every test: natively, with the scalar twins, under the sanitizers, then Pyodide and the browser.

The kernel tests run four times over (vector, scalar, ASan + UBSan, and inside Pyodide as part of tests/pyodide), because the
same source must hold everywhere.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from build_kernels import EXTENSION, build
from steps import ROOT, BuildError, main, step

#: Property tests draw the same examples everywhere: main is green or it is not. `pytest tests/unit` draws new ones.
PYTEST = [sys.executable, "-m", "pytest", "-q", "--hypothesis-profile=ci"]
#: Two processes, each with its own browser and server; whoever is done first takes over from the other.
PARALLEL = ["-n", "2", "--dist", "worksteal"]


def sanitized(folder: Path) -> tuple[list[str], dict[str, str]]:
    """The kernel tests on a copy of the package, in `folder`, that holds the sanitized extension."""
    shutil.copytree(ROOT / "py" / "segmark", folder / "segmark", ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    shutil.copyfile(build("asan"), folder / "segmark" / "kernels" / EXTENSION)
    runtime = subprocess.run(
        ["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True
    ).stdout.strip()
    environment = {
        "LD_PRELOAD": runtime,
        "PYTHONMALLOC": "malloc",  # Python's own pools would hide small overruns
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1:allocator_may_return_null=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "SEGMARK_TEST_PACKAGE": str(folder),
    }
    return ["tests/kernels", "-o", f"pythonpath={folder} tools tests"], environment


def test() -> None:
    """Every suite; the last one prints pytest's own summary last."""
    with tempfile.TemporaryDirectory(prefix="segmark-asan-") as folder:
        run_suites(Path(folder))


def run_suites(scratch: Path) -> None:
    """Run all, then name those that failed."""
    arguments, environment = sanitized(scratch)
    suites: list[tuple[str, list[str], dict[str, str]]] = [
        ("kernel tests under ASan and UBSan", arguments, environment),
        ("kernel tests with the scalar twins", ["tests/kernels"], {"SEGMARK_KERNELS": "scalar"}),
        ("every test without a browser", ["tests", "--ignore=tests/train", "--ignore=tests/e2e", *PARALLEL], {}),
        # a process of its own: Playwright keeps an event loop running, in which asyncio.run() of other tests would fail
        ("end-to-end tests in the browser", ["tests/e2e", *PARALLEL], {}),
    ]
    failed = []
    for name, arguments, environment in suites:
        with step(name):
            if subprocess.run([*PYTEST, *arguments], cwd=ROOT, env=os.environ | environment, check=False).returncode:
                failed.append(name)
    if failed:
        raise BuildError(f"tests failed in: {', '.join(failed)}")


if __name__ == "__main__":
    main(test)
