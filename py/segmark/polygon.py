"""Polygons as regions (R1.6): which pixels they hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segmark.geometry import Box
from segmark.rle import Mask

Corner = tuple[int, int]
Polygon = tuple[Corner, ...]
MAX_CORNERS = 1000


def polygon_of(corners: Sequence[tuple[float, float]]) -> Polygon:
    """Corners snapped to the nearest pixel corners, repeated ones left out.

    Raises
    ------
    ValueError
        Fewer than three different corners, too many, a number that is not finite, or no area.
    """
    if len(corners) > MAX_CORNERS or not np.isfinite(np.asarray(corners, np.float64)).all():
        raise ValueError("a polygon has 3 to 1000 finite corners")
    snapped: list[Corner] = []
    for x, y in corners:
        corner = (round(x), round(y))
        if corner not in snapped[-1:]:
            snapped.append(corner)
    if len(snapped) > 1 and snapped[0] == snapped[-1]:
        snapped.pop()
    if len(set(snapped)) < 3:
        raise ValueError("a polygon has at least three corners")
    polygon = tuple(snapped)
    box = bounding_box(polygon)
    if box.is_empty or not polygon_window(polygon, box).any():
        raise ValueError("a polygon without a pixel")
    return polygon


def bounding_box(polygon: Polygon) -> Box:
    """The smallest box round a polygon."""
    xs, ys = zip(*polygon, strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))


def polygon_window(polygon: Polygon, box: Box) -> Mask:
    """uint8 (box height, box width): 1 where a pixel's centre lies inside (even-odd rule)."""
    crossings = np.zeros((box.height, box.width + 1), np.int32)
    for (x0, y0), (x1, y1) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if y0 == y1:
            continue
        top, bottom = max(min(y0, y1), box.y0), min(max(y0, y1), box.y1)
        rows = np.arange(top, bottom)
        at = x0 + (rows + 0.5 - y0) * (x1 - x0) / (y1 - y0)  # where the edge crosses the row's middle
        first = np.clip(np.ceil(at - 0.5).astype(np.int64) - box.x0, 0, box.width)
        np.add.at(crossings, (rows - box.y0, first), 1)
    return (np.cumsum(crossings, axis=1)[:, :-1] & 1).astype(np.uint8)


def polygon_contains(polygon: Polygon, x: int, y: int) -> bool:
    """Whether a pixel belongs; no polygon (no corner) holds every pixel."""
    return not polygon or bool(polygon_window(polygon, Box(x, y, x + 1, y + 1))[0, 0])
