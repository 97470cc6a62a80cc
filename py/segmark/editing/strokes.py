"""A brush stroke as pixels: every pixel whose centre the round brush passed over."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from segmark.geometry import Box
from segmark.rle import Mask, RleMask

Point = tuple[float, float]
MIN_DIAMETER, MAX_DIAMETER = 1.0, 1024.0
_MAX_POINTS, _MAX_AWAY = 20_000, 200_000.0
_SQRT_HALF = math.sqrt(0.5)


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
    whole = Box(0, 0, *size)
    area = _box_of(points, radius).intersect(whole)
    if area.is_empty:
        return RleMask.empty(*size)
    window: Mask = np.zeros((area.height, area.width), np.uint8)
    if len(points) == 1:
        points = np.repeat(points, 2, axis=0)
    for start, end in pairwise(points):
        _sweep(window, area, start, end, radius)
    if diameter < 2:
        window = _thinned(window, area, points)
    return RleMask.from_window(window, (area.x0, area.y0), size)


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


def _thinned(window: Mask, area: Box, points: NDArray[np.float64]) -> Mask:
    """A brush of one pixel: only the pixels that the path itself runs through (sampled four times a pixel)."""
    thin: Mask = np.zeros_like(window)
    for start, end in pairwise(points):
        count = max(math.ceil(4 * float(np.abs(end - start).max())), 1) + 1
        at = np.floor(np.linspace(start, end, count)).astype(np.int64) - np.array([area.x0, area.y0])
        inside = ((at >= 0) & (at < np.array([area.width, area.height]))).all(axis=1)
        thin[at[inside, 1], at[inside, 0]] = 1
    return thin
