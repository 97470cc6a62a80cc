"""Point mode: which square crop of the image the network sees (the finest that holds the target)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from segmark import kernels
from segmark.clicks import Click, Prompt
from segmark.geometry import NET_SIZE, Box, RoiFrame, hull_of_points, place_square
from segmark.segment.postprocess import Logits

_BAND = (
    26  # net pixels, a tenth: near its crop's edge a network is unsure and stops early, so this near counts as touching
)
_FINER = 1.2  # a detail must be finer than the crop by at least this factor
_ROOM = 1.25  # a crop is at least this much longer than what it must hold


def first_crop(prompt: Prompt, image: Box) -> Box:
    """The crop of the first run: round all clicks and the mask so far.

    The first click gets the native scale (256 pixels, or the whole image if that is smaller). Later clicks keep the
    last crop, or at least its scale, unless the mask has become small for it.
    """
    hull = hull_of_points((c.x, c.y) for c in prompt.clicks).hull(prompt.prev_mask.bbox)
    extent = max(hull.width, hull.height)
    whole = max(image.width, image.height)
    last = 0 if prompt.crop.is_empty else max(prompt.crop.width, prompt.crop.height)
    if extent * 4 < last:
        last = 0
    elif last and prompt.crop.intersect(hull) == hull:
        return prompt.crop
    side = min(max(NET_SIZE, last, math.ceil(extent * _ROOM)), whole)
    return place_square((hull.x0 + hull.x1) / 2, (hull.y0 + hull.y1) / 2, side, image)


def detail_crop(click: Click, crop: Box, image: Box) -> Box | None:
    """The native-scale crop round a click, if `crop` is coarser than that."""
    detail = place_square(click.x + 0.5, click.y + 0.5, NET_SIZE, image)
    return detail if is_finer(detail, crop) else None


def is_finer(detail: Box, crop: Box) -> bool:
    """Whether a detail shows more than the crop does."""
    return max(crop.width, crop.height) >= _FINER * max(detail.width, detail.height)


def grown_crop(logits: Logits, frame: RoiFrame, clicks: Sequence[Click], image: Box, runs_left: int) -> Box | None:
    """The next crop if the clicked parts of the mask touch an edge of this one that is not the image's; else None.

    The factor lets `runs_left` runs reach the whole image (2 at least; over 4 only in images that need it), and the
    new crop reaches further to the side where the mask ran out.
    """
    found = _clicked_part(logits, frame, clicks)
    if found is None:
        return None
    edges = frame.box
    x0, y0 = frame.to_image(found.x0 - 0.5, found.y0 - 0.5)
    x1, y1 = frame.to_image(found.x1 - 0.5, found.y1 - 0.5)
    x0, y0, x1, y1 = x0 + 0.5, y0 + 0.5, x1 + 0.5, y1 + 0.5  # pixel corners now
    band = _BAND * frame.square.side / NET_SIZE
    left, right = x0 <= edges.x0 + band and edges.x0 > image.x0, x1 >= edges.x1 - band and edges.x1 < image.x1
    top, bottom = y0 <= edges.y0 + band and edges.y0 > image.y0, y1 >= edges.y1 - band and edges.y1 < image.y1
    if not (left or right or top or bottom):
        return None
    whole = max(image.width, image.height)
    side = frame.square.side
    longer = min(whole, math.ceil(side * max(2.0, (whole / side) ** (1 / runs_left))))
    shift_x = (right - left) * (longer - (x1 - x0)) / 4
    shift_y = (bottom - top) * (longer - (y1 - y0)) / 4
    grown = place_square((x0 + x1) / 2 + shift_x, (y0 + y1) / 2 + shift_y, longer, image)
    return _holding(grown, edges)


def _holding(box: Box, inner: Box) -> Box:
    """The box moved so that it holds the inner one (and with it every click): both lie in the image."""
    x0 = min(max(box.x0, inner.x1 - box.width), inner.x0)
    y0 = min(max(box.y0, inner.y1 - box.height), inner.y0)
    return Box(x0, y0, x0 + box.width, y0 + box.height)


def _clicked_part(logits: Logits, frame: RoiFrame, clicks: Sequence[Click]) -> Box | None:
    """Bounding box, in net pixels, of the parts of the mask that hold a positive click."""
    labels, stats = kernels.label_components((logits >= 0).view(np.uint8), 8)
    hull: Box | None = None
    for click in clicks:
        if not click.is_positive or not frame.box.contains(click.x, click.y):
            continue
        u, v = frame.to_net(click.x, click.y)
        part = int(labels[_index(v), _index(u)])
        if part:
            box = Box(*(int(k) for k in stats[part - 1, 1:]))
            hull = box if hull is None else hull.hull(box)
    return hull


def _index(at: float) -> int:
    return min(max(round(at), 0), NET_SIZE - 1)
