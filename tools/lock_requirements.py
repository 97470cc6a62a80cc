"""Write requirements/dev.txt: every package that requirements/dev.in needs, pinned with the hashes of its files.

What readers.in names is added as it stands, without its dependencies. Run by hand when one of the two changes, with
Python 3.11 on x86-64 Linux (the only host that builds).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from steps import ROOT, BuildError, main


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
    """Resolve both files and keep names, versions and sha256."""
    head = "# Written by tools/lock_requirements.py from dev.in and readers.in: do not edit by hand."
    lines = resolved("dev.in") + resolved("readers.in", "--no-deps")
    lines.sort(key=str.lower)
    text = "\n".join([f"{head} Python 3.11, x86-64 Linux.", *lines])
    (ROOT / "requirements" / "dev.txt").write_text(text + "\n")


if __name__ == "__main__":
    main(lock)
