"""The run-length mask must be a set of pixels: the same laws, compared with plain numpy masks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from segmark import kernels
from segmark.geometry import Box
from segmark.rle import RleMask

Pixels = NDArray[np.uint8]
shapes = hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24)
masks = hnp.arrays(np.uint8, shapes, elements=st.integers(0, 1))


def pairs() -> st.SearchStrategy[tuple[Pixels, Pixels]]:
    return shapes.flatmap(
        lambda shape: st.tuples(*[hnp.arrays(np.uint8, shape, elements=st.integers(0, 1)) for _ in range(2)])
    )


def rle(mask: Pixels) -> RleMask:
    return RleMask.from_window(mask, (0, 0), (mask.shape[1], mask.shape[0]))


def plain(mask: RleMask) -> Pixels:
    return mask.to_window(Box(0, 0, mask.width, mask.height))


@given(masks)
def test_there_and_back(mask: Pixels) -> None:
    encoded = rle(mask)
    assert np.array_equal(plain(encoded), mask)
    assert encoded.area == int(mask.sum())
    assert RleMask.from_counts(encoded.to_counts(), encoded.size) == encoded


@given(masks, st.integers(-30, 30), st.integers(-30, 30), st.integers(1, 40), st.integers(1, 40))
def test_any_window(mask: Pixels, x: int, y: int, width: int, height: int) -> None:
    box = Box(x, y, x + width, y + height)
    around = np.pad(mask, 80)
    want = around[y + 80 : y + height + 80, x + 80 : x + width + 80]
    assert np.array_equal(rle(mask).to_window(box), want)


@given(masks, st.integers(-30, 30), st.integers(-30, 30), st.integers(1, 40), st.integers(1, 40))
def test_from_window_cuts_at_the_image(mask: Pixels, x: int, y: int, width: int, height: int) -> None:
    made = RleMask.from_window(mask, (x, y), (width, height))
    whole = np.zeros((200, 200), np.uint8)
    whole[y + 80 : y + 80 + mask.shape[0], x + 80 : x + 80 + mask.shape[1]] = mask
    assert np.array_equal(plain(made), whole[80 : 80 + height, 80 : 80 + width])


@given(pairs())
def test_set_algebra(pair: tuple[Pixels, Pixels]) -> None:
    a, b = pair
    rules: list[tuple[Callable[[RleMask], RleMask], Pixels]] = [
        (rle(a).union, a | b),
        (rle(a).intersect, a & b),
        (rle(a).subtract, a & (1 - b)),
    ]
    for rule, want in rules:
        got = rule(rle(b))
        assert np.array_equal(plain(got), want)
        assert got == rle(want) and hash(got) == hash(rle(want))


@given(masks)
def test_bbox_and_contains(mask: Pixels) -> None:
    encoded = rle(mask)
    rows, columns = np.nonzero(mask)
    if len(rows) == 0:
        assert encoded.bbox == Box(0, 0, 0, 0) and encoded.is_empty
    else:
        assert encoded.bbox == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    height, width = mask.shape
    for y in range(-1, height + 1):
        for x in range(-1, width + 1):
            inside = 0 <= x < width and 0 <= y < height and bool(mask[y, x])
            assert encoded.contains(x, y) == inside


@given(masks)
def test_coco_counts_are_column_major(mask: Pixels) -> None:
    counts = rle(mask).to_coco_counts()
    values = np.arange(len(counts)) % 2
    assert np.array_equal(np.repeat(values, counts.astype(np.intp)), mask.ravel(order="F"))
    assert (counts[1:] > 0).all()


@given(masks, st.sampled_from([4, 8]))
@settings(max_examples=60)
def test_components_share_the_mask_out(mask: Pixels, connectivity: int) -> None:
    encoded = rle(mask)
    parts = encoded.components(connectivity)
    together = RleMask.empty(*encoded.size)
    for part in parts:
        assert part.intersect(together).is_empty
        assert len(part.components(connectivity)) == 1
        together = together.union(part)
    assert together == encoded
    if connectivity == 8:
        assert encoded.parts == len(parts)


@given(masks, st.sampled_from([4, 8]))
def test_components_are_those_of_the_pixels(mask: Pixels, connectivity: int) -> None:
    labels, stats = kernels.label_components(mask, connectivity)
    parts = rle(mask).components(connectivity)
    assert [plain(part).tolist() for part in parts] == [(labels == k + 1).tolist() for k in range(len(stats))]
    if connectivity == 8:
        assert list(rle(mask).part_areas) == stats[:, 0].tolist()


@given(st.lists(st.tuples(st.integers(0, 399), st.integers(1, 60)), max_size=12))
def test_runs_in_any_order_that_overlap_make_one_mask(runs: list[tuple[int, int]]) -> None:
    wanted = np.zeros(460, np.uint8)
    for start, length in runs:
        wanted[start : start + length] = 1
    starts, lengths = np.array(runs, np.int64).reshape(-1, 2).T
    assert np.array_equal(plain(RleMask.from_runs(starts, starts + lengths, (46, 10))).ravel(), wanted)


@given(pairs())
def test_the_union_of_many(pair: tuple[Pixels, Pixels]) -> None:
    a, b = pair
    assert RleMask.union_of([rle(a), rle(b), rle(a)], rle(a).size) == rle(a | b)


@given(pairs(), st.integers(-10, 25), st.integers(-10, 25), st.integers(1, 20), st.integers(1, 20))
def test_with_window_changes_only_the_window(
    pair: tuple[Pixels, Pixels], x: int, y: int, width: int, height: int
) -> None:
    a, b = pair
    window = np.pad(b, 80)[y + 80 : y + 80 + height, x + 80 : x + 80 + width]
    want = np.pad(a, 80)
    want[y + 80 : y + 80 + height, x + 80 : x + 80 + width] = window
    got = rle(a).with_window(window, (x, y))
    assert np.array_equal(plain(got), want[80:-80, 80:-80])


def test_diagonal_pixels_are_one_part_of_eight_and_two_of_four() -> None:
    mask = rle(np.eye(2, dtype=np.uint8))
    assert (len(mask.components(8)), len(mask.components(4))) == (1, 2)


def test_nothing_scales_with_the_image() -> None:
    mask = RleMask.from_window(np.ones((40, 1), np.uint8), (59_999, 39_000), (60_000, 40_000))
    assert mask.area == 40 and mask.bbox == Box(59_999, 39_000, 60_000, 39_040)
    assert mask.to_coco_counts().tolist() == [59_999 * 40_000 + 39_000, 40, 960]
    assert mask.subtract(mask).is_empty


@pytest.mark.parametrize(
    ("starts", "stops"),
    [([-1], [2]), ([0], [101]), ([3], [3]), ([0, 4], [4, 6]), ([5, 0], [6, 1]), ([0, 1], [2])],
)
def test_bad_runs_are_refused(starts: list[int], stops: list[int]) -> None:
    with pytest.raises(ValueError):
        RleMask(10, 10, np.array(starts), np.array(stops))


def test_masks_are_frozen_and_leave_the_callers_arrays_alone() -> None:
    starts, stops = np.array([1]), np.array([3])
    mask = RleMask(5, 5, starts, stops)
    starts[0] = 2
    assert mask.contains(1, 0)
    with pytest.raises(ValueError):
        mask.starts[0] = 0


@pytest.mark.parametrize("counts", [[1, 2], [-1, 101], [100, 1], [[100]]])
def test_counts_must_fill_the_image(counts: list[int]) -> None:
    with pytest.raises(ValueError):
        RleMask.from_counts(counts, (10, 10))


def test_masks_of_different_images_do_not_mix() -> None:
    with pytest.raises(ValueError, match="different size"):
        RleMask.empty(3, 4).union(RleMask.empty(4, 3))
