"""The pixel kernels: numpy arrays in, numpy arrays out, every argument checked.

`_native` (the C extension of ``cext/``: twins `simd` and `scalar`) does the work where it can be imported, else `reference` (numpy, the same meaning).
Bad shapes, types, strides or overlaps raise ValueError or TypeError, never a crash. ``SEGMARK_KERNELS=scalar`` or ``reference``
in the environment forces a backend. Frames: image pixels x right, y down; a *square* ``(sx, sy, side)`` is the crop that the
network sees; rectangles are half-open ``(x0, y0, x1, y1)``; see ``cext/kernels.h``.
"""

from __future__ import annotations

import importlib
import operator
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmark.kernels import reference


def _choose(forced: str | None) -> Any:
    """The twin of the C extension that shall run, or None for the numpy reference."""
    if forced == "reference":
        return None
    try:
        extension = importlib.import_module("segmark.kernels._native")
    except ImportError:
        return None
    return extension.scalar if forced == "scalar" else extension.simd


_twin: Any = _choose(os.environ.get("SEGMARK_KERNELS"))
BACKEND: str = _twin.describe()["backend"] if _twin is not None else "reference"
LIMIT = 1 << 24
NET_LIMIT = 4096

Square = tuple[int, int, int]
Rect = tuple[int, int, int, int]
Mask = NDArray[np.uint8]
Floats = NDArray[np.float32]


def describe() -> dict[str, str]:
    """Which backend runs (`backend`, and for the C extension `target` and `compiler`), for diagnostics."""
    return dict(_twin.describe()) if _twin is not None else {"backend": "reference", "target": "numpy"}


def _ints(values: Sequence[int], count: int, name: str) -> tuple[int, ...]:
    out = tuple(operator.index(v) for v in values)
    if len(out) != count or max(abs(v) for v in out) > LIMIT:
        raise ValueError(f"{name}: {count} integers within +-{LIMIT} wanted")
    return out


def _square(square: Sequence[int]) -> Square:
    sx, sy, side = _ints(square, 3, "square")
    if side <= 0:
        raise ValueError("square: its side must be positive")
    return sx, sy, side


def _rect(rect: Sequence[int], name: str = "box") -> Rect:
    x0, y0, x1, y1 = _ints(rect, 4, name)
    if x0 >= x1 or y0 >= y1:
        raise ValueError(f"{name}: empty")
    return x0, y0, x1, y1


def _size(size: int) -> int:
    n = operator.index(size)
    if not 0 < n <= NET_LIMIT:
        raise ValueError(f"size must be 1..{NET_LIMIT}")
    return n


def _array(array: Any, name: str, dtype: Any, ndim: int) -> Any:
    if not isinstance(array, np.ndarray) or array.dtype != dtype:
        raise TypeError(f"{name}: a {np.dtype(dtype).name} array is wanted")
    if array.ndim != ndim:
        raise ValueError(f"{name}: {ndim} dimensions are wanted")
    return array


def _dense(array: Any, dtype: Any) -> Any:
    """The array itself if C-contiguous, aligned and of `dtype`, else a copy that is."""
    return np.require(array, dtype, ["C", "A"])


def _output(array: Any, name: str, dtype: Any, shape: tuple[int, ...], *inputs: NDArray[Any]) -> Any:
    _array(array, name, dtype, len(shape))
    if array.shape != shape or not array.flags.carray:
        raise ValueError(f"{name}: a writable, aligned, contiguous array of shape {shape} is wanted")
    if any(np.may_share_memory(array, other) for other in inputs):
        raise ValueError(f"{name}: overlaps an input")
    return array


def _window(array: Any, name: str, dtype: Any, *inputs: NDArray[Any]) -> Any:
    """A writable (H, W) window that a kernel changes in place."""
    _array(array, name, dtype, 2)
    return _output(array, name, dtype, array.shape, *inputs)


def _truth(mask: Any) -> Mask:
    """A contiguous uint8 view or copy of a mask, whose truth is ``!= 0``."""
    if isinstance(mask, np.ndarray) and mask.dtype == np.bool_:
        mask = mask.view(np.uint8)
    mask = _array(mask, "mask", np.uint8, 2)
    if not mask.size or max(mask.shape) > LIMIT:
        raise ValueError("mask: empty or too large")
    return np.ascontiguousarray(mask)


def _ones(mask: Mask) -> Mask:
    """The contiguous mask as 0/1: itself if it holds nothing else.

    Looked at in words of eight bytes: numpy has no SIMD in wasm, where `np.minimum` took longer than the kernel.
    """
    flat = mask.ravel()
    whole = flat.size & ~7
    bits = int(np.bitwise_or.reduce(flat[:whole].view(np.uint64))) | (0xFE & int(np.bitwise_or.reduce(flat[whole:])))
    return np.minimum(mask, 1) if bits & 0xFEFEFEFEFEFEFEFE else mask


def _net(logits: Any) -> Floats:
    _array(logits, "logits", np.float32, 2)
    if logits.shape[0] != logits.shape[1]:
        raise ValueError("logits: a square array is wanted")
    _size(logits.shape[0])
    return _dense(logits, np.float32)  # type: ignore[no-any-return]


def crop_resize_chw(
    image: NDArray[np.uint8], valid: Sequence[int], square: Sequence[int], size: int = 256, out: Floats | None = None
) -> Floats:
    """Crop, normalise (value / 255), resize and turn HWC into CHW in one pass (R3.1-R3.4).

    Parameters
    ----------
    image : uint8 (H, W), (H, W, 3) or (H, W, 4)
        Grey is repeated in three planes; alpha is ignored.
    valid : x0, y0, x1, y1
        The region inside the image, image pixels. Only these pixels are read; the rest of the square is their reflection.
    square : sx, sy, side
        The crop that the network sees, image pixels.
    size : int
        Side of the net frame. Smaller than the square: exact area average; else bilinear between pixel centres.
    out : float32 (3, size, size), optional

    Returns
    -------
    float32 (3, size, size), 0..1
    """
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        raise TypeError("image: a uint8 array is wanted")
    if not (image.ndim == 2 or (image.ndim == 3 and image.shape[2] in (3, 4))):
        raise ValueError("image: shape (H, W), (H, W, 3) or (H, W, 4) is wanted")
    rect, sq, n = _rect(valid, "valid"), _square(square), _size(size)
    if rect[0] < 0 or rect[1] < 0 or rect[2] > image.shape[1] or rect[3] > image.shape[0]:
        raise ValueError("valid: outside the image")
    if out is None:
        out = np.empty((3, n, n), np.float32)
    _output(out, "out", np.float32, (3, n, n), image)
    if _twin is None:
        out[...] = reference.crop_resize_chw(image, rect, sq, n)
        return out
    if not image.flags.c_contiguous:  # a copy of the region only: nothing may scale with the image
        image = np.ascontiguousarray(image[rect[1] : rect[3], rect[0] : rect[2]])
        sq = (sq[0] - rect[0], sq[1] - rect[1], sq[2])
        rect = (0, 0, rect[2] - rect[0], rect[3] - rect[1])
    channels = 1 if image.ndim == 2 else image.shape[2]
    _twin.resample(image, image.shape[0], image.shape[1], channels, rect, sq, n, 3, False, 1 / 255, out)
    return out


def mask_to_net(
    mask: Mask, mask_origin: Sequence[int], square: Sequence[int], size: int = 256, out: Floats | None = None
) -> Floats:
    """A window of a mask (top-left at image pixel `mask_origin`) resampled like the image, zero outside the window.

    Returns
    -------
    float32 (size, size), 0..1
    """
    window, (ox, oy), sq, n = _truth(mask), _ints(mask_origin, 2, "mask_origin"), _square(square), _size(size)
    if out is None:
        out = np.empty((n, n), np.float32)
    _output(out, "out", np.float32, (n, n), window)
    if _twin is None:
        out[...] = reference.mask_to_net(window, (ox, oy), sq, n)
        return out
    height, width = window.shape
    moved = (sq[0] - ox, sq[1] - oy, sq[2])  # the square in the window's frame
    _twin.resample(_ones(window), height, width, 1, (0, 0, width, height), moved, n, 1, True, 1.0, out)
    return out


def click_maps(
    clicks_net: Floats, is_positive: NDArray[np.bool_], size: int = 256, radius: float = 5.0, out: Floats | None = None
) -> Floats:
    """Rasters of the clicks: discs of `radius` net pixels round ``clicks_net`` float32 (N, 2) of (u, v).

    Returns
    -------
    float32 (2, size, size): channel 0 positive, 1 negative; 0 or 1
    """
    n = _size(size)
    points = _dense(clicks_net, np.float32)
    signs = _dense(is_positive, np.bool_)
    if signs.ndim != 1:
        raise ValueError("is_positive: shape (N,) is wanted")
    if points.size != 2 * signs.size or (points.size and points.shape != (signs.size, 2)):
        raise ValueError("clicks_net: shape (N, 2) with N signs is wanted")
    if not 0 <= radius <= NET_LIMIT:
        raise ValueError("radius out of range")
    if out is None:
        out = np.empty((2, n, n), np.float32)
    _output(out, "out", np.float32, (2, n, n), points, signs)
    if _twin is None:
        out[...] = reference.click_maps(points.reshape(-1, 2), signs, n, radius)
    else:
        _twin.click_maps(points, signs.view(np.uint8), n, radius, out)
    return out


def paste_mask(
    logits: Floats,
    square: Sequence[int],
    box: Sequence[int],
    mask: Mask,
    mask_origin: Sequence[int] = (0, 0),
    threshold: float = 0.5,
) -> None:
    """Sigmoid, bilinear enlarge (half-pixel, edge clamp), threshold (>=) and paste into the image's mask (R5).

    Writes 0/1 into the pixels of ``box`` that `mask`, uint8 (H, W), holds (its top-left is image pixel `mask_origin`), and
    nothing else. `logits` float32 (size, size); NaN counts as background.
    """
    net, sq, rect, (ox, oy) = _net(logits), _square(square), _rect(box), _ints(mask_origin, 2, "mask_origin")
    _window(mask, "mask", np.uint8, net)
    if not mask.size:
        return
    if _twin is None:
        reference.paste_mask(net, sq, rect, mask, (ox, oy), threshold)
    else:
        _twin.paste_mask(net, net.shape[0], sq, rect, mask, mask.shape[0], mask.shape[1], (ox, oy), threshold)


def accumulate_region(
    logits: Floats,
    square: Sequence[int],
    box: Sequence[int],
    num: Floats,
    den: Floats,
    origin: Sequence[int] = (0, 0),
) -> None:
    """Add one region to a join (R5.4): ``num += w * prob; den += w`` inside box ∩ window.

    The weight is a tent over the box, ``(1 - |x + 0.5 - cx| / (width / 2)) * (same in y)``: near a box's centre the
    network sees most context. `num`, `den`: float32 windows whose top-left is image pixel `origin`.
    """
    net, sq, rect, (ox, oy) = _net(logits), _square(square), _rect(box), _ints(origin, 2, "origin")
    _window(num, "num", np.float32, net)
    _output(den, "den", np.float32, num.shape, net, num)
    if not num.size:
        return
    if _twin is None:
        reference.accumulate_region(net, sq, rect, num, den, (ox, oy))
    else:
        _twin.accumulate_region(net, net.shape[0], sq, rect, num, den, num.shape[0], num.shape[1], (ox, oy))


def threshold_join(num: Floats, den: Floats, mask: Mask, threshold: float = 0.5) -> None:
    """Where some region covers a pixel (``den > 0``): ``mask = num >= threshold * den``; elsewhere unchanged."""
    num, den = (_dense(_array(a, "num, den", np.float32, 2), np.float32) for a in (num, den))
    if num.shape != den.shape:
        raise ValueError("num and den differ in shape")
    _output(mask, "mask", np.uint8, num.shape, num, den)
    if _twin is None:
        reference.threshold_join(num, den, mask, threshold)
    else:
        _twin.threshold_join(num, den, mask, threshold)


def prob_at(logits: Floats, square: Sequence[int], xs: Sequence[int], ys: Sequence[int]) -> Floats:
    """The enlarged probability at single image pixels (for checking clicks): float32 (N,).

    Decides every threshold as `paste_mask` does; costs a sigmoid of four net pixels for each image pixel asked for.
    """
    net, sq = _net(logits), _square(square)
    columns, rows = _positions(xs), _positions(ys)
    if columns.shape != rows.shape:
        raise ValueError("xs and ys differ in number")
    tap_rows, tap_columns, fx, fy = reference.taps_at(net.shape[0], sq, columns, rows)
    logits_at = net[tap_rows, tap_columns]
    if _twin is None:
        return reference.blend_taps(reference.sigmoid(logits_at), fx, fy)
    prob = np.empty_like(logits_at)
    _twin.sigmoid(logits_at, prob)
    return reference.blend_taps(prob, fx, fy)


def _positions(values: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    found = np.asarray(values)
    if found.ndim != 1 or (found.size and found.dtype.kind not in "iu"):
        raise ValueError("positions: integers (N,) are wanted")
    return found.astype(np.int64)


def label_components(mask: Mask, connectivity: int = 8) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Connected components, numbered from 1 by their first pixel in row-major order.

    Returns
    -------
    labels : int32 (H, W)
    stats : int64 (n, 5)
        area, x0, y0, x1, y1 (half-open) of each component, in the frame of `mask`.
    """
    window = _truth(mask)
    if connectivity not in (4, 8):
        raise ValueError("connectivity must be 4 or 8")
    if _twin is None:
        return reference.label_components(window, connectivity)
    labels = np.empty(window.shape, np.int32)
    stats = _twin.label_components(window, window.shape[0], window.shape[1], connectivity, labels)
    return labels, np.frombuffer(stats, np.int64).reshape(-1, 5)


def label_runs(
    rows: NDArray[np.int64], first: NDArray[np.int64], last: NDArray[np.int64], connectivity: int = 8
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Connected components of a mask given by its runs; work follows the runs, whatever the size of the image.

    Parameters
    ----------
    rows, first, last : integers (N,)
        Run k covers columns [first[k], last[k]) of row rows[k]; in reading order, neither empty nor touching in a row.

    Returns
    -------
    labels : int32 (N,)
        The component of each run, numbered from 1 by first pixel in row-major order.
    stats : int64 (n, 5)
        area, x0, y0, x1, y1 (half-open) of each component.
    """
    if connectivity not in (4, 8):
        raise ValueError("connectivity must be 4 or 8")
    rows, first, last = (_positions(a) for a in (rows, first, last))
    if not rows.shape == first.shape == last.shape:
        raise ValueError("rows, first and last differ in number")
    if any(a.size and (a.min() < 0 or a.max() > LIMIT) for a in (rows, first, last)):
        raise ValueError("runs out of range")  # here, before they become 32 bits
    if _twin is None:
        return reference.label_runs(rows, first, last, connectivity)
    labels = np.empty(rows.shape, np.int32)
    narrow = (np.ascontiguousarray(a, np.int32) for a in (rows, first, last))
    stats = _twin.label_runs(*narrow, connectivity, labels)
    return labels, np.frombuffer(stats, np.int64).reshape(-1, 5)


def rle_encode(mask: Mask, order: str = "C") -> NDArray[np.uint32]:
    """Lengths of alternating runs of zeros and ones, zeros first; order "C" row-major, "F" column-major (COCO)."""
    if order not in ("C", "F"):
        raise ValueError("order must be C or F")
    window = _truth(mask)
    if _twin is None:
        return reference.rle_encode(window, order)
    return np.frombuffer(_twin.rle_encode(window, window.shape[0], window.shape[1], order == "F"), np.uint32)


def rle_decode(counts: NDArray[np.uint32], shape: Sequence[int], order: str = "C", out: Mask | None = None) -> Mask:
    """The uint8 0/1 mask (H, W) of run lengths; ValueError when they do not fill it exactly."""
    if order not in ("C", "F"):
        raise ValueError("order must be C or F")
    height, width = _ints(shape, 2, "shape")
    if height <= 0 or width <= 0:
        raise ValueError("shape: empty")
    runs = np.asarray(counts)
    if runs.ndim != 1 or runs.dtype.kind not in "iu" or (runs.size and (runs.min() < 0 or runs.max() > 0xFFFFFFFF)):
        raise ValueError("counts: unsigned 32-bit integers (N,) are wanted")
    runs = np.ascontiguousarray(runs, np.uint32)
    if int(runs.sum(dtype=np.uint64)) != height * width:
        raise ValueError("run lengths do not fill the mask")
    if out is None:
        out = np.empty((height, width), np.uint8)
    _output(out, "out", np.uint8, (height, width), runs)
    if _twin is None:
        out[...] = reference.rle_decode(runs, (height, width), order)
    elif order == "C":
        _twin.rle_decode(runs, out)
    else:
        turned = np.empty((width, height), np.uint8)
        _twin.rle_decode(runs, turned)
        out[...] = turned.T
    return out
