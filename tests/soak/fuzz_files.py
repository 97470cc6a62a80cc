"""Broken files: whole ones of every kind (`fuzz_targets.py`), with bytes, numbers, names and structure damaged at random."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import fuzz_targets

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


def broken(random_: random.Random, files: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    """One file, damaged once or several times."""
    name, data = random_.choice(files)
    for _ in range(random_.choice([1, 1, 1, 2, 4])):
        data = random_.choice([_bytes, _structure, _lines, _members])(random_, data)
    return name, data


def run(
    count: int, seed: int, each: Callable[[int, str], None] = lambda _k, _end: None, kinds: Sequence[str] = ()
) -> dict[str, int]:
    """Read ``count`` broken files of all kinds (or of these) -> how often each end was met, as "kind: end"."""
    random_ = random.Random(seed)
    known = fuzz_targets.targets()
    met: dict[str, int] = {}
    for k in range(count):
        kind = random_.choice(kinds or sorted(known))
        name, data = broken(random_, known[kind].files)
        try:
            end = f"{kind}: {known[kind].check(name, data)}"
        except BaseException:
            print(f"seed {seed}, input {k}: {kind} {name!r} {data[:2000]!r}")
            raise
        met[end] = met.get(end, 0) + 1
        each(k + 1, end)
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


def _lines(random_: random.Random, data: bytes) -> bytes:
    """Put something odd into one line of a file of lines of JSON, or double, drop or move the line."""
    lines = data.split(b"\n")
    spot = random_.randrange(len(lines))
    kind = random_.randrange(5)
    if kind == 0:
        lines.insert(random_.randrange(len(lines) + 1), lines[spot])
    elif kind == 1:
        lines.insert(random_.randrange(len(lines)), lines.pop(spot))
    elif kind == 2 and len(lines) > 1:
        del lines[spot]
    else:
        lines[spot] = _structure(random_, lines[spot])
    return b"\n".join(lines)


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
                archive.writestr(
                    name, random_.choice([_bytes, _structure, _lines])(random_, content) if k == spot else content
                )
    return out.getvalue()
