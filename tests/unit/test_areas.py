"""Whole areas of a mask: holes, islands, the largest part, grown, shrunk, smoothed (R6.3)."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from segmark import kernels
from segmark.editing.areas import grown, hole_at, island_at, largest_part, shrunk, smoothed, without_holes
from segmark.geometry import Box
from segmark.rle import RleMask
from test_by_hand import SIZE, box_mask


def ring() -> RleMask:
    return box_mask(10, 10, 30, 30).subtract(box_mask(15, 15, 25, 25))


def test_holes_are_filled_and_islands_erased() -> None:
    spotted = ring().union(box_mask(100, 100, 104, 104))
    assert hole_at(spotted, 20, 20) == box_mask(15, 15, 25, 25)
    assert hole_at(spotted, 60, 60).is_empty
    assert hole_at(spotted, 11, 11).is_empty
    assert island_at(spotted, 101, 101) == box_mask(100, 100, 104, 104)
    assert island_at(spotted, 20, 20).is_empty
    assert without_holes(ring()) == box_mask(10, 10, 30, 30)
    assert largest_part(spotted) == ring()
    assert without_holes(RleMask.empty(*SIZE)).is_empty


def test_the_images_border_encloses_nothing() -> None:
    corner = box_mask(0, 20, 20, 24).union(box_mask(20, 0, 24, 24))  # cuts the corner off
    assert hole_at(corner, 5, 5).is_empty


def test_growing_and_shrinking_by_a_pixel() -> None:
    assert grown(box_mask(10, 10, 20, 20)) == box_mask(9, 9, 21, 21)
    assert shrunk(box_mask(10, 10, 20, 20)) == box_mask(11, 11, 19, 19)
    assert grown(box_mask(0, 0, 5, 5)) == box_mask(0, 0, 6, 6)
    assert shrunk(box_mask(0, 0, 400, 300)) == box_mask(0, 0, 400, 300)  # the border hides what is beyond
    assert shrunk(box_mask(0, 0, 5, 5)) == box_mask(0, 0, 4, 4)


@given(st.integers(0, 99), st.sampled_from([0.1, 0.5, 0.9]), st.integers(0, 520), st.integers(0, 520))
@settings(max_examples=25, deadline=None)
def test_whole_areas_are_those_of_the_pixels(seed: int, share: float, x: int, y: int) -> None:
    """Random noise that crosses the pieces in which a mask is laid out, against plain numpy on the whole image."""
    size = (600, 580)
    noise = (np.random.default_rng(seed).random((60, 70)) < share).astype(np.uint8)
    mask = RleMask.from_window(noise, (x, y), size)
    whole = mask.to_window(Box(0, 0, *size))

    def near(n: int) -> NDArray[np.uint8]:
        padded = np.pad(whole, n // 2, mode="edge")
        return np.lib.stride_tricks.sliding_window_view(padded, (n, n))

    def same(found: RleMask, wanted: NDArray[np.bool_]) -> bool:
        return np.array_equal(found.to_window(Box(0, 0, *size)) == 1, wanted)

    assert same(grown(mask), near(3).any(axis=(2, 3)))
    assert same(shrunk(mask), near(3).all(axis=(2, 3)))
    assert same(smoothed(mask), near(5).sum(axis=(2, 3)) > 12)
    labels, stats = kernels.label_components((whole == 0).view(np.uint8), 4)
    outside = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    assert same(without_holes(mask), ~(np.isin(labels, outside) & (whole == 0)))
    labels, stats = kernels.label_components(whole, 8)
    assert same(largest_part(mask), labels == 1 + np.argmax(stats[:, 0]))
    row, column = min(y + 20, 579), min(x + 20, 599)
    assert same(island_at(mask, column, row), (labels == labels[row, column]) & (whole == 1))


def test_smoothing_takes_spikes_away_and_keeps_straight_edges() -> None:
    spiked = box_mask(50, 50, 90, 90).union(box_mask(90, 70, 96, 71)).subtract(box_mask(60, 60, 61, 61))
    smooth = smoothed(spiked)
    assert not smooth.contains(95, 70) and smooth.contains(60, 60) and smooth.contains(89, 70)
    edge = box_mask(0, 0, 400, 150)
    assert smoothed(edge) == edge
