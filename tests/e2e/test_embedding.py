"""Segmark inside another page, and driven by somebody's own Playwright suite: the examples work as they are written."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import inputs
import policy
import pytest
from page_object import SegmarkPage
from robot import next_click
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
        x, y, _ = next_click(inputs.sample("blowhole")[1], None)
        place = frame.evaluate("([x, y]) => window.segmark.toScreen(x, y)", [x + 0.5, y + 0.5])
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


HOST = """<!doctype html><script>
  const heard = [];
  onmessage = ({ data }) => heard.push(data);
  let last = 0;
  const ask = (other, method, more, patience) => new Promise((resolve) => {
    const id = last += 1;
    addEventListener("message", ({ data }) => { if (data.segmark === "answer" && data.id === id) resolve(data); });
    setTimeout(() => resolve(null), patience);
    other.postMessage({ segmark: method, id, ...more }, "*");
  });
</script>"""
READY = "heard.some(({ segmark }) => segmark === 'ready')"
DRAWN = """const canvas = new OffscreenCanvas(300, 200);
  canvas.getContext("2d").fillRect(0, 0, 9, 9);
  const image = await canvas.convertToBlob();"""
IS_READY = "document.documentElement.dataset.ready"


@pytest.fixture
def host(tmp_path: Path) -> Iterator[str]:
    """Another origin: pages that frame or open Segmark and speak to it."""
    (tmp_path / "host.html").write_text(HOST)
    with serve(tmp_path, plain=True) as url:
        yield url


def listing(folder: Path, target: Path, origin: str) -> Path:
    """The site as the build makes it with one origin in embed.json."""
    shutil.copytree(folder, target)
    before = policy.header(target)
    (target / "embed.json").write_text(json.dumps({"origins": [origin]}))
    worker = (target / "sw.js").read_text()
    assert before in worker
    (target / "sw.js").write_text(worker.replace(before, policy.header(target)))
    build = json.loads((target / "build.json").read_text())
    data = (target / "embed.json").read_bytes()
    for part in build["parts"]:
        if part["path"] == "embed.json":
            part |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (target / "build.json").write_text(json.dumps(build))
    return target


def frame_in(page: Any, url: str) -> Any:
    """Put Segmark into a frame of the page and wait until it could answer."""
    page.evaluate(
        """(url) => {
          const frame = document.createElement("iframe");
          Object.assign(frame, { src: url, width: 1200, height: 700 });
          document.body.append(frame);
        }""",
        url + "?embed=1&sample=none",
    )
    wait = SegmarkPage(page, url).wait
    frame = wait(lambda: next((frame for frame in page.frames if frame.url.startswith(url)), None), "the frame")
    wait(lambda: frame.evaluate(IS_READY) == "true", "ready", 60)
    return frame


@pytest.mark.requirement("R8.5")
def test_another_origin_hears_nothing(browser: Any, folder: Path, host: str) -> None:
    context = browser.new_context(service_workers="block")
    with serve(folder, plain=True) as url:
        page = context.new_page()
        page.goto(host + "host.html")
        frame = frame_in(page, url)
        answers = page.evaluate(
            """async () => { """
            + DRAWN
            + """
              return Promise.all([ask(frames[0], "annotations", {}, 3000), ask(frames[0], "open", { name: "a.png", data: image }, 3000)]);
            }"""
        )
        assert answers == [None, None] and page.evaluate("heard") == []
        assert frame.evaluate("window.segmark.state().image ?? null") is None
    context.close()


@pytest.mark.requirement("R8.5")
def test_an_origin_that_is_listed_may_frame_and_open_the_page_on_every_visit(
    browser: Any, folder: Path, host: str, tmp_path: Path
) -> None:
    """The second visit comes out of the service worker, with its headers."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    site = listing(folder, tmp_path / "listed", host.rstrip("/"))
    with serve(site, plain=True) as url:
        page = context.new_page()
        wait = SegmarkPage(page, url).wait
        for visit in (1, 2):
            page.goto(host + "host.html")
            frame = frame_in(page, url)
            wait(lambda: page.evaluate(READY), f"a word of the frame on visit {visit}")
            assert frame.evaluate("navigator.serviceWorker.controller !== null") is (visit == 2)
            answers = page.evaluate(
                """async () => { """
                + DRAWN
                + """
                  const good = await ask(frames[0], "open", { name: "a.png", data: image }, 20000);
                  const bad = await ask(frames[0], "open", { name: "a.png", data: new Blob(["no image"]) }, 20000);
                  const read = await ask(frames[0], "annotations", {}, 20000);
                  return [good.ok, good.width, good.height, bad.ok, bad.code, read.ok];
                }"""
            )
            assert answers == [True, 300, 200, False, "image.not_an_image", True], (
                "refused, also under a name that is open"
            )
            frame.get_by_test_id("status-offline").and_(frame.locator("[data-state=ready]")).wait_for(timeout=120_000)
        sibling = (
            "(url) => { const frame = document.createElement('iframe'); frame.src = url; document.body.append(frame); }"
        )
        page.evaluate(sibling, host + "host.html")
        other = wait(lambda: next((f for f in page.frames[1:] if f.url.startswith(host)), None), "a frame beside it")
        wait(lambda: other.evaluate("typeof ask") == "function", "its script")
        assert other.evaluate("ask(parent.frames[0], 'annotations', {}, 3000)") is None, "only the one who frames it"
        page.goto(host + "host.html")
        with page.expect_popup() as opened:
            page.evaluate("(url) => { window.other = open(url); }", url + "?embed=1&sample=none")
        wait(lambda: opened.value.evaluate(IS_READY) == "true", "ready", 60)
        assert opened.value.evaluate("navigator.serviceWorker.controller !== null")
        assert page.evaluate("ask(other, 'annotations', {}, 20000).then(({ ok }) => ok)") is True
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
def test_an_address_may_name_the_network(new_page: Any) -> None:
    app = new_page()
    app.page.goto(app.url + "?sample=none&model=smooth")
    app.wait(lambda: app.page.evaluate(IS_READY) == "true", "ready", 60)
    assert app.state()["model"]["id"] == app.id("model-select").input_value() == "smooth"


@pytest.mark.requirement("R8.4")
def test_an_address_may_name_an_image_of_this_site_only(new_page: Any) -> None:
    app = new_page()
    app.page.goto(app.url + "?image=samples/crack.png")
    app.wait(lambda: (app.image() or {}).get("name") == "crack.png", "the image of the address", 60)
    app.page.goto(app.url + "?image=https://elsewhere.invalid/x.png")
    app.id("error-banner").wait_for(state="visible", timeout=60_000)
    assert "own site" in app.id("error-banner").inner_text()
