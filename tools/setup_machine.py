"""Set up: check the host, install missing Debian packages, make `.venv`, install the pinned npm packages.

Runs with the machine's own Python, standard library only.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from build_cv2 import prove_headers
from children import attempt, run
from steps import ROOT, VENV_PYTHON, BuildError, alone, key_of, main, say, step

OS_RELEASE = Path("/etc/os-release")
# What the build and the tests call. clang-19 & co. for OpenCV are unpacked into the cache instead, see build_cv2.py.
PACKAGES = {
    "emcc": "emscripten",
    "gcc": "gcc",
    "cmake": "cmake",
    "ninja": "ninja-build",
    "chromium": "chromium",
    "firefox-esr": "firefox-esr",
    "clang-format": "clang-format",
    "git": "git",
}
FILES = {
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc": "fonts-noto-cjk",
    "/usr/include/stdio.h": "libc6-dev",  # gcc only recommends it
}


def check_host() -> None:
    """Refuse a machine that the locked packages have no files for, or whose C++ headers do not fit."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise BuildError(
            f"x86-64 Linux is needed, for the locked packages are made for it, and this is {platform.machine()} {platform.system()}"
        )
    if sys.version_info[:2] != (3, 11):
        raise BuildError(f"Python 3.11 is needed, this is {platform.python_version()}")
    node = shutil.which("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout if node else ""
    number = re.match(r"v(\d+)\.", version)
    if number is None or int(number[1]) < 20:
        raise BuildError(f"Node.js 20 or newer is needed, found {version.strip() or 'none'}")
    check_headers(OS_RELEASE.read_text() if OS_RELEASE.exists() else "")


def check_headers(release: str) -> None:
    """Debian 12 is known to fit. Elsewhere the headers are compiled against what Pyodide's main module was built with.

    A difference would corrupt memory silently; where the check cannot be made, its tools are missing.
    """
    if re.search(r"^ID=debian$", release, re.M) and re.search(r'^VERSION_ID="12"', release, re.M):
        return
    say("this host is not Debian 12: do its C++ headers fit Pyodide's main module?")
    try:
        prove_headers(release)
    except BuildError as error:
        raise BuildError(
            f"this host is not Debian 12, and the check of its C++ headers did not pass ({error}); build in a Debian 12 container"
        ) from error


def missing_packages() -> list[str]:
    """Debian packages whose command or file is not there."""
    missing = [package for command, package in PACKAGES.items() if shutil.which(command) is None]
    missing += [package for path, package in FILES.items() if not Path(path).exists()]
    include = subprocess.run(
        [sys.executable, "-c", "import sysconfig; print(sysconfig.get_paths()['include'])"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    if not Path(include, "Python.h").exists():
        missing.append("python3-dev")
    if subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode:
        missing.append("python3-venv")
    if not list(Path("/usr/lib/gcc/x86_64-linux-gnu").glob("*/libasan.so")):
        missing.append("libasan8")
    return missing


def install_packages() -> None:
    """Install what is missing with apt-get, as root or through sudo without a password."""
    missing = missing_packages()
    if not missing:
        say("Debian packages: there")
        return
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if sudo and (
        shutil.which("sudo") is None or subprocess.run([*sudo, "true"], capture_output=True, check=False).returncode
    ):
        raise BuildError(
            f"Debian packages are missing; install them as root: apt-get install --no-install-recommends {' '.join(missing)}"
        )
    with step(f"Debian packages: {' '.join(missing)}"):
        log = ROOT / "build" / "log" / "apt.log"
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        # One dead source of the machine's own must not stop us: what matters is whether the packages can be had.
        attempt([*sudo, "apt-get", "update", "-qq"], ROOT / "build" / "log" / "apt-update.log", env=environment)
        run(
            [*sudo, "apt-get", "install", "-y", "--no-install-recommends", *missing],
            log=log,
            env=environment,
            reason=f"apt-get could not install {' '.join(missing)}",
        )


def link_package() -> None:
    """`import segmark` and the command `segmark-eval` work in `.venv` from this checkout's sources.

    A path file and a four-line script instead of pip's editable install, which wants a build backend from the network.
    """
    site = next((ROOT / ".venv" / "lib").glob("python3*/site-packages"))
    (site / "segmark.pth").write_text(f"{ROOT / 'py'}\n")
    command = ROOT / ".venv" / "bin" / "segmark-eval"
    command.write_text(f"#!{VENV_PYTHON}\nfrom segmark.evaluate.__main__ import main\n\nmain()\n")
    command.chmod(0o755)


def make_venv() -> None:
    """`.venv` with exactly the locked packages (their hashes are checked by pip)."""
    lock = ROOT / "requirements" / "dev.txt"
    stamp = ROOT / ".venv" / "segmark-key"
    key = key_of(lock, sys.version)
    if stamp.exists() and stamp.read_text() == key:
        say(".venv: reused")
        return
    with step(".venv"):
        run(
            [sys.executable, "-m", "venv", "--clear", ROOT / ".venv"],
            log=ROOT / "build" / "log" / "venv.log",
            reason="Python could not make the virtual environment .venv",
        )
        run(
            [
                VENV_PYTHON,
                "-m",
                "pip",
                "install",
                "--disable-pip-version-check",
                "--quiet",
                "--require-hashes",
                "--no-deps",
                "-r",
                lock,
            ],
            log=ROOT / "build" / "log" / "pip.log",
            reason="pip could not install the locked packages",
        )
        stamp.write_text(key)


def install_npm() -> None:
    """`node_modules` from the lock file (npm checks each package's integrity hash)."""
    stamp = ROOT / "node_modules" / ".segmark-key"
    key = key_of(ROOT / "package-lock.json")
    if stamp.exists() and stamp.read_text() == key:
        say("npm packages: reused")
        return
    with step("npm packages"):
        run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            log=ROOT / "build" / "log" / "npm.log",
            reason="npm could not install the locked packages",
            cwd=ROOT,
        )
        stamp.write_text(key)


def set_up() -> None:
    """Everything, in order."""
    check_host()
    with alone():
        install_packages()
        make_venv()
        link_package()
        install_npm()


if __name__ == "__main__":
    main(set_up)
