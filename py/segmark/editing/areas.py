"""Whole areas of a mask (R6.3): the hole or island under a pixel, and changes of the mask as a whole.

Islands are 8-connected, so holes are 4-connected: a line of the one never crosses a line of the other.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from segmark.geometry import Box
from segmark.rle import Mask, RleMask

_SMOOTH_SIZE = 5  # pixels: the window of the majority
_TILE = 512  # pixels: a mask is laid out in such pieces, and only where it is


def island_at(mask: RleMask, x: int, y: int) -> RleMask:
    """The 8-connected part of the mask that holds a pixel; empty if the pixel is background."""
    return _part_at(mask, x, y, 8)


def hole_at(mask: RleMask, x: int, y: int) -> RleMask:
    """The enclosed 4-connected background round a pixel; empty if it is not enclosed, or is foreground.

    The image's border encloses nothing.
    """
    return _part_at(_holes(mask), x, y, 4)


def without_holes(mask: RleMask) -> RleMask:
    """The mask with every hole filled."""
    return mask.union(_holes(mask))


def largest_part(mask: RleMask) -> RleMask:
    """Only the largest 8-connected part (the first of those)."""
    starts, stops, labels, stats = mask.labelled(8)
    if len(stats) < 2:
        return mask
    kept = labels == 1 + int(np.argmax(stats[:, 0]))
    return RleMask.from_runs(starts[kept], stops[kept], mask.size)


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
    """Change the mask window by window, each seen with a margin; pixels beyond the image repeat its border."""
    if mask.is_empty:
        return mask
    image = Box(0, 0, *mask.size)
    parts = []
    for tile in _tiles_near(mask, margin):
        box = tile.intersect(image)
        seen = Box(box.x0 - margin, box.y0 - margin, box.x1 + margin, box.y1 + margin)
        inner = seen.intersect(image)
        beyond = ((inner.y0 - seen.y0, seen.y1 - inner.y1), (inner.x0 - seen.x0, seen.x1 - inner.x1))
        padded = np.pad(mask.to_window(inner), beyond, mode="edge")
        parts.append(RleMask.from_window(change(padded)[margin:-margin, margin:-margin], (box.x0, box.y0), mask.size))
    return RleMask.union_of(parts, mask.size)


def _tiles_near(mask: RleMask, margin: int) -> list[Box]:
    """The tiles of the image that hold a pixel of the mask, or one within the margin of it."""
    rows, first, last = mask.in_rows()
    spans = np.unique(
        np.concatenate(
            [
                np.stack([(rows + dy) // _TILE, (first - margin) // _TILE, (last - 1 + margin) // _TILE], axis=1)
                for dy in (-margin, margin)
            ]
        ),
        axis=0,
    )
    across, down = -(-mask.width // _TILE), -(-mask.height // _TILE)
    found = {(x, y) for y, x0, x1 in spans.tolist() if 0 <= y < down for x in range(max(x0, 0), min(x1 + 1, across))}
    return [Box(x * _TILE, y * _TILE, (x + 1) * _TILE, (y + 1) * _TILE) for x, y in sorted(found)]


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


def _holes(mask: RleMask) -> RleMask:
    """The background that is enclosed: its 4-connected parts that reach neither the image's sides nor the mask's first or
    last row (above and below these all is open)."""
    box = mask.bbox
    around = RleMask.from_box(Box(0, box.y0, mask.width, box.y1), mask.size).subtract(mask)
    starts, stops, labels, stats = around.labelled(4)
    x0, y0, x1, y1 = stats[:, 1:].T
    enclosed = (x0 > 0) & (y0 > box.y0) & (x1 < mask.width) & (y1 < box.y1)
    kept = np.concatenate(([False], enclosed))[labels]
    return RleMask.from_runs(starts[kept], stops[kept], mask.size)


def _part_at(mask: RleMask, x: int, y: int, connectivity: int) -> RleMask:
    """The connected part that holds a pixel; empty if there is none."""
    if not mask.contains(x, y):
        return RleMask.empty(*mask.size)
    starts, stops, labels, _ = mask.labelled(connectivity)
    here = labels[np.searchsorted(starts, y * mask.width + x, side="right") - 1]
    return RleMask.from_runs(starts[labels == here], stops[labels == here], mask.size)
