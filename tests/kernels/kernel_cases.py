"""What the kernel tests share: running a call on every backend, awkward arrays, and oracles that are not our code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from segmark import kernels
from segmark.kernels import _native

TWINS: dict[str, Any] = {"simd": _native.simd, "scalar": _native.scalar, "reference": None}
NEAR = 2e-6  # float32 sums in another order, and numpy's exp instead of ours


def run(backend: str, call: Callable[[], Any]) -> Any:
    """The result of `call` with `segmark.kernels` on one backend."""
    before = kernels._twin
    kernels._twin = TWINS[backend]
    try:
        return call()
    finally:
        kernels._twin = before


def twins(call: Callable[[], np.ndarray]) -> np.ndarray:
    """The result of both twins, which must be equal bit by bit."""
    simd, scalar = run("simd", call), run("scalar", call)
    assert simd.dtype == scalar.dtype and simd.shape == scalar.shape
    assert simd.tobytes() == scalar.tobytes()
    return simd


def agree(call: Callable[[], np.ndarray], tolerance: float = 0.0) -> np.ndarray:
    """The twins' result, which must also be the reference's within `tolerance`."""
    found, wanted = twins(call), run("reference", call)
    assert found.dtype == wanted.dtype and found.shape == wanted.shape
    if tolerance:
        np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance)
    else:
        np.testing.assert_array_equal(found, wanted)
    return found


def shifted(array: np.ndarray, offset: int) -> np.ndarray:
    """A contiguous copy that starts `offset` items beyond a 64-byte boundary."""
    room = np.zeros(array.nbytes + 64 + offset * array.itemsize, np.uint8)
    start = -room.ctypes.data % 64 + offset * array.itemsize
    out = room[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    out[...] = array
    return out


def picture(rng: np.random.Generator, height: int, width: int, channels: int) -> np.ndarray:
    """Random bytes: (H, W) for one channel, else (H, W, channels)."""
    return rng.integers(0, 256, (height, width) if channels == 1 else (height, width, channels), dtype=np.uint8)


def blobs(rng: np.random.Generator, size: int, scale: float = 4.0) -> np.ndarray:
    """Smooth random logits, float32 (size, size): a few waves."""
    y, x = np.mgrid[0:size, 0:size] / max(size, 2)
    field = np.zeros((size, size))
    for fx, fy, phase in zip(rng.normal(0, 9, 5), rng.normal(0, 9, 5), rng.uniform(0, 6, 5), strict=True):
        field += np.sin(fx * x + fy * y + phase)
    return (field * scale).astype(np.float32)


def _along(values: np.ndarray, side: int, size: int, pad: int) -> np.ndarray:
    """Resample axis 0 of float64 `values`, which carries `pad` pixels beyond each end of the square."""
    flat = values.reshape(len(values), -1)
    at = np.arange(len(values) + 1, dtype=np.float64) - pad
    if side > size:  # area: differences of the running sum
        sums = np.concatenate([np.zeros((1, flat.shape[1])), np.cumsum(flat, axis=0)])
        edges = np.arange(size + 1) * (side / size)
        found = np.stack([np.diff(np.interp(edges, at, column)) for column in sums.T], axis=1) * size / side
    else:
        centres = (np.arange(size) + 0.5) * (side / size) - 0.5
        found = np.stack([np.interp(centres, at[:-1], column) for column in flat.T], axis=1)
    return found.reshape(size, *values.shape[1:])


def crop_oracle(
    image: np.ndarray, valid: tuple[int, int, int, int], square: tuple[int, int, int], size: int
) -> np.ndarray:
    """crop_resize_chw in float64 by np.pad, np.cumsum and np.interp, for squares that hold `valid`."""
    (x0, y0, x1, y1), (sx, sy, side) = valid, square
    crop = image[y0:y1, x0:x1].astype(np.float64)
    crop = np.repeat(crop[:, :, None], 3, axis=2) if crop.ndim == 2 else crop[:, :, :3]
    padding = ((y0 - sy + 1, sy + side - y1 + 1), (x0 - sx + 1, sx + side - x1 + 1), (0, 0))
    padded = np.pad(crop, padding, mode="reflect")
    rows = _along(padded, side, size, 1)
    both = _along(rows.transpose(1, 0, 2), side, size, 1)
    return both.transpose(2, 1, 0) / 255
