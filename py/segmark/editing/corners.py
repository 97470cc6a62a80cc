"""A polygon of corners as pixels, for a mask drawn by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from segmark.editing.strokes import Point
from segmark.polygon import MAX_CORNERS
from segmark.rle import RleMask

_MAX_AWAY = 200_000.0
Ints = NDArray[np.int64]


def polygon_area(corners: Sequence[Point], size: tuple[int, int]) -> RleMask:
    """The pixels of a polygon.

    The rule: corners are snapped to the nearest half pixel (pixel corners, middles of pixel edges, pixel centres); a
    pixel belongs if its centre lies inside (even-odd where the line crosses itself) or exactly on the line. It is worked
    out in whole numbers, so it holds to the pixel at any size; two polygons that share an edge leave no gap, and corners
    clicked on pixels (the keyboard's crosshair clicks centres) take these pixels in, those at the image's border too.

    Parameters
    ----------
    corners : (x, y) in image coordinates (pixel i covers [i, i + 1)), in or near the image
    size : (width, height) of the image; what lies outside is cut off

    Raises
    ------
    ValueError
        Fewer than three different corners, more than 1000, or a number that is not finite or far away.
    """
    points: NDArray[np.float64] = np.asarray(corners, np.float64).reshape(-1, 2)
    if len(points) > MAX_CORNERS or not (np.abs(points) <= _MAX_AWAY).all():
        raise ValueError("a polygon has at most 1000 corners in or near the image")
    halves = [(math.floor(2 * x + 0.5), math.floor(2 * y + 0.5)) for x, y in points.tolist()]  # half pixels from here
    if len(set(halves)) < 3:
        raise ValueError("a polygon has at least three corners")
    ring = [*halves, halves[0]]
    inside = [_crossings(*edge, size) for edge in pairwise(ring)]
    rows, columns = (np.concatenate(part) for part in zip(*inside, strict=True))
    order = np.lexsort((columns, rows))  # an even number a row: the ring is closed
    mask = _from_bounds(rows[order] * size[0] + columns[order], size)
    on_line = [_touched(*edge, size) for edge in pairwise(ring)]
    rows, columns = (np.concatenate(part) for part in zip(*on_line, strict=True))
    single = np.unique(rows * size[0] + columns)
    return mask.union(_from_bounds(np.stack((single, single + 1), axis=1).reshape(-1), size))


def _from_bounds(bounds: Ints, size: tuple[int, int]) -> RleMask:
    """Ascending pixel numbers at which the mask begins, ends, begins ..."""
    ends = np.concatenate((np.zeros(1, np.int64), bounds, np.full(1, size[0] * size[1], np.int64)))
    return RleMask.from_counts(np.diff(ends), size)


def _crossings(start: tuple[int, int], end: tuple[int, int], size: tuple[int, int]) -> tuple[Ints, Ints]:
    """(rows, columns): in each row whose middle the edge crosses, the first pixel with its centre at or past it."""
    (x0, y0), (x1, y1) = sorted((start, end), key=lambda corner: corner[1])
    rows: Ints = np.arange(max(y0 // 2, 0), min((y1 + 1) // 2, size[1]), dtype=np.int64)
    rows = rows[(2 * rows + 1 >= y0) & (2 * rows + 1 < y1)]  # half-open, so that a corner counts once
    rise = y1 - y0
    at = x0 * rise + (2 * rows + 1 - y0) * (x1 - x0)  # in half pixels times `rise`
    columns: Ints = -((rise - at) // (2 * rise)) if rise else rows
    return rows, np.clip(columns, 0, size[0])


def _touched(start: tuple[int, int], end: tuple[int, int], size: tuple[int, int]) -> tuple[Ints, Ints]:
    """(rows, columns) of the pixels whose centre lies on the edge."""
    (x0, y0), (x1, y1) = sorted((start, end), key=lambda corner: corner[1])
    if y0 == y1:
        columns: Ints = np.arange(max(min(x0, x1) // 2, 0), min(max(x0, x1) // 2 + 1, size[0]), dtype=np.int64)
        columns = columns[(2 * columns + 1 >= min(x0, x1)) & (2 * columns + 1 <= max(x0, x1))]
        if y0 % 2 == 0 or not 0 <= y0 // 2 < size[1]:
            columns = columns[:0]
        return np.full(len(columns), y0 // 2, np.int64), columns
    rows: Ints = np.arange(max(y0 // 2, 0), min(y1 // 2 + 1, size[1]), dtype=np.int64)
    rows = rows[(2 * rows + 1 >= y0) & (2 * rows + 1 <= y1)]
    steps, rest = np.divmod((2 * rows + 1 - y0) * (x1 - x0), y1 - y0)
    columns = (x0 + steps - 1) // 2
    on = (rest == 0) & ((x0 + steps) % 2 != 0) & (columns >= 0) & (columns < size[0])
    return rows[on], columns[on]
