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


@pytest.fixture
def new_page(browser: Browser, site_url: str) -> Iterator[PageMaker]:
    """Return a maker of pages, each in its own fresh context; any fault on any of them fails the test at its end."""
    contexts: list[BrowserContext] = []
    guard = Guard(site_url.rstrip("/"))

    def make(*, scripts: tuple[str, ...] = (), **options: Any) -> SegmarkPage:
        settings = {"viewport": {"width": 1280, "height": 800}, "accept_downloads": True, "locale": "en-US"}
        settings |= {"service_workers": "block"} | options  # kept parts would hide what the server sends
        context = browser.new_context(**settings)
        context.set_default_timeout(15_000)
        contexts.append(context)
        guard.watch(context)
        context.add_init_script(path=str(HERE / "tap.js"))
        for script in scripts:
            context.add_init_script(script)
        page: Page = context.new_page()
        return SegmarkPage(page, site_url)

    yield make
    for context in contexts:
        context.close()
    assert not guard.faults, "\n".join(guard.faults)


@pytest.fixture
def app(new_page: PageMaker) -> SegmarkPage:
    """Return a page, not gone anywhere yet, in a fresh context."""
    return new_page()
