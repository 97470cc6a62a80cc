"""Lint, types and formats; every check runs, then the failures are named."""

from __future__ import annotations

import subprocess
import sys

from steps import ROOT, BuildError, files_of, main, say

PYTHON = [sys.executable, "-m"]
CHECKS: dict[str, list[str]] = {
    "ruff": [*PYTHON, "ruff", "check", "--no-cache", "--quiet", "."],
    "ruff format": [*PYTHON, "ruff", "format", "--no-cache", "--check", "--quiet", "."],
    "mypy": [*PYTHON, "mypy", "--no-error-summary", "--cache-dir", "build/mypy"],
    "tsc": ["node_modules/.bin/tsc", "--project", "tsconfig.json"],
    "clang-format": [
        "clang-format",
        "--dry-run",
        "--Werror",
        *(str(p) for p in files_of(ROOT / "cext", ["*.c", "*.h"])),
    ],
    "bash": ["bash", "-n", "build.sh", ".ci/run"],
}


def check() -> None:
    """Run them all."""
    failed = [name for name, command in CHECKS.items() if subprocess.run(command, cwd=ROOT, check=False).returncode]
    if failed:
        raise BuildError(f"these checks did not pass: {', '.join(failed)}")
    say(f"checks: {', '.join(CHECKS)}: fine")


if __name__ == "__main__":
    main(check)
