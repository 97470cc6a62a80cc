"""The help page and the first steps: offline, in both languages, and never in anybody's way."""

from __future__ import annotations

from typing import Any

import pytest


def test_help_by_key_and_button(app: Any) -> None:
    """F1 and the button show it, Esc and the cross close it; it is read to its end; it leads to the keys."""
    app.open("scratch")
    app.page.context.set_offline(True)
    app.key("F1")
    app.id("guide").wait_for(state="visible")
    sections = app.id("guide").locator("h3")
    assert sections.count() == 9
    sections.last.scroll_into_view_if_needed()
    left, right = app.id("guide").bounding_box(), sections.last.bounding_box()
    assert left["x"] <= right["x"] and right["x"] + right["width"] <= left["x"] + left["width"], (
        "columns leave the page"
    )
    assert "press Ctrl+O" in app.id("guide").inner_text()
    app.key("Escape")
    app.id("guide").wait_for(state="hidden")
    app.id("guide-button").click()
    app.id("guide-shortcuts").click()
    app.page.locator("#help").wait_for(state="visible")
    assert app.id("guide").is_hidden()
    app.page.context.set_offline(False)


def test_the_licences_open_in_the_page(app: Any) -> None:
    app.open("none")
    app.key("F1")
    app.id("guide-licences").click()
    assert app.id("guide").is_hidden()
    app.wait(lambda: "Mozilla Public License" in app.id("licences-text").inner_text(), "the texts")
    app.id("licences-close").click()
    app.id("licences").wait_for(state="hidden")


@pytest.mark.requirement("R1.1")
def test_first_steps_follow_the_hand(app: Any) -> None:
    """The card counts what was done; finished, it is gone for good, until it is asked for again."""
    app.open("scratch")
    card = app.id("tour")
    canvas, place = app.id("canvas").bounding_box(), card.bounding_box()
    assert place["x"] >= canvas["x"] + canvas["width"], "the card lies on the image"
    assert "1 of 4" in card.inner_text()
    app.click(600, 400)
    assert "2 of 4" in card.inner_text()
    app.click(602, 300, positive=False)
    assert "3 of 4" in card.inner_text() and "Press Enter" in card.inner_text()
    app.confirm(digit=1)
    app.wait(lambda: "4 of 4" in card.inner_text(), "the last step")
    app.id("tour-next").click()
    assert card.is_hidden()
    app.wait(lambda: app.id("status-saved").get_attribute("data-state") == "saved", "the work to be kept")
    app.open()
    assert card.is_hidden()
    app.key("F1")
    app.id("guide-tour").click()
    card.wait_for(state="visible")


def test_first_steps_can_be_skipped(app: Any) -> None:
    app.open("blowhole")
    app.id("tour-skip").click()
    assert app.id("tour").is_hidden()
    app.open("blowhole")
    assert app.id("tour").is_hidden()
