"""Tools for lines and areas (the scratch tool, the magic wand) and dragging a point, with real mouse and keyboard."""

from __future__ import annotations

from typing import Any

import cv2
import inputs
import numpy as np
import pytest
from robot import next_click

WIDTH, HEIGHT = 640, 480


def crack() -> tuple[np.ndarray, np.ndarray, list[tuple[int, int]]]:
    """(image, truth, its course): a dark line of two pixels through noise, and a bright square of one colour."""
    x = np.arange(60, 580)
    y = np.round(240 + 40 * np.sin(x / 60)).astype(int)
    course = list(zip(x.tolist(), y.tolist(), strict=True))
    truth = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.polylines(truth, [np.array(course, np.int32)], False, 1, thickness=2)
    image = np.random.default_rng(4).normal(150, 7, (HEIGHT, WIDTH))
    image = np.clip(image - 55 * truth, 0, 255).astype(np.uint8)
    image[40:100, 500:580] = 250
    image[60:70, 520:530] = 30
    return np.repeat(image[..., np.newaxis], 3, axis=2), truth, course


def opened(app: Any) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int]]]:
    image, truth, course = crack()
    app.open("scratch")
    app.open_file("crack.png", inputs.encoded(image, ".png"))
    return image, truth, course


def pick(app: Any, tool: str, key: str) -> None:
    app.key(key)
    assert app.id(tool).get_attribute("aria-pressed") == "true"


def undone_to(app: Any, step: str | None) -> None:
    app.wait(lambda: app.state()["history"]["undo"] == step, f"the step before to be {step}")


@pytest.mark.requirement("R6.1")
@pytest.mark.requirement("R6.3")
def test_a_crack_is_marked_with_three_clicks(app: Any) -> None:
    """Each click after the first is a step; the line lies on the crack; the class follows as always."""
    _, truth, course = opened(app)
    pick(app, "tool-scratch", "s")
    app.click(*course[0], wait=False)
    app.page.mouse.move(*app.screen(*course[100]))
    app.click(*course[len(course) // 2], wait=False)
    app.wait(lambda: app.draft() is not None, "the first half of the line")
    app.settle()
    half = app.mask()
    app.click(*course[-1], wait=False)
    app.wait(lambda: app.mask().sum() > half.sum(), "the second half of the line")
    app.settle()
    mask = app.mask()
    near = cv2.dilate(truth, np.ones((5, 5), np.uint8))
    assert (mask & near).sum() > 0.97 * mask.sum()
    assert (truth & cv2.dilate(mask, np.ones((5, 5), np.uint8))).sum() > 0.97 * truth.sum()
    assert app.draft()["parts"] == 1 and 0.6 < mask.sum() / truth.sum() < 1.6
    app.key("Control+z")
    app.wait(lambda: np.array_equal(app.mask(), half), "undo to take the second half away")
    app.key("Control+Shift+z")
    app.wait(lambda: np.array_equal(app.mask(), mask), "redo to bring it back")
    app.confirm()
    assert len(app.annotations()) == 1 and np.array_equal(app.mask(app.annotations()[0]["id"]), mask)


@pytest.mark.requirement("R6.1")
def test_a_chosen_width_and_the_ways_to_end_a_line(app: Any) -> None:
    """The right button ends the line, Esc too; neither cancels the draft. Two clicks on one place say why not."""
    _, _, course = opened(app)
    pick(app, "tool-scratch", "s")
    app.id("scratch-width").fill("9")
    app.id("scratch-width").press("Enter")
    app.click(*course[50], wait=False)
    app.click(*course[150], wait=False)
    app.wait(lambda: app.draft() is not None, "a line")
    app.settle()
    mask = app.mask()
    length = float(np.hypot(*np.diff(np.array(course[50:151]), axis=0).T).sum())
    assert 0.8 < mask.sum() / (9 * length) < 1.35
    app.click(300, 400, positive=False, wait=False)
    app.click(300, 400, wait=False)
    app.click(300, 400, wait=False)
    app.wait(lambda: app.notices()[-1:] == ["scratch_ends"], "a word on a line without length")
    app.key("Escape")
    app.settle()
    assert np.array_equal(app.mask(), mask)
    app.key("Control+z")
    app.wait(lambda: app.draft() is None, "undo of the line")
    undone_to(app, None)


@pytest.mark.requirement("R6.1")
@pytest.mark.requirement("R6.2")
def test_the_wand_takes_an_area_of_one_colour(app: Any) -> None:
    image, _, _ = opened(app)
    pick(app, "tool-wand", "w")
    app.click(540, 90, wait=False)
    app.wait(lambda: app.draft() is not None, "the area")
    app.settle()
    bright = (image[..., 0] == 250).astype(np.uint8)
    assert np.array_equal(app.mask(), bright)
    app.id("wand-tolerance").focus()
    app.page.keyboard.press("End")
    app.id("canvas").focus()
    app.click(524, 64, wait=False)
    app.wait(lambda: app.mask().sum() > bright.sum(), "more with a larger tolerance")
    app.key("Control+z")
    app.wait(lambda: np.array_equal(app.mask(), bright), "undo")
    app.click(540, 90, positive=False, wait=False)
    app.wait(lambda: app.mask().sum() == 0, "the area taken away")
    undone_to(app, "edit_mask.wand_erase")


@pytest.mark.requirement("R2.2")
def test_a_point_is_dragged_by_its_marker(app: Any) -> None:
    """It keeps its sign; the mask is worked out anew; one undo brings all back; Esc in the middle changes nothing."""
    app.open("blowhole")
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.click(x, y)
    app.click(x + 40, y + 40, positive=False)
    before, mask = app.clicks(), app.mask()
    px, py, _ = before[1]
    app.page.mouse.move(*app.screen(px + 0.5, py + 0.5))
    app.page.mouse.down()
    app.page.mouse.move(*app.screen(px - 30, py + 5))
    app.key("Escape")
    app.page.mouse.up()
    app.settle()
    assert app.clicks() == before
    app.page.mouse.move(*app.screen(px + 0.5, py + 0.5))
    app.page.mouse.down()
    for step in range(1, 5):
        app.page.mouse.move(*app.screen(px - 15 * step, py + 0.5))
    app.page.mouse.up()
    app.wait(lambda: app.clicks() != before, "the point to be elsewhere")
    app.settle()
    after = app.clicks()
    assert after[0] == before[0] and after[1][2] is False
    assert abs(after[1][0] - (px - 60)) <= 1 and abs(after[1][1] - py) <= 1
    assert not app.mask()[after[1][1], after[1][0]] and app.state()["history"]["undo"] == "move_click"
    app.key("Control+z")
    app.wait(lambda: app.clicks() == before, "undo to bring the point back")
    app.settle()
    assert np.array_equal(app.mask(), mask)


@pytest.mark.requirement("R7.1")
@pytest.mark.requirement("R7.3")
def test_an_annotation_of_two_parts_is_split(app: Any) -> None:
    opened(app)
    pick(app, "tool-wand", "w")
    app.click(540, 90, wait=False)
    app.wait(lambda: app.draft() is not None, "the wand's area")
    app.id("tool-brush").click()
    app.click(200, 400, wait=False)
    app.wait(lambda: app.draft()["parts"] == 2, "two parts")
    app.key("Shift+Enter")
    app.id("class-palette").wait_for(state="visible")
    app.key("Enter")
    app.wait(lambda: [a["parts"] for a in app.annotations()] == [2], "one annotation of two parts")
    (whole,) = app.annotations()
    app.id(f"annotation-{whole['id']}").click()
    app.key("k")
    app.wait(lambda: [a["parts"] for a in app.annotations()] == [1, 1], "one annotation a part")
    assert sum(a["area"] for a in app.annotations()) == whole["area"]
    app.key("k")
    app.wait(lambda: app.notices()[-1:] == ["split_one"], "a word that there is nothing to split")
    app.key("Control+z")
    app.wait(lambda: app.annotations() == [whole], "undo to join them again")
