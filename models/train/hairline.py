"""Synthetic hairline cracks, and what is mistaken for them, as a box that follows the clicks shows them.

Cracks of concrete are 1 to 3 pixels wide at the picture's own scale, run right through such a box and fade in places;
beside them run joints, which are straight. No set to train on has any (`models/tried.md` shows where the networks lost
them).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .clicks import middle_click
from .synth import blowhole, draw_path, photographed, shade, stain, start_of, walk, widths_along
from .textures import noise

#: Pieces of a crack that lie so many pixels apart are objects of their own.
GAP = 8

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]


def joint(size: int, rng: np.random.Generator) -> F32:
    """A straight dark line from side to side, as of formwork or between plates: like a crack, and none."""
    heading = float(rng.choice([0, np.pi / 2])) + float(rng.normal(0, 0.06))
    along = np.array([np.cos(heading), np.sin(heading)])
    middle = rng.uniform(0, size, 2)
    ends = np.stack([middle - along * 2 * size, middle + along * 2 * size])
    alpha = draw_path(size, ends, np.full(2, float(rng.uniform(1, 5))))
    return np.asarray(cv2.GaussianBlur(alpha, (0, 0), float(rng.uniform(0.4, 1.5))), np.float32)


def hairline(size: int, rng: np.random.Generator) -> tuple[F32, U8]:
    """A crack of 1 to 2.5 px right through the middle of the picture, here and there hardly to be seen.

    Returns
    -------
    alpha [S,S] and the mask 0/1 of the piece nearest the middle: what is faint belongs to it, what lies beyond a gap of
    at least `GAP` does not (sets of cracks are annotated so).
    """
    heading = float(rng.uniform(0, 2 * np.pi))
    span, width = size * float(rng.uniform(0.7, 1.8)), float(np.exp(rng.uniform(np.log(0.8), np.log(2.5))))
    start = start_of(size, heading, span, rng)
    paths = [walk(start, heading, span, float(rng.uniform(0.08, 0.5)), float(rng.normal(0, 0.6)), rng)]
    for _ in range(int(rng.choice([0, 0, 0, 1, 2]))):
        side, fork = heading + float(rng.choice([-1, 1]) * rng.uniform(0.4, 1.4)), int(rng.integers(len(paths[0])))
        paths.append(walk(paths[0][fork], side, span * float(rng.uniform(0.2, 0.7)), 0.3, 0.0, rng))
    through = paths[0][int(rng.integers(len(paths[0])))] - size / 2 + rng.normal(0, 4, 2)
    alpha, mask = np.zeros((size, size), np.float32), np.zeros((size, size), bool)
    for path in paths:
        widths = widths_along(len(path), width, float(rng.uniform(0, 0.3)), False, rng)
        alpha = np.maximum(alpha, draw_path(size, path - through, widths))
        mask |= draw_path(size, path - through, np.maximum(widths, 1.4)) >= 0.5
    seen = np.clip(0.75 + float(rng.uniform(0, 0.45)) * noise(size, 25, 25, rng), 0.3, 1)
    for _ in range(int(rng.choice([0, 0, 0, 1, 2, 4]))):
        x, y = paths[0][int(rng.integers(len(paths[0])))] - through
        away = np.hypot(np.arange(size) - x, (np.arange(size) - y)[:, None]) - float(rng.uniform(GAP, 4 * GAP)) / 2
        seen, mask = seen * np.clip(away / 2 + 0.5, 0, 1), mask & (away > 0)
    return (alpha * seen).astype(np.float32), nearest_piece(mask.astype(np.uint8))


def nearest_piece(mask: U8) -> U8:
    """The piece of a 0/1 mask [S,S] nearest the middle; what is less than `GAP` apart is one piece."""
    if not mask.any():
        return mask
    _, pieces = cv2.connectedComponents(cv2.dilate(mask, np.ones((GAP - 3, GAP - 3), np.uint8)), connectivity=8)
    click = middle_click(mask > 0)
    return mask * (pieces == pieces[int(click.y), int(click.x)]).astype(np.uint8)


def add_hairline(surface: F32, rng: np.random.Generator) -> tuple[U8, U8]:
    """A hairline crack drawn into a surface, and what is mistaken for one: joints, holes, stains. As `add_defect`."""
    size = surface.shape[0]
    for _ in range(int(rng.integers(0, 3))):
        surface = shade(surface, joint(size, rng), -1.0, float(rng.uniform(0.8, 4)), False, rng)
    for _ in range(int(rng.choice([0, 1, 2, 5]))):
        alpha, sign = (blowhole if rng.random() < 0.8 else stain)(
            size, float(np.exp(rng.uniform(np.log(3), np.log(size / 5)))), rng
        )
        alpha = np.roll(alpha, tuple(int(v) for v in rng.integers(0, size, 2)), (0, 1))
        surface = shade(surface, alpha, sign, float(rng.uniform(1, 5)), True, rng)
    alpha, mask = hairline(size, rng)
    if alpha.any():
        sign = -1.0 if rng.random() < 0.9 else 1.0
        surface = shade(surface, alpha, sign, float(np.exp(rng.uniform(np.log(1.5), np.log(6)))), False, rng)
    return photographed(surface, 0.4, rng), mask
