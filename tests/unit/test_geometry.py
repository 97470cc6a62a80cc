"""Frames must invert, squares must hold their boxes, crops must stay in the image."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segmark.geometry import Box, box_around, hull_of_points, image_box, place_square, roi_frame, square_of_box

coordinate = st.integers(-5000, 5000)
length = st.integers(1, 3000)
boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), coordinate, coordinate, length, length)


@given(boxes, st.floats(-4000, 4000), st.floats(-4000, 4000))
def test_net_frame_round_trip(box: Box, x: float, y: float) -> None:
    frame = roi_frame(box, box)
    u, v = frame.to_net(x, y)
    back = frame.to_image(u, v)
    assert back == pytest.approx((x, y), abs=1e-6 * max(1, frame.square.side))


def test_net_frame_by_hand() -> None:
    frame = roi_frame(Box(100, 50, 612, 562), image_box(1000, 1000))
    assert frame.square == (100, 50, 512)
    assert frame.to_net(100, 50) == (-0.25, -0.25)  # the first of two pixels that share net pixel 0
    assert frame.to_net(101, 51) == (0.25, 0.25)
    assert frame.to_net(611, 561) == (255.25, 255.25)


@given(boxes)
def test_square_is_centred_round_its_box(box: Box) -> None:
    sx, sy, side = square_of_box(box)
    assert side == max(box.width, box.height)
    assert sx <= box.x0 and box.x1 <= sx + side
    assert sy <= box.y0 and box.y1 <= sy + side
    assert abs((sx + sx + side) - (box.x0 + box.x1)) <= 1
    assert abs((sy + sy + side) - (box.y0 + box.y1)) <= 1


@given(boxes, boxes)
def test_intersection_and_hull(a: Box, b: Box) -> None:
    both = a.intersect(b)
    assert both.area == b.intersect(a).area
    hull = a.hull(b)
    assert a.intersect(hull) == a and b.intersect(hull) == b
    if both.area:
        assert both.intersect(a) == both and both.intersect(b) == both


@given(st.integers(0, 999), st.integers(0, 799), st.integers(16, 700))
def test_box_around_holds_its_pixel_in_the_middle(x: int, y: int, size: int) -> None:
    box = box_around(x, y, size)
    assert (box.width, box.height) == (size, size)
    assert box.contains(x, y)
    assert abs(2 * x + 1 - box.x0 - box.x1) <= 1


@given(st.floats(-100, 1100), st.floats(-100, 900), st.integers(1, 2000))
def test_placed_squares_lie_in_the_image(cx: float, cy: float, side: int) -> None:
    image = image_box(1000, 800)
    box = place_square(cx, cy, side, image)
    assert box.intersect(image) == box
    assert (box.width, box.height) == (min(side, 1000), min(side, 800))


def test_a_box_outside_the_image_is_refused() -> None:
    with pytest.raises(ValueError, match="no pixel"):
        roi_frame(Box(10, 10, 20, 20), image_box(10, 10))


def test_hull_of_points_counts_whole_pixels() -> None:
    assert hull_of_points([(3, 4), (7, 2)]) == Box(3, 2, 8, 5)
    assert hull_of_points([]).is_empty
