"""A part of the start that cannot be had: the page says so, and one press of Retry brings it to work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import make_context
from page_object import SegmarkPage
from playwright.sync_api import Route

PARTS = [
    "**/build.json",
    "**/models/models.json",
    "**/pyodide.asm.wasm*",
    "**/python_stdlib.zip*",
    "**/segmark-*.whl",
    "**/numpy-*.whl",
    "**/ort-wasm-*.wasm*",
    "**/*.onnx.packed",
]
STALL_S = 45  # site/js/watchdog.js: seconds without a byte


class Start:
    """A first visit whose answers a test may hold back. Not under the guard: the browser itself tells a lost request as a console error."""

    def __init__(self, app: SegmarkPage) -> None:
        self.app = app
        self.caught: list[str] = []

    def go(self, pattern: str, spoil: Callable[[Route], Any]) -> None:
        """Begin; requests of this pattern are spoilt until the person tries again, all others are answered."""
        self.pattern = pattern

        def catch(route: Route) -> None:
            self.caught.append(route.request.url)
            spoil(route)

        self.app.page.context.route(pattern, catch)
        self.app.page.goto(self.app.url + "?sample=blowhole")

    def is_ready(self) -> bool:
        return bool(self.app.is_ready())

    def retried(self) -> None:
        """Wait for the button, press it, and work."""
        app = self.app
        app.wait(lambda: app.id("boot-retry").is_visible(), "the way to try again", 60)
        assert self.caught and not self.is_ready()
        app.page.context.unroute(self.pattern)  # what hung may be answered by that, and the button be gone again

        def press_until_ready() -> bool:
            box = app.id("boot-retry").bounding_box()
            if box is not None:
                app.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            return self.is_ready()

        app.wait(press_until_ready, "ready after all", 180)
        assert not app.page.locator("#boot-card").is_visible()
        app.click(600, 400)
        assert len(app.clicks()) == 1


@pytest.fixture
def start(browser: Any, site_url: str) -> Iterator[Start]:
    context = make_context(browser, {})
    yield Start(SegmarkPage(context.new_page(), site_url))
    context.close()


@pytest.mark.parametrize("pattern", PARTS)
def test_a_part_that_fails_once_can_be_tried_again(start: Start, pattern: str) -> None:
    start.go(pattern, lambda route: route.abort())
    start.retried()


@pytest.mark.parametrize("pattern", ["**/build.json", "**/pyodide.asm.wasm*", "**/*.onnx.packed"])
def test_a_part_that_never_comes_can_be_tried_again(start: Start, pattern: str) -> None:
    """A connection that neither answers nor breaks: after a while without a byte the page says so."""
    page, retry = start.app.page, start.app.id("boot-retry")
    page.clock.install()
    start.go(pattern, lambda _route: None)
    start.app.wait(lambda: start.caught, "the request", 60)
    if pattern.endswith("onnx.packed"):
        start.app.wait(lambda: start.app.state()["model"]["state"] == "loading", "Python to wait for the network", 60)
    seconds = 0
    told = ""
    while (
        str(STALL_S) not in told
    ):  # the page's seconds are short here: what is only slow is told too, and taken back when it moves
        assert seconds < 20 * STALL_S, start.app.page_words()
        page.clock.run_for(1000)
        page.wait_for_timeout(100)
        seconds += 1
        told = page.locator("#boot-card").inner_text() if retry.is_visible() else ""
    assert seconds > STALL_S // 2, "some patience"
    start.retried()
