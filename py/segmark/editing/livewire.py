"""A thin line between two places (scratch, crack, hair): where it runs, and how wide it is.

The image round the segment is turned into a band: along it one column a pixel, across it one row a pixel. In the band
a dynamic programme finds the cheapest way from the first column to the last, where a pixel is cheap if both its sides
are darker than it, or both brighter: an edge is no line. Only the band's pixels are read, so the image's size plays no
part. The way never turns back along the segment, nor is it steeper to it than 63 degrees: such a line takes one more click.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from segmark.editing.strokes import Point
from segmark.segment.transforms import Pixels

Floats = NDArray[np.float64]

MAX_LENGTH = 4096.0  # image pixels between two clicks
MAX_WIDTH = 64.0
_SNAP = 3  # pixels that a click may be off the line
_REACH = 2  # rows that the way may change in a column
_MIN_HALF, _MAX_HALF = 16, 96  # half the band's height
_SIDES = (2, 3, 5)  # how far off the centre the two sides are looked at: for lines of 1 to 7 pixels
_FLOOR = 0.03  # cost of a pixel that is surely on the line; the rest is how unlike a line it is
_PROFILE_HALF, _PROFILE_STEP = 12.0, 0.25  # of the cross-section that gives the width, pixels
_MIN_CONTRAST = 4.0  # grey levels: below it there is nothing to measure


@dataclass(frozen=True)
class Trace:
    """A line's way: `path` (n, 2) float64 (x, y) in image coordinates (pixel i covers [i, i + 1)); `width` in pixels."""

    path: Floats
    width: float


def trace(pixels: Pixels, start: Point, end: Point, is_start_fixed: bool = False, width: float | None = None) -> Trace:
    """The thin line from one place to another.

    Parameters
    ----------
    pixels : uint8 (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA
    start, end : image coordinates; each is moved to the line if one runs within 3 pixels, but not a fixed start (where
        the line before ended)
    width : image pixels, 1 to 64; None: measured, half-way between the line's grey and its surroundings'

    Raises
    ------
    ValueError
        Ends that are not finite, outside the image, the same or more than 4096 pixels apart; a width out of range.
    """
    height, wide = pixels.shape[:2]
    ends = np.array([start, end], np.float64)
    if not np.isfinite(ends).all() or (ends < 0).any() or (ends >= np.array([wide, height])).any():
        raise ValueError("a line begins and ends in the image")
    if width is not None and not 1 <= width <= MAX_WIDTH:
        raise ValueError(f"line width {width}")
    length = math.dist(start, end)
    if not 1 <= length <= MAX_LENGTH:
        raise ValueError(f"a line of {length:.1f} pixels")
    path = _way(pixels, ends, length, is_start_fixed)
    return Trace(path, _measured(pixels, path) if width is None else width)


def thinned(path: Floats, step: int = 3) -> list[Point]:
    """Every third point and the last: as good for drawing, and a third of the work."""
    kept = path if len(path) <= 2 else np.concatenate((path[:-1:step], path[-1:]))
    return [(float(x), float(y)) for x, y in kept]


def _way(pixels: Pixels, ends: Floats, length: float, is_start_fixed: bool) -> Floats:
    columns = math.ceil(length) + 1
    half = int(min(max(_MIN_HALF, length / 4), _MAX_HALF))
    along = (ends[1] - ends[0]) / length
    across = np.array([-along[1], along[0]])
    s = np.linspace(0.0, length, columns)[:, np.newaxis]
    margin = max(_SIDES)
    t = np.arange(-half - margin, half + margin + 1, dtype=np.float64)[np.newaxis]
    x, y = (ends[0, k] + s * along[k] + t * across[k] for k in (0, 1))
    cost = _costs(_sampled(pixels, x, y), margin)
    middle = slice(margin, -margin)
    cost[:, ~_is_inside(pixels, x[:, middle], y[:, middle])] = 1e6
    rows = _cheapest(cost, half, is_start_fixed)
    if columns > 7:
        rows = _softened(rows)
    path: Floats = ends[0] + s * along + rows[:, np.newaxis] * across
    return path


def _costs(band: Floats, margin: int) -> Floats:
    """(2, columns, rows): the cost of a bright line and that of a dark one, `_FLOOR` to 1 + `_FLOOR`."""
    padded = np.pad(band, ((1, 1), (0, 0)), mode="edge")
    band = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4  # along the line only: it must not get wider
    rows = band.shape[1] - 2 * margin
    centre = band[:, margin : margin + rows]
    likeness = np.zeros((2, *centre.shape))
    for side in _SIDES:
        left, right = band[:, margin - side : margin - side + rows], band[:, margin + side : margin + side + rows]
        np.maximum(likeness[0], centre - np.maximum(left, right), out=likeness[0])
        np.maximum(likeness[1], np.minimum(left, right) - centre, out=likeness[1])
    # what is usual in the band is noise: a line must stand out from it
    usual = np.percentile(likeness, 75, axis=(1, 2), keepdims=True)
    scale = np.maximum(usual, 1.0)
    costs: Floats = _FLOOR + np.exp(-likeness / scale)
    return costs


def _cheapest(cost: Floats, half: int, is_start_fixed: bool) -> Floats:
    """(columns,) the row, from the middle one, of the cheapest way in each column; the better of bright and dark."""
    _, columns, rows = cost.shape
    moves = np.arange(-_REACH, _REACH + 1)
    lengths = np.hypot(1.0, moves)
    free = np.abs(np.arange(rows) - half)
    gate = np.where(free <= _SNAP, 0.2 * free, np.inf)
    first = np.where(free == 0, 0.0, np.inf) if is_start_fixed else gate
    sums = np.full((columns, 2, rows + 2 * _REACH), np.inf)
    sums[0, :, _REACH : _REACH + rows] = first + cost[:, 0]
    # moves come first: numpy is several times faster over long rows than over rows of five
    windows = np.moveaxis(sliding_window_view(sums, rows, axis=2), 2, 0)
    factors = lengths[:, np.newaxis, np.newaxis]
    for column in range(1, columns):
        ways = windows[:, column - 1] + cost[:, column] * factors
        ways.min(axis=0, out=sums[column, :, _REACH : _REACH + rows])
    totals = windows[_REACH, -1] + gate
    sign, row = divmod(int(totals.argmin()), rows)
    found = np.empty(columns)
    for column in range(columns - 1, -1, -1):
        found[column] = row - half
        if column:
            ways = sums[column - 1, sign, row : row + len(moves)] + cost[sign, column, row] * lengths
            row += int(ways.argmin()) - _REACH
    return found


def _softened(rows: Floats) -> Floats:
    """Without the steps of whole rows; the ends stay."""
    kernel = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9
    soft = np.convolve(np.pad(rows, 2, mode="edge"), kernel, mode="valid").astype(np.float64)
    soft[0], soft[-1] = rows[0], rows[-1]
    return soft


def _measured(pixels: Pixels, path: Floats) -> float:
    """Width of the line at half its contrast, from the median cross-section; 1 if there is no contrast."""
    tangent = np.gradient(path, axis=0)
    tangent /= np.maximum(np.hypot(tangent[:, 0], tangent[:, 1]), 1e-9)[:, np.newaxis]
    offsets = np.arange(-_PROFILE_HALF, _PROFILE_HALF + _PROFILE_STEP / 2, _PROFILE_STEP)
    x = path[:, :1] - tangent[:, 1:] * offsets
    y = path[:, 1:] + tangent[:, :1] * offsets
    profile = np.median(_sampled(pixels, x, y), axis=0)
    ground = float(np.median(profile[np.abs(offsets) > _PROFILE_HALF * 0.6]))
    near = np.abs(offsets) <= 1.5
    contrast = np.abs(profile - ground)
    top = int(np.flatnonzero(near)[contrast[near].argmax()])
    if contrast[top] < _MIN_CONTRAST:
        return 1.0
    height = (profile - ground) / (profile[top] - ground)
    width = (_fall(height[top:]) + _fall(height[top::-1])) * _PROFILE_STEP
    return float(np.clip(width, 1.0, MAX_WIDTH))


def _fall(height: Floats) -> float:
    """Steps from the top until the height is a half, between two steps by proportion."""
    below = np.flatnonzero(height < 0.5)
    if len(below) == 0:
        return float(len(height) - 1)
    k = int(below[0])
    return k - 1 + float((height[k - 1] - 0.5) / (height[k - 1] - height[k]))


def _sampled(pixels: Pixels, x: Floats, y: Floats) -> Floats:
    """Grey at image coordinates, bilinear between pixel centres; the border's pixels are repeated outwards."""
    height, width = pixels.shape[:2]
    x0, y0 = math.floor(float(x.min())) - 1, math.floor(float(y.min())) - 1
    x1, y1 = math.ceil(float(x.max())) + 1, math.ceil(float(y.max())) + 1
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(max(x1, 1), width), min(max(y1, 1), height)
    grey = _grey(pixels[y0:y1, x0:x1])
    u = np.clip(x - 0.5 - x0, 0, grey.shape[1] - 1)
    v = np.clip(y - 0.5 - y0, 0, grey.shape[0] - 1)
    i, j = u.astype(np.int64), v.astype(np.int64)
    i1, j1 = np.minimum(i + 1, grey.shape[1] - 1), np.minimum(j + 1, grey.shape[0] - 1)
    fu, fv = u - i, v - j
    upper = grey[j, i] * (1 - fu) + grey[j, i1] * fu
    lower = grey[j1, i] * (1 - fu) + grey[j1, i1] * fu
    sampled: Floats = upper * (1 - fv) + lower * fv
    return sampled


def _grey(pixels: Pixels) -> NDArray[np.float32]:
    """float32 (H, W): the mean of the colours, without alpha."""
    if pixels.ndim == 2:
        return pixels.astype(np.float32)
    grey: NDArray[np.float32] = pixels[..., :3].sum(axis=2, dtype=np.uint16).astype(np.float32) / np.float32(3)
    return grey


def _is_inside(pixels: Pixels, x: Floats, y: Floats) -> NDArray[np.bool_]:
    height, width = pixels.shape[:2]
    inside: NDArray[np.bool_] = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    return inside
