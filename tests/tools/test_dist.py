"""The built site: whole, self-contained, and silent about the machine that made it."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from steps import sha256

import build

ROOT = Path(__file__).resolve().parent.parent.parent
DIST = ROOT / "dist"
RUNTIME = DIST / "runtime" / "pyodide"
#: The list itself, and what is made from it.
NOT_PARTS = {"build.json", "segmark-single.html"}
LARGEST = {"precise": 6.5e6, "smooth": 2e6}  # bytes, as shipped: what a first visit may cost


@pytest.fixture(scope="module")
def packages() -> dict[str, Any]:
    assert (DIST / "build.json").exists(), "there is no built site in dist/: run ./build.sh build first"
    return dict(json.loads((RUNTIME / "pyodide-lock.json").read_text())["packages"])


def test_build_json_lists_every_file(packages: dict[str, Any]) -> None:
    parts = {part["path"]: part for part in json.loads((DIST / "build.json").read_text())["parts"]}
    stored = {part.get("stored", part)["path"]: part.get("stored", part) for part in parts.values()}
    found = {p.relative_to(DIST).as_posix(): p for p in DIST.rglob("*") if p.is_file() and p.name not in NOT_PARTS}
    # scripts lie there twice: plain for the served page, packed for the single file
    plain = {name: path for name, path in found.items() if name in parts}
    assert set(stored) | set(plain) == set(found)
    for name, path in found.items():
        stated = stored.get(name) or parts[name]
        assert (stated["bytes"], stated["sha256"]) == (path.stat().st_size, sha256(path)), name


def test_packed_parts_unpack_to_what_build_json_says() -> None:
    parts = [part for part in json.loads((DIST / "build.json").read_text())["parts"] if "stored" in part]
    assert {"models/precise.onnx", "runtime/pyodide/pyodide.asm.wasm"} <= {part["path"] for part in parts}
    for part in parts:
        data = gzip.decompress((DIST / part["stored"]["path"]).read_bytes())
        assert (part["bytes"], part["sha256"]) == (len(data), hashlib.sha256(data).hexdigest()), part["path"]


def test_the_lock_file_names_only_our_files(packages: dict[str, Any]) -> None:
    assert set(packages) == {"numpy", "micropip", "packaging", "pillow", "opencv-python", "segmark"}
    for package in packages.values():
        assert "/" not in package["file_name"]
        assert sha256(RUNTIME / package["file_name"]) == package["sha256"]


def test_no_placeholder_is_left() -> None:
    build = json.loads((DIST / "build.json").read_text())
    page = (DIST / "index.html").read_text()
    assert "{{" not in page and build["build"] in page and build["version"] in page


def test_who_may_drive_the_page_may_frame_it(tmp_path: Path) -> None:
    """`embed.json` makes the service worker's policy, not the page's: `frame-ancestors` counts in a header only."""
    texts = {
        "index.html": "{{POLICY}}",
        "sw.js": "{{POLICY_HEADER}}",
        "single/shell.html": "",
        "404.html": "<script></script>",
    }
    (tmp_path / "single").mkdir()
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "embed.json").write_text('{"origins": ["https://one.example", "https://two.example"]}')
    build.stamp(tmp_path, {})
    assert "frame-ancestors 'self' https://one.example https://two.example" in (tmp_path / "sw.js").read_text()
    assert "frame-ancestors" not in (tmp_path / "index.html").read_text()


def test_models_are_those_of_models_toml() -> None:
    stated = tomllib.loads((ROOT / "models" / "models.toml").read_text())["model"]
    shipped = json.loads((DIST / "models" / "models.json").read_text())["model"]
    assert [m["id"] for m in shipped] == [m["id"] for m in stated]
    for model in shipped:
        data = gzip.decompress((DIST / "models" / f"{model['file']}.packed").read_bytes())
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (model["sha256"], model["bytes"])
        assert model["bytes"] <= LARGEST[model["id"]]


def test_wheels_have_fixed_times_and_tell_no_folder(packages: dict[str, Any]) -> None:
    personal = re.compile(
        rb"/ro" + rb"ot/|/home/[a-z]+/[.a-z]+/|/wo" + rb"rk/|" + re.escape(str(ROOT).encode()) + rb"/"
    )
    for name in ("opencv-python", "segmark"):
        with zipfile.ZipFile(RUNTIME / packages[name]["file_name"]) as wheel:
            for item in wheel.infolist():
                assert item.date_time == (2025, 1, 1, 0, 0, 0)
                assert not personal.search(wheel.read(item)), item.filename


def test_foreign_wheels_carry_bytecode_ours_both(packages: dict[str, Any]) -> None:
    for name, package in packages.items():
        with zipfile.ZipFile(RUNTIME / package["file_name"]) as wheel:
            names = wheel.namelist()
        sources = [n for n in names if n.endswith(".py")]
        if name == "segmark":
            compiled = {n.rpartition("/")[2].split(".")[0] for n in names if n.endswith(".cpython-313.pyc")}
            assert {n.rpartition("/")[2].removesuffix(".py") for n in sources} == compiled
        else:
            assert not sources, (name, sources[:3])


def test_site_holds_no_address_of_another_origin() -> None:
    for path in [
        *DIST.glob("*.html"),
        *DIST.glob("*.css"),
        *(DIST / "js").rglob("*.js"),
        *(DIST / "workers").glob("*.js"),
    ]:
        found = re.findall(r"https?://[\w.-]+", path.read_text())
        # names of XML kinds, and the base for relative names: a domain that never exists (RFC 2606)
        allowed = ("http://www.w3.org", "https://www.w3.org", "https://segmark.invalid")
        assert not [url for url in found if not url.startswith(allowed)], path


#: A sentence that only the licence of the part has, by a word of its title in licences.txt.
LICENCES = {
    "Segmark": "Apache License",
    "Pyodide": "Mozilla Public License Version 2.0",
    "CPython": "PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2",
    "bzip2": "Julian R Seward",
    "Emscripten": "The Emscripten Authors",
    "musl": "Rich Felker",
    "LLVM": "LLVM Exceptions to the Apache 2.0 License",
    "ONNX Runtime Web": "Copyright (c) Microsoft Corporation",
    "OpenCV": "OpenCV Foundation, all rights reserved",
    "C libraries inside Pillow": "Independent JPEG Group",
    "idb": "Jake Archibald",
    "lucide-static": "Lucide Icons and Contributors",
    "micropip": "Mozilla Public License",
    "numpy": "NumPy Developers",
    "opencv_python": "Olli-Pekka Heinisuo",
    "packaging": "Apache License",
    "pillow": "Secret Labs AB",
    "segmark": "Apache License",
}
#: The part in licences.txt of each folder of the runtime; a new folder must be given one.
FOLDERS = {"pyodide": "Pyodide", "ort": "ONNX Runtime Web", "graphics": "ONNX Runtime Web", "idb": "idb"}


def licences() -> dict[str, str]:
    """Title -> text of what licences.txt holds."""
    lines = re.split(r"(?:\n\n)?═{78}\n", (DIST / "licences.txt").read_text())[1:]
    return dict(zip((title.strip() for title in lines[::2]), lines[1::2], strict=True))


def test_every_part_that_ships_has_its_licence(packages: dict[str, Any]) -> None:
    told = licences()
    for part, sentence in LICENCES.items():
        (title,) = [title for title in told if title.startswith(part)]
        assert sentence in re.sub(r"\s+", " ", told[title]), part
        assert len(told[title]) > 500, f"{title}: a name is no licence"
    for package in packages.values():
        assert package["file_name"] in told
    assert {folder.name for folder in (DIST / "runtime").iterdir()} == set(FOLDERS) and set(FOLDERS.values()) <= set(
        LICENCES
    )


def test_a_missing_licence_text_ends_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import gather_licences
    import steps

    for path in (ROOT / "licences").iterdir():
        if path.name != "musl.txt":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(gather_licences, "FOLDER", tmp_path)
    with pytest.raises(steps.BuildError, match=r"musl\.txt"):
        gather_licences.write(tmp_path)
    (tmp_path / "musl.txt").write_text("public domain")
    with pytest.raises(steps.BuildError, match=r"musl\.txt is not the pinned"):
        gather_licences.write(tmp_path)
    bare = tmp_path / "bare-1.0-py3-none-any.whl"
    with zipfile.ZipFile(bare, "w") as wheel:
        wheel.writestr("bare/__init__.pyc", b"")
    with pytest.raises(steps.BuildError, match="carries no licence"):
        gather_licences.of_wheel(bare)


#: Fetched by need only, by the smooth network's user never: the other network, the graphics card's runtime, what the bench compares with.
BY_NEED = ("models/precise", "runtime/graphics/", "runtime/pyodide/opencv_", "single/", "sw.js")
#: Fetched in the background, once the page is ready, to be kept for use without a network.
LATER = ("runtime/pyodide/pillow-", "licences.txt", "runtime/ort/ort.single.js", "runtime/pyodide/pyodide.mjs")


def test_what_a_first_visit_with_the_smooth_network_fetches() -> None:
    """From a host that compresses nothing: the goal is 18 MB until the page is ready."""
    whole = until_ready = 0
    for part in json.loads((DIST / "build.json").read_text())["parts"]:
        if part["path"].startswith(BY_NEED):
            continue
        is_script = part["path"].endswith(".js")  # the browser loads it as it is
        size = part["bytes"] if is_script else part.get("stored", part)["bytes"]
        whole += size
        until_ready += 0 if part["path"].startswith(LATER) else size
    assert 15e6 < until_ready <= 18e6, f"{until_ready / 1e6:.2f} MB"
    assert until_ready < whole <= 19e6, f"{whole / 1e6:.2f} MB with all that is kept"
