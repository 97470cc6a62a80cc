"""Rings must fill to the identical pixels: by pycocotools (corners), by cv2.fillPoly (centres), and by our own readers."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from format_cases import document_of, hard_masks, pixel_masks, pixels_of
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pycocotools import mask as coco_mask
from segmark.document import Annotation
from segmark.formats.export import write
from segmark.formats.rings import centre_rings, corner_rings, fill_centres, fill_corners
from segmark.rle import RleMask


def mask_of(pixels: NDArray[np.uint8]) -> RleMask:
    return RleMask.from_window(pixels, (0, 0), (pixels.shape[1], pixels.shape[0]))


def check(pixels: NDArray[np.uint8]) -> None:
    mask = mask_of(pixels)
    corners, centres = corner_rings(mask), centre_rings(mask)
    encoded = coco_mask.frPyObjects([ring.ravel().astype(float).tolist() for ring in corners], *pixels.shape)
    assert np.array_equal(coco_mask.decode(coco_mask.merge(encoded)), pixels)
    assert fill_corners([ring.astype(float) for ring in corners], mask.size) == mask
    drawn = np.zeros_like(pixels)
    for ring in centres:
        cv2.fillPoly(drawn, [ring.astype(np.int32)], 1)
    assert np.array_equal(drawn, pixels)
    assert fill_centres([ring.astype(float) for ring in centres], mask.size) == mask


@pytest.mark.parametrize("name", sorted(hard_masks()))
def test_hard_masks(name: str) -> None:
    check(hard_masks()[name])


@given(pixel_masks())
@settings(max_examples=150)
def test_any_mask(pixels: NDArray[np.uint8]) -> None:
    check(pixels)


@given(pixel_masks())
@settings(max_examples=60)
def test_one_ring_a_part(pixels: NDArray[np.uint8]) -> None:
    assert len(centre_rings(mask_of(pixels))) == cv2.connectedComponents(pixels, connectivity=8)[0] - 1
    assert len(corner_rings(mask_of(pixels))) == cv2.connectedComponents(pixels, connectivity=4)[0] - 1


def test_a_square_has_four_points() -> None:
    pixels = np.zeros((9, 9), np.uint8)
    pixels[2:6, 3:8] = 1
    assert sorted(map(tuple, corner_rings(mask_of(pixels))[0].tolist())) == [(3, 2), (3, 6), (8, 2), (8, 6)]
    assert sorted(map(tuple, centre_rings(mask_of(pixels))[0].tolist())) == [(3, 2), (3, 5), (7, 2), (7, 5)]


@given(
    st.lists(st.tuples(st.floats(-1, 31), st.floats(-1, 21)), min_size=3, max_size=9),
)
@settings(max_examples=300)
def test_foreign_polygons_are_filled_as_pycocotools_fills_them(points: list[tuple[float, float]]) -> None:
    ring = np.array(points)
    want = coco_mask.decode(coco_mask.frPyObjects([ring.ravel().tolist()], 20, 30))[..., 0]
    assert np.array_equal(pixels_of(fill_corners([ring], (30, 20))), want)


def diagonal(side: int, width: int) -> RleMask:
    rows = np.arange(side, dtype=np.int64)
    return RleMask(side, side, rows * side + np.maximum(rows - width, 0), rows * side + np.minimum(rows + 1, side))


def peak_of(work: Callable[[], object]) -> int:
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize("trace", [corner_rings, centre_rings])
def test_memory_follows_the_outline(trace: Callable[[RleMask], list[NDArray[np.int64]]]) -> None:
    """A scratch across 100 megapixels, with a hole: its box alone would take 100 MB."""
    side = 10_000
    scratch = diagonal(side, 5)
    hole = RleMask(side, side, np.array([5000 * side + 4998]), np.array([5000 * side + 4999]))
    mask = scratch.subtract(hole)
    assert peak_of(lambda: trace(mask)) < 25_000_000
    assert len(trace(mask)) == 1


@pytest.mark.parametrize(("format_id", "limit"), [("voc", 2.5), ("instance_png", 2.5), ("class_png", 1.5)])
def test_png_masks_take_no_more_than_their_pixels(format_id: str, limit: float) -> None:
    mask = diagonal(2000, 5)
    document = replace(document_of(pixels_of(mask)), annotations=(Annotation(1, 1, mask),))
    assert document.image is not None
    pair = (document.image, document)
    write([pair], format_id)  # what is loaded once is not counted
    assert peak_of(lambda: write([pair], format_id)) < limit * 2000 * 2000
