"""Clicks: where a simulated annotator clicks next, and how clicks are drawn for the network."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
RADIUS_AT_256 = 5.0
#: Share of the clicks in the very middle of the largest error: such a click says that no error is deeper.
CENTRE = 0.65


@dataclass(frozen=True)
class Click:
    """One click in the net frame (x right, y down, pixel centres at whole numbers)."""

    x: float
    y: float
    is_positive: bool


def radius(size: int) -> float:
    """Disc radius in net pixels: 5 at 256, in proportion elsewhere."""
    return RADIUS_AT_256 * size / 256.0


def click_maps(clicks: list[Click], size: int) -> NDArray[np.float32]:
    """Union of discs, [2,size,size]: channel 0 positive, channel 1 negative; 1 within the radius."""
    maps = np.zeros((2, size, size), np.float32)
    r = radius(size)
    for c in clicks:
        x0, x1 = max(int(np.ceil(c.x - r)), 0), min(int(np.floor(c.x + r)), size - 1)
        y0, y1 = max(int(np.ceil(c.y - r)), 0), min(int(np.floor(c.y + r)), size - 1)
        if x1 < x0 or y1 < y0:
            continue
        xs, ys = np.arange(x0, x1 + 1) - c.x, np.arange(y0, y1 + 1) - c.y
        disc = (xs[None, :] ** 2 + ys[:, None] ** 2 <= r * r).astype(np.float32)
        part = maps[0 if c.is_positive else 1, y0 : y1 + 1, x0 : x1 + 1]
        np.maximum(part, disc, out=part)
    return maps


def _distance(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Distance to the nearest pixel outside `mask`; the world beyond the border counts as outside."""
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    return np.asarray(cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1], np.float32)


def centre_click(
    truth: NDArray[np.bool_], mask: NDArray[np.bool_], taken: NDArray[np.bool_] | None = None
) -> Click | None:
    """The centre of the largest error: the point of all missed or false pixels deepest inside its error area.

    Parameters
    ----------
    truth, mask : [H,W] bool
    taken : [H,W] bool, optional
        Pixels clicked before, never clicked again.

    Returns
    -------
    Click or None
        None when there is no error left.
    """
    best: tuple[float, Click | None] = (0.0, None)
    for is_positive, error in ((True, truth & ~mask), (False, mask & ~truth)):
        if not error.any():
            continue
        d = _distance(error)
        if taken is not None:
            d = np.where(taken, 0, d)
        i = int(d.argmax())
        value = float(d.flat[i])
        if value > best[0]:
            y, x = divmod(i, d.shape[1])
            best = (value, Click(float(x), float(y), is_positive))
    return best[1]


def person_click(truth: NDArray[np.bool_], mask: NDArray[np.bool_], rng: np.random.Generator) -> Click | None:
    """A click as people make them: often the centre of the largest error, else somewhere inside it, a little off."""
    error = truth != mask
    if not error.any():
        return None
    kind = rng.random()
    if kind < CENTRE:
        click = centre_click(truth, mask)
        if click is None:
            return None
    elif kind < CENTRE + 0.2:
        click = _inside_largest(truth, error, rng)
    else:
        ys, xs = np.nonzero(error)
        i = int(rng.integers(len(xs)))  # a random wrong pixel lies in a large error most of the time
        click = Click(float(xs[i]), float(ys[i]), bool(truth[ys[i], xs[i]]))
    return _jitter(click, truth, error, rng)


def _inside_largest(truth: NDArray[np.bool_], error: NDArray[np.bool_], rng: np.random.Generator) -> Click:
    """A random point of the inner half of the largest missed or false component."""
    code = np.where(truth, 1, 2).astype(np.uint8) * error.astype(np.uint8)
    best_area, best = 0, error
    for value in (1, 2):
        count, labels, stats, _ = cv2.connectedComponentsWithStats((code == value).astype(np.uint8), connectivity=8)
        if count < 2:
            continue
        k = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
        if stats[k, cv2.CC_STAT_AREA] > best_area:
            best_area, best = int(stats[k, cv2.CC_STAT_AREA]), labels == k
    d = _distance(best)
    ys, xs = np.nonzero(d >= 0.5 * d.max())
    i = int(rng.integers(len(xs)))
    return Click(float(xs[i]), float(ys[i]), bool(truth[ys[i], xs[i]]))


def _jitter(click: Click, truth: NDArray[np.bool_], error: NDArray[np.bool_], rng: np.random.Generator) -> Click:
    """Moved by a pixel or two if that stays on an error of the same sign; then by less than a pixel."""
    h, w = truth.shape
    x = int(np.clip(click.x + rng.normal(0, 1.5), 0, w - 1))
    y = int(np.clip(click.y + rng.normal(0, 1.5), 0, h - 1))
    if not (error[y, x] and bool(truth[y, x]) == click.is_positive):
        x, y = int(click.x), int(click.y)
    return Click(x + float(rng.uniform(-0.5, 0.5)), y + float(rng.uniform(-0.5, 0.5)), click.is_positive)


def damaged(truth: U8, rng: np.random.Generator) -> U8:
    """A wrong version of a 0/1 mask, so that the network learns to correct what is already there."""
    size = truth.shape[0]
    out = truth.copy()
    r = max(int(size * rng.uniform(0.008, 0.03)), 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * r + 1, 2 * r + 1))
    kind = rng.random()
    if kind < 0.25:
        out = cv2.dilate(out, kernel).astype(np.uint8)
    elif kind < 0.4:
        out = cv2.erode(out, kernel).astype(np.uint8)
    ys, xs = np.nonzero(truth)
    for _ in range(int(rng.integers(1, 4))):
        i = int(rng.integers(len(xs)))
        on_object = rng.random() < 0.6
        spread = 0.0 if on_object else size * 0.15
        centre = (int(xs[i] + rng.normal(0, spread)), int(ys[i] + rng.normal(0, spread)))
        axes = (int(size * rng.uniform(0.02, 0.2)) + 1, int(size * rng.uniform(0.02, 0.2)) + 1)
        cv2.ellipse(out, centre, axes, float(rng.uniform(0, 180)), 0, 360, (0 if on_object else 1,), -1)
    return out
