"""Masks as rings of points and back, pixel for pixel. Holes are joined to their outer ring by key-holes (a vertical
way there and back), because most polygon formats know one ring an object.

Corner rings run along the pixels' edges (4-connected parts; for readers with COCO's rule). Centre rings run through the
centres of the border pixels (8-connected parts; for readers that draw the ring's own pixels too, as cv2.fillPoly does).
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from segmark.geometry import Box
from segmark.rle import Mask, RleMask

Ring = NDArray[np.int64]
Floats = NDArray[np.float64]

# directions of an edge, foreground on its right hand: right, down, left, up
_DX = np.array([1, 0, -1, 0])
_DY = np.array([0, 1, 0, -1])
# from an edge's start corner to its pixel, by direction
_PIXEL_X = np.array([0, -1, -1, 0])
_PIXEL_Y = np.array([0, 0, -1, -1])


def corner_rings(mask: RleMask) -> list[Ring]:
    """One ring a 4-connected part: int64 (n, 2) pixel corners x, y in the image frame, holes as key-holes."""
    return _rings(mask, is_centre=False)


def centre_rings(mask: RleMask) -> list[Ring]:
    """One ring an 8-connected part: int64 (n, 2) indices x, y of border pixels, holes as key-holes.

    A part of one pixel has one point.
    """
    return _rings(mask, is_centre=True)


def fill_centres(rings: list[Floats], size: tuple[int, int]) -> RleMask:
    """The pixels of rings whose vertices are pixel centres: the inside (even-odd) and the pixels on the rings.

    Parameters
    ----------
    rings : float (n, 2) pixel indices x, y; rounded to whole pixels; those outside the image are cut off
    size : (width, height) of the image
    """
    mask = RleMask.empty(*size)
    for ring in rings:
        mask = mask.union(_fill_centre_ring(np.floor(ring + 0.5).astype(np.int64), size))
    return mask


def fill_corners(rings: list[Floats], size: tuple[int, int]) -> RleMask:
    """The pixels of COCO polygons by the rule of pycocotools (``rleFrPoly``): rings in corner coordinates, joined."""
    mask = RleMask.empty(*size)
    for ring in rings:
        mask = mask.union(_fill_coco_ring(ring, size))
    return mask


def from_columns(starts: NDArray[np.int64], stops: NDArray[np.int64], size: tuple[int, int]) -> RleMask:
    """A mask from sorted runs over the image's columns (COCO's order)."""
    width, height = size
    turned = RleMask(height, width, starts, stops)
    box = turned.bbox
    window = np.ascontiguousarray(turned.to_window(box).T)
    return RleMask.from_window(window, (box.y0, box.x0), size)


# -- tracing ----------------------------------------------------------------------------------------------------------
# from the runs alone: memory and work follow the outline, never the box (a scratch across the image has a huge one)
class _Edges(NamedTuple):
    """All unit edges between foreground and background, sorted by direction and start corner (row by row).

    ``x``, ``y``: start corners in the mask's box; ``following``: the edge after each on its ring. int64 (n,) each.
    """

    x: Ring
    y: Ring
    direction: Ring
    following: Ring


def _rings(mask: RleMask, is_centre: bool) -> list[Ring]:
    box = mask.bbox
    if box.is_empty:
        return []
    edges = _edges(mask, joins_diagonals=is_centre)
    points = np.stack((edges.x, edges.y), axis=1)
    if is_centre:
        points += np.stack((_PIXEL_X[edges.direction], _PIXEL_Y[edges.direction]), axis=1)
    points, following, outer = _with_key_holes(points, edges, is_centre)
    offset = np.array([box.x0, box.y0])
    return [_straightened(points[_walk(following, first)]) + offset for first in outer]


def _edges(mask: RleMask, joins_diagonals: bool) -> _Edges:
    box = mask.bbox
    rows, first, last = mask.per_row()
    rows, first, last = rows - box.y0, first - box.x0, last - box.x0
    stride, height = box.width + 2, box.height + 2  # corners; a pixel's number is that of its top left corner
    here = RleMask(stride, height, rows * stride + first, rows * stride + last)
    below = RleMask(stride, height, here.starts + stride, here.stops + stride)
    corners = (
        _each(here.subtract(below)),  # tops, running right
        rows * stride + last,  # right sides, running down
        _each(below.subtract(here)) + 1,  # bottoms, running left
        (rows + 1) * stride + first,  # left sides, running up
    )
    start = np.concatenate(corners)
    direction = np.repeat(np.arange(4), [len(found) for found in corners])
    y, x = np.divmod(start, stride)
    end = start + _DX[direction] + _DY[direction] * stride
    total = stride * height
    known = direction * total + start  # sorted, for each of the four is
    following = np.full(len(start), -1, np.int64)
    for turn in (-1, 0, 1) if joins_diagonals else (1, 0, -1):
        wanted = (direction + turn) % 4 * total + end
        at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        is_next = (following < 0) & (known[at] == wanted)
        following[is_next] = at[is_next]
    return _Edges(x, y, direction, following)


def _each(mask: RleMask) -> Ring:
    """The numbers of all pixels of a mask."""
    lengths = mask.stops - mask.starts
    offset = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths.astype(np.intp))
    numbers: Ring = np.repeat(mask.starts, lengths.astype(np.intp)) + offset
    return numbers


def _with_key_holes(points: Ring, edges: _Edges, is_centre: bool) -> tuple[Ring, Ring, list[int]]:
    """Splice every hole's ring into the ring above it -> points, successors, one edge of each remaining ring."""
    x, y, direction, following = edges
    is_seen = np.zeros(len(x), np.bool_)
    outer: list[int] = []
    holes: list[int] = []
    # a ring's first edge in this order lies in its top row: of an outer ring it is a top edge, of a hole a bottom one
    for edge in np.lexsort((x, y)).tolist():
        if is_seen[edge] or direction[edge] not in (0, 2):
            continue
        is_seen[_walk(following, edge)] = True
        (outer if direction[edge] == 0 else holes).append(edge)
    if not holes:
        return points, following, outer
    tops = np.flatnonzero(direction == 0)
    tops = tops[np.lexsort((y[tops], x[tops]))]
    height = int(y.max()) + 1
    places = x[tops] * height + y[tops]
    before = np.empty(len(x), np.int64)
    before[following] = np.arange(len(x))
    chain, extra = following.tolist(), []
    previous = before.tolist()
    for hole in holes:
        column, row = int(x[hole]) - 1, int(y[hole])  # a bottom edge runs left: it ends at its pixel's left corner
        # the last top edge above the hole begins the pixels between the two
        entry = int(tops[np.searchsorted(places, column * height + row - 1, side="right") - 1])
        top = int(y[entry])
        if is_centre:
            way = [(column, top), (column, row - 1)]
            down, up = way, []
        else:
            down, up = [(column, top)], [(column, row)]
        nodes = list(range(len(chain), len(chain) + len(down) + len(up)))
        extra += down + up
        chain += [-1] * len(nodes)
        previous += [-1] * len(nodes)
        path = [previous[entry], *nodes[: len(down)], chain[hole]]
        back = [hole, *nodes[len(down) :], entry]
        for a, b in [*pairwise(path), *pairwise(back)]:
            chain[a], previous[b] = b, a
    return np.concatenate((points, np.array(extra, np.int64).reshape(-1, 2))), np.array(chain, np.int64), outer


def _walk(following: Ring, first: int) -> Ring:
    chain = following.tolist() if len(following) < 64 else following
    path, at = [first], int(chain[first])
    while at != first:
        path.append(at)
        at = int(chain[at])
    return np.array(path, np.int64)


def _straightened(points: Ring) -> Ring:
    """Without repeated points, and without those on a straight way (a turn back is not straight)."""
    changed = (points != np.roll(points, 1, axis=0)).any(axis=1)
    points = points[changed] if changed.any() else points[:1]
    if len(points) < 3:
        return points
    coming = np.sign(points - np.roll(points, 1, axis=0))
    going = np.sign(np.roll(points, -1, axis=0) - points)
    is_corner: NDArray[np.bool_] = (coming != going).any(axis=1)
    return points[is_corner]


# -- filling ----------------------------------------------------------------------------------------------------------
def _fill_centre_ring(ring: Ring, size: tuple[int, int]) -> RleMask:
    width, height = size
    box = Box(int(ring[:, 0].min()), int(ring[:, 1].min()), int(ring[:, 0].max()) + 1, int(ring[:, 1].max()) + 1)
    inner = box.intersect(Box(0, 0, width, height))
    if inner.is_empty:
        return RleMask.empty(*size)
    toggles = np.zeros((inner.height, inner.width + 1), np.uint8)
    drawn = np.zeros((inner.height, inner.width), np.uint8)
    ends = np.roll(ring, -1, axis=0)
    for (xa, ya), (xb, yb) in zip(ring.tolist(), ends.tolist(), strict=True):
        _draw_line(drawn, (xa - inner.x0, ya - inner.y0), (xb - inner.x0, yb - inner.y0))
        if ya != yb:
            rows = np.arange(max(min(ya, yb), inner.y0), min(max(ya, yb), inner.y1))
            crossing = np.ceil(xa + (rows - ya) * (xb - xa) / (yb - ya)).astype(np.int64) - inner.x0
            toggles[rows - inner.y0, np.clip(crossing, 0, inner.width)] ^= 1
    inside = np.bitwise_xor.accumulate(toggles[:, :-1], axis=1)
    return RleMask.from_window(inside | drawn, (inner.x0, inner.y0), size)


def _draw_line(drawn: Mask, a: tuple[int, int], b: tuple[int, int]) -> None:
    steps = max(abs(b[0] - a[0]), abs(b[1] - a[1]), 1)
    k = np.arange(steps + 1)
    x = np.floor(a[0] + (b[0] - a[0]) * k / steps + 0.5).astype(np.int64)
    y = np.floor(a[1] + (b[1] - a[1]) * k / steps + 0.5).astype(np.int64)
    keep = (x >= 0) & (y >= 0) & (x < drawn.shape[1]) & (y < drawn.shape[0])
    drawn[y[keep], x[keep]] = 1


def _fill_coco_ring(ring: Floats, size: tuple[int, int]) -> RleMask:
    """Source of the rule: pycocotools' ``rleFrPoly``, five-fold finer lines, even-odd along the columns."""
    width, height = size
    scale = 5
    fine = np.trunc(ring * scale + 0.5).astype(np.int64)
    us, vs = [], []
    for (xa, ya), (xb, yb) in zip(fine.tolist(), np.roll(fine, -1, axis=0).tolist(), strict=True):
        dx, dy = abs(xb - xa), abs(yb - ya)
        is_flat = dx >= dy
        flip = (is_flat and xa > xb) or (not is_flat and ya > yb)
        x0, y0, x1, y1 = (xb, yb, xa, ya) if flip else (xa, ya, xb, yb)
        steps = np.arange(max(dx, dy) + 1)
        steps = steps[::-1] if flip else steps
        slope = ((y1 - y0) / dx if dx else 0.0) if is_flat else (x1 - x0) / dy
        other = np.trunc((y0 if is_flat else x0) + slope * steps + 0.5).astype(np.int64)
        us.append(steps + x0 if is_flat else other)
        vs.append(other if is_flat else steps + y0)
    u, v = np.concatenate(us), np.concatenate(vs)
    moved = np.flatnonzero(u[1:] != u[:-1]) + 1
    now, last = u[moved], u[moved - 1]
    xs = (np.where(now < last, now, now - 1) + 0.5) / scale - 0.5
    ys = (np.minimum(v[moved], v[moved - 1]) + 0.5) / scale - 0.5
    keep = (np.floor(xs) == xs) & (xs >= 0) & (xs <= width - 1)
    at = xs[keep].astype(np.int64) * height + np.ceil(np.clip(ys[keep], 0, height)).astype(np.int64)
    places, times = np.unique(at, return_counts=True)
    places = places[times % 2 == 1]
    if len(places) % 2:
        places = np.append(places, width * height)  # the reader's last run goes on to the end
    starts, stops = places[0::2], places[1::2]
    solid = starts < stops
    return from_columns(starts[solid], stops[solid], size)
