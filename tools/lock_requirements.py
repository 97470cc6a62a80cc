"""Write requirements/dev.txt: every package that requirements/dev.in needs, pinned with the hashes of its files.

Run by hand when dev.in changes, with Python 3.11 on x86-64 Linux (the only host that builds).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from steps import ROOT, BuildError, main


def lock() -> None:
    """Resolve with pip's own resolver and keep its report's names, versions and sha256."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--dry-run",
            "--ignore-installed",
            "--only-binary=:all:",
        ]
        done = subprocess.run(
            [*command, "--report", str(report), "-r", str(ROOT / "requirements" / "dev.in")], check=False
        )
        if done.returncode:
            raise BuildError("pip could not resolve requirements/dev.in")
        items = json.loads(report.read_text())["install"]
    lines = ["# Written by tools/lock_requirements.py from dev.in: do not edit by hand. Python 3.11, x86-64 Linux."]
    for item in sorted(items, key=lambda i: i["metadata"]["name"].lower()):
        digest = item["download_info"]["archive_info"]["hashes"]["sha256"]
        lines.append(f"{item['metadata']['name']}=={item['metadata']['version']} --hash=sha256:{digest}")
    (ROOT / "requirements" / "dev.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(lock)
