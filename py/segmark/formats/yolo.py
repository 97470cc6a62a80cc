"""YOLO segmentation: a text file an image, a row a connected part, and data.yaml with the classes.

Vertices are centres of border pixels plus 0.45 of a pixel: readers that cut the fraction off and readers that round both
get the pixel, and both draw the ring's own pixels. Holes are joined by key-holes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

import numpy as np

from segmark.errors import SegmarkError
from segmark.formats import checks
from segmark.formats.found import Found, Reading, Target
from segmark.formats.item import Classes, File, Item
from segmark.formats.rings import Ring, centre_rings, fill_centres

_OFFSET = 0.45
_LEAST_POINTS = 3
_MAX_POINTS = 2_000_000
_NAME_ROW = re.compile(r"^\s+(\d{1,6}):\s*(.*?)\s*$")
_QUOTES = r'"(?:[^"\\]|\\.)*"' + r"|'(?:[^']|'')*'"
_QUOTED = re.compile(rf"({_QUOTES})\s*(?:#.*)?$")
#: A quoted text, a note to the end of its line, or one sign.
_FLOW = re.compile(rf"{_QUOTES}|(?P<comment>(?<=\s)#[^\n]*)|.", re.DOTALL)
_FLOW_ROW = re.compile(r"^[\"']?(\d{1,6})[\"']?\s*:\s*(.*)$")


class YoloWriter:
    """``labels/<stem>.txt`` for every image, then ``data.yaml``."""

    def __init__(self) -> None:
        self._classes = Classes()

    def add(self, item: Item) -> Iterable[File]:
        self._classes.add(item.document)
        rows = [
            f"{self._classes.index(item.label(annotation))} {_row(ring, annotation.mask.size)}\n"
            for annotation in item.annotations
            for ring in centre_rings(annotation.mask)
        ]
        yield File(f"labels/{item.stem}.txt", "".join(rows).encode(errors="replace"))

    def finish(self) -> Iterable[File]:
        names = (
            f"  {k}: {json.dumps(label.name, ensure_ascii=False)}\n" for k, label in enumerate(self._classes.labels)
        )
        yield File(
            "data.yaml", ("path: .\ntrain: images\nval: images\nnames:\n" + "".join(names)).encode(errors="replace")
        )


def _row(ring: Ring, size: tuple[int, int]) -> str:
    while len(ring) < _LEAST_POINTS:  # the shortest row that readers take
        ring = np.concatenate((ring, ring[:1]))
    scaled = (ring + _OFFSET) / np.array(size)
    return " ".join(f"{value:.7f}" for value in scaled.ravel().tolist())


def read_names(text: str) -> dict[int, str]:
    """The classes of a data.yaml as number -> name; only its ``names`` are looked at (a mapping or a list)."""
    with checks.damaged("YOLO"):
        lines = text.splitlines()
        at = next((k for k, line in enumerate(lines) if line.startswith("names:")), None)
        if at is None:
            raise checks.Damaged("data.yaml has no names")
        rest = lines[at].removeprefix("names:").strip()
        if rest.startswith(("[", "{")):
            return _flow_names("\n".join([rest, *lines[at + 1 :]]))
        names: dict[int, str] = {}
        for line in lines[at + 1 :]:
            row = _NAME_ROW.match(line)
            item = re.match(r"^\s*-\s+(.*?)\s*$", line)
            if row is not None:
                names[int(row[1])] = checks.name(_scalar(row[2]))
            elif item is not None:
                names[len(names)] = checks.name(_scalar(item[1]))
            elif line.strip() and not line.startswith((" ", "#")):
                break
        if not names:
            raise checks.Damaged("data.yaml has names in a form that is not known")
        return names


def _flow_names(text: str) -> dict[int, str]:
    """The names of ``[...]`` or ``{number: ..., ...}``, which may go on over lines; what follows the end is not looked at."""
    parts, end = [""], "]" if text[0] == "[" else "}"
    for token in _FLOW.finditer(text, 1):
        if token[0] == end:
            break
        if token[0] == ",":
            parts.append("")
        elif token["comment"] is None:
            parts[-1] += " " if token[0].isspace() else token[0]
    else:
        raise checks.Damaged("names without an end")
    entries = [part.strip() for part in parts if part.strip()]
    if end == "]":
        return {k: checks.name(_scalar(entry)) for k, entry in enumerate(entries)}
    rows = [_FLOW_ROW.match(entry) for entry in entries]
    if None in rows:
        raise checks.Damaged("a name without a number")
    return {int(row[1]): checks.name(_scalar(row[2])) for row in rows if row is not None}


def _scalar(text: str) -> str:
    """A value as it stands in YAML, without its quotes and what is noted behind it."""
    quoted = _QUOTED.match(text)
    if quoted is not None:
        return _unquoted(quoted[1])
    return re.split(r"\s#", text, maxsplit=1)[0].strip()


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return checks.text(json.loads(text))
    if len(text) >= 2 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return text


def read_yolo(text: str, names: dict[int, str], target: Target) -> Reading:
    """The rows of one image's file. Vertices are cut to whole pixels; the ring's own pixels belong.

    Raises
    ------
    SegmarkError
        ``import.damaged``, ``import.bad_coordinates``, ``import.too_much``.
    """
    reading = Reading(target)
    if text.count(" ") > _MAX_POINTS:
        raise SegmarkError("import.too_much", {"limit": _MAX_POINTS})
    with checks.damaged("YOLO"):
        for line in text.splitlines():
            words = line.split()
            if not words:
                continue
            number = checks.integer_text(words[0])
            name = names.get(number)
            if len(words) == 5:
                reading.skip("no_mask")  # a box
            elif name is None:
                reading.skip("unknown_class")
            elif len(words) < 7 or len(words) % 2 == 0:
                raise checks.Damaged("a row without pairs of numbers")
            else:
                ring = np.array([float(word) for word in words[1:]]).reshape(-1, 2)
                if not (np.isfinite(ring).all() and (ring >= 0).all() and (ring <= 1.01).all()):
                    raise SegmarkError("import.bad_coordinates")
                pixels = np.minimum(np.floor(ring * target.size), np.array(target.size) - 1)
                reading.spend_box(pixels)
                reading.add(Found(name, fill_centres([pixels], target.size)))
    return reading
