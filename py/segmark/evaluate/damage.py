"""A seeded wrong version of a mask, as a starting point that a person would correct (R6.4)."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from segmark.evaluate.metrics import iou
from segmark.geometry import Box
from segmark.rle import RleMask

cv: Any = cv2
LOW, HIGH = 0.5, 0.75
_TRIES = 400


def damaged(truth: RleMask, region: Box, seed: int) -> RleMask:
    """A mask whose IoU with the truth lies in 0.5 .. 0.75: pieces missing, pieces too many, edges moved.

    Bites and blobs of growing size are drawn until the IoU is in range; one that overshoots is drawn again. The same
    seed gives the same mask.
    """
    rng = np.random.default_rng(seed)
    box = region.intersect(Box(0, 0, *truth.size))
    window = truth.to_window(box)
    good = truth.intersect(RleMask.from_box(box, truth.size))
    ys, xs = np.nonzero(window)
    length = max(np.sqrt(len(xs)), 2.0)
    for attempt in range(_TRIES):
        trial = window.copy()
        k = int(rng.integers(len(xs)))
        missing = rng.random() < 0.6
        spread = 0.0 if missing else 0.6 * length
        at = (int(xs[k] + rng.normal(0, spread)), int(ys[k] + rng.normal(0, spread)))
        size = length * rng.uniform(0.1, 0.5) * (1 - 0.9 * attempt / _TRIES)
        axes = (max(int(size), 1), max(int(size * rng.uniform(0.4, 1.0)), 1))
        cv.ellipse(trial, at, axes, float(rng.uniform(0, 180)), 0, 360, 0 if missing else 1, -1)
        mask = RleMask.from_window(trial, (box.x0, box.y0), truth.size)
        value = iou(mask, good)
        if value >= LOW:
            window = trial
            if value <= HIGH:
                return mask
    raise ValueError("no damaged mask was found")
