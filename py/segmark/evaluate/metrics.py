"""How good a mask is, and how many clicks it took."""

from __future__ import annotations

from collections.abc import Sequence

from segmark.rle import RleMask


def iou(a: RleMask, b: RleMask) -> float:
    """Intersection over union; 1 for two empty masks."""
    both = a.intersect(b).area
    either = a.area + b.area - both
    return both / either if either else 1.0


def clicks_needed(ious: Sequence[float], wanted: float, limit: int = 20) -> int:
    """NoC: the number of clicks after which the IoU first reaches `wanted`; `limit` if it never does.

    Parameters
    ----------
    ious : IoU after the first, second ... click
    """
    for k, value in enumerate(ious[:limit], start=1):
        if value >= wanted:
            return k
    return limit
