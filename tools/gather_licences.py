"""`licences.txt`: the licence of everything that ships, from the artefacts where they carry it, else from `licences/`."""

from __future__ import annotations

import json
import tomllib
import zipfile
from pathlib import Path
from typing import Any

from steps import ROOT, BuildError, check_sha256

FOLDER = ROOT / "licences"
NPM = ROOT / "node_modules"
#: npm packages that carry their own text
OWN_TEXT = ("idb", "lucide-static")


def write(out: Path) -> None:
    """Gather them all; a part without a text is a BuildError.

    Parameters
    ----------
    out : the site under construction, its runtime in place
    """
    parts = [("Segmark", (ROOT / "LICENSE").read_text())]
    parts += [_listed(entry) for entry in tomllib.loads((FOLDER / "parts.toml").read_text())["part"]]
    parts += [_npm(name) for name in OWN_TEXT]
    parts += [(wheel.name, of_wheel(wheel)) for wheel in sorted((out / "runtime" / "pyodide").glob("*.whl"))]
    line = "═" * 78  # no text has it within
    (out / "licences.txt").write_text("\n\n".join(f"{line}\n{title}\n{line}\n{text}" for title, text in parts))


def _listed(entry: dict[str, Any]) -> tuple[str, str]:
    texts = []
    for text in entry["texts"]:
        path = _place(text["file"])
        if not path.is_file():
            raise BuildError(f"the licence text {text['file']} of {entry['title']} is missing")
        check_sha256(path, text["sha256"])
        texts.append(path.read_text(errors="replace"))
    version = f" {_meta(entry['npm'])['version']}" if "npm" in entry else ""
    return entry["title"] + version, "\n\n".join([entry["notice"], *texts])


def _place(name: str) -> Path:
    if not name.startswith("venv:"):
        return FOLDER / name
    site = next((ROOT / ".venv" / "lib").glob("python3*/site-packages"))
    return site / name.removeprefix("venv:")


def _meta(name: str) -> dict[str, Any]:
    return dict(json.loads((NPM / name / "package.json").read_text()))


def _npm(name: str) -> tuple[str, str]:
    texts = [path.read_text(errors="replace") for path in sorted((NPM / name).glob("LICENSE*"))]
    if not texts:
        raise BuildError(f"npm's {name} carries no licence text any more: put it into licences/")
    return f"{name} {_meta(name)['version']}", "\n".join(texts)


def of_wheel(wheel: Path) -> str:
    """The licence texts inside a wheel, those of what it vendors too."""
    with zipfile.ZipFile(wheel) as archive:
        names = [n for n in archive.namelist() if n.rpartition("/")[2].upper().startswith(("LICENSE", "LICENCE"))]
        texts = [archive.read(n).decode(errors="replace") for n in names]
    if not texts:
        raise BuildError(f"{wheel.name} carries no licence text: put it into licences/")
    return "\n\n".join(texts)
