"""Whole areas of a mask (R6.3): the hole or island under a pixel, and changes of the mask as a whole.

Islands are 8-connected, so holes are 4-connected: a line of the one never crosses a line of the other.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from segmark import kernels
from segmark.geometry import Box
from segmark.rle import Mask, RleMask

_SMOOTH_SIZE = 5  # pixels: the window of the majority


def island_at(mask: RleMask, x: int, y: int) -> RleMask:
    """The 8-connected part of the mask that holds a pixel; empty if the pixel is background."""
    return _part_at(mask.to_window(mask.bbox), mask.bbox, x, y, 8, mask.size)


def hole_at(mask: RleMask, x: int, y: int) -> RleMask:
    """The enclosed 4-connected background round a pixel; empty if it is not enclosed, or is foreground.

    The image's border encloses nothing.
    """
    box = mask.bbox
    if not box.contains(x, y):
        return RleMask.empty(*mask.size)
    return _part_at(_holes(mask.to_window(box)), box, x, y, 4, mask.size)


def without_holes(mask: RleMask) -> RleMask:
    """The mask with every hole filled."""
    if mask.is_empty:
        return mask
    window = mask.to_window(mask.bbox)
    return RleMask.from_window(window | _holes(window), (mask.bbox.x0, mask.bbox.y0), mask.size)


def largest_part(mask: RleMask) -> RleMask:
    """Only the largest 8-connected part."""
    return max(mask.components(8), key=lambda part: part.area, default=mask)


def grown(mask: RleMask) -> RleMask:
    """One pixel more on every side (also at corners)."""
    return _windowed(mask, 1, lambda w: _spread(w, np.maximum))


def shrunk(mask: RleMask) -> RleMask:
    """One pixel less on every side; pixels at the image's border lose nothing to the outside."""
    return _windowed(mask, 1, lambda w: _spread(w, np.minimum))


def smoothed(mask: RleMask) -> RleMask:
    """Each pixel as most of its 5 x 5 neighbours are; the image's border pixels are repeated outwards."""
    return _windowed(mask, _SMOOTH_SIZE // 2, _majority)


#: What `Hand.refine` knows, by name.
REFINEMENTS: dict[str, Callable[[RleMask], RleMask]] = {
    "fill_holes": without_holes,
    "keep_largest": largest_part,
    "grow": grown,
    "shrink": shrunk,
    "smooth": smoothed,
}


def _windowed(mask: RleMask, margin: int, change: Callable[[Mask], Mask]) -> RleMask:
    """Change the window of the mask with a margin; pixels beyond the image repeat its border."""
    if mask.is_empty:
        return mask
    b = mask.bbox
    box = Box(b.x0 - margin, b.y0 - margin, b.x1 + margin, b.y1 + margin).intersect(Box(0, 0, *mask.size))
    padded = np.pad(mask.to_window(box), margin, mode="edge")
    return RleMask.from_window(change(padded)[margin:-margin, margin:-margin], (box.x0, box.y0), mask.size)


def _spread(window: Mask, rule: Callable[..., NDArray[np.uint8]]) -> Mask:
    """Maximum or minimum over 3 x 3; the outermost ring is not right and is cut off by the caller."""
    rows = rule(rule(window, np.roll(window, 1, axis=0)), np.roll(window, -1, axis=0))
    return rule(rule(rows, np.roll(rows, 1, axis=1)), np.roll(rows, -1, axis=1))


def _majority(window: Mask) -> Mask:
    n = _SMOOTH_SIZE
    sums = np.pad(window.astype(np.int32), ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    count = sums[n:, n:] - sums[:-n, n:] - sums[n:, :-n] + sums[:-n, :-n]
    out = window.copy()
    out[n // 2 : -(n // 2), n // 2 : -(n // 2)] = count * 2 > n * n
    return out


def _holes(window: Mask) -> Mask:
    """1 where a 4-connected background part does not touch the window's edge."""
    labels, stats = kernels.label_components((window == 0).view(np.uint8), 4)
    height, width = window.shape
    enclosed = np.zeros(len(stats) + 1, np.uint8)
    if len(stats):
        x0, y0, x1, y1 = stats[:, 1:].T
        enclosed[1:] = (x0 > 0) & (y0 > 0) & (x1 < width) & (y1 < height)
    return enclosed[labels]


def _part_at(window: Mask, box: Box, x: int, y: int, connectivity: int, size: tuple[int, int]) -> RleMask:
    if not box.contains(x, y):
        return RleMask.empty(*size)
    labels, _ = kernels.label_components(window, connectivity)
    number = int(labels[y - box.y0, x - box.x0])
    if number == 0:
        return RleMask.empty(*size)
    return RleMask.from_window((labels == number).view(np.uint8), (box.x0, box.y0), size)
