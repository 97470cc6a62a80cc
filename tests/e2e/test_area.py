"""A mask by hand, corner by corner (R6.1-R6.3), and a thin line by touch, with real mouse, keyboard and touch events."""

from __future__ import annotations

from typing import Any

import cv2
import inputs
import numpy as np
import pytest
from hands import Fingers
from native_session import polygon
from test_more_tools import crack

SQUARE = [(200, 150), (400, 150), (400, 350), (200, 350)]


def wanted(app: Any, corners: list[tuple[int, int]]) -> np.ndarray:
    """What clicks on these pixels should give, up to where the hand's screen pixels lie."""
    image = app.image()
    size = (image["width"], image["height"])
    return polygon([(x + 0.5, y + 0.5) for x, y in corners], size)


def alike(mask: np.ndarray, other: np.ndarray, corners: int) -> bool:
    """Equal up to one pixel along the line (a screen pixel is more than an image pixel here)."""
    thick = cv2.dilate(other, np.ones((5, 5), np.uint8)) - cv2.erode(other, np.ones((5, 5), np.uint8))
    return bool(mask.any()) and corners > 2 and not ((mask != other) & (thick == 0)).any()


def corners_of(app: Any) -> int:
    return int(app.page.evaluate("window.segmark.gesture()?.corners.length ?? 0"))


def at(app: Any, *corners: tuple[int, int], button: str = "left") -> None:
    """Click image pixels, and wait until each has been a press."""
    for corner in corners:
        app.page.mouse.move(*app.screen(*corner))
        app.page.mouse.click(*app.screen(*corner), button=button)


def drag(app: Any, start: tuple[int, int], end: tuple[int, int]) -> None:
    app.page.mouse.move(*app.screen(*start))
    app.page.mouse.down()
    app.page.mouse.move(*app.screen((start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
    app.page.mouse.move(*app.screen(*end))
    app.page.mouse.up()


@pytest.mark.requirement("R6.1")
@pytest.mark.requirement("R6.2")
@pytest.mark.requirement("R8.2")
def test_a_polygon_is_clicked_closed_changed_added_and_erased(app: Any) -> None:
    app.open("blowhole")
    app.key("l")
    assert app.id("tool-area").get_attribute("aria-pressed") == "true"
    at(app, *SQUARE, (100, 500))
    assert corners_of(app) == 5
    app.key("Backspace")
    assert corners_of(app) == 4
    at(app, SQUARE[0])
    assert app.page.evaluate("window.segmark.gesture().isClosed") and app.draft() is None
    drag(app, SQUARE[2], (450, 400))
    at(app, (300, 150))  # on the line: one more corner
    assert corners_of(app) == 5
    drag(app, (300, 150), (300, 100))
    at(app, SQUARE[3])  # picked up by a click ...
    app.page.mouse.move(*app.screen(220, 330))
    at(app, (180, 400))  # ... put down by the next
    corners = [(200, 150), (300, 100), (400, 150), (450, 400), (180, 400)]
    app.key("Enter")
    app.wait(lambda: app.draft() is not None, "the area in the draft")
    app.settle()
    first = app.mask()
    assert alike(first, wanted(app, corners), 5) and corners_of(app) == 0
    assert app.state()["history"]["undo"] == "edit_mask.polygon" and app.draft()["is_edited"]
    hole = [(280, 200), (360, 200), (360, 300), (280, 300), (320, 250)]
    at(app, *hole)
    app.key("Enter")  # closes
    at(app, hole[4], button="right")  # out again
    assert corners_of(app) == 4
    app.step("Shift+Enter")
    assert alike(app.mask(), np.where(wanted(app, hole[:4]), 0, first), 4)
    assert app.state()["history"]["undo"] == "edit_mask.polygon_erase"
    app.step()
    assert np.array_equal(app.mask(), first)
    at(app, (30, 30), (60, 30), (60, 60))
    app.key("Escape")
    assert corners_of(app) == 0 and np.array_equal(app.mask(), first), "Esc drops the corners, not the draft"


@pytest.mark.requirement("R6.1")
@pytest.mark.requirement("R8.2")
def test_a_polygon_by_keyboard_reaches_the_border_to_the_pixel(app: Any) -> None:
    app.open("none")
    app.open_file("small.png", inputs.encoded(np.full((40, 50, 3), 90, np.uint8), ".png"))
    app.id("canvas").focus()
    app.key("l")
    app.key("ArrowLeft")
    for _ in range(4):
        app.key("Shift+ArrowLeft")
        app.key("Shift+ArrowUp")
    app.key("Space")
    for _ in range(2):
        app.key("Shift+ArrowRight")
    app.key("Space")
    for _ in range(3):
        app.key("Shift+ArrowDown")
    app.key("Space")
    app.key("x")  # takes it back
    app.key("Shift+ArrowUp")
    app.key("Space")
    for _ in range(2):
        app.key("Shift+ArrowLeft")
    app.key("Space")
    app.wait(lambda: corners_of(app) == 4, "four corners")
    app.key("Enter")
    app.key("Space")  # on the last corner: picked up
    app.key("Shift+ArrowDown")
    app.key("Space")
    app.step("Enter")
    assert np.array_equal(app.mask(), wanted(app, [(0, 0), (20, 0), (20, 20), (0, 30)]))
    assert app.mask()[0, 0] and app.mask()[30, 0]


@pytest.fixture
def touch(new_page: Any) -> Any:
    return new_page(has_touch=True)


@pytest.mark.requirement("R6.1")
@pytest.mark.requirement("R8.2")
def test_a_polygon_and_a_thin_line_with_a_finger(touch: Any) -> None:
    touch.open("blowhole")
    fingers = Fingers(touch)
    touch.id("tool-area").tap()
    for corner in [*SQUARE, (60, 60)]:
        fingers.tap(touch.screen(*corner))
    touch.wait(lambda: corners_of(touch) == 5, "five corners")
    touch.id("gesture-back").tap()
    touch.id("gesture-done").tap()  # closes
    fingers.drag(touch.screen(*SQUARE[2]), touch.screen(430, 380), touch.screen(450, 400))
    touch.id("gesture-done").tap()  # adds
    touch.wait(lambda: touch.draft() is not None, "the area in the draft")
    touch.settle()
    assert alike(touch.mask(), wanted(touch, [*SQUARE[:2], (450, 400), SQUARE[3]]), 4)
    touch.id("gesture-bar").wait_for(state="hidden")
    touch.key("Escape")
    image, truth, course = crack()
    touch.open_file("crack.png", inputs.encoded(image, ".png"))
    touch.id("tool-scratch").tap()
    for spot in (course[0], course[len(course) // 2], course[-1]):
        before = touch.mask().sum()
        fingers.tap(touch.screen(*spot))
        touch.id("gesture-done").wait_for(state="visible")
        if spot != course[0]:
            touch.wait(lambda before=before: touch.mask().sum() > before, "the line up to the tap")
    touch.settle()
    touch.id("gesture-done").tap()
    touch.id("gesture-bar").wait_for(state="hidden")
    mask = touch.mask()
    wide = np.ones((5, 5), np.uint8)
    assert (mask & cv2.dilate(truth, wide)).sum() > 0.97 * mask.sum()
    assert (truth & cv2.dilate(mask, wide)).sum() > 0.97 * truth.sum()
    steps = touch.state()["history"]["undo"]
    fingers.tap(touch.screen(40, 400))  # a new line begins there, nothing is drawn to it
    touch.wait(lambda: touch.page.evaluate("window.segmark.gesture()?.kind") == "scratch", "a new line")
    touch.settle()
    assert np.array_equal(touch.mask(), mask) and touch.state()["history"]["undo"] == steps
