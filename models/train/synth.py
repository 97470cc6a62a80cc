"""Synthetic defects: cracks, scratches, blowholes and pits, stains, chips, on any surface.

Each shape is an alpha map (0..1, soft edge) and a shading; the mask is alpha at half or more. The contrast is chosen
against the surface's own standard deviation, down to about 1.2 times, so that neither a threshold nor a flood fill
would find it.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from .textures import noise

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
SHIFT = 4  # sub-pixel bits of cv2's drawing calls
UP = 3  # lines are drawn enlarged and averaged down: that is the soft edge


def draw_path(size: int, path: NDArray[np.float64], widths: NDArray[np.float64]) -> F32:
    """Alpha of a path [N,2] (x, y) in pixels whose width (pixels) varies from point to point."""
    big: U8 = np.zeros((size * UP, size * UP), np.uint8)
    points = np.round((path * UP + (UP - 1) / 2) * (1 << SHIFT)).astype(np.int32)
    for a, b, w in zip(points[:-1], points[1:], widths[:-1], strict=True):
        ends = (int(a[0]), int(a[1])), (int(b[0]), int(b[1]))
        cv2.line(big, *ends, (255,), max(round(w * UP), 1), cv2.LINE_8, SHIFT)
    return cv2.resize(big, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0


def walk(
    start: NDArray[np.float64], heading: float, length: float, wobble: float, drift: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """A random walk: the heading wanders by `wobble` a step and bends by `drift` over the whole length."""
    step = 3.0
    n = max(int(length / step), 3)
    turn = rng.normal(0, wobble, n)
    # wander round a mean direction instead of a free walk, which would curl up
    heads = (
        heading + np.convolve(turn, np.exp(-np.arange(12) / 5.0), "full")[:n] + np.linspace(-drift / 2, drift / 2, n)
    )
    steps = step * np.stack([np.cos(heads), np.sin(heads)], 1)
    return np.concatenate([start[None], start + np.cumsum(steps, 0)])


def widths_along(n: int, width: float, vary: float, taper: bool, rng: np.random.Generator) -> NDArray[np.float64]:
    slow = np.interp(np.arange(n), np.linspace(0, n, 8), rng.normal(0, 1, 8))
    w = width * np.exp(vary * slow)
    if taper:
        w = w * np.clip(np.minimum(np.arange(n), np.arange(n)[::-1]) / max(0.15 * n, 1), 0.35, 1)
    return np.maximum(w, 0.8)


def start_of(size: int, heading: float, length: float, rng: np.random.Generator) -> NDArray[np.float64]:
    centre = np.array([size / 2, size / 2]) + rng.normal(0, size * 0.12, 2)
    return centre - 0.5 * length * np.array([np.cos(heading), np.sin(heading)])


def crack(size: int, span: float, rng: np.random.Generator) -> tuple[F32, float]:
    """A jagged walk of 1 to 9 px, sometimes forked. Returns alpha and the preferred sign (dark)."""
    heading = float(rng.uniform(0, 2 * np.pi))
    width = float(np.exp(rng.uniform(0, np.log(9))))
    path = walk(
        start_of(size, heading, span, rng), heading, span, float(rng.uniform(0.1, 0.45)), float(rng.normal(0, 0.5)), rng
    )
    alpha = draw_path(size, path, widths_along(len(path), width, float(rng.uniform(0, 0.4)), rng.random() < 0.6, rng))
    for _ in range(int(rng.choice([0, 0, 1, 1, 2, 3]))):
        at = int(rng.integers(len(path)))
        side = heading + float(rng.choice([-1, 1]) * rng.uniform(0.4, 1.2))
        twig = walk(path[at], side, span * float(rng.uniform(0.1, 0.5)), 0.3, 0.0, rng)
        alpha = np.maximum(alpha, draw_path(size, twig, widths_along(len(twig), max(width * 0.7, 1.0), 0.2, True, rng)))
    return alpha, -1.0 if rng.random() < 0.85 else 1.0


def scratch(size: int, span: float, rng: np.random.Generator) -> tuple[F32, float]:
    """A straight or evenly bent line of 1 to 12 px; now and then two beside each other."""
    heading = float(rng.uniform(0, 2 * np.pi))
    width = float(np.exp(rng.uniform(0, np.log(12))))
    drift = 0.0 if rng.random() < 0.4 else float(rng.normal(0, 0.8))
    start = start_of(size, heading, span, rng)
    path = walk(start, heading, span, float(rng.choice([0.0, 0.02, 0.06])), drift, rng)
    alpha = draw_path(size, path, widths_along(len(path), width, float(rng.uniform(0, 0.25)), rng.random() < 0.6, rng))
    if rng.random() < 0.1:
        other = path + rng.normal(0, width * 1.2, 2)
        alpha = np.maximum(
            alpha, draw_path(size, other, widths_along(len(path), max(width * 0.6, 1.0), 0.1, True, rng))
        )
    return alpha, -1.0 if rng.random() < 0.5 else 1.0


def _blob(size: int, span: float, rough: float, soft: float, rng: np.random.Generator) -> F32:
    """An ellipse whose edge is pushed in and out by noise; `soft` is the edge's width in pixels."""
    a = max(span / 2, 2.5)
    b = max(a * float(rng.uniform(0.35, 1.0)), 2.0)
    turn = float(rng.uniform(0, np.pi))
    c = size / 2 + rng.normal(0, size * 0.1, 2)
    yy, xx = np.mgrid[0:size, 0:size].astype(np.float32)
    u = ((xx - c[0]) * np.cos(turn) + (yy - c[1]) * np.sin(turn)) / a
    v = (-(xx - c[0]) * np.sin(turn) + (yy - c[1]) * np.cos(turn)) / b
    r = np.sqrt(u * u + v * v) + 1e-6
    cell = max(a * float(rng.uniform(0.25, 0.9)), 2.0)
    edge = 1.0 + rough * noise(size, cell, cell, rng)
    return np.clip((edge - r) * np.sqrt(a * b) / soft + 0.5, 0, 1).astype(np.float32)


def blowhole(size: int, span: float, rng: np.random.Generator) -> tuple[F32, float]:
    """A pore or pit: a roundish blob with a fairly sharp edge."""
    return _blob(
        size, span, float(rng.uniform(0, 0.25)), float(rng.uniform(1.0, 3.0)), rng
    ), -1.0 if rng.random() < 0.75 else 1.0


def stain(size: int, span: float, rng: np.random.Generator) -> tuple[F32, float]:
    """A soft, ragged spot."""
    return _blob(
        size, span, float(rng.uniform(0.1, 0.45)), float(rng.uniform(3, 3 + span * 0.12)), rng
    ), -1.0 if rng.random() < 0.65 else 1.0


def chip(size: int, span: float, rng: np.random.Generator) -> tuple[F32, float]:
    """A polygon with broken edges."""
    n = int(rng.integers(4, 10))
    angles = np.sort(rng.uniform(0, 2 * np.pi, n))
    radii = span / 2 * rng.uniform(0.45, 1.0, n)
    c = size / 2 + rng.normal(0, size * 0.1, 2)
    points = np.stack([c[0] + radii * np.cos(angles), c[1] + radii * np.sin(angles)], 1)
    big: U8 = np.zeros((size * UP, size * UP), np.uint8)
    cv2.fillPoly(big, [np.round(points * UP).astype(np.int32)], (255,))
    return cv2.resize(big, (size, size), interpolation=cv2.INTER_AREA).astype(
        np.float32
    ) / 255.0, -1.0 if rng.random() < 0.5 else 1.0


Shape = Callable[[int, float, np.random.Generator], tuple[F32, float]]
SHAPES: tuple[tuple[Shape, float], ...] = ((crack, 0.34), (scratch, 0.28), (blowhole, 0.2), (stain, 0.1), (chip, 0.08))


def _pick_shape(rng: np.random.Generator) -> Shape:
    weights = np.array([w for _, w in SHAPES])
    return SHAPES[int(rng.choice(len(SHAPES), p=weights / weights.sum()))][0]


def shade(surface: F32, alpha: F32, sign: float, contrast: float, thick: bool, rng: np.random.Generator) -> F32:
    """Blend a defect in: a shift of `contrast` standard deviations, its own grain, sometimes a lit rim."""
    size = surface.shape[0]
    inside = alpha > 0.05
    ys, xs = np.nonzero(inside)
    near = surface[max(ys.min() - 16, 0) : ys.max() + 17, max(xs.min() - 16, 0) : xs.max() + 17].mean(2)
    std = max(float(near.std()), 3.0)
    depth = np.full((size, size), sign * contrast * std, np.float32)
    if rng.random() < 0.6:
        depth *= 1 + 0.2 * noise(size, float(rng.uniform(2, 12)), float(rng.uniform(2, 12)), rng)
    if thick and rng.random() < 0.5:  # a hollow is darker on one side
        d = cv2.GaussianBlur(alpha, (0, 0), 3)
        a = rng.uniform(0, 2 * np.pi)
        slope = np.cos(a) * cv2.Sobel(d, cv2.CV_32F, 1, 0) + np.sin(a) * cv2.Sobel(d, cv2.CV_32F, 0, 1)
        depth += float(rng.uniform(0.3, 1.2)) * contrast * std * slope / (np.abs(slope).max() + 1e-6)
    smooth = float(rng.choice([0.0, 0.0, 0.4, 0.8]))  # how much of the surface's grain is lost inside
    base = surface
    if smooth:
        base = surface + smooth * alpha[:, :, None] * (cv2.GaussianBlur(surface, (0, 0), 6) - surface)
    tint = np.ones(3, np.float32) if rng.random() < 0.7 else (1 + rng.normal(0, 0.25, 3)).astype(np.float32)
    out = base + (alpha * depth)[:, :, None] * tint
    if rng.random() < 0.15:  # a burr: a faint opposite rim outside
        rim = np.clip(cv2.GaussianBlur(alpha, (0, 0), 1.5) - alpha, 0, 1)
        out -= (rim * sign * contrast * std * float(rng.uniform(0.4, 1.0)))[:, :, None]
    return np.asarray(out, np.float32)


def add_defect(surface: F32, rng: np.random.Generator) -> tuple[U8, U8]:
    """A defect (and sometimes others, which are not the target) drawn into a surface.

    Parameters
    ----------
    surface : [S,S,3] float32, 0..255

    Returns
    -------
    image [S,S,3] uint8, mask [S,S] uint8 0/1 of the target
    """
    size = surface.shape[0]
    target: U8 = np.zeros((size, size), np.uint8)
    count = 1 if rng.random() < 0.7 else int(rng.integers(2, 4))
    used: F32 = np.zeros((size, size), np.float32)
    for k in range(count):
        shape = _pick_shape(rng)
        long = shape in (crack, scratch)
        span = size * float(np.exp(rng.uniform(np.log(0.15 if long else 0.05), np.log(1.3 if long else 0.75))))
        alpha, sign = shape(size, span, rng)
        if k:  # a bystander: elsewhere, clear of the target
            alpha = np.roll(alpha, tuple(int(v) for v in rng.integers(-size // 2, size // 2, 2)), (0, 1))
            if float((alpha * cv2.dilate(used, np.ones((9, 9)))).max()) > 0.02:
                continue
        if not (alpha >= 0.5).any():
            continue
        contrast = float(np.exp(rng.uniform(np.log(1.2), np.log(5.0))))
        surface = shade(surface, alpha, sign, contrast, not long, rng)
        used = np.maximum(used, alpha)
        if not target.any():
            target = (alpha >= 0.5).astype(np.uint8)
    return photographed(surface, 0.3, rng), target


def photographed(surface: F32, chance: float, rng: np.random.Generator) -> U8:
    """A surface as a picture of whole numbers; by `chance` the lens was a little out of focus."""
    if rng.random() < chance:
        surface = cv2.GaussianBlur(surface, (0, 0), float(rng.uniform(0.4, 0.9))).astype(np.float32)
    return np.clip(surface + 0.5, 0, 255).astype(np.uint8)


def draw_known(kind: str, size: int, rng: np.random.Generator) -> F32:
    """Alpha of one held-out defect of a given kind: a "scratch" or "crack" of 5 to 9 px, or a "blowhole"."""
    if kind == "blowhole":
        return _blob(size, size * float(rng.uniform(0.08, 0.3)), float(rng.uniform(0.03, 0.2)), 2.0, rng)
    span, heading = size * float(rng.uniform(0.3, 0.7)), float(rng.uniform(0, 2 * np.pi))
    wobble, drift = (0.3, 0.0) if kind == "crack" else (0.02, float(rng.normal(0, 0.5)))
    path = walk(start_of(size, heading, span, rng), heading, span, wobble, drift, rng)
    widths = np.maximum(widths_along(len(path), float(rng.uniform(5.5, 9)), 0.15, False, rng), 5.0)
    return draw_path(size, path, widths)


def blend_known(surface: F32, alpha: F32, contrast: float, sign: float) -> tuple[U8, U8]:
    """Shift `surface` [S,S,3] under `alpha` [S,S] by `contrast` standard deviations; image and mask as `add_defect`."""
    std = float(surface.mean(2).std())
    out = surface + (alpha * sign * contrast * std)[:, :, None]
    return np.clip(out + 0.5, 0, 255).astype(np.uint8), (alpha >= 0.5).astype(np.uint8)
