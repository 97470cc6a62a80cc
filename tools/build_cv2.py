"""Build a slim cv2 (core + imgproc, SIMD) for Pyodide 0.29 from the pinned PyPI sdist; the wheel is cached by its inputs.

Three things must fit Pyodide's main module, or memory is corrupted without a word:
- libc++ headers of the same release (19) and configuration as the main module's: Debian's `libc++-19-dev` with Emscripten's
  `__config_site` (ABI 2, inline namespace `__2`) and its classic `std::function`;
- musl headers of Emscripten (Debian's 3.1.6 has them) with a 64-bit `time_t`, as Emscripten 4 has;
- CPython through the limited API with a wasm32 `pyconfig.h`.
The tool chain is unpacked from Debian packages into the cache (apt checks their signatures), nothing is installed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import opencv_recipe as recipe
from children import attempt, run
from registry import download, pins, pyodide_wheels
from steps import BUILD, ROOT, BuildError, cached, key_of, main, say

# Debian packages and how their versions must begin. Exact versions cannot be pinned: a point update takes the old file out of
# the archive. So a key knows these names and beginnings only, and a machine without package lists reuses what it has.
TOOLCHAIN = {
    "clang-19": "19.1",
    "lld-19": "19.1",
    "llvm-19": "19.1",
    "libllvm19": "19.1",
    "libclang-cpp19": "19.1",
    "libclang-common-19-dev": "19.1",
    "libz3-4": "4",
    "libc++-19-dev": "19.1",
    "emscripten": "3.1.6",
}


def toolchain() -> Path:
    """clang-19, wasm-ld-19 and the header packages, unpacked; apt is asked only when they are not in the cache."""
    return cached("llvm19", key_of(json.dumps(TOOLCHAIN)), _unpack)


def _unpack(folder: Path) -> None:
    if shutil.which("apt-get") is None:
        raise BuildError("the compiler for OpenCV comes out of Debian packages, and this machine has no apt-get")
    try:
        _download_debs(folder / "debs")
    except (
        BuildError
    ):  # a new machine has no package lists, an old one may have lists that name packages no longer there
        say("OpenCV: the package lists are read anew")
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        attempt([*sudo, "apt-get", "update", "-qq"], BUILD / "log" / "cv2-apt-update.log")
        _download_debs(folder / "debs")
    for deb in sorted((folder / "debs").glob("*.deb")):
        run(["dpkg", "-x", deb, folder])
    shutil.rmtree(folder / "debs")


def _download_debs(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    names = [f"{name}={version}" for name, version in candidates().items()]
    run(
        ["apt-get", "-o", "APT::Sandbox::User=root", "download", *names],
        log=BUILD / "log" / "cv2-toolchain.log",
        cwd=folder,
        reason="apt-get could not download the compiler for OpenCV (clang-19 and its headers)",
    )


def candidates() -> dict[str, str]:
    """The versions that apt would fetch, each of the release that the build was made for.

    apt checks every package against the archive's signed index, and `abi_check.cpp` refuses headers that lay out memory in
    another way.
    """
    command = ["apt-cache", "policy", *TOOLCHAIN]
    english = {**os.environ, "LC_ALL": "C"}
    policy = subprocess.run(command, capture_output=True, text=True, env=english, check=False).stdout
    found = dict(re.findall(r"^(\S+):\n.*\n  Candidate: (\S+)", policy, re.M))
    for name, release in TOOLCHAIN.items():
        version = found.get(name, "(none)")
        if not re.match(rf"(\d+:)?{re.escape(release)}(?!\d)", version):
            raise BuildError(f"the OpenCV build needs {name} {release}, and apt offers {version}")
    return found


def check_abi(environment: dict[str, str]) -> None:
    """Compile the assertions about the headers' layout."""
    compiler = [f"{environment['SEGMARK_LLVM']}/clang++", "--target=wasm32-unknown-emscripten"]
    sysroot = f"--sysroot={environment['SEGMARK_SYSROOT']}"
    run(
        [*compiler, sysroot, *environment["SEGMARK_CXXFLAGS"].split(), "-fsyntax-only", recipe.WASM / "abi_check.cpp"],
        log=BUILD / "log" / "cv2-abi.log",
        env=environment,
        reason="the C++ headers do not match Pyodide's main module, and OpenCV built with them would corrupt memory",
    )


def prove_headers(release: str) -> None:
    """Check this machine's headers before anything is built, once a release of its system (the text of /etc/os-release)."""

    def make(folder: Path) -> None:
        tools = toolchain()
        recipe.make_sysroot(tools, folder / "sysroot")
        check_abi(recipe.environment_of(folder, tools))
        shutil.rmtree(folder / "sysroot")

    flags = [recipe.CXXFLAGS, recipe.CONFIG_SITE]
    cached("abi-proof", key_of(json.dumps(TOOLCHAIN), *flags, recipe.WASM / "abi_check.cpp", release), make)


def _make(folder: Path) -> None:
    pin = pins()["opencv"]
    sdist = download(pin["project"], pin["file"], pin["sha256"])
    tools = toolchain()
    work = folder / "work"
    work.mkdir()
    say("OpenCV: unpacking and patching")
    recipe.prepare(work, tools, sdist, next(pyodide_wheels().glob("numpy-*.whl")))
    environment = recipe.environment_of(work, tools)
    check_abi(environment)
    say("OpenCV: configuring")
    recipe.configure(work, tools, environment)
    say("OpenCV: compiling (several minutes; build/log/cv2-compile.log)")
    jobs = str(os.cpu_count() or 2)
    run(
        ["ninja", "-j", jobs, "-C", work / "build", recipe.TARGET],
        log=BUILD / "log" / "cv2-compile.log",
        env=environment,
    )
    recipe.pack_wheel(work, pin["version"], folder)
    shutil.rmtree(work)


def key() -> str:
    """All that decides the wheel's bytes and can be known without asking anybody."""
    pinned = pins()
    numpy = {name: digest for name, digest in pinned["pyodide_wheels"]["members"].items() if name.startswith("numpy-")}
    facts = [pinned["opencv"], numpy, TOOLCHAIN, f"{sys.version_info.major}.{sys.version_info.minor}"]
    files = [
        *sorted(path for path in recipe.WASM.rglob("*") if path.suffix in (".cmake", ".cpp", ".h")),
        *(ROOT / "tools" / name for name in ("patch_opencv.py", "opencv_recipe.py", "wheel_file.py")),
    ]
    return key_of(json.dumps(facts), *files)


def build_cv2() -> Path:
    """The wheel's path in the cache."""
    return next(cached("opencv", key(), _make).glob("*.whl"))


if __name__ == "__main__":
    main(lambda: print(build_cv2()))
