"""The pixel kernels: numpy arrays in, numpy arrays out, arguments checked.

`_native` (the C extension of `cext/`) does the work where it can be imported, else `reference` (numpy). Bad shapes, types, strides
or overlaps raise ValueError or TypeError. Set ``SEGMARK_KERNELS`` to ``scalar`` or ``reference`` to force a backend.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segmark.kernels import reference

BACKEND = "reference"
Square = tuple[int, int, int]
Rect = tuple[int, int, int, int]
Mask = NDArray[np.uint8]
Floats = NDArray[np.float32]
LIMIT = 1 << 24


def describe() -> dict[str, str]:
    """Which backend runs, for diagnostics."""
    return {"backend": BACKEND}


def _square(square: Sequence[int]) -> Square:
    sx, sy, side = (int(v) for v in square)
    if not (0 < side <= LIMIT and abs(sx) <= LIMIT and abs(sy) <= LIMIT):
        raise ValueError("square out of range")
    return sx, sy, side


def _rect(rect: Sequence[int]) -> Rect:
    x0, y0, x1, y1 = (int(v) for v in rect)
    if not (x0 < x1 and y0 < y1 and max(abs(v) for v in (x0, y0, x1, y1)) <= LIMIT):
        raise ValueError("box empty or out of range")
    return x0, y0, x1, y1


def _net(logits: Floats) -> Floats:
    if logits.dtype != np.float32 or logits.ndim != 2 or logits.shape[0] != logits.shape[1] or not logits.size:
        raise ValueError("logits must be float32 (size, size)")
    return np.ascontiguousarray(logits)


def _mask(mask: Mask, *, writable: bool = False) -> Mask:
    if mask.dtype not in (np.uint8, np.bool_) or mask.ndim != 2:
        raise ValueError("mask must be uint8 (H, W)")
    if writable and not (mask.flags.writeable and mask.flags.c_contiguous):
        raise ValueError("mask must be writable and contiguous")
    return mask


def crop_resize_chw(image: NDArray[np.uint8], valid: Sequence[int], square: Sequence[int], size: int = 256) -> Floats:
    """Crop, normalise, resize, HWC to CHW (R3)."""
    if image.dtype != np.uint8 or not (image.ndim == 2 or (image.ndim == 3 and image.shape[2] in (3, 4))):
        raise ValueError("image must be uint8 (H, W), (H, W, 3) or (H, W, 4)")
    rect = _rect(valid)
    if rect[0] < 0 or rect[1] < 0 or rect[2] > image.shape[1] or rect[3] > image.shape[0]:
        raise ValueError("valid rectangle outside the image")
    return reference.crop_resize_chw(image, rect, _square(square), size)


def mask_to_net(mask: Mask, mask_origin: tuple[int, int], square: Sequence[int], size: int = 256) -> Floats:
    """A window of the mask in the net frame."""
    return reference.mask_to_net(_mask(mask), mask_origin, _square(square), size)


def click_maps(clicks_net: Floats, is_positive: NDArray[np.bool_], size: int = 256, radius: float = 5.0) -> Floats:
    """Discs of the clicks: (2, size, size)."""
    return reference.click_maps(np.asarray(clicks_net, np.float32).reshape(-1, 2), np.asarray(is_positive, np.bool_), size, radius)


def paste_mask(
    logits: Floats, square: Sequence[int], box: Sequence[int], mask: Mask, mask_origin: tuple[int, int] = (0, 0), threshold: float = 0.5
) -> None:
    """Sigmoid, enlarge, threshold, paste."""
    reference.paste_mask(_net(logits), _square(square), _rect(box), _mask(mask, writable=True), mask_origin, threshold)


def accumulate_region(
    logits: Floats, square: Sequence[int], box: Sequence[int], num: Floats, den: Floats, origin: tuple[int, int] = (0, 0)
) -> None:
    """Add one region to the join."""
    reference.accumulate_region(_net(logits), _square(square), _rect(box), num, den, origin)


def threshold_join(num: Floats, den: Floats, mask: Mask, threshold: float = 0.5) -> None:
    """Decide the covered pixels."""
    reference.threshold_join(num, den, _mask(mask, writable=True), threshold)


def prob_at(logits: Floats, square: Sequence[int], xs: NDArray[np.int64], ys: NDArray[np.int64]) -> Floats:
    """Probability at image pixels."""
    return reference.prob_at(_net(logits), _square(square), np.asarray(xs), np.asarray(ys))


def label_components(mask: Mask, connectivity: int = 8) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Connected components."""
    if connectivity not in (4, 8):
        raise ValueError("connectivity must be 4 or 8")
    return reference.label_components(_mask(mask), connectivity)


def rle_encode(mask: Mask, order: str = "C") -> NDArray[np.uint32]:
    """Run lengths."""
    return reference.rle_encode(_mask(mask), order)


def rle_decode(counts: NDArray[np.uint32], shape: tuple[int, int], order: str = "C") -> Mask:
    """The mask of run lengths."""
    return reference.rle_decode(np.asarray(counts), shape, order)
