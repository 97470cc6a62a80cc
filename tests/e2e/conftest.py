"""Fixtures of the end-to-end tests: the built `dist/`, its server, one Chromium, a strict fresh page for each test."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
for folder in (str(HERE), str(ROOT / "tools")):
    if folder not in sys.path:
        sys.path.insert(0, folder)

from guard import Guard  # noqa: E402
from launch import FLAGS  # noqa: E402
from page_object import SegmarkPage  # noqa: E402

SCORES = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SCORES] = []


@pytest.fixture
def scoreboard(request: pytest.FixtureRequest) -> list[str]:
    """Lines to print at the end of the run, whether tests pass or not."""
    return request.config.stash[SCORES]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process of several hands its lines to the one that prints."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["scores"] = session.config.stash[SCORES]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[SCORES].extend(getattr(node, "workeroutput", {}).get("scores", []))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    lines = config.stash.get(SCORES, [])
    if lines:
        terminalreporter.section("segmentation of the samples, in the browser")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def dist() -> Path:
    """The built site; `SEGMARK_DIST` names another one."""
    folder = Path(os.environ.get("SEGMARK_DIST", ROOT / "dist"))
    if not (folder / "index.html").exists():
        pytest.fail("there is no built site in dist/: run ./build.sh build first", pytrace=False)
    return folder


@pytest.fixture(scope="session")
def site_url(dist: Path) -> Iterator[str]:
    from serve import serve

    with serve(dist) as url:
        yield url.rstrip("/") + "/"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium")
    if executable is None:
        pytest.fail("chromium is not on PATH: run ./build.sh setup first", pytrace=False)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield running
        running.close()


PageMaker = Callable[..., SegmarkPage]
SETTINGS: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 800},
    "accept_downloads": True,
    "locale": "en-US",
    "service_workers": "block",  # kept parts would hide what the server sends
}


def make_context(browser: Browser, options: dict[str, Any], scripts: tuple[str, ...] = ()) -> BrowserContext:
    context = browser.new_context(**SETTINGS | options)
    context.set_default_timeout(15_000)
    context.add_init_script(path=str(HERE / "tap.js"))
    for script in scripts:
        context.add_init_script(script)
    return context


class SharedContext:
    """One context for all tests that ask for nothing special: Python's kept memory and compiled wasm make starts quick.

    What a test leaves behind (work, settings) is cleared before the next one; only those caches stay.
    """

    def __init__(self, browser: Browser, origin: str) -> None:
        self.origin = origin
        self.context = make_context(browser, {})
        self.guard = Guard(origin)
        self.guard.watch(self.context)

    def page(self) -> Page:
        self.close_pages()
        self.guard.faults.clear()
        page = self.context.new_page()
        session = self.context.new_cdp_session(page)
        kinds = {"origin": self.origin, "storageTypes": "indexeddb,local_storage,cookies"}
        session.send("Storage.clearDataForOrigin", kinds)
        session.detach()
        return page

    def close_pages(self) -> None:
        self.context.set_offline(False)
        for page in self.context.pages:
            page.close()


@pytest.fixture(scope="session")
def shared_context(browser: Browser, site_url: str) -> Iterator[SharedContext]:
    shared = SharedContext(browser, site_url.rstrip("/"))
    yield shared
    shared.context.close()


@pytest.fixture
def new_page(browser: Browser, site_url: str, shared_context: SharedContext) -> Iterator[PageMaker]:
    """Return a maker of pages; any fault on any of them fails the test at its end.

    The first page without special wishes lives in the shared context, every other one in a fresh context of its own.
    """
    contexts: list[BrowserContext] = []
    guards = [Guard(site_url.rstrip("/"))]

    def make(*, scripts: tuple[str, ...] = (), fresh: bool = False, **options: Any) -> SegmarkPage:
        if not (fresh or scripts or options or shared_context.guard in guards):
            guards.append(shared_context.guard)
            return SegmarkPage(shared_context.page(), site_url)
        context = make_context(browser, options, scripts)
        contexts.append(context)
        guards[0].watch(context)
        return SegmarkPage(context.new_page(), site_url)

    yield make
    for context in contexts:
        context.close()
    if shared_context.guard in guards:
        shared_context.close_pages()
    faults = [fault for guard in guards for fault in guard.faults]
    assert not faults, "\n".join(faults)


@pytest.fixture
def app(new_page: PageMaker) -> SegmarkPage:
    """Return a page, not gone anywhere yet, where nothing was done before."""
    return new_page()
