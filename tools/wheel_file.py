"""Wheels as files: a zip with fixed timestamps and its RECORD, so that equal inputs give equal bytes."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

#: What Pyodide 0.28 and 0.29 accept.
TAG = "cp313-cp313-pyodide_2025_0_wasm32"


def write_wheel(path: Path, files: dict[str, bytes], info: str) -> Path:
    """Write a wheel's zip with its RECORD."""
    record = []
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record.append(f"{name},sha256={digest},{len(data)}")
    files = files | {f"{info}/RECORD": ("\n".join([*record, f"{info}/RECORD,,"]) + "\n").encode()}
    return write_zip(path, files)


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    """Write a zip whose bytes depend on nothing but the files."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED, 9)
    return path
