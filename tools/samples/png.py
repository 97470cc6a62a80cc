"""A small PNG writer, so that the samples' bytes depend on our code and zlib alone, on no imaging library."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return one PNG chunk: length, four-letter `kind`, `body`, CRC."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _paeth(rows: npt.NDArray[np.int16], channels: int) -> npt.NDArray[np.uint8]:
    """Return every row filtered by PNG filter 4 (Paeth); `rows` is (height, width * channels)."""
    left = np.zeros_like(rows)
    left[:, channels:] = rows[:, :-channels]
    above = np.zeros_like(rows)
    above[1:] = rows[:-1]
    corner = np.zeros_like(rows)
    corner[1:, channels:] = rows[:-1, :-channels]
    guess = left + above - corner
    to_left, to_above, to_corner = abs(guess - left), abs(guess - above), abs(guess - corner)
    best = np.where(to_above <= to_corner, above, corner)
    best = np.where((to_left <= to_above) & (to_left <= to_corner), left, best)
    return ((rows - best) & 0xFF).astype(np.uint8)


def encode_png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Return `pixels` as an 8-bit PNG.

    Parameters
    ----------
    pixels : uint8 (height, width) for grey or (height, width, 3) for RGB.

    Raises
    ------
    ValueError
        If the shape or type is another one.
    """
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] != 3):
        raise ValueError(f"8-bit grey or RGB wanted, got {pixels.dtype} {pixels.shape}")
    height, width = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else 3
    filtered = _paeth(pixels.reshape(height, width * channels).astype(np.int16), channels)
    lines = np.hstack([np.full((height, 1), 4, np.uint8), filtered])
    header = struct.pack(">IIBBBBB", width, height, 8, 0 if channels == 1 else 2, 0, 0, 0)
    body = zlib.compress(lines.tobytes(), 9)
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
