"""A polygon drawn by hand: which pixels it takes, and what it becomes as an edit."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from fakes import BrightNet, Desk, picture, run
from hypothesis import given
from hypothesis import strategies as st
from segmark.editing.corners import polygon_area
from segmark.geometry import Box
from segmark.rle import RleMask

SIZE = (14, 11)
near = st.integers(-6, 34).map(lambda k: k / 2)


def belongs(x: Fraction, y: Fraction, corners: list[tuple[float, float]]) -> bool:
    """The rule, word by word and pixel by pixel, in exact fractions."""
    inside = False
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        x0, y0, x1, y1 = map(Fraction, (ax, ay, bx, by))
        cross = (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)
        if cross == 0 and min(x0, x1) <= x <= max(x0, x1) and min(y0, y1) <= y <= max(y0, y1):
            return True
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
            inside = not inside
    return inside


@given(st.lists(st.tuples(near, near), min_size=3, max_size=7))
def test_a_pixel_belongs_if_its_centre_is_inside_or_on_the_line(corners: list[tuple[float, float]]) -> None:
    if len(set(corners)) < 3:
        with pytest.raises(ValueError, match="three"):
            polygon_area(corners, SIZE)
        return
    half = Fraction(1, 2)
    wanted = [[belongs(x + half, y + half, corners) for x in range(SIZE[0])] for y in range(SIZE[1])]
    assert np.array_equal(polygon_area(corners, SIZE).to_window(Box(0, 0, *SIZE)), np.array(wanted, np.uint8))


def test_the_whole_image_and_its_border() -> None:
    everything = RleMask.from_box(Box(0, 0, *SIZE), SIZE)
    right, bottom = SIZE
    assert polygon_area([(0, 0), (right, 0), (right, bottom), (0, bottom)], SIZE) == everything
    centres = [(0.5, 0.5), (right - 0.5, 0.5), (right - 0.5, bottom - 0.5), (0.5, bottom - 0.5)]
    assert polygon_area(centres, SIZE) == everything
    assert polygon_area([(-90, -90), (90, -90), (90, 90), (-90, 90)], SIZE) == everything
    assert polygon_area([(-9, 0), (-2, 0), (-2, 5)], SIZE).is_empty


def test_it_costs_what_its_outline_costs() -> None:
    size = (10_000, 10_000)
    area = polygon_area([(10.2, 10.2), (9990, 12), (5000, 9990)], size)
    assert len(area.starts) < 10_000 and 0.99 < area.area / (9980 * 9978 / 2) < 1.01


def test_corners_that_cannot_be() -> None:
    for corners in ([], [(1, 1), (2, 2)], [(1, 1)] * 4, [(1, 1), (float("nan"), 2), (3, 5)], [(0, 0)] * 1001):
        with pytest.raises(ValueError, match="polygon"):
            polygon_area(corners, SIZE)


def test_it_is_one_step_that_only_changes_its_pixels_and_is_held() -> None:
    async def story() -> None:
        desk = Desk(BrightNet(), picture(400, 500, [(100, 100, 140, 130)]))
        await desk.session.settled()
        hand, square = desk.session.hand, [(20.0, 20.0), (60.0, 20.0), (60.0, 60.0), (20.0, 60.0)]
        assert hand.polygon(square, False)
        assert desk.session.history.undo_code == "edit_mask.polygon" and desk.draft.mask.bbox == Box(20, 20, 60, 60)
        desk.session.press(110, 110, "primary")
        await desk.session.settled()
        assert desk.draft.mask.area == 1600 + 1200
        assert hand.polygon([(40.0, 10.0), (90.0, 10.0), (90.0, 90.0), (40.0, 90.0)], True)
        assert desk.draft.mask.area == 800 + 1200 and desk.session.history.undo_code == "edit_mask.polygon_erase"
        assert not hand.polygon([(300.0, 300.0), (340.0, 300.0), (340.0, 340.0)], True)
        assert not hand.polygon([(1.0, 1.0), (2.0, 2.0)], False)
        assert desk.notices() == ["edit_nothing", "polygon_small"]
        desk.session.undo()
        assert desk.draft.mask.area == 1600 + 1200

    run(story())
