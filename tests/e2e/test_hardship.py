"""What a browser does to a page in the course of a day: no room, a slow line, hours in the background."""

from __future__ import annotations

import os
import re
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

import inputs
import peers
import pytest
from launch import FLAGS
from memory import renderers
from page_object import SegmarkPage
from robot import next_click

ROOM = 3_000_000  # bytes: enough for an image and its journal, not for the parts, nor for Python's memory
STOPPED_S = 20  # more than the watchdog waits for a worker


@contextmanager
def visited(browser: Any, url: str) -> Iterator[SegmarkPage]:
    """A page with its service worker, in a context of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
    context.add_init_script(path=str(Path(__file__).parent / "tap.js"))
    try:
        yield SegmarkPage(context.new_page(), url)
    finally:
        context.close()


@pytest.mark.requirement("R8.3")
def test_where_the_cache_is_full_the_page_goes_on_and_says_so(browser: Any, site_url: str) -> None:
    """Neither the parts nor Python's memory can be kept: the status line says it, and the work is saved all the same."""
    _, true = inputs.sample("blowhole")
    with visited(browser, site_url) as app:
        session = app.page.context.new_cdp_session(app.page)
        session.send("Storage.overrideQuotaForOrigin", {"origin": site_url.rstrip("/"), "quotaSize": ROOM})
        offline = app.id("status-offline")
        for _ in range(2):  # the second visit begins with what the first one could not keep
            app.open("blowhole")
            app.wait(lambda: offline.get_attribute("data-state") == "failed", "no room for the parts", 60)
            assert offline.inner_text() == "Not offline yet"
            assert "could not be kept" in (offline.get_attribute("title") or "")
            assert app.page.evaluate("document.documentElement.dataset.start") == "files"
            if app.draft() is None:
                app.click(*next_click(true, None))
            assert peers.iou(app.mask(), true) > 0.8
            app.wait(lambda: app.id("status-saved").get_attribute("data-state") == "saved", "the work saved")


@pytest.mark.requirement("R8.3")
def test_a_tab_frozen_in_the_background_keeps_its_workers(browser: Any, site_url: str) -> None:
    """Stopped in the middle of a click, for longer than a silent worker is given: nothing is started again.

    The renderer's process is stopped itself: the protocol's "frozen" does nothing to a page that the driver keeps in front.
    """
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    own = browser.browser_type.launch(executable_path=shutil.which("chromium"), args=FLAGS)
    try:
        with visited(own, site_url) as app:
            app.open("blowhole")
            workers = app.page.evaluate("window.segmarkTap.workers")
            app.page.mouse.click(*app.screen(x, y))
            stopped = renderers(own)
            for number in stopped:
                os.kill(number, signal.SIGSTOP)
            time.sleep(STOPPED_S)
            for number in stopped:
                os.kill(number, signal.SIGCONT)
            app.wait(lambda: app.draft() is not None and not app.state()["busy"], "the click's answer", 60)
            assert app.mask()[y, x]
            app.page.wait_for_timeout(3000)  # ticks of the watchdog
            app.click(x + 20, y + 10)
            assert len(app.clicks()) == 2 and app.page.evaluate("window.segmarkTap.workers") == workers
    finally:
        own.close()


@pytest.mark.requirement("R8.5")
def test_a_slow_line_shows_how_many_bytes_are_there(browser: Any, dist: Path) -> None:
    import serve

    class Slow(serve.Handler):
        def copyfile(self, source: IO[bytes], target: IO[bytes]) -> None:  # type: ignore[override]
            for piece in iter(lambda: source.read(1 << 17), b""):
                target.write(piece)
                time.sleep(0.05)

    server = serve.Server(("127.0.0.1", 0), partial(Slow, directory=str(dist), prefix="/", isolated=False, plain=True))
    url = f"http://localhost:{server.server_port}/"
    with running(server), visited(browser, url) as app:
        app.page.goto(url + "?sample=none")
        seen: list[tuple[float, float]] = []

        def is_ready() -> bool:
            told = re.match(r"([\d.]+) of ([\d.]+) MB", app.page.locator("#boot-bytes").text_content() or "")
            if told and (not seen or seen[-1][0] != float(told[1])):
                seen.append((float(told[1]), float(told[2])))
            return app.is_ready()

        app.wait(is_ready, "ready", 90)
    loaded = [amount for amount, _ in seen]
    assert len(loaded) >= 6 and loaded == sorted(loaded), seen
    assert loaded[0] < 0.5 * seen[-1][1] and 0.8 * seen[-1][1] < loaded[-1] <= seen[-1][1], seen


@contextmanager
def running(server: Any) -> Iterator[None]:
    """The server answers in a thread of its own."""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
