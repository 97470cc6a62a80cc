"""Clicks: where a simulated annotator clicks next, and how clicks are drawn for the network."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
RADIUS_AT_256 = 5.0
#: Shares of the clicks: in the middle of the largest connected error (the protocol of RITM, and of `segmark-eval`), in
#: the middle of the deepest one, somewhere inside the largest; the rest lie anywhere in an error.
LARGEST, DEEPEST, INSIDE = 0.6, 0.12, 0.17
#: Share of the first kind that hit the middle exactly. Such a click says how far the error reaches: as far beyond it as the
#: mask's edge lies before it; off by a pixel or two it says nothing of a thin one.
EXACT = 0.6
#: A part whose middle lies nearer to its edge than this (net pixels at 256) is thin. Of the positive clicks on a thin part so
#: many miss it, by so much (deviation of each coordinate, net pixels at 256): people's hands do, above all on a line.
THIN, MISSING, MISS = 4.0, 0.14, 4.0


@dataclass(frozen=True)
class Click:
    """One click in the net frame (x right, y down, pixel centres at whole numbers)."""

    x: float
    y: float
    is_positive: bool


def radius(size: int) -> float:
    """Disc radius in net pixels: 5 at 256, in proportion elsewhere."""
    return RADIUS_AT_256 * size / 256.0


def draw_click(maps: NDArray[np.float32], click: Click) -> None:
    """Add the disc of a click to `maps` [2,size,size]: channel 0 positive, channel 1 negative; 1 within the radius."""
    size = maps.shape[-1]
    r = radius(size)
    x0, x1 = max(int(np.ceil(click.x - r)), 0), min(int(np.floor(click.x + r)), size - 1)
    y0, y1 = max(int(np.ceil(click.y - r)), 0), min(int(np.floor(click.y + r)), size - 1)
    if x1 < x0 or y1 < y0:
        return
    xs, ys = np.arange(x0, x1 + 1) - click.x, np.arange(y0, y1 + 1) - click.y
    disc = (xs[None, :] ** 2 + ys[:, None] ** 2 <= r * r).astype(np.float32)
    part = maps[0 if click.is_positive else 1, y0 : y1 + 1, x0 : x1 + 1]
    np.maximum(part, disc, out=part)


def click_maps(clicks: list[Click], size: int) -> NDArray[np.float32]:
    """Union of the discs of all clicks, [2,size,size]."""
    maps = np.zeros((2, size, size), np.float32)
    for click in clicks:
        draw_click(maps, click)
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


def middle_click(part: NDArray[np.bool_]) -> Click:
    """A positive click on the pixel of `part` [H,W], which is not empty, nearest the middle of the square."""
    h, w = part.shape
    ys, xs = np.nonzero(part)
    i = int(((xs - (w - 1) / 2) ** 2 + (ys - (h - 1) / 2) ** 2).argmin())
    return Click(float(xs[i]), float(ys[i]), True)


def person_click(truth: NDArray[np.bool_], mask: NDArray[np.bool_], rng: np.random.Generator) -> Click | None:
    """A click as people make them: often the centre of the largest error, else somewhere inside it, a little off.

    None when there is no error left.
    """
    error = truth != mask
    if not error.any():
        return None
    kind = rng.random()
    if kind < LARGEST:
        ys, xs = _deepest(_largest(truth, error), 1.0)
    elif kind < LARGEST + DEEPEST:
        click = centre_click(truth, mask)
        return click and _jitter(click, truth, error, rng)
    elif kind < LARGEST + DEEPEST + INSIDE:
        ys, xs = _deepest(_largest(truth, error), 0.5)
    else:
        ys, xs = np.nonzero(error)
    i = int(rng.integers(len(xs)))
    click = Click(float(xs[i]), float(ys[i]), bool(truth[ys[i], xs[i]]))
    return click if kind < EXACT * LARGEST else _jitter(click, truth, error, rng)


def _largest(truth: NDArray[np.bool_], error: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest connected part (8 neighbours, one sign) of a mask's error, which is not empty."""
    best_area, best = 0, error
    for wrong in (error & truth, error & ~truth):
        count, labels, stats, _ = cv2.connectedComponentsWithStats(wrong.astype(np.uint8), connectivity=8)
        if count < 2:
            continue
        k = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
        if stats[k, cv2.CC_STAT_AREA] > best_area:
            best_area, best = int(stats[k, cv2.CC_STAT_AREA]), labels == k
    return best


def _deepest(part: NDArray[np.bool_], share: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The pixels (y, x) of a part that lie at least `share` of its greatest depth from its edge."""
    depth = _distance(part)
    ys, xs = np.nonzero(depth >= share * depth.max())
    return ys, xs


def missed(click: Click, truth: NDArray[np.bool_], rng: np.random.Generator) -> Click:
    """The same click, or, now and then where it lies on a thin part of `truth` [S,S], one that misses that part."""
    size = truth.shape[0]
    if not click.is_positive or rng.random() >= MISSING or _distance(truth).max() >= THIN * size / 256:
        return click
    dx, dy = rng.normal(0, MISS * size / 256, 2)
    return Click(float(np.clip(click.x + dx, 0, size - 1)), float(np.clip(click.y + dy, 0, size - 1)), True)


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
