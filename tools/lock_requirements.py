"""Write requirements/dev.txt or train.txt: every package that dev.in or train.in needs, pinned with the hashes of its files.

    python tools/lock_requirements.py dev|train

What readers.in names is added to dev.txt as it stands, without its dependencies. Run by hand when one of them changes, with
Python 3.11 on x86-64 Linux (the only host that builds).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from steps import ROOT, BuildError, main

SOURCES = {"dev": [["dev.in"], ["readers.in", "--no-deps"]], "train": [["train.in"]]}


def resolved(name: str, *options: str) -> list[str]:
    """The lines ``package==version --hash=...`` that pip's own resolver gives for a file of requirements/."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", *options]
        command += ["--only-binary=:all:", "--report", str(report), "-r", str(ROOT / "requirements" / name)]
        if subprocess.run(command, check=False).returncode:
            raise BuildError(f"pip could not resolve requirements/{name}")
        items = json.loads(report.read_text())["install"]
    return [
        f"{item['metadata']['name']}=={item['metadata']['version']}"
        f" --hash=sha256:{item['download_info']['archive_info']['hashes']['sha256']}"
        for item in items
    ]


def lock() -> None:
    """Resolve the files of one lock and keep names, versions and sha256."""
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if name not in SOURCES:
        raise BuildError("usage: lock_requirements.py dev|train")
    lines = [line for source, *options in SOURCES[name] for line in resolved(source, *options)]
    lines.sort(key=str.lower)
    sources = " and ".join(source for source, *_ in SOURCES[name])
    head = f"# Written by tools/lock_requirements.py from {sources}: do not edit by hand. Python 3.11, x86-64 Linux."
    (ROOT / "requirements" / f"{name}.txt").write_text("\n".join([head, *lines]) + "\n")


if __name__ == "__main__":
    main(lock)
