"""Boxes drawn by hand, polygons, brush, eraser, whole areas, annotations opened again (R1.4-R1.6, R6)."""

from __future__ import annotations

import numpy as np
import pytest
from fakes import BrightNet, Desk, picture, run
from hypothesis import given
from hypothesis import strategies as st
from segmark.editing.strokes import stroke_mask
from segmark.errors import SegmarkError
from segmark.geometry import Box, box_from_corners
from segmark.modes import CustomBoxMode, FixedBoxMode, PointMode, PolygonMode
from segmark.polygon import polygon_contains, polygon_of, polygon_window
from segmark.rle import RleMask

SIZE = (400, 300)


def desk(*boxes: tuple[int, int, int, int]) -> Desk:
    return Desk(BrightNet(), picture(300, 400, boxes))


def box_mask(*box: int) -> RleMask:
    return RleMask.from_box(Box(*box), SIZE)


# -- boxes (R1.4, R1.5) -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "corners", [((10, 20), (60, 90)), ((60, 20), (10, 90)), ((60, 90), (10, 20)), ((10, 90), (60, 20))]
)
def test_a_box_starts_at_any_corner(corners: tuple[tuple[int, int], tuple[int, int]]) -> None:
    async def work() -> None:
        one = desk()
        one.session.set_mode(CustomBoxMode())
        one.session.drag("", *corners)
        assert one.state()["draft"]["regions"] == [[10, 20, 60, 90]]

    run(work())


def test_three_and_four_corners_state_a_box() -> None:
    four = [(10, 20), (60, 20), (60, 90), (10, 90)]
    assert {box_from_corners(four[:k] + four[k + 1 :]) for k in range(4)} == {Box(10, 20, 60, 90)}
    assert box_from_corners(four) == Box(10, 20, 60, 90)


def test_a_click_outside_a_custom_box_changes_nothing_and_says_why() -> None:
    async def work() -> None:
        one = desk((100, 100, 140, 130))
        one.session.set_mode(CustomBoxMode())
        assert one.session.press(120, 110, "primary") == 0
        one.session.drag("", (80, 80), (180, 160))
        assert one.session.press(200, 200, "primary") == 0
        assert one.notices()[-2:] == ["box_first", "outside_box"]
        one.session.press(120, 110, "primary")
        await one.session.settled()
        assert one.draft.mask.intersect(box_mask(100, 100, 140, 130)).area > 0.9 * 40 * 30
        assert one.draft.mask.subtract(box_mask(80, 80, 180, 160)).is_empty

    run(work())


@pytest.mark.parametrize(
    ("grip", "start", "end", "wanted"),
    [
        ("", (200, 200), (260, 250), [200, 200, 260, 250]),
        ("move", (100, 100), (110, 95), [90, 75, 190, 155]),
        ("se", (180, 160), (200, 170), [80, 80, 200, 170]),
        ("w", (80, 120), (60, 300), [60, 80, 180, 160]),
        ("n", (100, 80), (100, 220), [80, 160, 180, 220]),  # dragged over the opposite side
    ],
)
def test_a_changed_box_takes_points_and_mask_with_it_and_one_undo_brings_all_back(
    grip: str, start: tuple[float, float], end: tuple[float, float], wanted: list[int]
) -> None:
    async def work() -> None:
        one = desk((100, 100, 140, 130))
        one.session.set_mode(CustomBoxMode())
        one.session.drag("", (80, 80), (180, 160))
        one.session.press(120, 110, "primary")
        await one.session.settled()
        before = one.session.history.present.draft
        one.session.drag(grip, start, end)
        draft = one.draft
        assert [list(box) for box in draft.regions] == [wanted]
        assert not draft.clicks and draft.mask.is_empty
        one.session.undo()
        assert one.session.history.present.draft == before

    run(work())


def test_a_slip_of_the_hand_and_a_box_beside_the_image_are_no_boxes() -> None:
    async def work() -> None:
        one = desk()
        one.session.set_mode(CustomBoxMode())
        one.session.drag("", (10, 10), (12, 60))
        one.session.drag("", (-100, 10), (-20, 60))
        one.session.drag("", (-100, 10), (20, 60))
        assert one.notices() == ["box_small", "box_outside"]
        assert one.state()["draft"]["regions"] == [[-100, 10, 20, 60]]  # half outside is fine
        with pytest.raises(SegmarkError):
            one.session.drag("up", (0, 0), (1, 1))
        with pytest.raises(SegmarkError):
            one.session.drag("", (0, 0), (float("nan"), 1))

    run(work())


def test_follow_stamps_boxes_of_the_first_ones_size_and_a_click_inside_runs_only_its_boxes() -> None:
    async def work() -> None:
        net = BrightNet()
        one = Desk(net, picture(300, 400, [(20, 140, 380, 150)]))
        one.session.set_mode(CustomBoxMode(follow=True))
        one.session.drag("", (20, 110), (90, 170))
        one.session.press(50, 145, "primary")
        await one.session.settled()
        one.session.press(150, 145, "primary")
        await one.session.settled()
        assert one.state()["draft"]["regions"] == [[20, 110, 90, 170], [115, 115, 185, 175]]
        assert one.session.press(300, 40, "secondary") == 0
        assert one.notices()[-1] == "negative_outside"
        runs = len(net.calls)
        one.session.press(160, 150, "secondary")
        await one.session.settled()
        assert len(net.calls) == runs + 1
        one.session.drag("", (200, 200), (300, 290))
        assert one.notices()[-1] == "drag_follow"

    run(work())


def test_removing_the_only_click_leaves_the_drawn_box() -> None:
    async def work() -> None:
        one = desk((100, 100, 140, 130))
        one.session.set_mode(CustomBoxMode())
        one.session.drag("", (80, 80), (180, 160))
        one.session.press(120, 110, "primary")
        await one.session.settled()
        one.session.remove_click(0)
        assert one.state()["draft"]["regions"] == [[80, 80, 180, 160]]
        assert one.draft.mask.is_empty
        assert await one.session.request_confirm() == 0

    run(work())


def test_a_box_drawn_in_the_middle_of_a_point_draft_keeps_the_draft() -> None:
    async def work() -> None:
        one = desk((100, 100, 140, 130))
        one.session.press(120, 110, "primary")
        await one.session.settled()
        before = one.draft.mask
        one.session.set_mode(CustomBoxMode())
        one.session.drag("", (80, 80), (180, 160))
        assert one.draft.mask == before
        assert len(one.state()["draft"]["clicks"]) == 1

    run(work())


# -- polygons (R1.6) --------------------------------------------------------------------------------------------------
def test_only_pixels_inside_the_polygon_become_foreground() -> None:
    async def work() -> None:
        one = desk((60, 60, 200, 200))
        one.session.set_mode(PolygonMode())
        assert one.session.press(100, 100, "primary") == 0
        one.session.polygon([(50, 50), (190, 50), (50, 190)])
        assert one.session.press(185, 185, "primary") == 0
        assert one.notices() == ["polygon_first", "outside_polygon"]
        one.session.press(80, 80, "primary")
        await one.session.settled()
        inside = polygon_window(((50, 50), (190, 50), (50, 190)), Box(0, 0, 400, 300))
        found = one.draft.mask.to_window(Box(0, 0, 400, 300))
        assert found.sum() > 0.8 * ((inside == 1) & (np.indices(inside.shape).min(axis=0) >= 60)).sum()
        assert not (found & (inside == 0)).any()

    run(work())


def test_no_tool_of_the_hand_adds_pixels_outside_the_polygon() -> None:
    """R1.6 for work by hand too; what is taken away may lie anywhere."""

    async def work() -> None:
        one = desk((50, 50, 190, 190))
        one.session.set_mode(PolygonMode())
        corners = [(60, 60), (140, 60), (140, 140), (60, 140)]
        one.session.polygon(corners)
        one.session.press(100, 100, "primary")
        await one.session.settled()
        inside, hand = box_mask(60, 60, 140, 140), one.session.hand
        hand.refine("grow")
        assert one.notices()[-1] == "polygon_outside", "the polygon is full: nothing of it was left"
        hand.paint([(100.5, 100.5)], 30, True)
        for act in (
            lambda: hand.paint([(20.5, 100.5), (100.5, 100.5)], 9, False),
            lambda: hand.wand(55.5, 100.5, 10, 4, False),
            lambda: hand.polygon([(0, 0), (150, 0), (150, 150), (0, 150)], False),
        ):
            act()
            assert one.notices()[-1] == "polygon_clipped" and one.draft.mask.subtract(inside).is_empty
            assert one.draft.added is not None and one.draft.added.subtract(inside).is_empty
            hand.paint([(100.5, 100.5)], 30, True)
        told = len(one.notices())
        hand.paint([(100.5, 100.5)], 9, False)
        assert len(one.notices()) == told, "a stroke inside is told nothing"

    run(work())


def test_a_box_stamped_beside_the_polygon_may_be_painted() -> None:
    async def work() -> None:
        one = desk((50, 50, 190, 190), (300, 200, 330, 230))
        one.session.set_mode(PolygonMode())
        one.session.polygon([(60, 60), (140, 60), (140, 140), (60, 140)])
        one.session.set_mode(FixedBoxMode(60, follow=True))
        one.session.press(315, 215, "primary")
        await one.session.settled()
        assert len(one.draft.regions) == 2 and one.draft.polygon
        one.session.hand.paint([(295.5, 195.5)], 5, False)
        one.session.hand.paint([(160.5, 100.5)], 5, False)
        assert one.draft.mask.contains(295, 195) and not one.draft.mask.contains(160, 100)

    run(work())


def test_a_line_is_no_polygon() -> None:
    for corners in ([(0, 0), (10, 10)], [(0, 0), (5, 5), (10, 10)], [(0, 0)] * 5, [(0, 0), (9, 0), (float("inf"), 9)]):
        with pytest.raises(ValueError, match="polygon"):
            polygon_of(corners)


@given(
    st.lists(st.tuples(st.integers(-5, 25), st.integers(-5, 25)), min_size=3, max_size=7),
    st.integers(0, 19),
    st.integers(0, 19),
)
def test_a_polygons_pixels_agree_one_by_one_and_with_even_odd_counting(
    corners: list[tuple[int, int]], x: int, y: int
) -> None:
    polygon = tuple(corners)
    window = polygon_window(polygon, Box(0, 0, 20, 20))
    assert bool(window[y, x]) == polygon_contains(polygon, x, y)
    px, py, crossings = x + 0.5, y + 0.5, 0
    for (x0, y0), (x1, y1) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if (y0 <= py) != (y1 <= py):
            at = x0 + (py - y0) * (x1 - x0) / (y1 - y0)
            if abs(at - px) < 1e-9:
                return  # exactly on the edge: either answer is right
            crossings += at < px
    assert bool(window[y, x]) == bool(crossings % 2)


# -- brush and eraser (R6.1, R6.2) ------------------------------------------------------------------------------------
@given(
    st.lists(st.tuples(st.floats(-5, 45), st.floats(-5, 35)), min_size=1, max_size=5),
    st.floats(2, 20),
)
def test_a_stroke_is_every_pixel_whose_centre_the_brush_passed(
    path: list[tuple[float, float]], diameter: float
) -> None:
    got = stroke_mask(path, diameter, (40, 30)).to_window(Box(0, 0, 40, 30))
    y, x = np.mgrid[0:30, 0:40] + 0.5
    nearest = np.full((30, 40), np.inf)
    for (x0, y0), (x1, y1) in zip(path, [*path[1:], path[-1]], strict=True):
        dx, dy = x1 - x0, y1 - y0
        t = np.clip(((x - x0) * dx + (y - y0) * dy) / max(dx * dx + dy * dy, 1e-300), 0, 1)
        nearest = np.minimum(nearest, np.hypot(x - x0 - t * dx, y - y0 - t * dy))
    clear = np.abs(nearest - diameter / 2) > 1e-6
    assert np.array_equal(got[clear] == 1, (nearest < diameter / 2)[clear])


def test_a_brush_of_one_pixel_draws_an_unbroken_line() -> None:
    line = stroke_mask([(2.5, 3.5), (30.2, 17.8)], 1, (40, 30))
    assert line.parts == 1
    assert line.area <= 2 * 29
    assert stroke_mask([(5.5, 5.5)], 1, (40, 30)).area == 1


@pytest.mark.parametrize("diameter", [1.0, 3.0, 40.0])
def test_a_long_line_is_the_union_of_its_pieces(diameter: float) -> None:
    ends, size = np.array([(-300.0, 20.0), (3000.0, 1900.0)]), (2800, 2000)
    line = stroke_mask([(x, y) for x, y in ends], diameter, size)
    y, x = np.mgrid[0:2000, 0:2800] + 0.5
    along = ends[1] - ends[0]
    away = np.abs((x - ends[0, 0]) * along[1] - (y - ends[0, 1]) * along[0]) / np.hypot(*along)
    found = line.to_window(Box(0, 0, *size)) == 1
    if diameter > 1:
        clear = np.abs(away - diameter / 2) > 1e-6
        assert np.array_equal(found[clear], (away < diameter / 2)[clear])
    else:
        assert line.parts == 1 and away[found].max() < 0.8 and found.any(axis=0).all()


@pytest.mark.parametrize("path", [[], [(float("nan"), 0.0)], [(0.0, 0.0)] * 20_001])
def test_absurd_strokes_are_refused(path: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="stroke"):
        stroke_mask(path, 5, (40, 30))


def test_edits_stay_through_later_clicks_and_clicks_refine_the_rest() -> None:
    async def work() -> None:
        one = desk((100, 100, 140, 130))
        one.session.press(120, 110, "primary")
        await one.session.settled()
        one.session.hand.paint([(150.0, 115.0), (160.0, 115.0)], 6, erase=False)
        one.session.hand.paint([(105.0, 105.0)], 6, erase=True)
        edited = one.draft.mask
        assert edited.contains(160, 115) and not edited.contains(105, 105)
        net = one.store.predictor
        assert isinstance(net, BrightNet)
        one.session.press(130, 125, "primary")
        await one.session.settled()
        assert one.draft.mask.contains(160, 115)
        assert not one.draft.mask.contains(105, 105)
        assert net.calls[-1][1].max() == 1  # the edited mask is the network's previous one
        assert one.state()["draft"]["is_edited"]

    run(work())


def test_a_click_on_an_edited_patch_gives_that_patch_back() -> None:
    async def work() -> None:
        one = desk((100, 100, 140, 130))
        one.session.press(120, 110, "primary")
        await one.session.settled()
        one.session.hand.paint([(160.0, 115.0)], 8, erase=False)
        one.session.hand.paint([(220.0, 115.0)], 8, erase=False)
        one.session.press(160, 115, "secondary")
        await one.session.settled()
        assert not one.draft.mask.contains(160, 115)
        assert one.draft.mask.contains(220, 115)

    run(work())


def test_an_edit_made_while_the_network_runs_holds() -> None:
    import asyncio

    async def work() -> None:
        gate = asyncio.Event()
        one = Desk(BrightNet(gate), picture(300, 400, [(100, 100, 140, 130)]))
        one.session.press(120, 110, "primary")
        await asyncio.sleep(0.01)
        one.session.hand.paint([(200.0, 200.0)], 10, erase=False)
        one.session.hand.paint([(110.0, 110.0)], 10, erase=True)
        assert one.notices()[-1] == "edit_nothing"  # there is no mask yet: an edit holds only pixels that it changed
        gate.set()
        await one.session.settled()
        assert (
            one.draft.mask.contains(200, 200)
            and one.draft.mask.contains(130, 120)
            and one.draft.mask.contains(110, 110)
        )
        assert one.session.undo() == "edit_mask.brush"
        assert not one.draft.mask.contains(200, 200) and one.draft.mask.contains(130, 120)

    run(work())


def test_paint_alone_makes_an_annotation_and_every_stroke_is_a_step() -> None:
    async def work() -> None:
        one = desk()
        one.session.hand.paint([(50.0, 50.0), (80.0, 50.0)], 9, erase=False)
        one.session.hand.paint([(50.0, 150.0)], 9, erase=False)
        one.session.hand.paint([(300.0, 250.0)], 9, erase=True)
        assert one.notices() == ["edit_nothing"]
        assert one.state()["history"]["undo"] == "edit_mask.brush"
        assert await one.session.request_confirm() == 2
        assert len(await one.session.confirm(1)) == 2
        one.session.undo()
        one.session.undo()
        assert one.draft.mask.parts == 1

    run(work())


def test_parts_can_be_kept_as_one() -> None:
    async def work() -> None:
        one = desk()
        one.session.hand.paint([(50.0, 50.0)], 9, erase=False)
        one.session.hand.paint([(50.0, 150.0)], 9, erase=False)
        assert await one.session.confirm(1, as_one=True) == [1]
        assert one.state()["annotations"][0]["parts"] == 2
        one.session.reopen(1)
        assert await one.session.confirm(2, as_one=True) == [1], "opened again and confirmed as it was"

    run(work())


def test_a_hole_is_filled_by_a_click_and_the_network_cannot_open_it_again() -> None:
    async def work() -> None:
        one = desk((100, 100, 160, 160))
        one.session.press(110, 110, "primary")
        await one.session.settled()
        one.session.hand.paint([(130.0, 130.0)], 11, erase=True)
        one.session.hand.fill(130, 130, erase=False)
        assert one.draft.mask.contains(130, 130)
        one.session.hand.fill(10, 10, erase=False)
        one.session.hand.fill(10, 10, erase=True)
        assert one.notices()[-2:] == ["no_hole", "no_island"]
        one.session.hand.refine("grow")
        assert one.state()["history"]["undo"] == "edit_mask.grow"
        one.session.hand.fill(130, 130, erase=True)
        assert one.draft.mask.is_empty
        with pytest.raises(SegmarkError):
            one.session.hand.refine("explode")

    run(work())


# -- opening again ----------------------------------------------------------------------------------------------------
def test_an_annotation_is_opened_again_refined_and_put_back_in_its_place() -> None:
    async def work() -> None:
        one = desk((100, 100, 140, 130))
        one.session.press(120, 110, "primary")
        await one.session.confirm(1)
        one.session.hand.paint([(300.0, 220.0)], 30, erase=False)
        await one.session.confirm(1)
        one.session.reopen(1)
        assert "mask.removed" in one.names()
        assert one.state()["draft"]["editing"] == 1
        one.session.hand.paint([(150.0, 115.0)], 30, erase=False)
        with pytest.raises(SegmarkError):
            one.session.reopen(2)
        with pytest.raises(SegmarkError):
            one.session.delete_annotation(1)
        assert await one.session.confirm(2) == [1]
        first, second = one.session.history.present.annotations
        assert (first.id, first.label_id, second.id) == (1, 2, 2)
        assert first.mask.contains(160, 115) and first.clicks == 1
        one.session.undo()
        one.session.cancel_draft()
        assert one.session.history.present.annotations[0].label_id == 1

    run(work())


def test_only_pixels_in_the_region_run_change_when_a_mask_is_opened_again() -> None:
    async def work() -> None:
        one = desk((100, 100, 140, 130))
        one.session.hand.paint([(20.0, 20.0), (300.0, 20.0)], 9, erase=False)
        await one.session.confirm(1)
        one.session.reopen(1)
        one.session.set_mode(FixedBoxMode(64))
        one.session.press(120, 110, "primary")
        await one.session.settled()
        stroke = stroke_mask([(20.0, 20.0), (300.0, 20.0)], 9, SIZE)
        assert stroke.subtract(one.draft.mask).is_empty
        assert one.draft.mask.contains(120, 110)
        one.session.set_mode(PointMode())
        one.session.remove_click(0)
        await one.session.settled()
        assert one.draft.mask == stroke

    run(work())
