"""Immutable run-length masks of an image: set algebra, area, bounding box, windows.

A mask is a sorted list of row-major linear runs [start, stop) that neither overlap nor touch, so equal masks have equal
arrays. Work and memory follow the runs and the windows asked for, never the image.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from segmark import kernels
from segmark.geometry import Box

Runs = NDArray[np.int64]
Mask = NDArray[np.uint8]


class RleMask:
    """A set of pixels of an image of ``width`` x ``height`` pixels.

    Parameters
    ----------
    width, height : int
        Image size in pixels.
    starts, stops : int64 array of shape (N,), row-major linear indices
        Run k covers [starts[k], stops[k]). Kept read-only.
    """

    def __init__(self, width: int, height: int, starts: Runs, stops: Runs) -> None:
        if width < 0 or height < 0:
            raise ValueError(f"image size {width} x {height}")
        starts = np.asarray(starts, np.int64)
        stops = np.asarray(stops, np.int64)
        _check_runs(starts, stops, width * height)
        self.width, self.height = width, height
        self.starts, self.stops = _frozen(starts), _frozen(stops)

    # -- making -----------------------------------------------------------------------------------------------------
    @classmethod
    def empty(cls, width: int, height: int) -> RleMask:
        none = np.zeros(0, np.int64)
        return cls(width, height, none, none)

    @classmethod
    def from_box(cls, box: Box, size: tuple[int, int]) -> RleMask:
        """All pixels of a box that lie in the image of ``size`` = (width, height)."""
        width, height = size
        box = box.intersect(Box(0, 0, width, height))
        if box.is_empty:
            return cls.empty(width, height)
        rows = np.arange(box.y0, box.y1, dtype=np.int64) * width
        return cls(width, height, *_joined(rows + box.x0, rows + box.x1))

    @classmethod
    def from_window(cls, mask: Mask, origin: tuple[int, int], size: tuple[int, int]) -> RleMask:
        """From a window of the image.

        Parameters
        ----------
        mask : uint8 or bool array (h, w), 0 = background
        origin : (x, y) of the window's top-left pixel, image frame; parts outside the image are cut off
        size : (width, height) of the image
        """
        width, height = size
        if mask.ndim != 2:
            raise ValueError(f"a window has two dimensions, not {mask.ndim}")
        x, y = origin
        whole = Box(x, y, x + mask.shape[1], y + mask.shape[0])
        box = whole.intersect(Box(0, 0, width, height))
        if box.is_empty:
            return cls.empty(width, height)
        inside = mask[box.y0 - y : box.y1 - y, box.x0 - x : box.x1 - x]
        rows, first, last = row_runs(inside)
        base = (rows + box.y0) * width + box.x0
        return cls(width, height, *_joined(base + first, base + last))

    @classmethod
    def from_counts(cls, counts: Sequence[int] | Runs, size: tuple[int, int]) -> RleMask:
        """From alternating row-major counts (zeros first) of the whole image.

        Raises
        ------
        ValueError
            If the counts do not add up to the image, or are negative.
        """
        width, height = size
        array = np.asarray(counts, np.int64)
        if array.ndim != 1 or (array < 0).any() or int(array.sum()) != width * height:
            raise ValueError("counts do not fill the image")
        ends = np.cumsum(array)
        starts, stops = ends[0::2][: len(array) // 2], ends[1::2]
        solid = stops > starts
        return cls(width, height, *_joined(starts[solid], stops[solid]))

    @classmethod
    def from_runs(cls, starts: Runs, stops: Runs, size: tuple[int, int]) -> RleMask:
        """From linear runs in any order, which may touch and overlap; none is empty."""
        width, height = size
        if len(starts) == 0:
            return cls.empty(width, height)
        order = np.argsort(starts, kind="stable")
        starts, ends = starts[order], np.maximum.accumulate(stops[order])
        apart = starts[1:] > ends[:-1]
        return cls(width, height, starts[np.concatenate(([True], apart))], ends[np.concatenate((apart, [True]))])

    @classmethod
    def union_of(cls, masks: Iterable[RleMask], size: tuple[int, int]) -> RleMask:
        """All of many masks of images of that size, in one go."""
        none = cls.empty(*size)
        all_of = (none, *masks)
        return cls.from_runs(
            np.concatenate([m.starts for m in all_of]), np.concatenate([m.stops for m in all_of]), size
        )

    # -- asking -----------------------------------------------------------------------------------------------------
    @cached_property
    def area(self) -> int:
        return int((self.stops - self.starts).sum())

    @property
    def is_empty(self) -> bool:
        return len(self.starts) == 0

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    @cached_property
    def bbox(self) -> Box:
        """The smallest box round the mask; ``Box(0, 0, 0, 0)`` if it is empty."""
        if self.is_empty:
            return Box(0, 0, 0, 0)
        width = self.width
        y0, y1 = int(self.starts[0]) // width, int(self.stops[-1] - 1) // width + 1
        if (self.starts // width != (self.stops - 1) // width).any():
            return Box(0, y0, width, y1)  # a run that goes on in the next row touches both sides
        return Box(int((self.starts % width).min()), y0, int(((self.stops - 1) % width).max()) + 1, y1)

    @cached_property
    def part_areas(self) -> tuple[int, ...]:
        """Pixels of each 8-connected part, in the order of `components`."""
        return tuple(kernels.label_runs(*self.in_rows(), 8)[1][:, 0].tolist())

    @property
    def parts(self) -> int:
        """How many 8-connected parts the mask has."""
        return len(self.part_areas)

    def contains(self, x: int, y: int) -> bool:
        if not (0 <= x < self.width and 0 <= y < self.height):
            return False
        at = y * self.width + x
        k = int(np.searchsorted(self.starts, at, side="right")) - 1
        return k >= 0 and at < int(self.stops[k])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RleMask):
            return NotImplemented
        return self is other or (
            self.size == other.size
            and np.array_equal(self.starts, other.starts)
            and np.array_equal(self.stops, other.stops)
        )

    def __hash__(self) -> int:
        return hash((self.size, self.starts.tobytes(), self.stops.tobytes()))

    def __repr__(self) -> str:
        return f"RleMask({self.width} x {self.height}, {len(self.starts)} runs, area {self.area})"

    # -- reading out ------------------------------------------------------------------------------------------------
    def to_window(self, box: Box) -> Mask:
        """The pixels of a box as uint8 0/1 of shape (box height, box width); zero outside the image."""
        out = np.zeros((max(box.height, 0), max(box.width, 0)), np.uint8)
        inner = box.intersect(Box(0, 0, self.width, self.height))
        if inner.is_empty:
            return out
        lo = int(np.searchsorted(self.stops, inner.y0 * self.width, side="right"))
        hi = int(np.searchsorted(self.starts, inner.y1 * self.width, side="left"))
        if lo >= hi:
            return out
        rows, first, last = _per_row(self.starts[lo:hi], self.stops[lo:hi], self.width)
        first, last = np.maximum(first, inner.x0), np.minimum(last, inner.x1)
        keep = (rows >= inner.y0) & (rows < inner.y1) & (first < last)
        # one spare column, so that no run touches the next row's: the counts then stay strictly alternating
        stride = inner.width + 1
        base = (rows[keep] - inner.y0) * stride - inner.x0
        counts = _counts(base + first[keep], base + last[keep], stride * inner.height)
        pixels = kernels.rle_decode(counts.astype(np.uint32), (inner.height, stride), "C")
        out[inner.y0 - box.y0 : inner.y1 - box.y0, inner.x0 - box.x0 : inner.x1 - box.x0] = pixels[:, :-1]
        return out

    def per_row(self) -> tuple[Runs, Runs, Runs]:
        """The runs cut at the ends of the rows: rows, first and last (the column behind the run), int64 (N,), row-major."""
        return _per_row(self.starts, self.stops, self.width)

    def to_counts(self) -> NDArray[np.int64]:
        """Alternating row-major counts of the whole image, zeros first."""
        return _counts(self.starts, self.stops, self.width * self.height)

    def to_coco_counts(self) -> NDArray[np.int64]:
        """Alternating column-major counts of the whole image, zeros first (COCO), read from the bbox crop only."""
        box = self.bbox
        if box.is_empty:
            return _counts(self.starts, self.stops, self.width * self.height)
        columns, first, last = row_runs(np.ascontiguousarray(self.to_window(box).T))
        base = (columns + box.x0) * self.height + box.y0
        return _counts(*_joined(base + first, base + last), self.width * self.height)

    def in_rows(self) -> tuple[Runs, Runs, Runs]:
        """The runs cut at the ends of the image's rows: rows, first and last (half-open) columns, in reading order."""
        return _per_row(self.starts, self.stops, self.width)

    def labelled(self, connectivity: int) -> tuple[Runs, Runs, NDArray[np.int32], NDArray[np.int64]]:
        """The runs cut at the ends of rows, and which connected part (4 or 8) each belongs to.

        Returns
        -------
        starts, stops : int64 (N,), linear, in reading order; those at a row's end and the next one's beginning may touch
        labels : int32 (N,), parts numbered from 1 by their first pixel
        stats : int64 (n, 5), area, x0, y0, x1, y1 (half-open) of each part
        """
        rows, first, last = self.in_rows()
        labels, stats = kernels.label_runs(rows, first, last, connectivity)
        return rows * self.width + first, rows * self.width + last, labels, stats

    def components(self, connectivity: int = 8) -> tuple[RleMask, ...]:
        """The connected parts (4 or 8), in the order of their first pixel."""
        if self.is_empty:
            return ()
        starts, stops, labels, _ = self.labelled(connectivity)
        order = np.argsort(labels, kind="stable")  # the runs of a part stay in reading order
        cuts = np.cumsum(np.bincount(labels)[1:])[:-1]
        of_parts = zip(np.split(starts[order], cuts), np.split(stops[order], cuts), strict=True)
        return tuple(RleMask(self.width, self.height, *_joined(*runs)) for runs in of_parts)

    # -- set algebra ------------------------------------------------------------------------------------------------
    def union(self, other: RleMask) -> RleMask:
        return self._combined(other, np.logical_or)

    def intersect(self, other: RleMask) -> RleMask:
        return self._combined(other, np.logical_and)

    def subtract(self, other: RleMask) -> RleMask:
        return self._combined(other, lambda a, b: a & ~b)

    def with_window(self, mask: Mask, origin: tuple[int, int]) -> RleMask:
        """This mask with the pixels of a window replaced by the window's; nothing else changes."""
        box = Box(origin[0], origin[1], origin[0] + mask.shape[1], origin[1] + mask.shape[0])
        if self.bbox.intersect(box) == self.bbox:
            return RleMask.from_window(mask, origin, self.size)  # nothing of this one stays
        hole = RleMask.from_box(box, self.size)
        return self.subtract(hole).union(RleMask.from_window(mask, origin, self.size))

    def _combined(self, other: RleMask, rule: Callable[..., NDArray[np.bool_]]) -> RleMask:
        """Sweep over all run ends: between two neighbouring ends neither mask changes."""
        if self.size != other.size:
            raise ValueError(f"masks of images of different size: {self.size} and {other.size}")
        ends = np.unique(np.concatenate((self.starts, self.stops, other.starts, other.stops)))
        inside = rule(self._covers(ends), other._covers(ends))
        change = np.flatnonzero(np.diff(inside, prepend=False))
        edges = ends[change]
        return RleMask(self.width, self.height, edges[0::2], edges[1::2])

    def _covers(self, at: Runs) -> NDArray[np.bool_]:
        begun = np.searchsorted(self.starts, at, side="right")
        ended = np.searchsorted(self.stops, at, side="right")
        return begun > ended


def row_runs(mask: Mask) -> tuple[Runs, Runs, Runs]:
    """The runs of ones in each row of a window.

    Returns
    -------
    rows, first, last : int64 arrays (N,)
        Run k covers columns [first[k], last[k]) of row rows[k]; row-major order.
    """
    height, width = mask.shape
    padded = np.zeros((height, width + 1), np.uint8)
    np.not_equal(mask, 0, out=padded[:, :width].view(np.bool_))
    return line_runs(padded, "C")


def line_runs(padded: Mask, order: str) -> tuple[Runs, Runs, Runs]:
    """`row_runs` of a window whose last column is zero ("C"), or the same along the columns if its last row is ("F").

    The zeros end each line's last run, so that no run goes on in the next line.
    """
    length = padded.shape[1] if order == "C" else padded.shape[0]
    ends = np.cumsum(kernels.rle_encode(padded, order), dtype=np.int64)
    starts, stops = ends[0::2], ends[1::2]
    starts = starts[: len(stops)]
    lines, first = np.divmod(starts, length)
    return lines, first, first + (stops - starts)


def _per_row(starts: Runs, stops: Runs, width: int) -> tuple[Runs, Runs, Runs]:
    """Cut linear runs at the ends of the rows -> rows, first, last."""
    top, bottom = starts // width, (stops - 1) // width
    if np.array_equal(top, bottom):
        return top, starts - top * width, stops - top * width
    pieces = (bottom - top + 1).astype(np.intp)  # numpy repeats by its index type only: 32 bits in wasm
    total = int(pieces.sum())
    run = np.repeat(np.arange(len(starts)), pieces)
    offset = np.arange(total) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    rows = top[run] + offset
    first = np.where(offset == 0, starts[run] - rows * width, 0)
    last = np.where(rows == bottom[run], stops[run] - rows * width, width)
    return rows, first, last


def _joined(starts: Runs, stops: Runs) -> tuple[Runs, Runs]:
    """Join runs that touch (a row's end and the next row's beginning)."""
    if len(starts) < 2:
        return starts, stops
    gap = starts[1:] > stops[:-1]
    return starts[np.concatenate(([True], gap))], stops[np.concatenate((gap, [True]))]


def _counts(starts: Runs, stops: Runs, total: int) -> NDArray[np.int64]:
    ends = np.empty(2 * len(starts) + 1, np.int64)
    ends[0:-1:2], ends[1::2], ends[-1] = starts, stops, total
    counts = np.diff(ends, prepend=0)
    return counts[:-1] if len(counts) > 1 and counts[-1] == 0 else counts


def _check_runs(starts: Runs, stops: Runs, total: int) -> None:
    if starts.ndim != 1 or starts.shape != stops.shape:
        raise ValueError("starts and stops are two lists of one length")
    if len(starts) == 0:
        return
    if starts[0] < 0 or stops[-1] > total or (stops <= starts).any() or (starts[1:] <= stops[:-1]).any():
        raise ValueError("runs must be sorted, not empty, not touching and inside the image")


def _frozen(array: Runs) -> Runs:
    if array.flags.writeable:
        array = array.copy()  # the caller's array stays the caller's
        array.setflags(write=False)
    return array
