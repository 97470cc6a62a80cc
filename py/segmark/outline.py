"""The outline of a mask as pixel-edge segments: exactly where the pixels are, at every zoom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmark.rle import RleMask


def outline_segments(mask: RleMask) -> NDArray[np.int32]:
    """All edges between mask and background, collinear neighbours merged; what lies outside the image is background.

    Work follows the mask's runs: no pixels are laid out, however far apart its parts are.

    Returns
    -------
    int32 (n, 4) : x0, y0, x1, y1 in image coordinates (pixel corners); horizontal ones first, each left to right or top
    to bottom.
    """
    rows, first, last = mask.in_rows()
    # Horizontal: where a pixel differs from its neighbour above. Each row laid over the next one, two ends that meet
    # cancel out; a spare column keeps the runs of one row from touching the next one's.
    stride = mask.width + 1
    ends = np.concatenate((rows * stride + first, rows * stride + last))
    ends = np.sort(np.concatenate((ends, ends + stride)))
    twice = np.zeros(len(ends) + 1, np.bool_)
    twice[1:-1] = ends[1:] == ends[:-1]
    ends = ends[~(twice[1:] | twice[:-1])]
    y, x0 = np.divmod(ends[0::2], stride)
    horizontal = np.stack((x0, y, x0 + ends[1::2] - ends[0::2], y), axis=1)
    # Vertical: at both ends of every run, one pixel long; those below each other are joined. A spare row as above.
    stride = mask.height + 1
    at = np.sort(np.concatenate((first * stride + rows, last * stride + rows)))
    begins = np.ones(len(at) + 1, np.bool_)
    begins[1:-1] = at[1:] != at[:-1] + 1
    x, y0 = np.divmod(at[begins[:-1]], stride)
    vertical = np.stack((x, y0, x, at[begins[1:]] % stride + 1), axis=1)
    segments: NDArray[np.int64] = np.concatenate((horizontal, vertical))
    return segments.astype(np.int32)
