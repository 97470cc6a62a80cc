"""Compile `cext/*.c` into the extension `segmark.kernels._native`: for this machine, with sanitizers, or for wasm.

    python tools/build_kernels.py native|asan|wasm

One source, three builds, each cached by the hash of sources, flags and compiler version. `-ffp-contract=off` everywhere:
fused multiply-adds would make the twins (and the page and the native tests) differ in the last bit.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from children import run
from steps import BUILD, ROOT, BuildError, cached, files_of, key_of, main

SOURCE = ROOT / "cext"
EXTENSION = "_native.abi3.so"
PYCONFIG = ROOT / "tools" / "wasm" / "pyconfig.h"
COMMON = [
    "-std=gnu11",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-DPy_LIMITED_API=0x030b0000",
    "-Wall",
    "-Wextra",
    "-Wno-missing-field-initializers",
]
FLAGS = {
    "native": ["gcc", "-O3", "-fPIC", "-shared"],
    "asan": [
        "gcc",
        "-O1",
        "-g",
        "-fPIC",
        "-shared",
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover=undefined",
        "-fno-omit-frame-pointer",
    ],
    "wasm": [
        "emcc",
        "-O3",
        "-msimd128",
        "-sSIDE_MODULE=2",
        "-sEXPORTED_FUNCTIONS=_PyInit__native",
        "-include",
        str(PYCONFIG),
    ],
}


def build(kind: str) -> Path:
    """The compiled extension of one kind; returns its path in the cache."""
    flags = FLAGS[kind]
    if shutil.which(flags[0]) is None:
        raise BuildError(f"'{flags[0]}' is missing: run ./build.sh setup")
    version = subprocess.run([flags[0], "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    sources, headers = files_of(SOURCE, ["*.c"]), files_of(SOURCE, ["*.h"])
    relative = [flag.replace(str(ROOT), "") for flag in flags + COMMON]
    inputs = sources + headers + ([PYCONFIG] if kind == "wasm" else [])

    def make(folder: Path) -> None:
        include = sysconfig.get_paths()["include"]
        run(
            [*flags, *COMMON, "-I", include, "-I", SOURCE, *sources, "-o", folder / EXTENSION, "-lm"],
            log=BUILD / "log" / f"kernels-{kind}.log",
        )

    return (
        cached(f"kernels-{kind}", key_of(kind, version, *relative, *(p.name for p in inputs), *inputs), make)
        / EXTENSION
    )


def place_native() -> Path:
    """Put the native build beside its Python package (ignored by git), so that tests import it from the source tree."""
    target = ROOT / "py" / "segmark" / "kernels" / EXTENSION
    built = build("native")
    if not target.exists() or target.read_bytes() != built.read_bytes():
        fresh = target.with_suffix(".new")
        shutil.copyfile(built, fresh)
        fresh.rename(target)
    return target


def _main() -> None:
    kind = sys.argv[1] if len(sys.argv) == 2 else ""
    if kind not in FLAGS:
        raise BuildError("usage: build_kernels.py native|asan|wasm")
    print(place_native() if kind == "native" else build(kind))


if __name__ == "__main__":
    main(_main)
