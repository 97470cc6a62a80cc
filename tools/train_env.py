"""`.venv-train`: PyTorch (CPU) and what models/train needs. Never needed by the product or by ./build.sh test.

All but PyTorch is locked with hashes (requirements/train.txt). PyTorch is pinned by version only: an index may offer the same
release built for the processor or for a graphics card, whose files differ, and pip takes no hashes for some packages only; so
it goes in by a call of its own, after everything that it needs and that is the same everywhere.
"""

from __future__ import annotations

import sys
from pathlib import Path

from children import run
from steps import BUILD, ROOT, key_of, main, say, step

TORCH = "torch==2.13.0"
LOCK = ROOT / "requirements" / "train.txt"
HOME = ROOT / ".venv-train"


def make() -> None:
    """Create it, or make it anew when a pin has changed."""
    stamp = HOME / "segmark-key"
    key = key_of(LOCK, TORCH, sys.version)
    if stamp.exists() and stamp.read_text() == key:
        say(".venv-train: reused")
        return
    with step(".venv-train (PyTorch: some minutes)"):
        run(
            [sys.executable, "-m", "venv", "--clear", HOME],
            log=BUILD / "log" / "venv-train.log",
            reason="Python could not make the virtual environment .venv-train",
        )
        pip: list[str | Path] = [
            HOME / "bin" / "python",
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--quiet",
        ]
        run(
            [*pip, "--require-hashes", "--no-deps", "-r", LOCK],
            log=BUILD / "log" / "pip-train.log",
            reason="pip could not install the locked packages of the training",
        )
        run([*pip, TORCH], log=BUILD / "log" / "pip-torch.log", reason=f"pip could not install {TORCH}")
        stamp.write_text(key)


if __name__ == "__main__":
    main(make)
