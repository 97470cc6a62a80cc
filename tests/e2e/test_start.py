"""The start: the version is shown, a browser that cannot work is told so plainly, plainer servers do too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import inputs
import peers
import pytest
from page_object import SegmarkPage
from PIL import Image
from robot import next_click

NO_SIMD = "WebAssembly.validate = () => false;"
NO_MEMORY = "WebAssembly.Memory = class { constructor() { throw new RangeError('out of memory'); } };"
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
    took = app.id("status-ms")
    app.wait(lambda: "ms" in took.inner_text() or any(c.isdigit() for c in took.inner_text()), "the click's time")


def test_too_little_memory_is_told_with_what_to_do(new_page: Any) -> None:
    app = new_page(scripts=(NO_MEMORY,))
    app.page.goto(app.url)
    app.id("unsupported").wait_for(state="visible")
    words = app.id("unsupported").inner_text()
    assert "256 MB" in words and "close other tabs" in words and "SIMD" not in words


@pytest.mark.parametrize("script", [NO_SIMD, NO_DATABASE], ids=["no SIMD", "no IndexedDB"])
def test_a_browser_that_cannot_is_told_which_can(new_page: Any, script: str) -> None:
    app = new_page(scripts=(script,))
    app.page.goto(app.url)
    app.id("unsupported").wait_for(state="visible")
    words = app.id("unsupported").inner_text()
    assert all(name in words for name in ("Chrome", "Firefox", "Safari")), words


@pytest.mark.requirement("R8.4")
@pytest.mark.parametrize("kind", ["plain, under a folder", "isolated"])
def test_other_servers(browser: Any, dist: Path, kind: str, scoreboard: list[str]) -> None:
    """No special headers and a folder in the address, as GitHub Pages has it; and with threads, where a host allows."""
    from serve import serve

    options: dict[str, Any] = {"isolated": True} if kind == "isolated" else {"plain": True, "prefix": "/some/repo/"}
    _, true = inputs.sample("blowhole")
    with serve(dist, **options) as url:
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        context.add_init_script(path=str(Path(__file__).parent / "tap.js"))
        failed: list[str] = []
        context.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
        app = SegmarkPage(context.new_page(), url).open("blowhole")
        assert app.page.evaluate("crossOriginIsolated") is (kind == "isolated")
        app.click(*next_click(true, None))
        score = peers.iou(app.mask(), true)
        scoreboard.append(f"blowhole, server {kind}: IoU after one click {score:.3f}")
        assert score >= 0.8 and not failed
        context.close()


@pytest.mark.requirement("R8.4")
@pytest.mark.parametrize("path", ["nothing", "nothing/of/it", "nothing/"])
def test_a_lost_address_leads_home(browser: Any, dist: Path, path: str) -> None:
    """Below a folder, as on GitHub Pages, and from any depth."""
    from serve import serve

    with serve(dist, plain=True, prefix="/some/repo/") as url:
        context = browser.new_context(service_workers="block")
        page = context.new_page()
        answer = page.goto(url + path)
        assert answer.status == 404
        links = page.locator("a")
        wait = SegmarkPage(page, url).wait
        wait(
            lambda: links.evaluate_all("(all) => all.map(({ href }) => href)") == [url, url], "both links to lead home"
        )
        links.first.click()
        page.wait_for_url(url + "**")
        assert page.title() == "Segmark"
        context.close()


@pytest.mark.requirement("R8.4")
def test_the_page_can_be_installed(app: Any, dist: Path) -> None:
    """The browser reads the manifest without complaint, and every icon is as large as stated."""
    app.page.goto(app.url)
    found = app.page.context.new_cdp_session(app.page).send("Page.getAppManifest")
    assert found["url"] == app.url + "site.webmanifest" and found["errors"] == []
    manifest = json.loads(found["data"])
    assert urljoin(found["url"], manifest["start_url"]) == urljoin(found["url"], manifest["scope"]) == app.url
    sizes = {icon["src"]: icon["sizes"] for icon in manifest["icons"]}
    for name, stated in sizes.items():
        with Image.open(dist / name) as icon:
            assert (icon.format, f"{icon.width}x{icon.height}") == ("PNG", stated)
    assert {"192x192", "512x512"} <= set(sizes.values()), "what Chromium asks of a page that can be installed"
    assert any("maskable" in icon.get("purpose", "") for icon in manifest["icons"])


@pytest.mark.requirement("R8.4")
def test_the_second_start_takes_python_from_its_kept_memory_unless_that_is_damaged(new_page: Any) -> None:
    """The kept memory is checked; a damaged one is left aside and replaced, and the page works all the same."""
    _, true = inputs.sample("blowhole")
    is_kept = """async () => {
      const cache = await caches.open("segmark-python-memory");
      const [request] = await cache.keys();
      const kept = request && await cache.match(request);
      if (!kept) return false;
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await kept.arrayBuffer()));
      return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("") === kept.headers.get("x-sha256");
    }"""
    damage = """async () => {
      const cache = await caches.open("segmark-python-memory");
      const [request] = await cache.keys();
      const kept = await cache.match(request);
      const bytes = new Uint8Array(await kept.arrayBuffer());
      bytes[bytes.length >> 1] ^= 255;
      await cache.put(request, new Response(bytes, { headers: { "x-sha256": kept.headers.get("x-sha256") } }));
    }"""
    app = new_page(fresh=True)
    for step, start in enumerate(("files", "memory", "files", "memory")):
        app.open("blowhole")
        assert app.page.evaluate("document.documentElement.dataset.start") == start
        app.wait(lambda: app.page.evaluate(is_kept), "Python's memory to be kept")
        if step == 1:
            app.page.evaluate(damage)
        if step in (1, 2):
            if app.draft() is not None:
                app.step("Escape")  # of the start before: work on a sample is kept like any other
            app.click(*next_click(true, None))
            assert peers.iou(app.mask(), true) > 0.8
