"""A worker that dies in the middle of the work is started again, and nothing is lost."""

from __future__ import annotations

from typing import Any

import inputs
import numpy as np
import pytest
from robot import next_click

KILL = "(which) => window.segmark.debug.killWorker(which)"
PRESS_AND_KILL = """([which]) => { window.segmark.debug.killWorker(which); }"""


def restarted(app: Any, workers_before: int) -> None:
    """Wait until a new worker exists and the page answers again."""
    app.wait(lambda: app.page.evaluate("window.segmarkTap.workers") > workers_before, "a new worker", 60)
    app.wait(lambda: app.page.evaluate("document.documentElement.dataset.ready") == "true", "ready again", 60)
    app.wait(lambda: app.state()["model"]["state"] == "ready", "the model to be ready again", 60)
    app.settle(60)


def prepared(app: Any) -> tuple[int, int]:
    """Open the blowhole, confirm it as one annotation, begin a second draft of two clicks; return the pit's middle."""
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.open("blowhole")
    app.click(x, y)
    app.confirm(digit=3)
    app.click(x, y)
    app.click(x - 25, y + 5, positive=False)
    return x, y


@pytest.mark.parametrize("which", ["python", "inference"])
def test_a_killed_worker_loses_nothing(app: Any, which: str) -> None:
    x, y = prepared(app)
    draft, held = app.draft(), app.mask()
    annotations = app.annotations()
    pieces = {a["id"]: app.mask(a["id"]) for a in annotations}
    workers = app.page.evaluate("window.segmarkTap.workers")
    app.page.evaluate(KILL, which)
    restarted(app, workers)
    assert app.draft()["clicks"] == draft["clicks"] and app.annotations() == annotations
    assert np.array_equal(app.mask(), held)
    for number, piece in pieces.items():
        assert np.array_equal(app.mask(number), piece)
    app.click(x + 20, y + 10)
    assert len(app.clicks()) == 3 and app.mask()[app.clicks()[2][1], app.clicks()[2][0]], "it goes on working"
    app.key("Control+z")
    app.wait(lambda: len(app.clicks()) == 2, "undo of the click after the death")
    app.settle()
    assert np.array_equal(app.mask(), held)
    app.confirm(digit=1)
    assert len(app.annotations()) > len(annotations)


@pytest.mark.parametrize("which", ["python", "inference"])
def test_a_click_in_flight_survives_the_death(app: Any, which: str) -> None:
    """The worker is killed in the same instant as the press: the click is kept and is answered after the restart."""
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.open("blowhole")
    left, top = app.screen(x, y)
    workers = app.page.evaluate("window.segmarkTap.workers")
    app.page.mouse.move(left, top)
    app.page.evaluate(
        """(which) => addEventListener("pointerup",
             () => setTimeout(() => window.segmark.debug.killWorker(which), 1), { once: true })""",
        which,
    )
    app.page.mouse.click(left, top)
    restarted(app, workers)
    app.wait(lambda: len(app.clicks()) == 1, "the click that was in flight", 30)
    app.wait(lambda: app.mask().sum() > 0 and not app.state()["busy"], "its mask", 30)
    cx, cy, _ = app.clicks()[0]
    assert app.mask()[cy, cx] and app.mask().sum() > 1000


@pytest.mark.requirement("R8.3")
def test_work_goes_on_where_no_frame_is_painted(app: Any) -> None:
    """What comes behind a mask waits for the mask's frame, but not for ever: a tab in the background gets no frames."""
    _, true = inputs.sample("blowhole")
    app.open("blowhole")
    x, y, _ = next_click(true, None)
    left, top = app.screen(x, y)
    app.page.evaluate("() => { window.requestAnimationFrame = () => 1; }")
    app.page.mouse.click(left, top)
    app.wait(
        lambda: app.draft() and app.state()["draft"]["area"] > 0 and not app.state()["busy"], "the answer's state", 30
    )
    app.wait(lambda: app.id("status-saved").get_attribute("data-state") == "saved", "the journal", 30)
