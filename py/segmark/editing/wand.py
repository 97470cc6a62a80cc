"""The magic wand: the connected pixels whose colour is like the clicked one's."""

from __future__ import annotations

import numpy as np

from segmark import kernels
from segmark.geometry import Box
from segmark.rle import RleMask
from segmark.segment.transforms import Pixels

REACH = 1024  # image pixels on every side of the click: what one click can take, on an image of any size
MAX_TOLERANCE = 255


def similar_area(pixels: Pixels, x: int, y: int, tolerance: int, connectivity: int = 4) -> RleMask:
    """The area round a pixel in which every channel differs from that pixel's by at most `tolerance` grey levels.

    Parameters
    ----------
    pixels : uint8 (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA (alpha is ignored)
    x, y : a pixel of the image
    tolerance : 0 to 255
    connectivity : 4 or 8 neighbours

    Raises
    ------
    ValueError
        A pixel outside the image, a tolerance or a connectivity out of range.
    """
    height, width = pixels.shape[:2]
    if not (0 <= x < width and 0 <= y < height) or not 0 <= tolerance <= MAX_TOLERANCE or connectivity not in (4, 8):
        raise ValueError(f"wand at {x}, {y}, tolerance {tolerance}, {connectivity} neighbours")
    box = Box(x - REACH, y - REACH, x + REACH + 1, y + REACH + 1).intersect(Box(0, 0, width, height))
    window = pixels[box.y0 : box.y1, box.x0 : box.x1]
    window = window[..., np.newaxis] if window.ndim == 2 else window[..., :3]
    seed = window[y - box.y0, x - box.x0].astype(np.int16)
    low, high = np.clip(seed - tolerance, 0, 255).astype(np.uint8), np.clip(seed + tolerance, 0, 255).astype(np.uint8)
    alike = np.ones(window.shape[:2], np.bool_)
    for channel in range(window.shape[2]):
        plane = window[..., channel]
        alike &= (plane >= low[channel]) & (plane <= high[channel])
    labels, _ = kernels.label_components(alike.view(np.uint8), connectivity)
    part = (labels == labels[y - box.y0, x - box.x0]).view(np.uint8)
    return RleMask.from_window(part, (box.x0, box.y0), (width, height))


def is_cut(area: RleMask, x: int, y: int) -> bool:
    """Whether an area taken at a pixel comes to the edge of `REACH`, beyond which nobody looked."""
    box, (width, height) = area.bbox, area.size
    return (
        (box.x0 > 0 and box.x0 <= x - REACH)
        or (box.y0 > 0 and box.y0 <= y - REACH)
        or (box.x1 < width and box.x1 > x + REACH)
        or (box.y1 < height and box.y1 > y + REACH)
    )
