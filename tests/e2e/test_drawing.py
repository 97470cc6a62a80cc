"""Boxes drawn by hand (R1.4, R1.5), polygons (R1.6), brush, eraser and fill (R6), with real mouse, keyboard and touch."""

from __future__ import annotations

from typing import Any

import inputs
import numpy as np
import pytest
from robot import next_click

Point = tuple[float, float]


def drag(app: Any, start: Point, end: Point, button: str = "left") -> None:
    """Drag on the image from one pixel to another, in steps, as a hand does; wait until Python has heard of it."""
    before = app.state()["revision"]
    app.page.mouse.move(*app.screen(*start))
    app.page.mouse.down(button=button)
    for share in (0.3, 0.6, 1.0):
        app.page.mouse.move(*app.screen(*(a + share * (b - a) for a, b in zip(start, end, strict=True))))
    app.page.mouse.up(button=button)
    app.wait(lambda: app.state()["revision"] > before, f"any answer to the drag to {end}")
    app.settle()


def mode(app: Any, name: str) -> None:
    app.id("mode-" + name.replace("_", "-")).click()
    app.wait(lambda: app.state()["mode"]["kind"] == name, f"mode {name}")


def said(app: Any, code: str) -> None:
    app.wait(lambda: app.notices()[-1:] == [code], f"the notice {code}")


def extent(true: np.ndarray, margin: int) -> list[int]:
    ys, xs = np.nonzero(true)
    return [int(xs.min()) - margin, int(ys.min()) - margin, int(xs.max()) + margin, int(ys.max()) + margin]


def corner_box(app: Any) -> list[int]:
    (box,) = app.draft()["regions"]
    return list(box)


def close_to(box: list[int], wanted: list[float], slack: float = 2.0) -> bool:
    return all(abs(a - b) <= slack for a, b in zip(box, wanted, strict=True))


@pytest.mark.requirement("R1.1")
@pytest.mark.requirement("R1.4")
@pytest.mark.requirement("R3.1")
def test_a_custom_box_is_drawn_clicked_moved_resized_and_brought_back(app: Any) -> None:
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    x0, y0, x1, y1 = extent(true, 25)
    app.open("blowhole")
    mode(app, "custom_box")
    app.click(x, y, wait=False)
    said(app, "box_first")
    drag(app, (x1, y0), (x0, y1))  # from the upper right corner to the lower left one
    box = corner_box(app)
    assert close_to(box, [x0, y0, x1, y1])
    app.click(x1 + 60, y1 + 30, wait=False)
    said(app, "outside_box")
    assert corner_box(app) == box and app.clicks() == []
    app.click(x, y)
    mask = app.mask()
    assert mask[y, x] and (mask & true).sum() / (mask | true).sum() > 0.8
    app.click(x0 + 6, y0 + 6, positive=False)
    assert len(app.clicks()) == 2
    before = app.mask()

    drag(app, (x0 + 30, y + 22), (x0 + 70, y + 2))  # from inside: the box moves, and what was in it goes
    assert close_to(corner_box(app), [x0 + 40, y0 - 20, x1 + 40, y1 - 20])
    assert app.clicks() == [] and not app.mask().any()
    app.key("Control+z")
    app.wait(lambda: len(app.clicks()) == 2 and corner_box(app) == box, "one undo to bring all of it back")
    app.settle()
    assert np.array_equal(app.mask(), before)

    drag(app, (box[2], box[3]), (box[2] + 30, box[3] + 20))  # the handle at the corner
    assert close_to(corner_box(app), [box[0], box[1], box[2] + 30, box[3] + 20])
    frame = (box[0] + (box[2] - box[0]) * 0.25, box[1])
    app.page.mouse.click(*app.screen(frame[0] - 0.5, frame[1] - 0.5))
    app.page.mouse.move(*app.screen(frame[0] + 30, frame[1] + 10))
    app.page.mouse.click(*app.screen(frame[0] + 30.5, frame[1] + 15.5))  # a click on the frame, and a second one
    app.wait(
        lambda: close_to(corner_box(app), [box[0] + 31, box[1] + 16, box[2] + 61, box[3] + 36], 3), "a carried box"
    )
    drag(app, (20, 20), (80, 70))  # from outside: a new box
    assert close_to(corner_box(app), [20, 20, 80, 70])


@pytest.mark.requirement("R1.5")
@pytest.mark.requirement("R2.1")
def test_a_long_scratch_is_done_with_one_drawn_box_and_stamps(app: Any) -> None:
    _, true = inputs.sample("scratch")
    columns = np.nonzero(true.any(axis=0))[0]
    spots = [
        (int(k), int(np.nonzero(true[:, int(k)])[0].mean())) for k in np.linspace(columns[0] + 8, columns[-1] - 8, 5)
    ]
    app.open("scratch")
    mode(app, "custom_box")
    app.id("follow-toggle").click()
    app.wait(lambda: app.state()["mode"]["follow"], "follow on")
    (x, y), half = spots[0], int((columns[-1] - columns[0]) / 7) + 8
    drag(app, (x - half, y - half), (x + half, y + half))
    first = corner_box(app)
    app.click(x, y)
    inside_first = app.mask()
    for k, spot in enumerate(spots[1:], start=1):
        app.click(*spot)
        if not any(b[0] <= spot[0] < b[2] and b[1] <= spot[1] < b[3] for b in app.draft()["regions"][:k]):
            box = app.draft()["regions"][-1]
            assert (box[2] - box[0], box[3] - box[1]) == (first[2] - first[0], first[3] - first[1])
    assert len(app.draft()["regions"]) >= 3
    mask = app.mask()
    assert inside_first.sum() < mask.sum()
    assert (mask & true).sum() / (mask | true).sum() > 0.6
    count = len(app.clicks())
    app.click(10, 10, positive=False, wait=False)
    said(app, "negative_outside")
    assert len(app.clicks()) == count


@pytest.mark.requirement("R1.6")
def test_only_the_inside_of_a_polygon_becomes_foreground(app: Any) -> None:
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    x0, y0, x1, y1 = extent(true, 30)
    app.open("blowhole")
    mode(app, "polygon")
    corners = [(x0, y0), (x1, y0), (x1, y), (x, y1)]  # cuts through the blowhole
    for corner in corners:
        app.page.mouse.click(*app.screen(*corner))
    app.page.mouse.click(*app.screen(*corners[0]))
    app.wait(lambda: app.draft() and len(app.draft()["polygon"]) == 4, "a closed polygon")
    app.click(x1 - 4, y1 - 4, wait=False)
    said(app, "outside_polygon")
    app.click(x, y - 3)
    mask = app.mask()
    assert mask[y - 3, x]
    polygon = np.array(app.draft()["polygon"], float)
    rows, columns = np.nonzero(mask)
    ahead = np.roll(polygon, -1, axis=0) - polygon
    for (cx, cy), (dx, dy) in zip(
        polygon, ahead, strict=True
    ):  # convex and clockwise: every pixel on one side of every edge
        assert (dx * (rows + 0.5 - cy) - dy * (columns + 0.5 - cx) >= -1e-9).all()
    drag(app, (polygon[3][0] - 0.5, polygon[3][1] - 0.5), (x - 20, y1 + 10))  # a corner is dragged: a new region
    assert app.clicks() == [] and len(app.draft()["polygon"]) == 4


@pytest.mark.requirement("R6.1")
@pytest.mark.requirement("R6.2")
@pytest.mark.requirement("R6.4")
def test_brush_and_eraser_and_further_clicks_go_together(app: Any) -> None:
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    _, _, x1, _ = extent(true, 0)
    app.open("blowhole")
    app.click(x, y)
    clicked = app.mask()
    app.key("b")
    app.id("brush-size").fill("12")
    app.key("Enter")
    app.id("brush-color").fill("#cc79a7")
    drag(app, (x1 + 40, y), (x1 + 80, y))
    painted = app.mask()
    grown = painted & (1 - clicked)
    assert abs(int(grown.sum()) - (12 * 40 + 113)) < 60 and not (clicked & (1 - painted)).any()
    app.key("e")
    drag(app, (x - 20, y), (x + 20, y))
    erased = app.mask()
    assert not erased[y, x - 20 : x + 21].any()
    app.key("e")  # the same key puts the eraser away
    app.click(x, y - 12)
    mask = app.mask()
    assert mask[y, x1 + 60], "what was painted stays"
    assert not mask[y, x + 5], "what was erased stays"
    app.click(x1 + 60, y, positive=False)
    left = app.mask()[y - 5 : y + 6, x1 + 36 : x1 + 85]
    assert left.mean() < 0.5, "the latest act wins: the whole connected stroke is given back, not its one pixel"
    assert not left[5, 24]
    for code in ("add_click", "add_click", "edit_mask.eraser", "edit_mask.brush"):
        assert app.state()["history"]["undo"] == code
        app.step()
        assert app.state()["history"]["redo"] == code
    assert np.array_equal(app.mask(), clicked)


@pytest.mark.requirement("R6.1")
def test_straight_lines_with_shift_and_escape_in_the_middle_of_a_stroke(app: Any) -> None:
    app.open("crack")
    app.key("b")
    app.page.keyboard.down("Shift")
    drag(app, (100, 60), (160, 60))  # no stroke before: the line begins where the pointer went down
    app.page.keyboard.up("Shift")
    mask = app.mask()
    assert all(mask[60, x] for x in range(100, 161))
    app.page.keyboard.down("Shift")
    app.page.mouse.click(*app.screen(160, 140))  # from the last stroke's end
    app.page.keyboard.up("Shift")
    app.wait(lambda: app.draft()["area"] > mask.sum(), "a straight line")
    app.settle()
    line = app.mask()
    assert all(line[y, 160] for y in range(60, 141)) and app.draft()["parts"] == 1
    app.page.mouse.move(*app.screen(300, 200))
    app.page.mouse.down()
    app.page.mouse.move(*app.screen(360, 200), steps=3)
    app.key("Escape")
    app.page.mouse.move(*app.screen(400, 260), steps=3)
    app.page.mouse.up()
    app.settle()
    assert np.array_equal(app.mask(), line), "the stroke was given up, the draft was not"


@pytest.mark.requirement("R6.3")
def test_holes_are_filled_and_islands_erased_with_the_fill_tool(app: Any) -> None:
    app.open("crack")
    app.key("b")
    app.id("brush-size").fill("8")
    app.key("Enter")
    ring = [(100, 60), (160, 60), (160, 110), (100, 110), (100, 60)]
    app.page.mouse.move(*app.screen(*ring[0]))
    app.page.mouse.down()
    for corner in ring[1:]:
        app.page.mouse.move(*app.screen(*corner), steps=4)
    app.page.mouse.up()
    app.wait(lambda: app.draft() and app.draft()["area"] > 0, "a painted ring")
    drag(app, (220, 80), (230, 80))
    assert app.draft()["parts"] == 2
    app.key("g")
    app.click(130, 85)
    assert app.mask()[85, 130] and app.state()["history"]["undo"] == "edit_mask.fill"
    app.click(225, 80, positive=False)
    assert app.draft()["parts"] == 1
    app.click(300, 20, wait=False)
    said(app, "no_hole")
    before = int(app.mask().sum())
    app.id("refine-grow").click()
    app.wait(lambda: app.draft()["area"] > before, "a mask grown by a pixel")


@pytest.mark.requirement("R6.4")
@pytest.mark.requirement("R7.3")
def test_an_annotation_is_opened_again_and_parts_can_stay_one(app: Any) -> None:
    app.open("crack")
    app.key("b")
    drag(app, (60, 60), (90, 60))
    drag(app, (60, 160), (90, 160))
    app.key("Shift+Enter")
    app.id("class-palette").wait_for(state="visible")
    app.key("2")
    app.wait(lambda: [a["parts"] for a in app.annotations()] == [2], "one annotation of two parts")
    app.id("annotation-1").hover()
    app.id("annotation-reopen-1").click()
    app.wait(lambda: app.draft() and app.draft()["editing"] == 1, "the annotation opened again")
    drag(app, (60, 60), (60, 160))
    app.page.get_by_test_id("canvas").focus()
    app.confirm(1)
    (one,) = app.annotations()
    assert (one["id"], one["parts"], one["label_id"]) == (1, 1, 1)


@pytest.mark.requirement("R8.2")
def test_box_click_and_stroke_by_keyboard(app: Any) -> None:
    app.open("blowhole")
    mode(app, "custom_box")
    app.page.get_by_test_id("canvas").focus()
    app.key("ArrowRight")  # the crosshair appears in the middle of what is seen
    app.key("Shift+Space")
    for key in ("Shift+ArrowRight",) * 6 + ("Shift+ArrowDown",) * 5:
        app.key(key)
    app.key("Shift+Space")
    app.wait(lambda: app.draft() and len(app.draft()["regions"]) == 1, "a box by keyboard")
    x0, y0, x1, y1 = corner_box(app)
    assert (x1 - x0, y1 - y0) == (60, 50)
    app.key("Shift+ArrowLeft")
    app.key("Shift+ArrowUp")
    app.key("Space")
    app.wait(lambda: len(app.clicks()) == 1, "a point by keyboard")
    app.settle()
    app.key("b")
    app.key("Space")
    app.wait(lambda: app.draft()["is_edited"] or app.notices()[-1:] == ["edit_nothing"], "a dab by keyboard")


@pytest.mark.requirement("R6.1")
def test_a_field_that_was_left_at_once_does_not_take_the_keys_back(app: Any) -> None:
    """A quick hand is on the image before the size field's next frame; the next key must still be a shortcut."""
    app.open("scratch")
    app.key("b")
    app.page.evaluate(
        """() => {
  document.querySelector("[data-testid=brush-size]").focus();
  document.querySelector("#layer-marks").focus();
}"""
    )
    app.frames()
    app.key("b")
    app.wait(lambda: app.id("brush-size").is_hidden(), "the brush to be put away by its key")


@pytest.mark.requirement("R1.4")
@pytest.mark.parametrize("side", [20, 30])
def test_a_small_box_has_frame_left_between_its_handles(app: Any, side: int) -> None:
    """Sides of 20 and 30 CSS pixels: a click on the frame and a second one move it, its handle still resizes it."""
    app.open("crack")
    app.key("c")
    app.wait(lambda: app.state()["mode"]["kind"] == "custom_box", "custom-box mode")
    px = round(side / app.view()["zoom"])
    drag(app, (400 - 0.5, 300 - 0.5), (400 - 0.5 + px, 300 - 0.5 + px))
    app.settle()
    x0, y0, x1, _ = app.draft()["regions"][0]
    quarter = (x0 - 0.5 + (x1 - x0) / 4, y0 - 0.5)
    app.page.mouse.click(*app.screen(*quarter))
    app.wait(lambda: app.page.evaluate("window.segmark.gesture()?.kind") == "carry", "the frame to be picked up")
    app.page.mouse.click(*app.screen(quarter[0] + 60, quarter[1] + 40))
    app.wait(lambda: app.draft()["regions"][0][0] != x0, "the box to be moved")
    app.settle()
    moved = app.draft()["regions"][0]
    assert abs(moved[0] - x0 - 60) <= 2 and abs(moved[1] - y0 - 40) <= 2 and moved[2] - moved[0] == x1 - x0
    drag(app, (moved[2] - 0.5, moved[3] - 0.5), (moved[2] + 39.5, moved[3] + 29.5))
    app.settle()
    grown = app.draft()["regions"][0]
    assert grown[:2] == moved[:2] and grown[2] - moved[2] > 30 and grown[3] - moved[3] > 20
