"""Files that the tests open: good ones of other kinds, and every bad one."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from png_bytes import SIGNATURE, chunk, header

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ("scratch", "blowhole", "crack")

Image = npt.NDArray[np.uint8]


def sample(name: str) -> tuple[Image, Image]:
    """Return a sample's pixels, uint8 (height, width, 3) RGB, and its true mask, uint8 (height, width) 0/1."""
    pixels = cv2.imread(str(ROOT / f"site/samples/{name}.png"), cv2.IMREAD_COLOR)
    mask = cv2.imread(str(ROOT / f"tests/samples/{name}.mask.png"), cv2.IMREAD_GRAYSCALE)
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), (mask > 127).astype(np.uint8)


def encoded(pixels: Image, suffix: str, quality: int = 95) -> bytes:
    """Return `pixels` (RGB) as a file of the kind that `suffix` names (.jpg, .png)."""
    options = [cv2.IMWRITE_JPEG_QUALITY, quality] if suffix == ".jpg" else [cv2.IMWRITE_PNG_COMPRESSION, 1]
    ok, data = cv2.imencode(suffix, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), options)
    assert ok
    return bytes(data)


def truncated_jpeg() -> bytes:
    """Return the first 60 % of a good JPEG: the header is whole, the picture is not."""
    data = encoded(sample("blowhole")[0], ".jpg")
    return data[: len(data) * 6 // 10]


def huge_png(side: int = 20_000) -> bytes:
    """Return a valid grey PNG of `side` x `side` zeros: 400 megapixels in a file of a few hundred kilobytes."""
    deflate = zlib.compressobj(9)
    body = io.BytesIO()
    line = bytes(side + 1)
    for _ in range(side):
        body.write(deflate.compress(line))
    body.write(deflate.flush())
    return SIGNATURE + header(side, side) + chunk(b"IDAT", body.getvalue()) + chunk(b"IEND", b"")


def large_with_small_defect(width: int = 6000, height: int = 4000) -> tuple[Image, Image]:
    """Return a large surface (RGB) with one dark pit about 40 px across at (4321, 2713), and the true mask.

    The noise is a tile repeated: making and packing 24 million random numbers would be most of the test's time.
    """
    rng = np.random.default_rng(77)
    noise = np.pad(rng.normal(0, 1, (500, 500)).astype(np.float32), 8, mode="wrap")
    tile = cv2.GaussianBlur(noise, (0, 0), 1.2)[8:-8, 8:-8]
    grey = np.tile(140 + 9 * tile / tile.std(), (height // 500, width // 500))
    yy, xx = np.mgrid[0:60, 0:60] + 0.5 - 30
    angle = np.arctan2(yy, xx)
    radius = 20 + 1.5 * np.cos(3 * angle + 1) + np.cos(5 * angle)
    depth = radius - np.hypot(xx, yy)
    x0, y0 = 4321 - 30, 2713 - 30
    grey[y0 : y0 + 60, x0 : x0 + 60] -= 27 * np.clip(depth + 0.5, 0, 1)
    mask = np.zeros((height, width), np.uint8)
    mask[y0 : y0 + 60, x0 : x0 + 60] = depth >= 0
    pixels = np.clip(np.rint(grey), 0, 255).astype(np.uint8)
    return np.repeat(pixels[..., None], 3, axis=2), mask
