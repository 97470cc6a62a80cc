"""The outline of a mask as pixel-edge segments: exactly where the pixels are, at every zoom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmark.rle import Mask, line_runs


def outline_segments(mask: Mask, origin: tuple[int, int]) -> NDArray[np.int32]:
    """All edges between mask and background, collinear neighbours merged.

    Parameters
    ----------
    mask : uint8 (h, w) 0/1, a window; what lies outside it counts as background
    origin : (x, y) of the window's top-left pixel, image frame

    Returns
    -------
    int32 (n, 4) : x0, y0, x1, y1 in image coordinates (pixel corners); horizontal ones first, each left to right or top
    to bottom.
    """
    height, width = mask.shape
    # an edge is where a pixel differs from its neighbour above (or to the left); one more zero row and column end the runs
    across = np.zeros((height + 1, width + 1), np.uint8)
    across[:-1, :-1] = mask
    down = across.copy()
    across[1:, :-1] ^= mask
    y, first, last = line_runs(across, "C")
    horizontal = np.stack((first, y, last, y), axis=1)
    down[:-1, 1:] ^= mask
    x, first, last = line_runs(down, "F")
    vertical = np.stack((x, first, x, last), axis=1)
    segments = np.concatenate((horizontal, vertical)) + np.array([*origin, *origin], np.int64)
    return segments.astype(np.int32)
