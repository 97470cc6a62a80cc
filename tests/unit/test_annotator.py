"""The simulated annotator and the measures."""

from __future__ import annotations

import numpy as np
import pytest
from segmark.clicks import Click
from segmark.evaluate.metrics import clicks_needed, iou
from segmark.geometry import Box
from segmark.rle import RleMask

pytest.importorskip("cv2")
from segmark.evaluate import annotator

SIZE = (100, 80)


def next_click(mask: RleMask, truth: RleMask) -> Click | None:
    return annotator.next_click(mask, truth, Box(0, 0, *SIZE), set())


def box(x0: int, y0: int, x1: int, y1: int) -> RleMask:
    return RleMask.from_box(Box(x0, y0, x1, y1), SIZE)


def test_the_first_click_is_in_the_middle() -> None:
    assert next_click(RleMask.empty(*SIZE), box(10, 10, 21, 31)) == Click(15, 15, True)


def test_the_largest_error_is_clicked_with_its_sign() -> None:
    truth, mask = box(10, 10, 40, 40), box(10, 10, 40, 38).union(box(60, 60, 71, 71))
    assert next_click(mask, truth) == Click(65, 65, False)


def test_nothing_is_left_to_click() -> None:
    assert next_click(box(1, 1, 5, 5), box(1, 1, 5, 5)) is None


def test_iou_and_noc() -> None:
    assert iou(box(0, 0, 10, 10), box(5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert iou(RleMask.empty(*SIZE), RleMask.empty(*SIZE)) == 1.0
    assert clicks_needed([0.5, 0.86, 0.91], 0.85) == 2
    assert clicks_needed(list(np.full(30, 0.5)), 0.85) == 20
