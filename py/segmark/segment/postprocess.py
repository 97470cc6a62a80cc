"""Post-processing (R5) and the click guarantee: a positively clicked pixel is in the mask, a negative one is not."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from segmark import kernels
from segmark.clicks import Click, clicks_in
from segmark.geometry import NET_SIZE, Box, RoiFrame
from segmark.rle import Mask

Logits = NDArray[np.float32]
_MARGIN = 0.4  # how far beyond the threshold a clicked pixel is lifted, in logits
_DETAIL = np.float32(6.0)  # measured: README.md
_SPECK_PIXELS, _SPECK_SHARE = 16, 0.03  # a part smaller than 16 pixels or 3 % of the largest part is noise
_Answers = Sequence[tuple[Logits, RoiFrame]]
_PLATEAU, _REACH = 2.0, 8.0  # a lift is full within the plateau and fades out at the reach, in net pixels


def lift_logits(logits: Logits, frame: RoiFrame, clicks: Sequence[Click]) -> Logits:
    """Raise or lower the logits round each click that the network got wrong.

    The lift keeps the relief of the logits, so what joins or leaves is the connected patch that the network thinks
    likest to the clicked pixel, not a stamp. Later clicks are lifted last.

    Parameters
    ----------
    logits : float32 (256, 256), net frame; not changed
    clicks : oldest first; those outside the region are left out

    Returns
    -------
    float32 (256, 256), new if anything was lifted
    """
    inside = clicks_in(clicks, frame.box)
    lifted = logits
    for round_ in range(3):
        wrong = _wrong(lifted, frame, inside)
        if not wrong:
            break
        if lifted is logits:
            lifted = logits.copy()
        for click, prob in wrong:
            _lift(lifted, frame, click, prob, _MARGIN * (round_ + 1))
    return lifted


def paste_regions(window: Mask, origin: tuple[int, int], run: _Answers, others: _Answers) -> None:
    """Write the answers of the regions that were run into a window of the image's mask (R5.1-R5.4).

    Parameters
    ----------
    window : uint8 (h, w) 0/1, changed in place, but only inside the boxes of `run`
    origin : (x, y) of its top-left pixel, image frame
    run, others : (logits, frame); `others` are older answers of boxes that overlap. Overlaps are joined by
        probability, weighted towards the middle of each box.
    """
    if len(run) == 1 and not others:
        logits, frame = run[0]
        kernels.paste_mask(logits, frame.square, frame.box, window, origin)
        return
    num, den = np.zeros(window.shape, np.float32), np.zeros(window.shape, np.float32)
    for logits, frame in (*run, *others):
        kernels.accumulate_region(logits, frame.square, frame.box, num, den, origin)
    joined = window.copy()
    kernels.threshold_join(num, den, joined)
    for _, frame in run:
        inside = window_slice(window, origin, frame.box)
        window[inside] = joined[inside]


def paste_details(window: Mask, origin: tuple[int, int], coarse: tuple[Logits, RoiFrame], details: _Answers) -> None:
    """Let finer answers speak where they lie inside a coarser one that was pasted before (point mode).

    A thin line that is one net pixel wide in the coarse crop is seen sharply in the details, and the coarse crop knows
    what goes on around them: joined by probability, a detail counting `_DETAIL` times as much in its middle and
    nothing at its edge. Work follows the details' pixels, not the crop's.
    """
    for _, frame in details:
        box = frame.valid.intersect(coarse[1].valid)
        if box.is_empty:
            continue
        shape, corner = (box.height, box.width), (box.x0, box.y0)
        num, den = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        for logits, other in details:
            if not other.valid.intersect(box).is_empty:
                kernels.accumulate_region(logits, other.square, other.box, num, den, corner)
        num *= _DETAIL
        den *= _DETAIL
        logits, other = coarse
        kernels.accumulate_region(logits, other.square, other.box, num, den, corner)
        joined = np.zeros(shape, np.uint8)
        kernels.threshold_join(num, den, joined)
        window[window_slice(window, origin, box)] = joined


def drop_specks(
    window: Mask, origin: tuple[int, int], frames: Sequence[RoiFrame], image: Box, clicks: Sequence[Click]
) -> None:
    """Take specks away: parts that nobody clicked, smaller than 16 pixels (of the net, where that is coarser) or 3 % of the largest.

    Otherwise each of them would become an annotation of its own (R7.3). Only parts wholly inside one region that was run
    are looked at; one that touches the region's edge may go on outside.
    """
    labels, stats = kernels.label_components(window, 8)
    if len(stats) < 2:
        return
    clicked = {
        int(labels[c.y - origin[1], c.x - origin[0]]) for c in clicks if c.is_positive and _is_in(window, origin, c)
    }
    grain = max(frame.square.side for frame in frames) / NET_SIZE
    limit = max(_SPECK_PIXELS * max(grain, 1.0) ** 2, _SPECK_SHARE * float(stats[:, 0].max()))
    rooms = [_room(frame.valid, image) for frame in frames]
    for k in np.flatnonzero(stats[:, 0] < limit).tolist():
        x0, y0, x1, y1 = (int(v) for v in stats[k, 1:])
        part = Box(x0 + origin[0], y0 + origin[1], x1 + origin[0], y1 + origin[1])
        if k + 1 not in clicked and any(room.intersect(part) == part for room in rooms):
            window[y0:y1, x0:x1][labels[y0:y1, x0:x1] == k + 1] = 0


def keep_pointed(before: Mask, window: Mask, origin: tuple[int, int], clicks: Sequence[Click]) -> None:
    """Take back every change that no click points at: finished work changes only where the person says it is wrong.

    A change is an 8-connected part of the difference of the two masks. If no click lies in a change (a click on a pixel
    that was right already asks for a better mask, it names no error), all of them stay. The idea is the progressive
    merge of FocalClick (Chen et al., CVPR 2022); what it gives here: models/tried.md.

    Parameters
    ----------
    before, window : uint8 (h, w) 0/1, the mask before and after; `window` is changed in place
    origin : (x, y) of their top-left pixel, image frame
    """
    labels, stats = kernels.label_components(before ^ window, 8)
    pointed = {int(labels[c.y - origin[1], c.x - origin[0]]) for c in clicks if _is_in(window, origin, c)} - {0}
    if pointed:
        stays = np.zeros(len(stats) + 1, np.bool_)
        stays[list(pointed)] = True
        np.copyto(window, before, where=~stays[labels])


def keep_promise(window: Mask, origin: tuple[int, int], boxes: Iterable[Box], clicks: Sequence[Click]) -> None:
    """Last resort: a disc of 3 x 3 pixels where a clicked pixel is still wrong, or its patch smaller than that disc.

    Only pixels in the boxes change, and no disc touches another clicked pixel. Clicks are done oldest first: a later disc
    may take of an earlier one.
    """
    allowed = list(boxes)
    at = {(c.x, c.y): c.is_positive for c in clicks}
    for click in clicks:
        if any(box.contains(click.x, click.y) for box in allowed):
            disc = _disc(window, origin, allowed, click, at)
            if not _holds(window, origin, click, len(disc)):
                for row, column in disc:
                    window[row, column] = click.is_positive


def window_slice(window: Mask, origin: tuple[int, int], box: Box) -> tuple[slice, slice]:
    """The part of a window that a box of the image covers, as an index."""
    x, y = origin
    height, width = window.shape
    rows = slice(min(max(box.y0 - y, 0), height), max(min(box.y1 - y, height), 0))
    return rows, slice(min(max(box.x0 - x, 0), width), max(min(box.x1 - x, width), 0))


def _room(box: Box, image: Box) -> Box:
    """The inside of a box: without its outermost pixels, except where the image ends."""
    return Box(
        box.x0 + (box.x0 > image.x0),
        box.y0 + (box.y0 > image.y0),
        box.x1 - (box.x1 < image.x1),
        box.y1 - (box.y1 < image.y1),
    )


def _is_in(window: Mask, origin: tuple[int, int], click: Click) -> bool:
    return 0 <= click.y - origin[1] < window.shape[0] and 0 <= click.x - origin[0] < window.shape[1]


def _wrong(logits: Logits, frame: RoiFrame, clicks: Sequence[Click]) -> list[tuple[Click, float]]:
    """The clicks that the logits contradict, each with the probability at its pixel."""
    if not clicks:
        return []
    probs = kernels.prob_at(logits, frame.square, [c.x for c in clicks], [c.y for c in clicks]).tolist()
    return [(c, p) for c, p in zip(clicks, probs, strict=True) if (p >= 0.5) != c.is_positive]


def _lift(logits: Logits, frame: RoiFrame, click: Click, prob: float, margin: float) -> None:
    prob = min(max(prob, 1e-6), 1 - 1e-6)
    now = math.log(prob / (1 - prob))
    wanted = margin if click.is_positive else -margin
    grain = NET_SIZE / frame.square.side  # net pixels in an image pixel: the plateau spans at least three of these
    plateau = max(_PLATEAU, 1.5 * grain)
    reach = max(_REACH, 2 * plateau)
    u, v = frame.to_net(click.x, click.y)
    rows, columns = _near(v, reach), _near(u, reach)
    dv = np.arange(rows.start, rows.stop)[:, np.newaxis] - v
    du = np.arange(columns.start, columns.stop)[np.newaxis] - u
    share = np.clip((reach - np.hypot(du, dv)) / (reach - plateau), 0.0, 1.0)
    logits[rows, columns] += ((wanted - now) * share).astype(np.float32)


def _near(at: float, reach: float) -> slice:
    return slice(max(int(np.floor(at - reach)), 0), min(int(np.ceil(at + reach)) + 1, NET_SIZE))


def _holds(window: Mask, origin: tuple[int, int], click: Click, least: int) -> bool:
    """Whether the clicked pixel is right and its 8-connected patch has at least so many pixels."""
    start = click.y - origin[1], click.x - origin[0]
    if bool(window[start]) != click.is_positive:
        return False
    patch, front = {start}, [start]
    while front and len(patch) < least:
        row, column = front.pop()
        for near in _around(window, row, column):
            if near not in patch and bool(window[near]) == click.is_positive:
                patch.add(near)
                front.append(near)
    return len(patch) >= least


def _disc(
    window: Mask, origin: tuple[int, int], boxes: list[Box], click: Click, signs: dict[tuple[int, int], bool]
) -> list[tuple[int, int]]:
    """The 3 x 3 pixels round a click, as (row, column), without those beside the boxes and those clicked the other way."""
    x0, y0 = origin
    return [
        (row, column)
        for row, column in _around(window, click.y - y0, click.x - x0)
        if any(box.contains(column + x0, row + y0) for box in boxes)
        and signs.get((column + x0, row + y0), click.is_positive) == click.is_positive
    ]


def _around(window: Mask, row: int, column: int) -> list[tuple[int, int]]:
    """A pixel of a window and its neighbours there."""
    height, width = window.shape
    rows = range(max(row - 1, 0), min(row + 2, height))
    return [(r, c) for r in rows for c in range(max(column - 1, 0), min(column + 2, width))]
