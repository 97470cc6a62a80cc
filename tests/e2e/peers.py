"""What a person without a network would use: GrabCut and flood fill, given the same clicks. Native OpenCV."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.uint8]
ClickXY = tuple[int, int, bool]
"""x, y (image pixels), is_positive."""


def iou(found: npt.NDArray[np.generic], true: npt.NDArray[np.generic]) -> float:
    """Return intersection over union of two masks (anything non-zero is in); 1.0 when both are empty."""
    a, b = found.astype(bool), true.astype(bool)
    union = int((a | b).sum())
    return int((a & b).sum()) / union if union else 1.0


def box_of(mask: npt.NDArray[np.generic]) -> tuple[int, int, int, int]:
    """Return the half-open box (x0, y0, x1, y1) of a mask that is not empty."""
    ys, xs = np.nonzero(mask)
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def grown_box(mask: npt.NDArray[np.generic], factor: float) -> tuple[int, int, int, int]:
    """Return the mask's box made `factor` times as wide and high about its centre, cut at the image."""
    x0, y0, x1, y1 = box_of(mask)
    dx, dy = (x1 - x0) * (factor - 1) / 2, (y1 - y0) * (factor - 1) / 2
    height, width = mask.shape
    return max(0, round(x0 - dx)), max(0, round(y0 - dy)), min(width, round(x1 + dx)), min(height, round(y1 + dy))


def grabcut(image: npt.NDArray[np.uint8], box: tuple[int, int, int, int], clicks: Sequence[ClickXY]) -> Mask:
    """Return GrabCut's mask, (height, width) 0/1: 10 rounds from `box`, the clicks as sure seeds (discs of 3 px)."""
    x0, y0, x1, y1 = box
    labels = np.full(image.shape[:2], cv2.GC_BGD, np.uint8)
    labels[y0:y1, x0:x1] = cv2.GC_PR_FGD
    for x, y, is_positive in clicks:
        cv2.circle(labels, (x, y), 3, cv2.GC_FGD if is_positive else cv2.GC_BGD, -1)
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(1)
    cv2.grabCut(image, labels, None, background, foreground, 10, cv2.GC_INIT_WITH_MASK)
    return np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)


def flood_fill(image: npt.NDArray[np.uint8], clicks: Sequence[ClickXY], tolerance: int) -> Mask:
    """Return the union of fills from every positive click: connected pixels within `tolerance` of the seed's colour."""
    found = np.zeros(image.shape[:2], np.uint8)
    flags = 8 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | (1 << 8)
    for x, y, is_positive in clicks:
        if not is_positive:
            continue
        framed = np.zeros((image.shape[0] + 2, image.shape[1] + 2), np.uint8)
        cv2.floodFill(image.copy(), framed, (x, y), 0, (tolerance,) * 3, (tolerance,) * 3, flags)
        found |= framed[1:-1, 1:-1]
    return found


def best_flood_fill(image: npt.NDArray[np.uint8], clicks: Sequence[ClickXY], true: Mask) -> tuple[float, int]:
    """Return the best IoU over all tolerances 1..80 and that tolerance: an oracle, kinder than any person could be."""
    scored = [(iou(flood_fill(image, clicks, tolerance), true), tolerance) for tolerance in range(1, 81)]
    return max(scored)
