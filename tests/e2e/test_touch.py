"""The same with fingers (R2.1, R8.2): tap, sign switch, long press, the ghost above the finger, brush, two fingers."""

from __future__ import annotations

from typing import Any

import inputs
import pytest
from hands import Fingers
from robot import next_click


@pytest.fixture
def touch(new_page: Any) -> Any:
    return new_page(has_touch=True)


@pytest.mark.requirement("R2.1")
@pytest.mark.requirement("R8.2")
def test_tap_sign_switch_and_long_press(touch: Any) -> None:
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    touch.open("blowhole")
    fingers = Fingers(touch)
    fingers.tap(touch.screen(x, y))
    touch.wait(lambda: len(touch.clicks()) == 1, "a tap to be a positive point")
    assert touch.clicks()[0][2] and abs(touch.clicks()[0][0] - x) <= 1
    touch.settle()
    assert touch.mask()[y, x]
    touch.id("sign-negative").wait_for(state="visible")
    fingers.tap(touch.screen(x - 100, y - 60), hold_ms=700)
    touch.wait(lambda: len(touch.clicks()) == 2, "a long press to be the other sign")
    assert not touch.clicks()[1][2]
    touch.id("sign-negative").tap()
    fingers.tap(touch.screen(x + 110, y + 60))
    touch.wait(lambda: len(touch.clicks()) == 3, "a tap with the switch on negative")
    assert not touch.clicks()[2][2]


@pytest.mark.requirement("R8.2")
def test_the_ghost_above_the_finger_stamps_and_a_finger_draws_box_and_stroke(touch: Any) -> None:
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    touch.open("blowhole")
    fingers = Fingers(touch)
    touch.id("mode-fixed-box").tap()
    touch.wait(lambda: touch.state()["mode"]["kind"] == "fixed_box", "fixed-box mode")
    left, top = touch.screen(x, y)
    fingers.drag((left - 80, top + 40), (left - 30, top + 65), (left, top + 70))  # the ghost is 70 px above the finger
    touch.wait(lambda: touch.draft() and len(touch.draft()["regions"]) == 1, "a stamped box")
    (cx, cy, positive) = touch.clicks()[0]
    assert positive and abs(cx - x) <= 2 and abs(cy - y) <= 2
    touch.settle()
    touch.key("Escape")
    touch.wait(lambda: touch.draft() is None, "no draft")
    touch.id("mode-custom-box").tap()
    touch.wait(lambda: touch.state()["mode"]["kind"] == "custom_box", "custom-box mode")
    fingers.drag(touch.screen(x - 90, y - 90), touch.screen(x, y), touch.screen(x + 90, y + 90))
    touch.wait(lambda: touch.draft() and len(touch.draft()["regions"]) == 1, "a box drawn with a finger")
    touch.id("tool-brush").tap()
    fingers.drag(touch.screen(x, y), touch.screen(x + 30, y))
    touch.wait(lambda: touch.draft()["is_edited"], "a stroke with a finger")
    before, zoom = touch.draft()["area"], touch.view()["zoom"]
    left, top = touch.screen(x, y)
    touch.page.wait_for_timeout(50)
    fingers.send("touchStart", (left - 40, top))
    fingers.send("touchStart", (left - 40, top), (left + 40, top))
    fingers.send("touchMove", (left - 80, top), (left + 80, top))
    fingers.send("touchEnd")
    touch.wait(lambda: touch.view()["zoom"] > 1.5 * zoom, "two fingers to zoom")
    touch.settle()
    assert touch.draft()["area"] == before, "a second finger gives the stroke up"


@pytest.mark.requirement("R2.2")
@pytest.mark.requirement("R8.2")
def test_the_switch_is_about_points_only(touch: Any) -> None:
    """On negative, a tap still removes a marker, sets corners and picks a frame up."""
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    touch.open("blowhole")
    fingers = Fingers(touch)
    fingers.tap(touch.screen(x, y))
    touch.wait(lambda: len(touch.clicks()) == 1, "a point")
    touch.settle()
    touch.id("sign-negative").tap()
    fingers.tap(touch.screen(x + 130, y))
    touch.wait(lambda: len(touch.clicks()) == 2, "a negative point")
    touch.settle()
    for left in (1, 0):  # the negative one, then the positive one
        fingers.tap(touch.screen(touch.clicks()[-1][0] + 2, touch.clicks()[-1][1]))
        touch.wait(lambda left=left: len(touch.clicks()) == left, "a tap on the marker to remove it")
        touch.settle()
    touch.id("mode-polygon").tap()
    touch.wait(lambda: touch.state()["mode"]["kind"] == "polygon", "polygon mode")
    for corner in ((450, 250), (620, 250), (620, 400)):
        fingers.tap(touch.screen(*corner))
    touch.wait(lambda: touch.page.evaluate("window.segmark.gesture()?.corners?.length") == 3, "three corners")
    touch.key("Escape")
    touch.id("mode-custom-box").tap()
    touch.wait(lambda: touch.state()["mode"]["kind"] == "custom_box", "custom-box mode")
    fingers.drag(touch.screen(440, 230), touch.screen(500, 300), touch.screen(640, 420))
    touch.wait(lambda: touch.draft() and len(touch.draft()["regions"]) == 1, "a box")
    touch.settle()
    fingers.tap(touch.screen(490, 230))
    touch.wait(lambda: touch.page.evaluate("window.segmark.gesture()?.kind") == "carry", "the frame to be picked up")
