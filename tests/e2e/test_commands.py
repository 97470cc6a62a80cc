"""Commands that every hand reaches: another size, the last class, what undo says, choosing annotations, hide and show, looks."""

from __future__ import annotations

from typing import Any

import inputs
import numpy as np
import pytest
from hands import Fingers
from robot import next_click
from test_annotations import current, dabs
from test_kept import saved
from test_view import screenshot


def tools(app: Any) -> list[str]:
    return list(
        app.page.evaluate("[...document.querySelectorAll('.tool[aria-pressed=true]')].map((n) => n.dataset.testid)")
    )


def alt_wheel(app: Any) -> None:
    app.page.keyboard.down("Alt")
    app.page.mouse.wheel(0, -120)
    app.page.keyboard.up("Alt")
    app.page.wait_for_timeout(150)


def corners_drawn(app: Any) -> int:
    return int(app.page.evaluate("window.segmark.gesture()?.corners?.length ?? 0"))


@pytest.mark.requirement("R6.1")
@pytest.mark.parametrize(("key", "tool"), [("w", "tool-wand"), ("l", "tool-area"), ("o", "mode-polygon")])
def test_another_size_neither_puts_a_tool_away_nor_ends_what_is_drawn(app: Any, key: str, tool: str) -> None:
    app.open("blowhole")
    app.key("f")
    app.wait(lambda: app.state()["mode"]["kind"] == "fixed_box", "fixed-box mode")
    app.key(key)
    app.settle()
    app.page.mouse.move(*app.screen(300, 300))
    drawn = 0
    if tool != "tool-wand":
        for at in ((200, 200), (260, 200), (260, 260)):
            app.page.mouse.click(*app.screen(*at))
        drawn = 3
    before = app.state()["mode"]
    alt_wheel(app)
    app.key("]")
    app.key("[")
    app.settle()
    assert tools(app) == [tool] and corners_drawn(app) == drawn and app.state()["mode"] == before
    app.key("Escape")
    app.key("f")
    app.settle()
    alt_wheel(app)
    app.wait(lambda: app.state()["mode"]["size"] == 272, "a larger box, where a box follows the cursor")
    app.key("]")
    app.wait(lambda: app.state()["mode"]["size"] == 288, "a larger box by its key")


@pytest.mark.requirement("R7.1")
def test_the_last_class_without_asking(app: Any) -> None:
    app.open("blowhole")
    dabs(app, (200, 200, 30, 2))
    app.page.locator("#layer-marks").focus()
    app.key("u")
    app.key("b")
    app.page.mouse.click(*app.screen(300, 200))
    app.settle()
    assert "as crack" in app.id("confirm-bar").inner_text()
    app.key("Enter")
    app.wait(lambda: app.draft() is None, "one Enter to be enough")
    assert [a["label_id"] for a in app.annotations()] == [2, 2] and not app.id("class-palette").is_visible()
    app.page.mouse.click(*app.screen(400, 200))
    app.settle()
    app.key("3")
    app.wait(lambda: app.draft() is None, "a digit still to name another")
    assert [a["label_id"] for a in app.annotations()] == [2, 2, 3]
    saved(app)
    app.page.reload()
    app.wait(app.is_ready, "the page again", 60)
    app.wait(lambda: len(app.annotations()) == 3, "the work to be back")
    app.page.locator("[data-testid=confirm-options] summary").click()
    assert app.id("confirm-reuse").get_attribute("aria-checked") == "true", "remembered"
    app.id("confirm-reuse").click()
    app.key("b")
    app.page.mouse.click(*app.screen(500, 200))
    app.settle()
    app.key("Enter")
    app.id("class-palette").wait_for(state="visible")


@pytest.mark.parametrize(
    ("lang", "undone", "redone"),
    [("en", "Undone: brush stroke", "Redone: brush stroke"), ("zh", "已撤销：画笔", "已重做：画笔")],
)
def test_undo_and_redo_name_their_step(new_page: Any, lang: str, undone: str, redone: str) -> None:
    app = new_page(has_touch=True, locale={"en": "en-US", "zh": "zh-CN"}[lang])
    app.open("blowhole")
    app.id("tool-brush").tap()
    Fingers(app).tap(app.screen(300, 200))
    app.wait(lambda: app.draft() is not None, "a dab")
    app.settle()
    app.id("undo").tap()
    app.wait(lambda: app.id("status-message").inner_text() == undone, undone)
    app.id("redo").tap()
    app.wait(lambda: app.id("status-message").inner_text() == redone, redone)
    app.step("Control+z")
    assert app.id("status-message").inner_text() == undone


@pytest.mark.requirement("R8.2")
def test_annotations_are_chosen_by_finger_merged_split_and_hidden(new_page: Any) -> None:
    app = new_page(has_touch=True)
    app.open("scratch")
    dabs(app, (200, 200, 40, 1), (300, 200, 40, 1), (400, 200, 40, 2))
    fingers = Fingers(app)
    app.id("tool-select").tap()
    fingers.tap(app.screen(200, 200))
    app.wait(lambda: current(app) == ["annotation-1"], "a tap to choose")
    fingers.tap(app.screen(300, 200), hold_ms=700)
    app.wait(lambda: current(app) == ["annotation-1", "annotation-2"], "a long press to add one")
    app.id("picked-several").tap()
    app.id("annotation-3").tap(position={"x": 20, "y": 12})  # its name; further right are its buttons
    app.wait(lambda: len(current(app)) == 3, "a tap in the list to add one")
    assert app.draft() is None, "no point was set"
    app.id("picked-merge").tap()
    app.wait(lambda: len(app.annotations()) == 1, "one of three")
    assert app.annotations()[0]["parts"] == 3
    app.id("picked-split").tap()
    app.wait(lambda: len(app.annotations()) == 3, "three again")
    app.id("annotation-all").tap()
    app.wait(lambda: len(current(app)) == 3, "all chosen")
    app.id("picked-show").tap()
    app.wait(lambda: not any(a["visible"] for a in app.annotations()), "all hidden")
    app.id("picked-show").tap()
    app.wait(lambda: all(a["visible"] for a in app.annotations()), "all shown")


@pytest.mark.requirement("R8.2")
def test_annotations_are_chosen_at_the_crosshair_and_hidden_by_key(app: Any) -> None:
    app.open("scratch")
    dabs(app, (300, 200, 60, 1), (600, 400, 200, 2))
    app.page.locator("#layer-marks").focus()
    app.key("a")
    app.key("ArrowRight")  # the crosshair comes in the middle of the image: on the second one
    app.key("Space")
    app.wait(lambda: current(app) == ["annotation-2"], "Space to choose")
    app.key("h")
    app.wait(lambda: [a["visible"] for a in app.annotations()] == [True, False], "H to hide")
    app.key("h")
    app.wait(lambda: all(a["visible"] for a in app.annotations()), "H to show")


@pytest.mark.requirement("R7.2")
def test_parts_become_one_by_a_button(app: Any) -> None:
    app.open("scratch")
    app.key("b")
    for x in (200, 300):
        app.page.mouse.click(*app.screen(x, 200))
        app.settle()
        assert app.id("confirm-one").is_visible() == (x == 300), "only where it makes a difference"
    app.id("confirm-one").click()
    app.key("1")  # at once: the palette may not be there yet, and the wish still holds
    app.wait(lambda: len(app.annotations()) == 1, "one annotation")
    assert app.annotations()[0]["parts"] == 2


def test_how_masks_look(app: Any) -> None:
    """Opacity, outline, hidden, and a class of another colour and name: what is painted follows."""
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.open("blowhole")
    bare = screenshot(app, (x, y), 100)
    app.click(x, y)
    app.confirm(1)

    def colour(shot: np.ndarray) -> np.ndarray:
        return (shot - bare)[90:110, 90:110].reshape(-1, 3).mean(axis=0)

    plain = screenshot(app, (x, y), 100)
    app.id("opacity").fill("90")
    strong = screenshot(app, (x, y), 100)
    assert np.abs(colour(strong)).sum() > 1.7 * np.abs(colour(plain)).sum() > 20
    app.id("opacity").fill("38")
    app.page.locator("#layer-marks").focus()
    app.key("Shift+O")
    bald = screenshot(app, (x, y), 100)
    changed = np.abs(bald - plain).sum(axis=2) > 60
    assert changed.any() and not changed[90:110, 90:110].any(), "only the outline is gone"
    app.id("outline").click()
    assert np.array_equal(screenshot(app, (x, y), 100), plain)
    app.id("annotation-1").hover()
    app.id("annotation-1").locator("[data-part=show]").click()
    app.wait(lambda: not app.annotations()[0]["visible"], "hidden")
    assert np.abs(screenshot(app, (x, y), 100) - bare).max() <= 2
    app.id("annotation-1").locator("[data-part=show]").click()
    app.settle()
    row = app.page.locator("#class-list li").first
    row.locator("input[type=color]").fill("#0000ff")
    app.wait(lambda: app.state()["labels"][0]["color"].lower() == "#0000ff", "another colour")
    red, green, blue = colour(screenshot(app, (x, y), 100))
    assert blue > 10 and blue > red + 20 and blue > green + 20
    row.hover()
    row.locator("button").first.click()
    app.page.keyboard.press("Control+a")
    app.page.keyboard.type("pore")
    app.key("Enter")
    app.wait(lambda: app.state()["labels"][0]["name"] == "pore", "another name")
    app.wait(lambda: "pore" in app.id("annotation-1").inner_text(), "the name in the list")


@pytest.mark.requirement("R6.3")
def test_the_buttons_change_the_mask_as_a_whole(app: Any) -> None:
    app.open("scratch")
    dab_at = app.id("brush-size")
    app.key("b")
    dab_at.fill("60")
    app.key("Enter")
    app.page.mouse.click(*app.screen(300, 200))
    app.settle()
    app.key("e")
    dab_at.fill("12")
    app.key("Enter")
    app.page.mouse.click(*app.screen(300, 200))
    app.settle()
    app.key("b")
    app.page.mouse.click(*app.screen(420, 200))
    app.settle()
    ring = app.mask()
    assert not ring[200, 300] and app.draft()["parts"] == 2

    def done(how: str) -> np.ndarray:
        app.id(f"refine-{how}").click()
        app.settle()
        return app.mask()

    shrunk = done("shrink")
    assert not (shrunk & (1 - ring)).any() and 0 < shrunk.sum() < ring.sum()
    assert app.state()["history"]["undo"] == "edit_mask.shrink"
    app.step()
    largest = done("keep-largest")
    assert not largest[200, 420] and largest[200, 275] and app.draft()["parts"] == 1
    filled = done("fill-holes")
    assert filled[200, 300] and not (largest & (1 - filled)).any()
    grown = done("grow")
    assert not (filled & (1 - grown)).any() and grown.sum() > filled.sum()
    smooth = done("smooth")
    assert np.abs(smooth.astype(int) - grown).sum() < 0.05 * grown.sum() and app.draft()["parts"] == 1


@pytest.mark.requirement("R6.1")
def test_the_brush_paints_in_its_colour(app: Any) -> None:
    app.open("scratch")
    bare = screenshot(app, (300, 200), 40)
    app.key("b")
    app.id("brush-color").fill("#ff0000")
    app.id("brush-size").fill("60")
    app.key("Enter")
    app.page.mouse.click(*app.screen(300, 200))
    app.settle()
    red, green, blue = (screenshot(app, (300, 200), 40) - bare)[30:50, 30:50].reshape(-1, 3).mean(axis=0)
    assert red > green + 30 and red > blue + 30
