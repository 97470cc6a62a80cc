"""One stack for everything: hiding, locking and done are steps, and the list of steps goes to any of them at once."""

from __future__ import annotations

from typing import Any

import pytest
from test_kept import saved
from test_quality import dab


def flags(app: Any) -> list[tuple[bool, bool]]:
    return [(a["visible"], a["locked"]) for a in app.annotations()]


def steps(app: Any) -> list[str]:
    """The rows of the open list, newest first."""
    app.id("history-menu").wait_for()
    return [row.strip() for row in app.id("history-menu").locator("[role=menuitem]").all_inner_texts()]


@pytest.mark.requirement("R8.2")
def test_hiding_locking_and_done_are_undone_and_redone(app: Any) -> None:
    app.open("scratch")
    dab(app, 200, 200, 40, 1)
    dab(app, 300, 200, 40, 2)
    app.page.locator("#layer-marks").focus()
    app.key("Control+a")
    for key in ("h", "Shift+l", "d"):
        app.key(key)
        app.settle()
    assert flags(app) == [(False, True)] * 2 and app.state()["progress"] == "done"
    app.step("Control+z")
    assert app.state()["progress"] != "done" and flags(app) == [(False, True)] * 2
    assert "marked done" in app.id("status-message").inner_text()
    app.step("Control+z")
    assert flags(app) == [(False, False)] * 2
    app.step("Control+z")
    assert flags(app) == [(True, False)] * 2, "two hidden by one key come back by one"
    for _ in range(3):
        app.step("Control+Shift+z")
    assert flags(app) == [(False, True)] * 2 and app.state()["progress"] == "done"
    saved(app)
    app.page.reload()
    app.wait(app.is_ready, "ready", 60)
    app.settle()
    assert flags(app) == [(False, True)] * 2 and app.state()["progress"] == "done"


@pytest.mark.requirement("R8.2")
def test_the_list_of_steps_goes_to_any_step(app: Any) -> None:
    app.open("scratch")
    assert app.id("history-button").is_disabled()
    for x in (200, 300, 400):
        dab(app, x, 200, 40, 1)
    app.id("history-button").click()
    assert steps(app) == ["confirm", "brush stroke"] * 3 + ["beginning"]
    here = app.id("history-menu").locator("[aria-current=step]")
    assert here.inner_text().strip() == "confirm" and here.evaluate("row => row === document.activeElement")
    app.id("history-menu").locator("[role=menuitem]").nth(4).click()
    app.settle()
    assert [a["id"] for a in app.annotations()] == [1] and app.draft() is None
    assert "4 steps back, to: confirm" in app.id("status-message").inner_text()
    # the whole way by keys: the list, one up is one step on, the last one is the beginning
    app.page.locator("#layer-marks").focus()
    app.key("Shift+h")
    assert steps(app) == ["confirm", "brush stroke"] * 3 + ["beginning"]
    assert app.id("history-menu").locator(".undone").count() == 4
    app.key("ArrowUp")
    app.key("Enter")
    app.settle()
    assert [a["id"] for a in app.annotations()] == [1] and app.draft() is not None
    app.id("history-button").click()
    app.id("history-menu").wait_for()
    app.key("End")
    app.key("Enter")
    app.settle()
    assert app.annotations() == [] and app.draft() is None and app.state()["history"]["undo"] is None
    app.id("history-button").click()
    app.id("history-menu").wait_for()
    app.key("Home")
    app.key("Enter")
    app.settle()
    assert [a["id"] for a in app.annotations()] == [1, 2, 3]
    app.id("history-button").click()
    app.id("history-menu").wait_for()
    app.key("Escape")
    assert app.id("history-menu").is_hidden() and [a["id"] for a in app.annotations()] == [1, 2, 3]
