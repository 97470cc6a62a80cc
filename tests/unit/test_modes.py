"""What a press means in each mode (R1.2, R1.3 with follow off and on, R2.1)."""

from __future__ import annotations

import pytest
from segmark.clicks import Click, with_click
from segmark.geometry import Box
from segmark.modes import (
    FixedBoxMode,
    Mode,
    Nothing,
    Place,
    PlaceClick,
    PointMode,
    mode_from_json,
    mode_to_json,
    read_press,
)

FIRST = Click(300, 200, True)
BOX = Box(172, 72, 428, 328)
FAR = Click(900, 700, True)


def test_point_mode_has_no_boxes() -> None:
    assert read_press(PointMode(), Place((), ()), FIRST) == PlaceClick(FIRST, (), ())


@pytest.mark.parametrize("mode", [PointMode(), FixedBoxMode(), FixedBoxMode(follow=True)])
def test_a_negative_click_needs_something_to_take_from(mode: Mode) -> None:
    assert read_press(mode, Place((), ()), Click(300, 200, False)) == Nothing("negative_first")


@pytest.mark.parametrize("follow", [False, True])
def test_the_click_that_places_the_box_is_its_first_point(follow: bool) -> None:
    assert read_press(FixedBoxMode(256, follow), Place((), ()), FIRST) == PlaceClick(FIRST, (BOX,), (BOX,))


@pytest.mark.parametrize("follow", [False, True])
@pytest.mark.parametrize("is_positive", [False, True])
def test_inside_a_placed_box_clicks_are_points(follow: bool, is_positive: bool) -> None:
    click = Click(310, 210, is_positive)
    assert read_press(FixedBoxMode(256, follow), Place((BOX,), (FIRST,)), click) == PlaceClick(click, (BOX,), (BOX,))


def test_outside_with_follow_off_the_box_moves() -> None:
    moved = Box(772, 572, 1028, 828)
    meaning = read_press(FixedBoxMode(256), Place((BOX,), (FIRST,)), FAR)
    assert meaning == PlaceClick(FAR, (moved,), (moved,), is_fresh=True)


def test_outside_with_follow_on_a_stamp_joins_the_union() -> None:
    stamp = Box(772, 572, 1028, 828)
    meaning = read_press(FixedBoxMode(256, True), Place((BOX,), (FIRST,)), FAR)
    assert meaning == PlaceClick(FAR, (BOX, stamp), (stamp,))


def test_inside_the_union_only_the_boxes_that_hold_the_click_are_run() -> None:
    other = Box(400, 72, 656, 328)
    both = read_press(FixedBoxMode(256, True), Place((BOX, other), (FIRST,)), Click(410, 100, True))
    one = read_press(FixedBoxMode(256, True), Place((BOX, other), (FIRST,)), Click(500, 100, False))
    assert isinstance(both, PlaceClick) and both.asked == (BOX, other)
    assert isinstance(one, PlaceClick) and one.asked == (other,)


@pytest.mark.parametrize("follow", [False, True])
def test_a_negative_click_outside_does_nothing(follow: bool) -> None:
    assert read_press(FixedBoxMode(256, follow), Place((BOX,), (FIRST,)), Click(900, 700, False)) == Nothing(
        "negative_outside"
    )


def test_a_mode_changed_in_the_middle_of_a_draft_loses_nothing() -> None:
    to_box = read_press(FixedBoxMode(256), Place((), (FIRST,)), FAR)
    to_point = read_press(PointMode(), Place((BOX,), (FIRST,)), FAR)
    assert isinstance(to_box, PlaceClick) and not to_box.is_fresh
    assert to_point == PlaceClick(FAR, (), ())


def test_the_same_click_again_says_so() -> None:
    assert read_press(PointMode(), Place((), (FIRST,)), FIRST) == Nothing("click_same_pixel")


def test_the_other_sign_on_the_same_pixel_wins() -> None:
    assert with_click((FIRST, FAR), Click(300, 200, False)) == (FAR, Click(300, 200, False))


@pytest.mark.parametrize("mode", [PointMode(), FixedBoxMode(), FixedBoxMode(64, True)])
def test_json_round_trip(mode: Mode) -> None:
    assert mode_from_json(mode_to_json(mode)) == mode


@pytest.mark.parametrize(
    "data",
    [{}, {"kind": "lasso"}, *({"kind": "fixed_box", "size": size} for size in (3, float("inf"), float("nan"), "64"))],
)
def test_unknown_modes_are_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        mode_from_json(data)
