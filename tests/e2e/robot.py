"""The simulated annotator: where a person would click next, seeing the true mask and the one found so far."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.uint8]
MARKER = 12  # image pixels, more than a marker's reach at the zooms of the tests


def centre_most(region: npt.NDArray[np.bool_]) -> tuple[int, int, float]:
    """Return (x, y, depth): the pixel of `region` farthest from its edge (the image's edge counts), and how far."""
    framed = np.pad(region.astype(np.uint8), 1)
    depth = cv2.distanceTransform(framed, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return int(x), int(y), float(depth[y, x])


def next_click(true: Mask, found: Mask | None, clicks: Sequence[tuple[int, int, bool]] = ()) -> tuple[int, int, bool]:
    """Return (x, y, is_positive): the middle of the object first, then the middle of the deepest error.

    A person does not click on a marker, which would take that point away: the surroundings of `clicks` are left out.
    """
    want = true > 0
    have = np.zeros_like(want) if found is None else found > 0
    free = np.ones_like(want)
    for x, y, _ in clicks:
        free[max(y - MARKER, 0) : y + MARKER + 1, max(x - MARKER, 0) : x + MARKER + 1] = False
    missing, extra = centre_most(want & ~have & free), centre_most(have & ~want & free)
    if missing[2] >= extra[2]:
        return missing[0], missing[1], True
    return extra[0], extra[1], False
