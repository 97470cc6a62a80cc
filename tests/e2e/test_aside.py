"""What cannot be read of a journal is put aside: the page gives it back as a file, and discards it only then (R8.3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import inputs
import pytest
from kills import READ_JOURNAL
from test_kept import CHANGE, READ_LOST, plate_with_strokes, saved, stroke

TAIL = ['"kind":"edit_mask"', '"kind":"edit_']  # the strokes cannot be read any more, the opening can
WHOLE = ['"kind":"open_image"', '"kind":"ope']


def again(app: Any) -> None:
    """Load the page again and wait for the work."""
    app.page.goto(app.url)
    app.wait(app.is_ready, "ready", 60)
    app.settle()


def given_back(app: Any, button: str) -> tuple[str, bytes]:
    """The file that a button saves: its name and its bytes."""
    with app.page.expect_download() as waiting:
        app.id(button).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def lines_of(*parts: list[str]) -> bytes:
    return "".join(f"{entry}\n" for part in parts for entry in part).encode()


def menu_shows(app: Any, item: str) -> bool:
    """Whether the export menu has the item, seen with the menu open; it is left open."""
    if app.id("export-open").is_hidden():
        app.id("export-button").click()
        app.id("export-open").wait_for(state="visible")
    return bool(app.id(item).is_visible())


@pytest.mark.requirement("R8.3")
def test_the_unreadable_tails_of_all_images_are_saved_and_then_discarded(app: Any) -> None:
    plate_with_strokes(app)
    stroke(app, 4)
    saved(app)
    app.open_file("zwei.png", inputs.encoded(inputs.sample("crack")[0], ".png"))
    stroke(app, 1)
    saved(app)
    assert app.id("aside-banner").is_hidden() and not menu_shows(app, "aside-menu-save")
    app.key("Escape")
    app.page.evaluate(CHANGE, TAIL)
    damaged = [entry for entry in app.page.evaluate(READ_JOURNAL) if TAIL[1] in entry]
    again(app)
    banner = app.id("aside-banner")
    app.wait(lambda: "1 step on zwei.png" in banner.inner_text(), "the reading of the journal")
    assert app.id("aside-discard").is_hidden()
    assert given_back(app, "aside-save") == ("zwei.png.unreadable.txt", lines_of(damaged[2:]))
    assert app.id("aside-discard").is_visible(), "it is in a file now"
    app.id("image-tile").first.click()
    app.wait(lambda: (app.image() or {}).get("name") == "plate.png", "the other image")
    app.wait(lambda: "3 steps on plate.png, zwei.png" in banner.inner_text(), "the reading of the other journal")
    assert app.id("aside-discard").is_hidden(), "not all of it is in the file"
    assert given_back(app, "aside-save") == ("plate.png.unreadable.txt", lines_of(damaged))
    app.id("aside-discard").click()
    assert "plate.png.unreadable.txt" in app.id("discard").inner_text()
    app.id("discard-cancel").click()
    saved(app)
    assert sorted(map(len, app.page.evaluate(READ_LOST))) == [1, 2]
    app.id("aside-discard").click()
    app.id("discard-confirm").click()
    banner.wait_for(state="hidden")
    saved(app)
    assert app.page.evaluate(READ_LOST) == []
    assert not menu_shows(app, "aside-menu-save") and not menu_shows(app, "aside-menu-discard")
    again(app)
    assert banner.is_hidden() and not menu_shows(app, "aside-menu-save")


@pytest.mark.requirement("R8.3")
def test_a_whole_journal_that_was_put_aside_is_in_the_menu_until_it_is_discarded(app: Any) -> None:
    """On a later visit nothing is told again, but the menu has it, by the keyboard too and in Chinese."""
    plate_with_strokes(app)
    app.page.evaluate(CHANGE, WHOLE)
    whole = app.page.evaluate(READ_JOURNAL)
    again(app)
    assert "restore_nothing" in app.notices()
    assert f"{len(whole)} steps on plate.png" in app.id("aside-banner").inner_text()
    app.id("aside-dismiss").click()
    assert app.id("aside-banner").is_hidden()
    saved(app)
    again(app)
    assert app.id("aside-banner").is_hidden(), "told once"
    app.page.locator("[data-language]").first.click()
    app.wait(lambda: "标注" in app.id("mode-custom-box").inner_text(), "Chinese")
    assert menu_shows(app, "aside-menu-save") and not menu_shows(app, "aside-menu-discard")
    assert "无法读取" in app.id("aside-menu-save").inner_text()
    with app.page.expect_download() as waiting:
        for _ in range(3):
            app.page.keyboard.press("ArrowDown")
        app.page.keyboard.press("Enter")
    assert Path(waiting.value.path()).read_bytes() == lines_of(whole)
    assert menu_shows(app, "aside-menu-discard")
    app.id("aside-menu-discard").click()
    app.id("discard-confirm").click()
    app.wait(lambda: app.id("aside-menu-save").get_attribute("hidden") is not None, "nothing put aside any more")
    saved(app)
    assert app.page.evaluate(READ_LOST) == [] and not menu_shows(app, "aside-menu-save")


@pytest.mark.requirement("R8.3")
def test_what_was_put_aside_leaves_with_nobody_who_was_not_asked(app: Any) -> None:
    """A sample without work leaves by itself, but not with something put aside; who removes it is told."""
    app.open("crack")
    app.key("b")
    stroke(app, 2)
    saved(app)
    app.page.evaluate(CHANGE, WHOLE)
    whole = app.page.evaluate(READ_JOURNAL)
    again(app)
    assert app.id("aside-banner").is_visible() and app.draft() is None
    app.open_file("plate.png", inputs.encoded(inputs.sample("blowhole")[0], ".png"))
    saved(app)
    assert len(app.page.evaluate("window.segmark.images()")) == 2 and app.page.evaluate(READ_LOST) == [whole]
    app.id("image-tile").first.hover()
    app.id("image-remove").first.click()
    assert "could not be read leave too" in app.id("remove-dialog").inner_text()
    app.id("remove-confirm").click()
    app.wait(lambda: app.id("aside-banner").is_hidden(), "nothing put aside any more")
    saved(app)
    assert app.page.evaluate(READ_LOST) == []
