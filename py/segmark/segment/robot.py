"""The simulated annotator: clicks where a person would, in the middle of the largest error."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmark import kernels
from segmark.clicks import Click
from segmark.geometry import Box
from segmark.rle import RleMask


def next_click(mask: RleMask, truth: RleMask) -> Click | None:
    """The next click on the way from `mask` to `truth`; None if they are equal.

    The largest 8-connected error (missing: positive, too much: negative) is clicked at the pixel that is furthest from
    the error's border (the protocol of RITM: Sofiiuk et al., "Reviving Iterative Training with Mask Guidance", 2021).
    Needs cv2 for the distance transform.
    """
    missing, surplus = truth.subtract(mask), mask.subtract(truth)
    box = missing.bbox.hull(surplus.bbox)
    if box.is_empty:
        return None
    best: tuple[int, bool, NDArray[np.uint8], Box] | None = None
    for error, is_positive in ((missing, True), (surplus, False)):
        labels, stats = kernels.label_components(error.to_window(box), 8)
        if not len(stats):
            continue
        k = int(np.argmax(stats[:, 0]))
        area, x0, y0, x1, y1 = (int(v) for v in stats[k])
        if best is None or area > best[0]:
            part = (labels[y0:y1, x0:x1] == k + 1).astype(np.uint8)
            best = (area, is_positive, part, Box(box.x0 + x0, box.y0 + y0, box.x0 + x1, box.y0 + y1))
    assert best is not None
    _, is_positive, part, where = best
    y, x = _middle(part)
    return Click(where.x0 + x, where.y0 + y, is_positive)


def _middle(part: NDArray[np.uint8]) -> tuple[int, int]:
    """Row and column of the pixel furthest from the part's border (the window's edge is a border)."""
    import cv2  # only the robot needs it

    module: Any = cv2
    distance = module.distanceTransform(np.pad(part, 1), module.DIST_L2, 5)[1:-1, 1:-1]
    row, column = np.unravel_index(int(np.argmax(distance)), distance.shape)
    return int(row), int(column)
