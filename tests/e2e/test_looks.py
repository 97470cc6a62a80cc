"""What a person can see and reach: small windows, fingers, large letters, slow answers."""

from __future__ import annotations

from typing import Any

import inputs
import pytest
from hands import Fingers
from robot import next_click
from test_kept import CHANGE, plate_with_strokes, stroke
from test_quality import dab

# Python hears of these, and answers them, only when the test lets them go.
SLOW_ANSWERS = """
const send = Worker.prototype.postMessage;
const held = [];
window.letGo = () => { for (const go of held.splice(0)) go(); };
Worker.prototype.postMessage = function (message, ...more) {
  const slow = ["export.limits", "quality.report"].includes(message?.method);
  if (slow) held.push(() => send.call(this, message, ...more));
  else send.call(this, message, ...more);
};"""


def in_sight(app: Any, selector: str) -> bool:
    """Whether the middle of the element is in the window and nothing lies on it."""
    found = app.page.locator(selector).first.evaluate("""(node) => {
      const { left, top, right, bottom } = node.getBoundingClientRect();
      const whole = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
      const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      return whole && over !== null && (node.contains(over) || over.contains(node));
    }""")
    return bool(found)


@pytest.mark.requirement("R7.1")
def test_the_ways_out_of_a_dialog_are_in_sight_in_a_small_window(app: Any) -> None:
    app.open("scratch")
    dab(app, 200, 200, 40, 1)
    app.page.set_viewport_size({"width": 1024, "height": 560})
    app.key("?")
    app.id("help").wait_for(state="visible")
    app.id("key-tool.brush").click()
    app.key("e")
    assert "E belongs to" in app.id("help-message").inner_text()
    assert in_sight(app, "#help-message") and in_sight(app, "#help [data-close]")
    app.key("Escape")
    app.key("Escape")
    app.open_export()
    assert in_sight(app, "#export-write") and in_sight(app, "#export-cancel")
    app.id("export-quality_json").click()
    assert in_sight(app, "#export-write")
    app.id("export-cancel").click()
    app.key("F1")
    app.id("guide").wait_for(state="visible")
    assert in_sight(app, "#guide-shortcuts") and in_sight(app, "[data-testid=guide-close]")
    app.id("guide-licences").click()
    app.wait(lambda: app.id("licences-text").inner_text(), "the texts")
    assert in_sight(app, "[data-testid=licences-close]")
    app.key("Escape")
    app.page.set_viewport_size({"width": 640, "height": 400})  # a window of 1,280 x 800 at 200 %
    app.id("export-button").click()
    app.id("save-page").focus()
    assert in_sight(app, "#save-page b")


@pytest.mark.requirement("R7.1")
def test_the_confirm_bar_says_all_that_it_has_to_say(app: Any) -> None:
    app.page.set_viewport_size({"width": 1024, "height": 700})
    app.open("scratch")
    app.click(600, 400)
    text = app.page.locator("#confirm-text")
    whole = "(node) => node.scrollWidth <= node.clientWidth && node.scrollHeight <= node.clientHeight"
    assert "1 point" in text.inner_text() and text.evaluate(whole)
    app.key("b")
    for k in range(12):  # as many parts, beside the ones that the click gave
        stroke(app, k)
    app.settle()
    assert app.draft()["parts"] > 10
    assert "annotations" in text.inner_text() and text.evaluate(whole)
    edges = [app.id(name).bounding_box() for name in ("confirm-bar", "confirm")]
    assert edges[1]["x"] + edges[1]["width"] <= edges[0]["x"] + edges[0]["width"], "the buttons lie within the bar"


@pytest.mark.requirement("R7.1")
def test_options_open_wherever_their_line_is_pressed(app: Any) -> None:
    """Also on the words at its right, which say what is set."""
    app.open("scratch")
    for name in ("confirm-options", "tone"):
        line = app.id(name).locator("summary")
        width = line.bounding_box()["width"]
        line.click(position={"x": width - 32, "y": 14})
        assert app.id(name).evaluate("(node) => node.open"), name


@pytest.mark.requirement("R8.3")
def test_a_banner_with_choices_leaves_them_in_sight_on_a_phone(app: Any) -> None:
    plate_with_strokes(app)
    app.page.evaluate(CHANGE, ['"v":', '"v":9'])
    app.page.set_viewport_size({"width": 390, "height": 844})
    app.page.goto(app.url)
    app.id("error-banner").wait_for(state="visible", timeout=60_000)
    for choice in ("journal.save", "journal.reload", "dismiss"):
        assert in_sight(app, f"[data-testid='error-{choice}']"), choice


@pytest.mark.requirement("R8.2")
def test_on_touch_everything_is_in_reach_and_said_for_fingers(new_page: Any) -> None:
    app = new_page(has_touch=True, viewport={"width": 1024, "height": 768})
    app.open("blowhole")
    assert app.page.locator("#hint").inner_text() == "Tap in the blowhole"
    assert "Tap the defect" in app.page.locator("#mode-explain").inner_text()
    x, y, _ = next_click(inputs.sample("blowhole")[1], None)
    Fingers(app).tap(app.screen(x, y))
    app.wait(lambda: len(app.clicks()) == 1, "a point")
    app.settle()
    assert app.id("confirm-bar").inner_text().startswith("1 annotation"), "a finger has no Enter"
    assert in_sight(app, "[data-testid=refine-smooth]"), "the last of the five"
    app.page.set_viewport_size({"width": 820, "height": 1180})
    name = app.page.locator("#file-name")
    assert name.evaluate("(node) => node.scrollWidth <= node.clientWidth"), "the name of the file is cut off"


@pytest.mark.requirement("R8.4")
def test_opening_images_leaves_the_pane_where_it_is(app: Any) -> None:
    """The list goes to the image; the classes above it stay in sight."""
    app.page.set_viewport_size({"width": 1280, "height": 720})
    app.open("none")
    data = inputs.encoded(inputs.sample("crack")[0][40:200, :240], ".png")
    files = [{"name": f"plate_{k:02d}.png", "mimeType": "image/png", "buffer": data} for k in range(30)]
    app.id("file-input").set_input_files(files)
    app.wait(lambda: app.image() is not None, "the first image")
    for _ in range(12):
        app.key("PageDown")
    app.wait(lambda: (app.image() or {}).get("name") == "plate_12.png", "the thirteenth")
    app.settle()
    assert app.page.locator("#side").evaluate("(node) => node.scrollTop") == 0
    assert app.page.locator("#image-list").evaluate("(node) => node.scrollTop") > 0


@pytest.mark.requirement("R7.1")
def test_after_a_sample_is_opened_by_keys_the_image_has_the_focus(app: Any) -> None:
    app.open("none")
    app.id("sample-crack").focus()
    app.key("Enter")
    app.wait(lambda: app.image() is not None, "the sample")
    app.settle()
    assert app.page.evaluate("document.activeElement.id") == "layer-marks"


@pytest.mark.requirement("R8.5")
def test_a_slow_answer_is_waited_for_in_the_dialog(new_page: Any) -> None:
    app = new_page(scripts=(SLOW_ANSWERS,))
    app.open("scratch")
    app.page.locator("#layer-marks").focus()
    app.key("Control+s")
    app.id("export-dialog").wait_for(state="visible")
    assert app.page.locator("#export-progress").is_visible() and app.id("export-write").is_disabled()
    app.page.evaluate("window.letGo()")
    app.id("export-coco").wait_for(state="visible")
    assert app.page.locator("#export-progress").is_hidden() and app.id("export-write").is_enabled()
    assert app.page.evaluate("document.activeElement.value") == "coco", "the keys choose among the formats"
    app.key("Escape")
    app.key("q")
    app.id("quality").wait_for(state="visible")
    app.key("Escape")
    assert app.unanswered() > 0
    app.page.evaluate("window.letGo()")
    app.settle()
    assert app.page.locator("#quality-sum").text_content(), "the answer has come"
    assert app.id("quality").is_hidden(), "left before it was there, it stays away"
