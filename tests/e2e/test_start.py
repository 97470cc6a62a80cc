"""The start: the version is shown, a browser that cannot work is told so plainly, plainer servers do too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

NO_SIMD = "WebAssembly.validate = () => false;"
NO_DATABASE = "Object.defineProperty(window, 'indexedDB', { value: undefined, configurable: true });"


@pytest.mark.requirement("R8.5")
def test_version_and_build_are_shown(app: Any, dist: Path) -> None:
    app.open("scratch")
    build = json.loads((dist / "build.json").read_text())
    shown = app.id("version").inner_text()
    assert build["version"] in shown and build["build"] in shown
    page = app.page.evaluate("({version: window.segmark.version, build: window.segmark.build})")
    assert page == {"version": build["version"], "build": build["build"]}
    app.click(600, 400)
    assert "ms" in app.id("status-ms").inner_text() or any(c.isdigit() for c in app.id("status-ms").inner_text())


@pytest.mark.parametrize("script", [NO_SIMD, NO_DATABASE], ids=["no SIMD", "no IndexedDB"])
def test_a_browser_that_cannot_is_told_which_can(new_page: Any, script: str) -> None:
    app = new_page(scripts=(script,))
    app.page.goto(app.url)
    app.id("unsupported").wait_for(state="visible")
    words = app.id("unsupported").inner_text()
    assert all(name in words for name in ("Chrome", "Firefox", "Safari")), words
