"""What a hand does by the way: a menu that keeps the keys, a stroke over a change of images, a field left by Esc, a palm."""

from __future__ import annotations

from typing import Any

import inputs
import pytest
from hands import Fingers
from robot import next_click
from test_kept import area, plate_with_strokes
from test_project import files, opened
from test_shortcuts import tool_in_hand


def has_focus(app: Any, selector: str) -> bool:
    return bool(app.page.evaluate("(selector) => document.activeElement?.matches(selector)", selector))


@pytest.mark.requirement("R8.2")
def test_a_menu_chosen_with_the_pointer_gives_the_keys_back(app: Any) -> None:
    app.open("scratch")
    menu = app.id("model-select")
    menu.dispatch_event("pointerdown")
    menu.focus()
    menu.select_option("smooth")
    app.wait(lambda: app.state()["model"] == {"id": "smooth", "name": "Smooth", "state": "ready"}, "the other network")
    assert has_focus(app, "[data-testid=canvas]")
    app.key("p")
    app.key("b")
    app.wait(lambda: tool_in_hand(app) == ["tool-brush"], "the brush by its key")
    assert app.state()["model"]["id"] == "smooth"


@pytest.mark.requirement("R8.2")
def test_by_keyboard_what_a_menu_does_waits_for_enter(app: Any) -> None:
    app.open("scratch")
    chosen: list[Any] = []

    def take(chooser: Any) -> None:  # a built-in method is refused as a listener
        chosen.append(chooser)

    app.page.on("filechooser", take)
    menu = app.id("model-select")
    menu.focus()
    app.key("ArrowDown")
    app.wait(lambda: app.state()["model"] == {"id": "smooth", "name": "Smooth", "state": "ready"}, "the other network")
    app.key("ArrowDown")  # past it there is what can be done
    app.page.wait_for_timeout(100)
    assert menu.input_value() == "own.choose" and not chosen
    assert "Press Enter" in app.id("status-message").inner_text()
    app.key("Enter")
    app.wait(lambda: len(chosen) == 1, "the picker")
    app.wait(lambda: menu.input_value() == "smooth", "the network in use")
    app.key("ArrowDown")
    menu.blur()
    assert menu.input_value() == "smooth" and len(chosen) == 1


@pytest.mark.requirement("R8.3")
def test_a_stroke_in_hand_stays_off_the_image_that_comes(app: Any) -> None:
    app.open("none")
    app.id("file-input").set_input_files(files(2))
    opened(app, "plate_1.png")
    app.key("b")
    app.page.mouse.move(*app.screen(60, 60))
    app.page.mouse.down()
    app.page.mouse.move(*app.screen(90, 60), steps=3)
    app.key("PageDown")
    opened(app, "plate_2.png")
    app.page.mouse.move(*app.screen(120, 80), steps=3)
    app.page.mouse.up()
    app.settle()
    assert app.draft() is None, "nothing of it is on the second image"
    app.page.mouse.move(*app.screen(60, 60))
    app.page.mouse.down()
    app.page.mouse.up()
    app.wait(lambda: area(app) > 0, "the next stroke is one")


@pytest.mark.requirement("R8.2")
def test_what_the_crosshair_holds_is_let_go_when_another_image_comes(app: Any) -> None:
    app.open("none")
    app.id("file-input").set_input_files(files(2))
    opened(app, "plate_1.png")
    app.id("canvas").focus()
    app.key("b")
    for key in ("ArrowRight", "Shift+Space", "ArrowRight", "PageDown"):
        app.key(key)
    opened(app, "plate_2.png")
    app.key("Enter")  # nothing is held that it could end
    app.key("ArrowRight")
    app.key("Space")
    app.wait(lambda: area(app) > 0, "a dab at the crosshair")


@pytest.mark.requirement("R8.2")
def test_esc_in_a_field_leaves_the_field_and_enter_opens_a_panel(app: Any) -> None:
    _, true = inputs.sample("blowhole")
    app.open("blowhole")
    app.click(*next_click(true, None))
    field = app.page.locator("#class-add-input")
    field.fill("po")
    field.press("Escape")
    app.settle()
    assert app.draft() is not None and not has_focus(app, "#class-add-input")
    panel = app.id("confirm-options")
    panel.locator("summary").focus()
    app.key("Enter")
    app.wait(lambda: panel.get_attribute("open") is not None, "the panel")
    app.key("Space")
    app.wait(lambda: panel.get_attribute("open") is None, "the panel closed")
    assert app.draft() is not None and app.page.locator("#palette").is_hidden() and len(app.clicks()) == 1


@pytest.mark.requirement("R8.2")
def test_the_list_of_steps_follows_an_undo_by_its_key(app: Any) -> None:
    plate_with_strokes(app)
    app.key("Shift+H")
    steps = app.page.locator("#history-menu [data-steps]")
    app.wait(lambda: steps.count() == 2, "the list")
    before = steps.count()
    app.key("Control+z")
    app.wait(lambda: app.page.locator("#history-menu .undone").count() == 1, "the step that was undone")
    assert steps.count() == before


class Pen:
    """A pen on the screen, as the browser gets it (DevTools' Input domain)."""

    def __init__(self, app: Any) -> None:
        self.cdp = app.page.context.new_cdp_session(app.page)

    def send(self, kind: str, at: tuple[float, float]) -> None:
        event = {"type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1, "pointerType": "pen"}
        self.cdp.send("Input.dispatchMouseEvent", event | {"buttons": int(kind != "mouseReleased")})

    def tap(self, at: tuple[float, float]) -> None:
        self.send("mousePressed", at)
        self.send("mouseReleased", at)


@pytest.mark.requirement("R8.2")
def test_a_pen_taps_like_a_finger_and_the_palm_beside_it_does_nothing(new_page: Any) -> None:
    app = new_page(has_touch=True)
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.open("blowhole")
    pen, fingers = Pen(app), Fingers(app)
    pen.tap(app.screen(x, y))
    app.wait(lambda: len(app.clicks()) == 1, "a point")
    app.settle()
    app.id("sign-negative").click()
    pen.tap(app.screen(x - 100, y - 60))
    app.wait(lambda: len(app.clicks()) == 2, "a point of the chosen sign")
    assert [positive for _, _, positive in app.clicks()] == [True, False]
    app.key("b")
    zoom, before = app.view()["zoom"], area(app)
    fingers.send("touchStart", app.screen(x + 120, y + 90))  # the palm is down first
    pen.send("mousePressed", app.screen(x - 60, y - 60))
    pen.send("mouseMoved", app.screen(x - 50, y - 55))
    fingers.send("touchEnd")
    fingers.send("touchStart", app.screen(x + 100, y + 90))  # and comes down again
    pen.send("mouseMoved", app.screen(x - 30, y - 50))
    pen.send("mouseReleased", app.screen(x - 30, y - 50))
    fingers.send("touchEnd")
    app.wait(lambda: area(app) > before, "the stroke of the pen")
    app.settle()
    assert app.view()["zoom"] == zoom
    mask = app.mask()
    assert mask[y - 60, x - 60] and mask[y - 50, x - 30] and not mask[y + 90, x + 100]


@pytest.mark.requirement("R8.1")
def test_the_tap_that_closes_a_drawer_marks_nothing(new_page: Any) -> None:
    app = new_page(has_touch=True, viewport={"width": 600, "height": 800})
    app.open("blowhole")
    fingers, shell = Fingers(app), app.page.locator("#app")
    box = app.id("canvas").bounding_box()
    at = (box["x"] + box["width"] - 30, box["y"] + box["height"] / 2)
    app.page.locator("#fold-tools").tap()
    assert shell.get_attribute("data-open") == "tools"
    fingers.tap(at)
    app.wait(lambda: shell.get_attribute("data-open") == "", "the drawer closed")
    app.settle()
    assert app.clicks() == []
    app.page.locator("#fold-tools").tap()
    app.key("Escape")
    app.wait(lambda: shell.get_attribute("data-open") == "", "the drawer closed by Esc")
    fingers.tap(app.screen(200, 200))
    app.wait(lambda: len(app.clicks()) == 1, "the next tap marks")
