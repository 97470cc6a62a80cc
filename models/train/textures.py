"""Procedural surfaces: brushed metal, cast metal, concrete, weave, paint; all seeded."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


def noise(size: int, cell_x: float, cell_y: float, rng: np.random.Generator) -> F32:
    """Smooth noise [size,size] of zero mean and unit deviation; `cell_*` is the grain in pixels."""
    w, h = max(int(np.ceil(size / cell_x)) + 3, 4), max(int(np.ceil(size / cell_y)) + 3, 4)
    if cell_x <= 1.01 and cell_y <= 1.01:
        out = rng.standard_normal((size, size), dtype=np.float32)
    else:
        small = rng.standard_normal((min(h, size), min(w, size)), dtype=np.float32)
        out = cv2.resize(small, (size, size), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    return ((out - out.mean()) / (out.std() + 1e-6)).astype(np.float32)


def brushed(size: int, rng: np.random.Generator) -> F32:
    """Fine lines in one direction."""
    big = int(size * 1.5)
    long = float(rng.uniform(20, 200))
    x = (
        noise(big, long, 1.0, rng)
        + 0.7 * noise(big, long * 2, float(rng.uniform(2, 6)), rng)
        + 0.4 * noise(big, 1, 1, rng)
    )
    matrix = cv2.getRotationMatrix2D(
        (big / 2, big / 2), float(rng.choice([0, 90]) if rng.random() < 0.6 else rng.uniform(0, 180)), 1
    )
    turned = cv2.warpAffine(x, matrix, (big, big), borderMode=cv2.BORDER_REFLECT_101)
    o = (big - size) // 2
    return np.asarray(turned[o : o + size, o : o + size], np.float32)


def cast(size: int, rng: np.random.Generator) -> F32:
    """Noise at several scales, as on cast or sand-blasted metal."""
    x = np.zeros((size, size), np.float32)
    for cell in (1.0, 2.0, 4.0, 9.0, 20.0, 45.0):
        x += float(rng.uniform(0.1, 1.0)) * noise(size, cell, cell, rng)
    return x


def concrete(size: int, rng: np.random.Generator) -> F32:
    """Cloudy grey with grain and pores."""
    x = (
        0.8 * noise(size, 40, 40, rng)
        + 0.6 * noise(size, 6, 6, rng)
        + float(rng.uniform(0.3, 1.0)) * noise(size, 1, 1, rng)
    )
    pores = noise(size, float(rng.uniform(2, 4)), float(rng.uniform(2, 4)), rng)
    return (x - float(rng.uniform(0.5, 2)) * np.maximum(pores - 1.7, 0)).astype(np.float32)


def weave(size: int, rng: np.random.Generator) -> F32:
    """Crossing threads: two square waves out of step, bent a little."""
    period = float(rng.uniform(4, 18))
    angle = float(rng.uniform(0, np.pi))
    yy, xx = np.mgrid[0:size, 0:size].astype(np.float32)
    bend = 0.15 * period
    u = xx * np.cos(angle) + yy * np.sin(angle) + bend * noise(size, 20, 20, rng)
    v = -xx * np.sin(angle) + yy * np.cos(angle) + bend * noise(size, 20, 20, rng)
    su, sv = np.sin(2 * np.pi * u / period), np.sin(2 * np.pi * v / period)
    x = np.where(su * sv > 0, np.abs(su), np.abs(sv)) + float(rng.uniform(0.1, 0.5)) * noise(size, 1, 1, rng)
    return np.asarray(x, np.float32)


def painted(size: int, rng: np.random.Generator) -> F32:
    """Nearly even: slow clouds, faint grain (orange peel)."""
    return noise(size, 60, 60, rng) + 0.5 * noise(size, 3, 3, rng) + 0.6 * noise(size, 1, 1, rng)


KINDS = (brushed, cast, concrete, weave, painted)


def surface(size: int, rng: np.random.Generator) -> F32:
    """A procedural surface [size,size,3] float32, 0..255, with a standard deviation of about 3 to 25."""
    field = KINDS[int(rng.integers(len(KINDS)))](size, rng)
    if rng.random() < 0.25:
        field = field + 0.6 * KINDS[int(rng.integers(len(KINDS)))](size, rng)
    field = (field - field.mean()) / (field.std() + 1e-6)
    grey = float(rng.uniform(60, 200)) + float(np.exp(rng.uniform(np.log(3), np.log(25)))) * field
    tint = np.ones(3) if rng.random() < 0.5 else 1 + rng.normal(0, 0.08, 3)
    return np.clip(grey[:, :, None] * tint, 0, 255).astype(np.float32)
