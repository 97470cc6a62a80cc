"""A table of measurements (CSV): area, box, length and width of every annotation, in pixels and, with a scale, in mm.

Length and width are the sides of the smallest rectangle, at any angle, round the mask's pixels (their corners, so one
pixel is 1 x 1); mean width is area / length.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from segmark.document import Annotation
from segmark.formats.item import File, Item
from segmark.rle import RleMask, row_runs

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Extent(NamedTuple):
    """Sides of the smallest rectangle round a mask in pixels, and the angle of the longer one, degrees 0..180 from x to y."""

    length: float
    width: float
    angle: float


def extent_of(mask: RleMask) -> Extent:
    """The smallest rectangle (least area) round a mask that is not empty."""
    hull = _hull(_row_corners(mask))
    sides = np.roll(hull, -1, axis=0) - hull
    axes = sides / np.linalg.norm(sides, axis=1, keepdims=True)
    along = axes @ hull.T.astype(np.float64)
    across = np.stack((-axes[:, 1], axes[:, 0]), axis=1) @ hull.T.astype(np.float64)
    a, b = np.ptp(along, axis=1), np.ptp(across, axis=1)
    best = int(np.argmin(a * b))
    axis = axes[best] if a[best] >= b[best] else np.array([-axes[best][1], axes[best][0]])
    angle = float(np.degrees(np.arctan2(axis[1], axis[0]))) % 180.0
    return Extent(float(max(a[best], b[best])), float(min(a[best], b[best])), angle)


def _row_corners(mask: RleMask) -> NDArray[np.int64]:
    """The outermost pixel corners of every row: all that a convex hull can touch."""
    box = mask.bbox
    rows, first, last = row_runs(mask.to_window(box))
    lines = np.unique(rows)
    left = np.full(box.height, box.width, np.int64)
    right = np.zeros(box.height, np.int64)
    np.minimum.at(left, rows, first)
    np.maximum.at(right, rows, last)
    x = np.concatenate((left[lines], left[lines], right[lines], right[lines]))
    y = np.concatenate((lines, lines + 1, lines, lines + 1))
    return np.stack((x + box.x0, y + box.y0), axis=1)


def _hull(points: NDArray[np.int64]) -> NDArray[np.int64]:
    """The convex hull (monotone chain), without collinear points."""
    ordered = np.unique(points, axis=0).tolist()

    def half(sequence: list[list[int]]) -> list[list[int]]:
        chain: list[list[int]] = []
        for point in sequence:
            while len(chain) >= 2 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        return chain[:-1]

    return np.array(half(ordered) + half(ordered[::-1]), np.int64)


def _turn(a: list[int], b: list[int], c: list[int]) -> int:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


class MeasureWriter:
    """``measurements.csv``: a row an annotation. With a scale, columns in mm follow those in pixels."""

    def __init__(self) -> None:
        self._text = io.StringIO()
        self._rows = csv.writer(self._text, lineterminator="\n")
        self._has_head = False

    def add(self, item: Item) -> Iterable[File]:
        scale = item.options.mm_per_pixel
        if not self._has_head:
            self._rows.writerow(_head(scale > 0))
            self._has_head = True
        for annotation in item.annotations:
            self._rows.writerow(_row(item, annotation, scale))
        return ()

    def finish(self) -> Iterable[File]:
        # with the mark of UTF-8, by which spreadsheets know the encoding
        yield File("measurements.csv", self._text.getvalue().encode("utf-8-sig", errors="replace"))


def _head(has_scale: bool) -> list[str]:
    names = ["image", "annotation", "class", "x", "y", "box_width", "box_height", "parts", "area_px"]
    names += ["length_px", "width_px", "mean_width_px", "angle_deg"]
    return [*names, "mm_per_px", "area_mm2", "length_mm", "width_mm", "mean_width_mm"] if has_scale else names


def _row(item: Item, annotation: Annotation, scale: float) -> list[str | int | float]:
    mask, box, extent = annotation.mask, annotation.mask.bbox, extent_of(annotation.mask)
    mean = mask.area / extent.length
    row: list[str | int | float] = [plain(item.file_name), annotation.id, plain(item.label(annotation).name)]
    row += [box.x0, box.y0, box.width, box.height, mask.parts, mask.area]
    row += [round(extent.length, 3), round(extent.width, 3), round(mean, 3), round(extent.angle, 2)]
    if scale > 0:
        lengths = (extent.length * scale, extent.width * scale, mean * scale)
        row += [scale, round(mask.area * scale**2, 6), *(round(k, 4) for k in lengths)]
    return row


def plain(text: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
