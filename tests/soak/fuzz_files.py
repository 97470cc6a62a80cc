"""Broken annotation files: whole ones of every format, with bytes, numbers, names and structure damaged at random."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from segmark.document import Annotation, Document, ImageRecord, new_document
from segmark.errors import SegmarkError
from segmark.formats.export import FORMATS, write
from segmark.formats.reading import plan
from segmark.reduce import apply
from segmark.rle import RleMask

WIDTH, HEIGHT = 32, 24
WORDS = json.loads((Path(__file__).resolve().parents[2] / "site" / "i18n" / "en.json").read_text())
ODD: list[Any] = [
    None, True, -1, 0, 1, 1e999, -1e999, float("nan"), 1e308, 2**63, -(2**70), 0.5, "", "x", "NaN", "\ud800", "<b>", [], {},
    [[]], {"size": [1, 1]}, "9" * 400, [1e9, -1e9], [[1, 2, 3]],
]  # fmt: skip
ODD_BYTES = [
    b"\x00",
    b"\xff\xfe",
    b"NaN",
    b"1e999",
    b"-1",
    b"99999999999",
    b"]" * 9,
    b"[" * 40,
    b"&x;",
    b"<!DOCTYPE a>",
    b"../",
]


def base_document() -> Document:
    """An open image with two annotations: one with a hole, one in several parts."""
    pixels = np.zeros((2, HEIGHT, WIDTH), np.uint8)
    pixels[0, 3:15, 4:20], pixels[0, 6:9, 8:12] = 1, 0
    pixels[1, 20:23, 1:31:3] = 1
    masks = [RleMask.from_window(window, (0, 0), (WIDTH, HEIGHT)) for window in pixels]
    image = ImageRecord("i", "part 1.png", WIDTH, HEIGHT)
    annotations = tuple(Annotation(k, k, mask, "net", 2, 1.5) for k, mask in enumerate(masks, start=1))
    return replace(new_document(), image=image, annotations=annotations, next_id=3)


def good_files(document: Document) -> list[tuple[str, bytes]]:
    """One file of every format that can be imported, and the bare row file of YOLO."""
    assert document.image is not None
    pair = (document.image, document)
    files = [(file.filename, file.data) for k, f in FORMATS.items() if f.can_import for file in (write([pair], k),)]
    with zipfile.ZipFile(io.BytesIO(write([pair], "yolo").data)) as archive:
        return [*files, ("part 1.txt", archive.read("labels/part 1.txt"))]


def broken(random_: random.Random, files: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    """One file, damaged once or several times."""
    name, data = random_.choice(files)
    for _ in range(random_.choice([1, 1, 1, 2, 4])):
        data = random_.choice([_bytes, _bytes, _structure, _members])(random_, data)
    return name, data


def check(document: Document, name: str, data: bytes) -> str:
    """Read it -> "read" or the error's code. Anything but a `SegmarkError` with words for its code is a failure."""
    try:
        command, report = plan(data, name, document)
    except SegmarkError as error:
        assert f"error.{error.code}" in WORDS, error.code
        return error.code
    assert report.read == len(command.annotations)
    after = apply(document, command)
    assert len(after.annotations) == len(document.annotations) + report.read
    return "read"


def run(count: int, seed: int, each: Callable[[int, str], None] = lambda _k, _code: None) -> dict[str, int]:
    """Read ``count`` broken files -> how often each end was met."""
    random_ = random.Random(seed)
    document = base_document()
    files = good_files(document)
    met: dict[str, int] = {}
    for k in range(count):
        name, data = broken(random_, files)
        try:
            code = check(document, name, data)
        except BaseException:
            print(f"seed {seed}, input {k}: {name!r} {data[:2000]!r}")
            raise
        met[code] = met.get(code, 0) + 1
        each(k + 1, code)
    return met


def _bytes(random_: random.Random, data: bytes) -> bytes:
    at = random_.randrange(len(data) + 1)
    end = min(len(data), at + random_.choice([0, 1, 1, 2, 8, 100]))
    kind = random_.randrange(5)
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + data[end:]
    if kind == 2:
        return data[:at] + random_.choice(ODD_BYTES) + data[end:]
    if kind == 3:
        return data[:at] + data[at:end] * random_.choice([2, 50]) + data[end:]
    return data[:at] + bytes(random_.randrange(256) for _ in range(end - at)) + data[end:]


def _structure(random_: random.Random, data: bytes) -> bytes:
    """Put something odd in the place of one value of a JSON file."""
    try:
        content = json.loads(data)
    except ValueError:
        return _bytes(random_, data)
    spots: list[tuple[Any, Any]] = []
    todo = [content]
    while todo:
        node = todo.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else []
        spots += [(node, key) for key in keys]
        todo += [node[key] for key in keys]
    if spots:
        node, key = random_.choice(spots)
        if random_.random() < 0.2 and isinstance(node, dict):
            del node[key]
        else:
            node[key] = random_.choice(ODD)
    return json.dumps(content).encode()


def _members(random_: random.Random, data: bytes) -> bytes:
    """Damage one file inside an archive, or its name."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = [(name, archive.read(name)) for name in archive.namelist()]
    except Exception:
        return _bytes(random_, data)
    if not files:
        return _bytes(random_, data)
    out = io.BytesIO()
    spot = random_.randrange(len(files))
    with zipfile.ZipFile(out, "w") as archive:
        for k, (name, content) in enumerate(files):
            if k == spot and random_.random() < 0.2:
                archive.writestr(random_.choice(["../a.txt", "/a.png", "a", name + ".json", "labels/x.txt"]), content)
            elif k != spot or random_.random() < 0.9:
                archive.writestr(name, _bytes(random_, content) if k == spot else content)
    return out.getvalue()
