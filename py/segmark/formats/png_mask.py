"""PNG masks: class numbers in one palette PNG, instance numbers in 16 bits, one black and white PNG a class."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from segmark.document import Document
from segmark.errors import SegmarkError
from segmark.formats import checks
from segmark.formats.found import Reading, Target
from segmark.formats.item import File, Item, item_of, one_file, stem_of
from segmark.formats.measure import plain
from segmark.formats.png import read_grey, read_note, write_grey, write_palette
from segmark.rle import RleMask

MAX_CLASSES = 255
MAX_INSTANCES = 65_535
BACKGROUND = "#000000"
Index = TypeVar("Index", np.uint8, np.uint16)


class ClassPngWriter:
    """``<stem>.png``: 0 = background, k = the k-th class of the document."""

    def add(self, item: Item) -> Iterable[File]:
        labels = item.document.labels
        note = {"classes": [label.name for label in labels]}
        colors = [BACKGROUND, *(label.color for label in labels)]
        yield File(f"{item.stem}.png", write_palette(class_indices(item), colors, note))

    def finish(self) -> Iterable[File]:
        return ()


class InstancePngWriter:
    """``<stem>.png``: 0 = background, k = the k-th annotation; ``<stem>.csv`` says which class each one has."""

    def add(self, item: Item) -> Iterable[File]:
        pixels = instance_indices(item, MAX_INSTANCES, np.uint16)
        names = [item.label(annotation).name for annotation in item.annotations]
        classes = sorted(set(names))
        numbers = {name: k for k, name in enumerate(classes)}
        yield File(
            f"{item.stem}.png", write_grey(pixels, {"classes": classes, "instances": [numbers[k] for k in names]})
        )
        table = io.StringIO()
        rows = csv.writer(table, lineterminator="\n")
        rows.writerow(["value", "class"])
        rows.writerows((value, plain(name)) for value, name in enumerate(names, start=1))
        yield File(f"{item.stem}.csv", table.getvalue().encode(errors="replace"))

    def finish(self) -> Iterable[File]:
        return ()


class ClassMasksWriter:
    """``<stem>/<number>_<class>.png`` for every class: 255 = the class, 0 = not."""

    def add(self, item: Item) -> Iterable[File]:
        for k, label in enumerate(item.document.labels, start=1):
            pixels = np.zeros((item.image.height, item.image.width), np.uint8)
            for annotation in item.annotations:
                if annotation.label_id == label.id:
                    _paint(pixels, annotation.mask, 255)
            yield File(f"{item.stem}/{k}_{stem_of(label.name)}.png", write_grey(pixels, {"class": label.name}))

    def finish(self) -> Iterable[File]:
        return ()


def class_indices(item: Item) -> NDArray[np.uint8]:
    """uint8 (H, W): 0 = background, k = the k-th class of the document; a later annotation lies above an earlier one.

    Raises
    ------
    SegmarkError
        ``too_many_labels`` if there are more than 255.
    """
    labels = item.document.labels
    if len(labels) > MAX_CLASSES:
        raise SegmarkError("too_many_labels", {"limit": MAX_CLASSES})
    index = {label.id: k for k, label in enumerate(labels, start=1)}
    pixels = np.zeros((item.image.height, item.image.width), np.uint8)
    for annotation in item.annotations:
        _paint(pixels, annotation.mask, index[annotation.label_id])
    return pixels


def instance_indices(item: Item, limit: int, dtype: type[Index]) -> NDArray[Index]:
    """``dtype`` (H, W), in which ``limit`` has room: 0 = background, k = the k-th annotation, a later one above.

    Raises
    ------
    SegmarkError
        ``export.too_many_instances``.
    """
    if len(item.annotations) > limit:
        raise SegmarkError("export.too_many_instances", {"limit": limit, "count": len(item.annotations)})
    pixels = np.zeros((item.image.height, item.image.width), dtype)
    for k, annotation in enumerate(item.annotations, start=1):
        _paint(pixels, annotation.mask, k)
    return pixels


def write_class_png(document: Document) -> bytes:
    """`class_indices` as a palette PNG in the classes' colours; SegmarkError ``no_image``."""
    return one_file(ClassPngWriter(), item_of(document))


def read_png(data: bytes, name: str, target: Target) -> Reading:
    """Any of the three kinds. Ours carry the names of the classes; of others the palette's or grey numbers are taken.

    A PNG of 16 bits, or with instances noted, gives an annotation a number; one with 0 and 255 alone gives the class
    that its file is called; any other one gives annotations of the target's k-th class, one an 8-connected part.

    Raises
    ------
    SegmarkError
        ``import.damaged``, ``import.wrong_size``, ``import.too_much``.
    """
    reading = Reading(target)
    pixels = read_grey(data, target=target)
    note = read_note(data)
    with checks.damaged("PNG"):
        note = note if isinstance(note, dict) else {}
        classes = [checks.name(k) for k in checks.sequence(note.get("classes", list(target.labels)))]
        if "instances" in note:
            numbers = [checks.integer(k) for k in checks.sequence(note["instances"])]
            names = [classes[k] if k >= 0 else "" for k in numbers]
            _add_values(reading, pixels, names, is_split=False)
        elif pixels.dtype != np.uint8:
            _add_values(reading, pixels, [], is_split=False)
        elif set(np.unique(pixels).tolist()) <= {0, 255}:
            own = checks.name(note.get("class", stem_of(name)))
            reading.add_parts(own, RleMask.from_window(pixels, (0, 0), target.size).components(8))
        else:
            _add_values(reading, pixels, classes, is_split=True)
    return reading


def _add_values(reading: Reading, pixels: NDArray[Any], names: list[str], is_split: bool) -> None:
    for value, mask in masks_of_values(pixels, reading):
        name = names[value - 1] if value <= len(names) else ("object" if not is_split else f"class {value}")
        reading.add_parts(name, mask.components(8) if is_split else (mask,))


def masks_of_values(pixels: NDArray[Any], reading: Reading) -> Iterable[tuple[int, RleMask]]:
    """Every value above 0 with the mask of its pixels, the smallest first."""
    height, width = pixels.shape
    flat = pixels.reshape(-1)
    cuts = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    starts = np.concatenate(([0], cuts)).astype(np.int64)
    stops = np.concatenate((cuts, [flat.size])).astype(np.int64)
    values = flat[starts].astype(np.int64)
    order = np.argsort(values, kind="stable")
    values, starts, stops = values[order], starts[order], stops[order]
    kinds, first = np.unique(values, return_index=True)
    for k, (value, begin) in enumerate(zip(kinds.tolist(), first.tolist(), strict=True)):
        end = int(first[k + 1]) if k + 1 < len(first) else len(values)
        if value > 0:
            reading.spend(end - begin)
            yield value, RleMask(width, height, starts[begin:end], stops[begin:end])


def _paint(pixels: NDArray[Any], mask: RleMask, value: int) -> None:
    """By runs: a box of pixels may be as large as the image."""
    flat = pixels.reshape(-1)
    for start, stop in zip(mask.starts.tolist(), mask.stops.tolist(), strict=True):
        flat[start:stop] = value
