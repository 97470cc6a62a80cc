"""Random work, killed at random moments: what the database acknowledged must be there again, and nothing else.

No network is loaded: clicks stay without an answer, and come back so. Half of the kills are SIGKILL to a browser on a kept profile, the others end the page alone (closed, left, reloaded).
The judge replays the journal natively: the page must show exactly that document, pixel for pixel.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import inputs
import numpy as np
from guard import Guard
from launch import FLAGS
from page_object import SegmarkPage
from playwright.sync_api import BrowserContext, BrowserType, Error, Page
from segmark.document import new_document
from segmark.history import History
from segmark.journal import replay
from segmark.publish import Status, state_of
from segmark.rle import RleMask

HERE = Path(__file__).resolve().parent
KILLS_A_BROWSER = 2  # a page alone, then the browser with the next one
SIDE = (96, 64)
DOCUMENT = ("image", "labels", "last_label_id", "annotations", "draft", "mode", "history")
TOOLS = ("b", "b", "b", "e", "g", "w")
READ_JOURNAL = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("segmark");
  opening.onerror = reject;
  opening.onsuccess = () => {
    const asking = opening.result.transaction("entries").objectStore("entries").getAll();
    asking.onsuccess = () => { opening.result.close(); resolve(asking.result.map((row) => row.entry)); };
  };
})"""


def kill(profile: Path) -> None:
    """SIGKILL the browser of a profile, without a word of warning."""
    found = subprocess.run(["pgrep", "-f", f"user-data-dir={profile}"], capture_output=True, text=True, check=False)
    for pid in found.stdout.split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)


def _written(entries: list[str], ops: list[str | None]) -> list[str]:
    """A journal after what was done to it; None: it was emptied."""
    for op in ops:
        entries = [] if op is None else [*entries, op]
    return entries


class Killer:
    """One profile and the work in it. `run` kills and judges; what is wrong is an AssertionError."""

    def __init__(self, chromium: BrowserType, site_url: str, profile: Path, seed: int) -> None:
        self.chromium = chromium
        self.url = site_url
        self.profile = profile
        self.rng = random.Random(seed)
        self.guard = Guard(site_url.rstrip("/"))
        self.known: list[str] = []  # the journal when it was judged last
        self.heard: dict[str, list[str | None]] = {}  # acknowledged since then, by visit of the page
        self.done = 0
        self.most = 0  # entries of the longest journal

    def run(self, kills: int, told: Callable[[int], None] = lambda _done: None) -> None:
        """Kill so many times, judge after each."""
        while self.done < kills:
            context = self._browser()
            app = self._page(context)
            for k in range(KILLS_A_BROWSER):
                if k or self.done:
                    self._judge(app)
                else:
                    app.open_file("teil.png", inputs.encoded(self._picture(), ".png"))
                if self.done == kills:
                    break
                if k < KILLS_A_BROWSER - 1:
                    app = self._end_page(context, app)
                else:
                    self._end_browser(app)
                self.done += 1
                told(self.done)
            with contextlib.suppress(Error):
                context.close()
        context = self._browser()
        self._judge(self._page(context))
        context.close()
        assert not self.guard.faults, "\n".join(self.guard.faults)

    # -- starting -------------------------------------------------------------------------------------------------
    def _browser(self) -> BrowserContext:
        context = self.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=shutil.which("chromium"),
            args=[*FLAGS, "--hide-crash-restore-bubble"],
            viewport={"width": 1000, "height": 700},
            service_workers="block",
        )
        context.route("**/models/models.json", lambda route: route.fulfill(json={"model": []}))  # starts sooner
        self.guard.watch(context)
        context.expose_function("segmarkAcknowledged", self._hear)
        for name in ("journal_tap.js", "tap.js"):
            context.add_init_script(path=str(HERE / name))
        return context

    def _page(self, context: BrowserContext, page: Page | None = None) -> SegmarkPage:
        app = SegmarkPage(page or context.pages[0], self.url)
        app.page.goto(self.url + "?sample=none")
        app.wait(lambda: app.page.evaluate("window.segmark?.state?.().revision > 0"), "Python", 60)
        return app

    def _picture(self) -> inputs.Image:
        noise = np.random.default_rng(self.rng.randrange(1000)).integers(90, 160, (SIDE[1], SIDE[0], 1), np.uint8)
        return np.repeat(noise, 3, axis=2)

    def _hear(self, visit: str, ops: str) -> None:
        self.heard.setdefault(visit, []).extend(json.loads(ops))

    def _check_acknowledged(self, entries: list[str]) -> None:
        """What the killed visit told is there, in order; then what it could not tell any more; then the present one's."""
        *killed, present = [*self.heard.values(), []] if len(self.heard) < 2 else self.heard.values()
        before = _written(self.known, [op for ops in killed for op in ops])
        if None in present:
            before = []
        if entries and entries[0] not in (*before[:1], *present) and '"kind":"snapshot"' in entries[0][:40]:
            before = []  # a snapshot took the journal's place, and the kill came before that was told
        after = _written([], present)
        assert len(entries) >= len(before) + len(after), f"kill {self.done}: entries were lost"
        assert entries[: len(before)] == before, f"kill {self.done}: {len(before)} acknowledged"
        assert not after or entries[-len(after) :] == after, f"kill {self.done}: {len(after)} since the start"
        self.known = list(entries)
        self.heard.clear()

    # -- working --------------------------------------------------------------------------------------------------
    def _act(self, page: Page) -> None:
        """One thing that a person does; nothing is waited for."""
        rng, keys = self.rng, page.keyboard
        kind = rng.choice(
            ["stroke"] * 5 + ["press", "press", "mode", "tool", "tool", "confirm", "confirm", "undo", "redo", "row"]
        )
        if kind in ("stroke", "press"):
            page.mouse.move(*self._place())
            page.mouse.down()
            if kind == "stroke":
                page.mouse.move(*self._place(), steps=3)
            page.mouse.up()
        elif kind == "tool":
            keys.press(rng.choice(TOOLS))
        elif kind == "mode":  # and its tool: presses are points, corners or stamps, drags are boxes
            keys.press(rng.choice("pfco"))
            if rng.random() < 0.5:
                keys.press("t")
        elif kind == "confirm":
            keys.press("Enter")
            keys.press(rng.choice("1234"))
            keys.press("Enter")
        elif kind == "row":
            rows = page.locator("#annotation-list > li:not(.draft)")
            if rows.count():
                rows.first.click(timeout=1000)
                keys.press(rng.choice(["Delete", "k", "r", "2", "Escape"]))
        else:
            keys.press("Control+z" if kind == "undo" else "Control+y")

    def _place(self) -> tuple[float, float]:
        (left, top, right, bottom) = self._corners
        return self.rng.uniform(left, right), self.rng.uniform(top, bottom)

    def _work(self, app: SegmarkPage) -> None:
        self._corners = (*app.screen(0, 0), *app.screen(SIDE[0] - 1, SIDE[1] - 1))
        app.key("b")
        for _ in range(self.rng.randint(3, 12)):
            self._act(app.page)

    # -- ending ---------------------------------------------------------------------------------------------------
    def _end_page(self, context: BrowserContext, app: SegmarkPage) -> SegmarkPage:
        self._work(app)
        self._judge(app)  # what the page calls saved is what the journal holds
        self._work(app)
        how = self.rng.choice(["close", "reload", "leave"])
        if how == "close":
            page = context.new_page()  # a context without pages would end the browser
            app.page.close()
            return self._page(context, page)
        if how == "leave":
            app.page.goto("about:blank")
        return self._page(context, app.page)

    def _end_browser(self, app: SegmarkPage) -> None:
        timer = threading.Timer(self.rng.uniform(0.05, 1.0), kill, [self.profile])
        timer.start()
        with contextlib.suppress(Error):
            while timer.is_alive():
                self._work(app)
        timer.join()
        time.sleep(0.05)

    # -- judging --------------------------------------------------------------------------------------------------
    def _judge(self, app: SegmarkPage) -> None:
        app.wait(lambda: app.image() is not None, f"the image after kill {self.done}", 60)
        app.settle()
        app.wait(lambda: app.id("status-saved").get_attribute("data-state") == "saved", "everything saved")
        entries: list[str] = app.page.evaluate(READ_JOURNAL)
        self.most = max(self.most, len(entries))
        self._check_acknowledged(entries)
        result = replay(History(new_document("en")), entries)
        assert result.skipped == 0
        want: dict[str, Any] = json.loads(json.dumps(state_of(result.history, Status(), 0)))
        state = app.state()
        assert {k: state[k] for k in DOCUMENT} == {k: want[k] for k in DOCUMENT}, f"kill {self.done}"
        document = result.history.present
        editing = document.draft.editing if document.draft else 0
        shown: dict[int | None, RleMask] = {a.id: a.mask for a in document.annotations if a.id != editing}
        if document.draft is not None and not document.draft.mask.is_empty:
            shown[None] = document.draft.mask
        for number, mask in shown.items():
            pixels = np.zeros((mask.height, mask.width), np.uint8)
            box = mask.bbox
            pixels[box.y0 : box.y1, box.x0 : box.x1] = mask.to_window(box)
            assert np.array_equal(app.mask(number), pixels), f"kill {self.done}: mask {number}"
