"""A day of clicking: memory stops growing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from launch import FLAGS
from memory import renderers_mb
from page_object import SegmarkPage

CLICKS = int(os.environ.get("SEGMARK_CLICKS", "1000"))  # ./build.sh soak clicks: 10,000
#: A leak of the smallest tensor of a click (the logits, 0.25 MB) would be 150 MB. Of 10,000 clicks, the last 8,000 took 65 MB (one run).
MOST_GROWTH_MB = 120
QUIET = "window.segmark.unanswered() === 0 && !window.segmark.state().busy"


@pytest.fixture
def own_browser(browser: Any) -> Iterator[Any]:
    """A browser that holds one page only, so that its renderers' memory is that page's."""
    running = browser.browser_type.launch(executable_path=shutil.which("chromium"), args=FLAGS)
    yield running
    running.close()


@pytest.mark.requirement("R8.1")
def test_memory_stops_growing(own_browser: Any, site_url: str, scoreboard: list[str]) -> None:
    """Drafts of ten clicks each, given up one after the other; the first fifth of them may still fill caches and pools."""
    context = own_browser.new_context(viewport={"width": 1280, "height": 800}, service_workers="block")
    context.add_init_script(path=str(Path(__file__).parent / "tap.js"))
    app = SegmarkPage(context.new_page(), site_url).open("blowhole&model=smooth")
    app.key("f")
    early: list[float] = []
    late: list[float] = []
    for number in range(CLICKS):
        dx, dy = (number * 37 % 200 - 100, number * 53 % 200 - 100) if number % 10 else (0, 0)
        app.page.mouse.click(
            *app.screen(450 + dx, 350 + dy)
        )  # the first one sets the box; a click outside would begin anew
        if number % 10 == 9:
            app.wait(lambda: app.page.evaluate(QUIET), "an answer")
            assert len(app.clicks()) == 10, f"clicks up to {number} that did not land"
            app.key("Escape")
            app.wait(lambda: app.draft() is None, "the draft given up")
            fifth = number * 5 // CLICKS
            if fifth in (1, 4):
                (early if fifth == 1 else late).append(renderers_mb(own_browser))
    # Between two collections the workers' dead tensors pile up to 50 MB: of each fifth the least counts.
    begun, grown = min(early), min(late) - min(early)
    scoreboard.append(f"memory: {begun:.0f} MB in the second fifth of {CLICKS} clicks, {grown:+.0f} MB in the last")
    assert grown < MOST_GROWTH_MB
    context.close()
