"""Crops as the product makes them, and changes of light and grain that keep the mask true."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]


def square_crop(picture: U8, cx: float, cy: float, side: float, size: int, angle: float = 0.0) -> U8:
    """Square of side `side` image pixels round (cx, cy), resampled to `size` x `size`.

    Area averaging down, bilinear up, reflection (101) outside: the product's own rules. A rotated crop is bilinear
    after a blur that stands in for the averaging.

    Parameters
    ----------
    picture : [H,W] or [H,W,3] uint8
    cx, cy, side : float
        Image pixels, pixel i covering i to i+1.
    angle : float
        Degrees.
    """
    if angle:
        return _rotated(picture, cx, cy, side, size, angle)
    s = max(round(side), 2)
    x0, y0 = round(cx - s / 2), round(cy - s / 2)
    h, w = picture.shape[:2]
    cut = picture[max(y0, 0) : max(min(y0 + s, h), 0), max(x0, 0) : max(min(x0 + s, w), 0)]
    top, left = max(-y0, 0), max(-x0, 0)
    bottom, right = max(y0 + s - h, 0), max(x0 + s - w, 0)
    if top or left or bottom or right:
        cut = _reflect(picture, x0, y0, s)
    if s == size:
        return np.ascontiguousarray(cut)
    return cv2.resize(cut, (size, size), interpolation=cv2.INTER_AREA if s > size else cv2.INTER_LINEAR).astype(
        np.uint8
    )


def _reflect(picture: U8, x0: int, y0: int, s: int) -> U8:
    h, w = picture.shape[:2]
    return np.ascontiguousarray(picture[_mirror(y0, s, h)][:, _mirror(x0, s, w)])


def _mirror(start: int, count: int, n: int) -> NDArray[np.intp]:
    """Indices start..start+count-1 folded into 0..n-1 without repeating the border pixel (reflect 101)."""
    if n == 1:
        return np.zeros(count, np.intp)
    period = 2 * (n - 1)
    i = np.mod(np.arange(start, start + count), period)
    return np.where(i < n, i, period - i).astype(np.intp)


def _rotated(picture: U8, cx: float, cy: float, side: float, size: int, angle: float) -> U8:
    zoom = size / side
    if zoom < 0.8:
        picture = cv2.blur(picture, (round(1 / zoom),) * 2).astype(np.uint8)
    matrix = cv2.getRotationMatrix2D((cx - 0.5, cy - 0.5), angle, zoom)
    matrix[:, 2] = matrix[:, 2] + (size - 1) / 2 - np.array([cx - 0.5, cy - 0.5])
    return cv2.warpAffine(
        picture, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    ).astype(np.uint8)


def crop_mask(mask: U8, cx: float, cy: float, side: float, size: int, angle: float = 0.0) -> U8:
    """The same crop of a 0/1 mask, as 0/1.

    A thin line shrunk and cut at half coverage would vanish, so the cut is the one that keeps the area (never
    below a quarter, never above a half).
    """
    soft = square_crop(mask * np.uint8(255), cx, cy, side, size, angle)
    wanted = int(soft.sum(dtype=np.int64) / 255)
    at_half = int((soft >= 128).sum())
    if wanted <= at_half:
        return (soft >= 128).astype(np.uint8)
    counts = np.cumsum(np.bincount(soft.ravel(), minlength=256)[::-1])[::-1]  # counts[t] = pixels >= t
    cut = int(np.searchsorted(-counts, -wanted, side="right")) - 1
    return (soft >= int(np.clip(cut, 64, 128))).astype(np.uint8)


def crop_outside(
    shape: tuple[int, ...], cx: float, cy: float, side: float, size: int, angle: float = 0.0
) -> NDArray[np.bool_]:
    """Which pixels of the crop show the reflection instead of the picture of `shape` (H, W)."""
    zoom = size / side
    matrix = cv2.getRotationMatrix2D((cx - 0.5, cy - 0.5), angle, zoom)
    matrix[:, 2] = matrix[:, 2] + (size - 1) / 2 - np.array([cx - 0.5, cy - 0.5])
    back = cv2.invertAffineTransform(matrix)
    grid = np.arange(size, dtype=np.float64)
    x = back[0, 0] * grid[None, :] + back[0, 1] * grid[:, None] + back[0, 2]
    y = back[1, 0] * grid[None, :] + back[1, 1] * grid[:, None] + back[1, 2]
    h, w = shape
    return np.asarray((x < -0.5) | (y < -0.5) | (x > w - 0.5) | (y > h - 0.5))


def flip_both(image: U8, mask: U8, rng: np.random.Generator) -> tuple[U8, U8]:
    """One of the eight turns and mirrors of the square, the same for the image and for one mask or several ([S,S,n])."""
    k = int(rng.integers(4))
    image, mask = np.rot90(image, k), np.rot90(mask, k)
    if rng.random() < 0.5:
        image, mask = image[:, ::-1], mask[:, ::-1]
    return np.ascontiguousarray(image), np.ascontiguousarray(mask)


def photometric(image: U8, rng: np.random.Generator) -> U8:
    """Light, colour, grain, blur and compression, each with its own chance."""
    x: NDArray[np.floating[Any]] = image.astype(np.float32)
    if rng.random() < 0.25:
        x = np.repeat(x.mean(2, keepdims=True), 3, 2)
    if rng.random() < 0.12:
        x = 255.0 - x  # a dark defect is as much a defect as a bright one
    if rng.random() < 0.7:
        mean = x.mean()
        x = (x - mean) * float(np.exp(rng.uniform(-0.5, 0.4))) + mean + float(rng.uniform(-35, 35))
    if rng.random() < 0.3:
        x = 255.0 * (np.clip(x, 0, 255) / 255.0) ** float(np.exp(rng.uniform(-0.5, 0.5)))
    if rng.random() < 0.3:
        x = x * rng.uniform(0.85, 1.15, 3).astype(np.float32)
    if rng.random() < 0.2:
        x = x * _slope(x.shape[0], rng)[:, :, None]
    if rng.random() < 0.15:
        x = cv2.GaussianBlur(x, (0, 0), float(rng.uniform(0.4, 1.2))).astype(np.float32)
    if rng.random() < 0.3:
        x = x + rng.normal(0, rng.uniform(1, 9), (*x.shape[:2], 1)).astype(np.float32)
    out = np.clip(x + 0.5, 0, 255).astype(np.uint8)
    if rng.random() < 0.12:
        ok, data = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 90))])
        out = cv2.imdecode(data, cv2.IMREAD_COLOR).astype(np.uint8) if ok else out
    return out


def _slope(size: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Uneven light: a plane from about 0.7 to 1.3."""
    a = rng.uniform(0, 2 * np.pi)
    t = np.linspace(-1, 1, size, dtype=np.float32)
    return (1.0 + 0.3 * rng.random() * (np.cos(a) * t[:, None] + np.sin(a) * t[None, :])).astype(np.float32)
