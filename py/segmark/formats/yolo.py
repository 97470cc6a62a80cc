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
        if rest.startswith("["):
            parts = [part.strip() for part in rest.strip("[]").split(",")]
            return {k: checks.name(_unquoted(part)) for k, part in enumerate(parts) if part}
        names: dict[int, str] = {}
        for line in lines[at + 1 :]:
            row = _NAME_ROW.match(line)
            item = re.match(r"^\s*-\s+(.*?)\s*$", line)
            if row is not None:
                names[int(row[1])] = checks.name(_unquoted(row[2]))
            elif item is not None:
                names[len(names)] = checks.name(_unquoted(item[1]))
            elif line.strip() and not line.startswith((" ", "#")):
                break
        return names


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
