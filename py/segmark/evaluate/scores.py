"""What is measured of one object's clicks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from segmark.evaluate.metrics import clicks_needed
from segmark.geometry import Box
from segmark.rle import RleMask

cv: Any = cv2
AT = (1, 2, 3, 5)
WANTED = (0.80, 0.85, 0.90)
LIMIT = 20


@dataclass
class Played:
    """IoU and boundary F after each click (the last one holds for all later ones), and seconds a click."""

    ious: list[float] = field(default_factory=list)
    boundary: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def iou_at(self, clicks: int) -> float:
        return self.ious[min(clicks, len(self.ious)) - 1] if self.ious else 0.0

    def boundary_at(self, clicks: int) -> float:
        return self.boundary[min(clicks, len(self.boundary)) - 1] if self.boundary else 0.0

    def needed(self, wanted: float) -> int:
        """NoC: clicks until the IoU first reaches `wanted`; 20 if it never does."""
        return clicks_needed(self.ious, wanted, LIMIT)

    def failed(self, wanted: float) -> bool:
        return all(value < wanted for value in self.ious[:LIMIT])


def boundary_f(mask: RleMask, truth: RleMask, region: Box, tolerance: float = 2.0) -> float:
    """F-measure of the boundary pixels with a tolerance in pixels, inside a region (Martin et al. 2004, without matching)."""
    box = region.intersect(Box(0, 0, *truth.size))
    ours, theirs = _edge(mask.to_window(box)), _edge(truth.to_window(box))
    if not ours.any() or not theirs.any():
        return float(not ours.any() and not theirs.any())
    precision, recall = _near(ours, theirs, tolerance), _near(theirs, ours, tolerance)
    return 0.0 if precision + recall == 0 else 2 * precision * recall / (precision + recall)


def _edge(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    inner = cv.erode(mask, np.ones((3, 3), np.uint8), borderType=cv.BORDER_CONSTANT, borderValue=1)
    return np.asarray(mask & ~inner & 1, np.uint8)


def _near(edge: NDArray[np.uint8], other: NDArray[np.uint8], tolerance: float) -> float:
    away = cv.distanceTransform((other == 0).astype(np.uint8), cv.DIST_L2, 5)
    return float((away[edge > 0] <= tolerance).mean())


def summary(played: list[Played]) -> dict[str, float | int]:
    """Means over objects."""
    if not played:
        return {"objects": 0}
    out: dict[str, float | int] = {"objects": len(played)}
    for k in AT:
        out[f"iou@{k}"] = round(float(np.mean([p.iou_at(k) for p in played])), 4)
    for wanted in WANTED:
        out[f"noc@{round(100 * wanted)}"] = round(float(np.mean([p.needed(wanted) for p in played])), 3)
    out["failures@90"] = sum(p.failed(0.90) for p in played)
    for k in (1, 3):
        out[f"boundary_f@{k}"] = round(float(np.mean([p.boundary_at(k) for p in played])), 4)
    times = [t for p in played for t in p.seconds]
    out["seconds_a_click"] = round(float(np.mean(times)), 4) if times else 0.0
    return out
