"""`.venv-train`: PyTorch (CPU) and what models/train needs. Never needed by the product or by ./build.sh test."""

from __future__ import annotations

import sys

from children import run
from steps import ROOT, main, say, step

PACKAGES = [
    "torch==2.13.0",
    "numpy==2.2.5",
    "opencv-python-headless==4.11.0.86",
    "onnx",
    "onnxruntime",
    "Pillow==11.3.0",
    "pytest",
    "hypothesis",
]


def make() -> None:
    """Create it once."""
    home = ROOT / ".venv-train"
    if (home / "done").exists():
        say(".venv-train: reused")
        return
    with step(".venv-train (PyTorch: some minutes)"):
        run([sys.executable, "-m", "venv", "--clear", home])
        run(
            [home / "bin" / "python", "-m", "pip", "install", "--quiet", *PACKAGES],
            log=ROOT / "build" / "log" / "pip-train.log",
        )
        (home / "done").write_text("")


if __name__ == "__main__":
    main(make)
