"""Keys that a person changes: in the sheet, with conflicts told, on the toolbar and in texts at once, remembered."""

from __future__ import annotations

from typing import Any

import pytest


def tool_in_hand(app: Any) -> list[str]:
    """Return the test ids of the pressed buttons of the left pane."""
    script = "() => [...document.querySelectorAll('.tool[aria-pressed=true]')].map((node) => node.dataset.testid)"
    return list(app.page.evaluate(script))


def change(app: Any, command: str, *keys: str) -> str:
    """Give a command another key in the open sheet; return what the sheet says."""
    app.id(f"key-{command}").click()
    for key in keys:
        app.key(key)
    return str(app.id("help-message").inner_text())


@pytest.mark.requirement("R8.2")
def test_a_changed_key_works_and_is_remembered(app: Any) -> None:
    """B goes to the wand after a warning, the brush gets Q; toolbar, title, texts and the next visit know; reset."""
    app.open("scratch")
    app.key("?")
    app.id("help").wait_for(state="visible")
    assert "belongs to “Brush”" in change(app, "tool.wand", "b")
    assert app.id("key-tool.brush").inner_text() == "B", "told, not yet taken"
    app.key("b")
    assert "B now means" in app.id("help-message").inner_text()
    assert app.id("key-tool.brush").inner_text() == "none" and app.id("key-tool.wand").inner_text() == "B"
    change(app, "tool.brush", "Shift+B")
    change(app, "confirm", "Control+Enter")
    app.key("Escape")
    app.id("help").wait_for(state="hidden")

    for _visit in range(2):
        assert app.id("tool-wand").locator("kbd").inner_text() == "B"
        assert app.id("tool-brush").get_attribute("title") == "Brush (Shift+B)"
        app.key("b")
        app.wait(lambda: tool_in_hand(app) == ["tool-wand"], "the wand by its new key")
        app.key("w")
        app.key("Shift+B")
        app.wait(lambda: tool_in_hand(app) == ["tool-brush"], "the brush by its new key")
        app.key("Shift+B")
        assert "Ctrl+Enter finishes" in app.page.locator("#mode-explain").inner_text()
        app.open("scratch")

    app.key("?")
    app.id("keys-reset").click()
    assert app.id("keys-reset").is_disabled()
    app.key("Escape")
    app.key("b")
    app.wait(lambda: tool_in_hand(app) == ["tool-brush"], "the brush by its shipped key")


def test_keys_that_cannot_be_given(app: Any) -> None:
    """Space, arrows, digits and the browser's own are refused with a word; Esc leaves the key as it is."""
    app.open("scratch")
    app.key("?")
    for key, said in (
        ("Space", "Space"),
        ("ArrowLeft", "ArrowLeft"),
        ("3", "3"),
        ("Control+w", "Ctrl+W"),
        ("Tab", "Tab"),
    ):
        assert change(app, "tool.brush", key).startswith(f"{said} has a fixed meaning")
        app.key("Shift")  # a modifier alone is no key
        app.key("Escape")
        assert app.id("key-tool.brush").inner_text() == "B"
        assert app.id("help").is_visible(), "Esc leaves the asking, not the sheet"
    app.key("Escape")
    app.id("help").wait_for(state="hidden")


@pytest.mark.requirement("R8.2")
def test_keys_of_the_crosshair_can_be_changed(app: Any) -> None:
    """The negative point of the crosshair by J instead of X, chosen and used without a pointer."""
    app.open("blowhole")
    app.key("?")
    app.id("key-point.negative").focus()
    app.key("Enter")
    app.key("j")
    app.key("Escape")
    app.id("help").wait_for(state="hidden")
    app.page.keyboard.press("Tab")
    app.id("canvas").focus()
    app.key("ArrowRight")
    app.step("Space")
    for _ in range(12):
        app.key("Shift+ArrowRight")
    app.key("x")
    app.step("j")
    assert [positive for _x, _y, positive in app.clicks()] == [True, False]
    (x0, y0, _), (x1, y1, _) = app.clicks()
    assert (x1 - x0, y1 - y0) == (120, 0)
