"""Where the network may look at an object."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from segmark.clicks import Click
from segmark.geometry import Box, box_around
from segmark.rle import RleMask

Pixels = NDArray[np.int64]
STAMP = 256  # image pixels


def stamp_clicks(truth: RleMask) -> Iterator[tuple[Click, Box]]:
    """Clicks that cover a long object with boxes of 256 x 256 at native scale, one click each (R1.3 with follow).

    Until every object pixel is in a box: the next box is centred on the uncovered object pixel nearest the last box, and
    that pixel, an object pixel in its middle, is the click. The first is the object's first pixel in reading order.
    """
    box = truth.bbox
    ys, xs = np.nonzero(truth.to_window(box))
    ys, xs = ys + box.y0, xs + box.x0
    last: Box | None = None
    while len(xs):
        k = 0 if last is None else int(_away(xs, ys, last).argmin())
        click = Click(int(xs[k]), int(ys[k]), True)
        last = box_around(click.x, click.y, STAMP)
        yield click, last
        left = ~((xs >= last.x0) & (xs < last.x1) & (ys >= last.y0) & (ys < last.y1))
        xs, ys = xs[left], ys[left]


def _away(xs: Pixels, ys: Pixels, box: Box) -> Pixels:
    """Squared distance of pixels to a box."""
    dx = np.maximum(np.maximum(box.x0 - xs, xs - (box.x1 - 1)), 0)
    dy = np.maximum(np.maximum(box.y0 - ys, ys - (box.y1 - 1)), 0)
    return np.asarray(dx * dx + dy * dy)
