"""A Playwright suite of somebody who uses Segmark: `SEGMARK_URL=http://localhost:8000/ pytest examples/test_with_playwright.py`."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 1280, "height": 800})
        browser.close()


def test_one_click_marks_the_blowhole(page: Page) -> None:
    page.goto(os.environ["SEGMARK_URL"] + "?image=samples/blowhole.png")
    page.evaluate("window.segmark.ready")
    place = page.evaluate("window.segmark.toScreen(539, 321)")
    page.mouse.click(place["x"], place["y"])
    page.get_by_test_id("confirm-bar").wait_for(state="visible")
    while not page.evaluate("window.segmark.state().draft?.area && !window.segmark.state().busy"):
        page.wait_for_timeout(50)
    page.keyboard.press("Enter")
    page.get_by_test_id("class-palette").wait_for(state="visible")
    page.keyboard.press("3")
    page.get_by_test_id("annotation-list").locator("li").first.wait_for()
    page.get_by_test_id("export-button").click()
    page.get_by_test_id("export-open").click()
    with page.expect_download() as download:
        page.get_by_test_id("export-write").click()
    coco = json.loads(download.value.path().read_bytes())
    assert [annotation["category_id"] for annotation in coco["annotations"]] == [3]
