"""The simulated annotator: the next click, in the centre of the largest error or, as people do, somewhat off it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from segmark import kernels
from segmark.clicks import Click
from segmark.geometry import Box
from segmark.rle import RleMask

cv: Any = cv2
_OFF_CENTRE = 0.35  # a jittered click is at least this share of the way from the error's border to its middle


def next_click(
    mask: RleMask,
    truth: RleMask,
    region: Box,
    taken: set[tuple[int, int]],
    rng: np.random.Generator | None = None,
) -> Click | None:
    """The next click inside a region; None if nothing is wrong there, or only pixels that were clicked before.

    The largest 8-connected error (missing: positive, too much: negative) is clicked (the protocol of RITM: Sofiiuk et
    al., "Reviving Iterative Training with Mask Guidance", 2021).

    Parameters
    ----------
    region : errors outside it are not seen
    taken : pixels clicked before
    rng : draws the place of a jittered click; None: the pixel deepest inside the error
    """
    found, wanted = mask.to_window(region), truth.to_window(region)
    best: tuple[int, bool, NDArray[np.uint8]] | None = None
    for error, is_positive in ((wanted & ~found & 1, True), (found & ~wanted & 1, False)):
        labels, stats = kernels.label_components(np.ascontiguousarray(error), 8)
        for k in np.argsort(-stats[:, 0])[:1]:
            if best is None or stats[k, 0] > best[0]:
                best = (int(stats[k, 0]), is_positive, (labels == k + 1).astype(np.uint8))
    if best is None:
        return None
    _, is_positive, part = best
    depth = cv.distanceTransform(np.pad(part, 1), cv.DIST_L2, 5)[1:-1, 1:-1]
    for x, y in taken:
        if region.contains(x, y):
            depth[y - region.y0, x - region.x0] = 0
    if depth.max() <= 0:
        return None
    if rng is None:
        y, x = divmod(int(depth.argmax()), depth.shape[1])
    else:
        ys, xs = np.nonzero(depth >= _OFF_CENTRE * depth.max())
        k = int(rng.integers(len(ys)))
        y, x = int(ys[k]), int(xs[k])
    return Click(region.x0 + x, region.y0 + y, is_positive)
