"""The largest image that is promised, 100 megapixels: it opens, it answers, and the page stays below 2.5 GB."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import inputs
import numpy as np
import pytest
from launch import FLAGS
from memory import renderers_mb
from page_object import SegmarkPage

MOST_MB = 2500


@pytest.fixture
def lone_browser(browser: Any) -> Iterator[Any]:
    running = browser.browser_type.launch(executable_path=shutil.which("chromium"), args=FLAGS)
    yield running
    running.close()


def test_100_megapixels_open_below_the_limit_of_memory(
    lone_browser: Any, site_url: str, scoreboard: list[str], tmp_path: Any
) -> None:
    tile = inputs.sample("blowhole")[0][:500, :500]
    for name, height in (("largest.jpg", 10_000), ("too_large.jpg", 10_500)):
        (tmp_path / name).write_bytes(inputs.encoded(np.tile(tile, (height // 500, 20, 1)), ".jpg", 80))
    context = lone_browser.new_context(viewport={"width": 1280, "height": 800}, service_workers="block")
    app = SegmarkPage(context.new_page(), site_url).open("none")
    app.id("file-input").set_input_files(tmp_path / "largest.jpg")
    app.wait(lambda: (app.image() or {}).get("width") == 10_000, "the image", 120)
    app.settle(120)
    opened = renderers_mb(lone_browser)
    app.click(5_300, 5_300)
    clicked = renderers_mb(lone_browser)
    assert app.draft()["clicks"] and max(opened, clicked) < MOST_MB
    scoreboard.append(f"100 megapixels: {opened:.0f} MB when open, {clicked:.0f} MB after a click")
    app.id("file-input").set_input_files(tmp_path / "too_large.jpg")
    app.id("error-banner").wait_for(state="visible", timeout=60_000)
    assert "100 megapixels" in app.id("error-banner").inner_text()
    assert app.image()["name"] == "largest.jpg" and len(app.clicks()) == 1
