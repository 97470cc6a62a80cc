"""A brush stroke as pixels: every pixel whose centre the round brush passed over."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from segmark.geometry import Box
from segmark.rle import Mask, RleMask

Point = tuple[float, float]
MIN_DIAMETER, MAX_DIAMETER = 1.0, 1024.0
_MAX_POINTS, _MAX_AWAY = 20_000, 200_000.0
_SQRT_HALF = math.sqrt(0.5)
_PIECE = 512.0  # pixels
_MAX_PIECES = 4_000  # of an absurdly long path the pieces are longer, not more


def stroke_mask(path: Sequence[Point], diameter: float, size: tuple[int, int]) -> RleMask:
    """The pixels of a stroke.

    Parameters
    ----------
    path : (x, y) in image coordinates (pixel i covers [i, i + 1)); one point is a dab
    diameter : of the round brush, image pixels, 1 to 1024. The pixels under the path itself always belong, so a brush
        of one pixel leaves an unbroken line.
    size : (width, height) of the image; what lies outside is cut off

    Raises
    ------
    ValueError
        An empty or absurdly long path, a number that is not finite, a diameter out of range.
    """
    points: NDArray[np.float64] = np.asarray(path, np.float64).reshape(-1, 2)
    if not 0 < len(points) <= _MAX_POINTS or not (np.abs(points) <= _MAX_AWAY).all():
        raise ValueError("a stroke has 1 to 20,000 points in or near the image")
    if not MIN_DIAMETER <= diameter <= MAX_DIAMETER:
        raise ValueError(f"brush diameter {diameter}")
    radius = max(diameter / 2, _SQRT_HALF if diameter < 2 else 0.0)
    pieces = _pieces(points if len(points) > 1 else np.repeat(points, 2, axis=0))
    return RleMask.union_of((_painted(piece, radius, diameter < 2, size) for piece in pieces), size)


def _painted(points: NDArray[np.float64], radius: float, is_thin: bool, size: tuple[int, int]) -> RleMask:
    """The pixels of a piece of a stroke."""
    area = _box_of(points, radius).intersect(Box(0, 0, *size))
    if area.is_empty:
        return RleMask.empty(*size)
    window: Mask = np.zeros((area.height, area.width), np.uint8)
    if is_thin:
        _trail(window, area, points)
    else:
        for start, end in pairwise(points):
            _sweep(window, area, start, end, radius)
    return RleMask.from_window(window, (area.x0, area.y0), size)


def _pieces(points: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
    """The path in pieces that share their end points, about `_PIECE` wide and high at most: the box round a whole stroke
    may be as large as the image, the pixels along it are few."""
    most = max(_PIECE, float(np.abs(np.diff(points, axis=0)).max(axis=1).sum()) / _MAX_PIECES)
    piece, low, high = [points[0]], points[0], points[0]
    for start, end in pairwise(points):
        steps = max(math.ceil(float(np.abs(end - start).max()) / most), 1)
        for point in np.linspace(start, end, steps + 1)[1:]:
            low, high = np.minimum(low, point), np.maximum(high, point)
            if (high - low).max() > most:
                yield np.stack(piece)
                piece = [piece[-1]]
                low, high = np.minimum(piece[0], point), np.maximum(piece[0], point)
            piece.append(point)
    yield np.stack(piece)


def _box_of(points: NDArray[np.float64], radius: float) -> Box:
    low, high = points.min(axis=0) - radius, points.max(axis=0) + radius
    return Box(math.floor(low[0]), math.floor(low[1]), math.ceil(high[0]) + 1, math.ceil(high[1]) + 1)


def _sweep(window: Mask, area: Box, start: NDArray[np.float64], end: NDArray[np.float64], radius: float) -> None:
    """Set the pixels whose centre is at most `radius` from the segment."""
    box = _box_of(np.stack((start, end)), radius).intersect(area)
    if box.is_empty:
        return
    x = np.arange(box.x0, box.x1)[np.newaxis] + 0.5 - start[0]
    y = np.arange(box.y0, box.y1)[:, np.newaxis] + 0.5 - start[1]
    along = end - start
    length2 = float(along @ along)
    t = np.clip((x * along[0] + y * along[1]) / length2, 0.0, 1.0) if length2 else 0.0
    near = (x - t * along[0]) ** 2 + (y - t * along[1]) ** 2 <= radius * radius
    part = window[box.y0 - area.y0 : box.y1 - area.y0, box.x0 - area.x0 : box.x1 - area.x0]
    np.logical_or(part, near, out=part.view(np.bool_))


def _trail(window: Mask, area: Box, points: NDArray[np.float64]) -> None:
    """A brush of one pixel: only the pixels that the path itself runs through (sampled four times a pixel)."""
    for start, end in pairwise(points):
        count = max(math.ceil(4 * float(np.abs(end - start).max())), 1) + 1
        at = np.floor(np.linspace(start, end, count)).astype(np.int64) - np.array([area.x0, area.y0])
        inside = ((at >= 0) & (at < np.array([area.width, area.height]))).all(axis=1)
        window[at[inside, 1], at[inside, 0]] = 1
