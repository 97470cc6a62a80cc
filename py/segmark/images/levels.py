"""Values beyond 8 bits -> 0..255 by two percentiles of the image: found exactly, in little memory, whatever the image's size."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

LOW, HIGH = 0.1, 99.9  # percentiles that become 0 and 255
Levels = tuple[float, float]
Bands = Callable[[], Iterable[NDArray[Any]]]
_HALF = 1 << 16


def percentiles(bands: Bands) -> Levels:
    """The 0.1 and the 99.9 percentile of an image's finite values (linear between two of them), at least a bit apart.

    Parameters
    ----------
    bands : gives the image in pieces of any shape, integers or float32; asked twice, so that it need not be held
    """
    counts = np.zeros(_HALF, np.int64)
    for band in bands():
        counts += _counted(_keys(band) >> 16)
    total = int(counts.sum())
    if total == 0:
        return 0.0, 1.0
    places = [(total - 1) * (percent / 100) for percent in (LOW, HIGH)]
    ranks = sorted({min(total - 1, int(place) + k) for place in places for k in (0, 1)})
    values = _values_of_ranks(bands, counts, ranks)
    low, high = (_between(values[int(p)], values[min(total - 1, int(p) + 1)], p - int(p)) for p in places)
    return (low, high) if high > low else (low, low + 1.0)


def _between(a: float, b: float, part: float) -> float:
    """As numpy's percentile does it, to the last bit."""
    return a + (b - a) * part if part < 0.5 else b - (b - a) * (1 - part)


def _values_of_ranks(bands: Bands, counts: NDArray[np.int64], ranks: list[int]) -> dict[int, float]:
    """The values that stand at these places of the sorted image; ``counts``: how many keys have each upper half."""
    ends = np.cumsum(counts)
    upper = {rank: int(np.searchsorted(ends, rank, side="right")) for rank in ranks}
    lower = {half: np.zeros(_HALF, np.int64) for half in upper.values()}
    dtype = np.dtype(np.uint8)
    for band in bands():
        dtype, keys = band.dtype, _keys(band)
        for half in lower:
            lower[half] += _counted(keys[keys >> 16 == half] & (_HALF - 1))
    keys_of = {}
    for rank, half in upper.items():
        before = int(ends[half] - counts[half])
        keys_of[rank] = half << 16 | int(np.searchsorted(np.cumsum(lower[half]), rank - before, side="right"))
    return {rank: _value(key, dtype) for rank, key in keys_of.items()}


def _counted(halves: NDArray[Any]) -> NDArray[np.intp]:
    return np.bincount(halves.astype(np.intp), minlength=_HALF)  # numpy counts its index type only: 32 bits in wasm


def _keys(values: NDArray[Any]) -> NDArray[np.uint32]:
    """uint32 in the order of the values, flat; those that are not finite are left out."""
    flat: NDArray[Any] = values.reshape(-1)
    if flat.dtype.kind == "f":
        bits = np.ascontiguousarray(flat[np.isfinite(flat)], np.float32).view(np.uint32)
        return np.where(bits >> 31 != 0, ~bits, bits | np.uint32(1 << 31))
    if flat.dtype.kind == "i":
        return flat.astype(np.int32).view(np.uint32) ^ np.uint32(1 << 31)
    return flat.astype(np.uint32)


def _value(key: int, dtype: np.dtype[Any]) -> float:
    """What `_keys` made a key of."""
    if dtype.kind == "f":
        bits = key ^ (1 << 31) if key >> 31 else key ^ 0xFFFF_FFFF
        return float(np.array([bits], np.uint32).view(np.float32)[0])
    return float(key - (1 << 31) if dtype.kind == "i" else key)


def to_bytes(values: NDArray[Any], levels: Levels) -> NDArray[np.uint8]:
    """Values -> uint8: the first level becomes 0, the second 255, rounded; what is no number becomes 0.

    The first level may be the higher one: the image is inverted then.
    """
    low, high = levels
    scaled = np.nan_to_num(
        (values.astype(np.float64) - low) * (255.0 / (high - low)), nan=0.0, posinf=255.0, neginf=0.0
    )
    return np.rint(np.clip(scaled, 0.0, 255.0)).astype(np.uint8)
