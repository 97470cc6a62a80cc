"""Segmark inside another page, and driven by somebody's own Playwright suite: the examples work as they are written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from page_object import SegmarkPage
from serve import serve

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site with the examples in a folder of their own."""
    site = tmp_path_factory.mktemp("site")
    shutil.copytree(dist, site, dirs_exist_ok=True)
    shutil.copytree(ROOT / "examples", site / "examples")
    return site


@pytest.mark.requirement("R8.5")
def test_the_example_page_opens_an_image_and_reads_the_annotations(browser: Any, folder: Path) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, service_workers="block")
    with serve(folder, plain=True) as url:
        page = context.new_page()
        page.goto(url + "examples/embed.html")
        page.locator("#open:enabled").wait_for(timeout=60_000)
        page.locator("#open").click()
        page.locator("#said", has_text="open: 900 × 700").wait_for()
        frame = next(frame for frame in page.frames if "embed=1" in frame.url)
        place = frame.evaluate("window.segmark.toScreen(560, 372)")
        corner = page.locator("#segmark").bounding_box()
        page.mouse.click(corner["x"] + place["x"], corner["y"] + place["y"])
        wait = SegmarkPage(page, url).wait
        wait(lambda: frame.evaluate("window.segmark.state().draft?.area > 0 && !window.segmark.state().busy"), "a mask")
        page.keyboard.press("Enter")
        frame.get_by_test_id("class-palette").wait_for(state="visible")
        page.keyboard.press("Enter")
        page.locator("#said", has_text="changed").wait_for()
        page.locator("#read").click()
        page.locator("#said", has_text="annotations: 1").wait_for()
    context.close()


@pytest.mark.requirement("R8.5")
def test_the_interface_is_off_unless_asked_for(browser: Any, folder: Path) -> None:
    """Without ?embed=1 nobody is answered, not even this origin."""
    (folder / "examples" / "attack.html").write_text('<!doctype html><iframe id="f" src="../?attack=1"></iframe>')
    context = browser.new_context(service_workers="block")
    with serve(folder, plain=True) as url:
        page = context.new_page()
        page.goto(url + "examples/attack.html")
        frame = next(frame for frame in page.frames if "attack=1" in frame.url)
        wait = SegmarkPage(page, url).wait
        wait(lambda: frame.evaluate("document.documentElement.dataset.ready") == "true", "ready", 60)
        answers = page.evaluate(
            """async () => {
              const heard = [];
              window.addEventListener("message", ({ data }) => heard.push(data));
              const frame = document.getElementById("f").contentWindow;
              frame.postMessage({ segmark: "annotations", id: 1 }, "*");
              await new Promise((resolve) => setTimeout(resolve, 1500));
              return heard;
            }"""
        )
        assert answers == []
    context.close()


@pytest.mark.requirement("R8.5")
def test_somebody_elses_playwright_suite(folder: Path) -> None:
    with serve(folder, plain=True) as url:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            str(folder / "examples"),
            "-c",
            os.devnull,
        ]
        command.append(str(folder / "examples" / "test_with_playwright.py"))
        done = subprocess.run(
            command, env=os.environ | {"SEGMARK_URL": url}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.requirement("R8.4")
def test_an_address_may_name_an_image_of_this_site_only(new_page: Any) -> None:
    app = new_page()
    app.page.goto(app.url + "?image=samples/crack.png")
    app.wait(lambda: (app.image() or {}).get("name") == "crack.png", "the image of the address", 60)
    app.page.goto(app.url + "?image=https://elsewhere.invalid/x.png")
    app.id("error-banner").wait_for(state="visible", timeout=60_000)
    assert "own site" in app.id("error-banner").inner_text()
