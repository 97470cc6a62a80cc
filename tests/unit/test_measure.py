"""Measurements of shapes whose measures are known."""

from __future__ import annotations

import csv
import io

import cv2
import numpy as np
import pytest
from format_cases import document_of, pixel_masks
from hypothesis import given, settings
from numpy.typing import NDArray
from segmark.formats.export import write
from segmark.formats.item import Options
from segmark.formats.measure import extent_of
from segmark.rle import RleMask


def table(pixels: NDArray[np.uint8], options: Options | None = None, name: str = "a.png") -> list[dict[str, str]]:
    document = document_of(pixels, name=name)
    assert document.image is not None
    data = write([(document.image, document)], "measurements", options).data
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_a_box() -> None:
    pixels = np.zeros((50, 60), np.uint8)
    pixels[10:14, 20:45] = 1
    (row,) = table(pixels, Options(mm_per_pixel=0.5))
    assert (row["area_px"], row["length_px"], row["width_px"], row["angle_deg"]) == ("100", "25.0", "4.0", "0.0")
    assert (row["area_mm2"], row["length_mm"], row["width_mm"], row["mean_width_mm"]) == ("25.0", "12.5", "2.0", "2.0")
    assert (row["x"], row["y"], row["box_width"], row["box_height"]) == ("20", "10", "25", "4")
    assert "area_mm2" not in table(pixels)[0]


def test_a_slanted_bar_is_measured_along_itself() -> None:
    pixels = np.zeros((300, 300), np.uint8)
    y, x = np.mgrid[:300, :300] - 150
    turn = np.radians(30)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    pixels[(abs(along) < 100) & (abs(across) < 10)] = 1
    extent = extent_of(RleMask.from_window(pixels, (0, 0), (300, 300)))
    assert extent.length == pytest.approx(200, abs=2) and extent.width == pytest.approx(20, abs=2)
    assert extent.angle == pytest.approx(30, abs=1)


def test_one_pixel_is_one_by_one() -> None:
    pixels = np.zeros((5, 5), np.uint8)
    pixels[2, 3] = 1
    assert extent_of(RleMask.from_window(pixels, (0, 0), (5, 5)))[:2] == (1.0, 1.0)


@given(pixel_masks())
@settings(max_examples=100)
def test_no_rectangle_that_opencv_finds_is_smaller(pixels: NDArray[np.uint8]) -> None:
    ys, xs = np.nonzero(pixels)
    corners = np.concatenate([np.stack((xs + dx, ys + dy), axis=1) for dx in (0, 1) for dy in (0, 1)])
    _, (a, b), _ = cv2.minAreaRect(corners.astype(np.float32))
    extent = extent_of(RleMask.from_window(pixels, (0, 0), (pixels.shape[1], pixels.shape[0])))
    assert extent.length * extent.width <= a * b * (1 + 1e-4) + 1e-3
    assert extent.length * extent.width >= pixels.sum() - 1e-6


def test_names_are_no_formulas() -> None:
    (row,) = table(np.ones((2, 2), np.uint8), name="=cmd|'/C calc'!A0.png")
    assert row["image"].startswith("'=")
