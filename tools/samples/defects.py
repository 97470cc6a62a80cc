"""Defects: where they are (a mask), how far each pixel lies inside, how they change the grey.

A line is a chain of points with a radius at each; its signed depth is positive inside. Pixel (i, j) is
judged at its centre, so `mask = depth >= 0` and the painted edge is one pixel of anti-aliasing round it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import textures

Grey = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """A polyline in image pixels: `points` float64 (n, 2) as (x, y), `radius` float64 (n,)."""

    points: Grey
    radius: Grey


@dataclass(frozen=True)
class Painted:
    """A defect over a whole image: `depth` (height, width), pixels inside the edge; `profile` in texture stds."""

    depth: Grey
    profile: Grey


def line_depth(lines: list[Line], shape: tuple[int, int]) -> Grey:
    """Return max over all segments of (radius at the foot point - distance), float64 (height, width), -inf far away."""
    depth = np.full(shape, -np.inf)
    for line in lines:
        for index in range(len(line.points) - 1):
            _segment_depth(depth, line, index)
    return depth


def _segment_depth(depth: Grey, line: Line, index: int) -> None:
    """Raise `depth` by one segment, touching only the pixels near it."""
    (ax, ay), (bx, by) = line.points[index], line.points[index + 1]
    ra, rb = line.radius[index], line.radius[index + 1]
    reach = max(ra, rb) + 4
    x0, x1 = int(max(min(ax, bx) - reach, 0)), int(min(max(ax, bx) + reach + 1, depth.shape[1]))
    y0, y1 = int(max(min(ay, by) - reach, 0)), int(min(max(ay, by) + reach + 1, depth.shape[0]))
    if x0 >= x1 or y0 >= y1:
        return
    px, py = np.meshgrid(np.arange(x0, x1) + 0.5, np.arange(y0, y1) + 0.5)
    length2 = max((bx - ax) ** 2 + (by - ay) ** 2, 1e-9)
    foot = np.clip(((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / length2, 0, 1)
    distance = np.hypot(px - ax - foot * (bx - ax), py - ay - foot * (by - ay))
    window = depth[y0:y1, x0:x1]
    np.maximum(window, ra + foot * (rb - ra) - distance, out=window)


def arc(start: tuple[float, float], control: tuple[float, float], end: tuple[float, float], steps: int) -> Grey:
    """Return `steps` points (x, y) of a quadratic Bezier curve."""
    t = np.linspace(0, 1, steps)[:, None]
    a, b, c = np.array(start), np.array(control), np.array(end)
    return (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c


def wobble(rng: np.random.Generator, count: int, low: float, high: float, smooth: int) -> Grey:
    """Return `count` smooth random values that fill [low, high]."""
    raw = rng.standard_normal(count + 2 * smooth)
    kernel = np.hanning(2 * smooth + 3)[1:-1]
    values = np.convolve(raw, kernel / kernel.sum(), mode="valid")[:count]
    return low + (high - low) * (values - values.min()) / max(float(np.ptp(values)), 1e-9)


def jagged(
    rng: np.random.Generator, start: tuple[float, float], heading: float, step: float, count: int, turn: float
) -> Grey:
    """Return a crack's path (count + 1, 2): bits of about `step` pixels round the main `heading` (radians)."""
    points = [np.array(start, float)]
    drift = 0.0
    for _ in range(count):
        drift = 0.6 * drift + rng.normal(0, turn)
        angle = heading + drift
        length = step * rng.uniform(0.6, 1.4)
        points.append(points[-1] + length * np.array([np.cos(angle), np.sin(angle)]))
    return np.array(points)


def pit_depth(
    rng: np.random.Generator, shape: tuple[int, int], centre: tuple[float, float], radii: tuple[float, float]
) -> Grey:
    """Return the signed depth (pixels, approximate) of a slightly irregular ellipse: a few harmonics on its radius."""
    yy, xx = np.mgrid[0 : shape[0], 0 : shape[1]] + 0.5
    dx, dy = (xx - centre[0]) / radii[0], (yy - centre[1]) / radii[1]
    angle = np.arctan2(dy, dx)
    edge = np.ones(shape)
    for order in range(2, 7):
        edge += rng.normal(0, 0.10 / order**0.7) * np.cos(order * angle + rng.uniform(0, 2 * np.pi))
    return (edge - np.hypot(dx, dy)) * min(radii)


def roughen(rng: np.random.Generator, depth: Grey, amount: float) -> Grey:
    """Return `depth` with an edge that wanders by at most `amount` pixels, in bumps a few pixels long."""
    bumps = textures.noise(rng, (depth.shape[0], depth.shape[1]), 2.0, 2.0)
    return depth + amount * np.clip(bumps / 2, -1, 1)


def ridges(depth: Grey, period: float) -> Grey:
    """Return furrows that run along a line, -1..1, one every `period` pixels of depth."""
    return np.cos(np.where(np.isfinite(depth), depth, 0) * (2 * np.pi / period))


def coverage(depth: Grey) -> Grey:
    """Return how much of each pixel the defect covers, 0..1, for a straight edge at that depth."""
    return np.clip(depth + 0.5, 0, 1)
