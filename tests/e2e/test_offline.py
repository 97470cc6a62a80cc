"""Kept in the browser after the first visit: without a network, after a broken download, when a new version comes."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import inputs
import peers
import pytest
import serve
from page_object import SegmarkPage
from robot import next_click

ALLOWED = {"service_workers": "allow"}
OFFLINE_STATE = "document.querySelector('[data-testid=status-offline]').dataset.state"


class Site:
    """A plain server of a built site that remembers what was asked for, can refuse some of it, and can vanish."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        self.refused = ""
        site = self

        class Handler(serve.Handler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                if site.refused and site.refused in self.path:
                    self.send_error(503)
                else:
                    super().do_GET()

        made = partial(Handler, directory=str(folder), prefix="/some/repo/", isolated=False, plain=True)
        self.server = serve.Server(("127.0.0.1", 0), made)
        self.url = f"http://localhost:{self.server.server_port}/some/repo/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def vanish(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def visited(browser: Any, site: Site) -> Iterator[SegmarkPage]:
    """A page of the site in a context that lets service workers live."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US", accept_downloads=True)
    context.add_init_script(path=str(Path(__file__).parent / "tap.js"))
    try:
        yield SegmarkPage(context.new_page(), site.url)
    finally:
        context.close()


def kept(app: SegmarkPage, state: str = "ready") -> None:
    app.wait(lambda: app.page.evaluate(OFFLINE_STATE) == state, f"offline state {state}", 90)


UNPACKED = "caches.open('segmark-unpacked').then((cache) => cache.keys()).then((keys) => keys.map(({ url }) => url))"


@pytest.mark.requirement("R8.4")
def test_after_one_visit_the_whole_job_is_done_without_a_server(
    browser: Any, dist: Path, scoreboard: list[str]
) -> None:
    """Both networks, a reload in the middle of a draft, an export; and the saved page is the built one, byte for byte."""
    site = Site(dist)
    _, true = inputs.sample("blowhole")
    with visited(browser, site) as app:
        app.open("blowhole")
        kept(app)
        measured = "localStorage.getItem('segmark.settings')?.includes('modelMsByThreads')"
        app.wait(lambda: app.page.evaluate(measured), "the network's time on one thread")
        app.click(*next_click(true, None))
        alone = app.mask()
        app.key("Escape")
        app.wait(lambda: app.draft() is None, "no draft")
        app.id("export-button").click()
        with app.page.expect_download() as waiting:
            app.id("save-page").click()
        saved = waiting.value.path().read_bytes()
        import single

        assert saved == single.write_single(dist).read_bytes()
        site.vanish()
        app.open("blowhole")
        assert app.page.evaluate("crossOriginIsolated"), "the service worker's headers allow threads"
        app.wait(lambda: "threads" in app.id("status-threads").inner_text(), "the threads' gain")
        scoreboard.append(f"the service worker's headers allow {app.id('status-threads').inner_text()}")
        app.click(*next_click(true, None))
        assert peers.iou(app.mask(), true) > 0.8
        assert (app.mask() != alone).sum() <= 2, "one thread and several give the same mask"
        app.confirm(digit=3)
        app.id("model-select").select_option("smooth")
        app.wait(lambda: app.state()["model"] == {"id": "smooth", "name": "Smooth", "state": "ready"}, "smooth")
        app.click(60, 60)
        app.page.reload()
        app.wait(lambda: app.page.evaluate("document.documentElement.dataset.ready") == "true", "ready", 60)
        app.wait(lambda: app.clicks() == [(60, 60, True)], "the draft of before")
        app.key("Escape")
        app.wait(lambda: app.draft() is None, "no draft")
        assert len(app.export_coco()["annotations"]) == len(app.annotations()) >= 1


@pytest.mark.requirement("R8.4")
def test_a_download_that_broke_off_goes_on_and_a_damaged_part_is_mended(browser: Any, dist: Path) -> None:
    site = Site(dist)
    site.refused = "smooth.onnx"
    with visited(browser, site) as app:
        app.open("none")
        kept(app, "failed")
        before = app.page.evaluate(
            "caches.open('segmark-parts').then((cache) => cache.keys()).then((keys) => keys.length)"
        )
        assert before > 3
        site.refused = ""
        site.asked.clear()
        app.page.reload()
        kept(app)
        whole = app.page.evaluate(
            "caches.open('segmark-parts').then((cache) => cache.keys()).then((keys) => keys.length)"
        )
        assert whole > before and sum("smooth.onnx" in path for path in site.asked) == 1
        build = json.loads((dist / "build.json").read_text())
        stored = {part["path"]: part.get("stored", part)["sha256"] for part in build["parts"]}
        app.page.evaluate(
            """async (sum) => {
              const cache = await caches.open("segmark-parts");
              const key = (await cache.keys()).find((request) => request.url.endsWith(sum));
              const bytes = new Uint8Array(await (await cache.match(key)).arrayBuffer());
              bytes[bytes.length >> 1] ^= 255;
              await cache.put(key, new Response(bytes));
            }""",
            stored["models/precise.onnx"],
        )
        controlled = "navigator.serviceWorker.controller !== null"
        app.wait(lambda: app.page.evaluate(controlled), "the service worker has taken over")
        app.page.reload()
        app.wait(lambda: app.id("boot-retry").is_visible(), "what is damaged is noticed", 60)
        assert app.page.evaluate(controlled)
        app.id("boot-retry").click()
        app.wait(lambda: app.page.evaluate("document.documentElement.dataset.ready") == "true", "ready", 60)
        assert len(app.page.evaluate(UNPACKED)) < 2, "a check lets the unpacked copies go too"
        app.page.reload()
        app.wait(lambda: app.page.evaluate("document.documentElement.dataset.ready") == "true", "ready", 60)
        assert len(app.page.evaluate(UNPACKED)) == 2, "the runtimes as the compiler takes them"
        app.page.evaluate(
            """async () => {
              const cache = await caches.open("segmark-unpacked");
              for (const key of await cache.keys()) {
                const headers = { "content-type": "application/wasm" };
                await cache.put(key, new Response(new Uint8Array([0, 97, 115, 109, 1, 0, 0]), { headers }));
              }
            }"""
        )
        app.page.reload()
        app.wait(lambda: app.page.evaluate("document.documentElement.dataset.ready") == "true", "ready", 60)
        app.click(60, 60)
        sizes = (
            "caches.open('segmark-unpacked').then(async (cache) => Promise.all((await cache.keys()).map(async (key) => "
        )
        sizes += "(await (await cache.match(key)).arrayBuffer()).byteLength)))"
        assert all(size > 1e6 for size in app.page.evaluate(sizes)), "the damaged copies are gone"
    site.vanish()


@pytest.mark.requirement("R8.4")
def test_a_new_version_is_offered_and_comes_only_when_asked(browser: Any, dist: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    shutil.copytree(dist, folder)
    site = Site(folder)
    with visited(browser, site) as app:
        app.open("blowhole")
        kept(app)
        app.click(450, 350)
        clicks = app.clicks()
        old = json.loads((folder / "build.json").read_text())["build"]
        publish(folder, old, "0123456789ab")
        site.asked.clear()
        app.page.reload()
        app.wait(lambda: app.page.evaluate("document.documentElement.dataset.ready") == "true", "ready", 60)
        kept(app, "update")
        assert old in app.id("version").inner_text(), "the old version goes on until the person says so"
        assert not [path for path in site.asked if path.endswith(".packed")], "only what changed is fetched"
        app.id("status-update").click()
        app.wait(lambda: "0123456789ab" in (app.id("version").text_content() or ""), "the new version", 60)
        app.wait(lambda: app.clicks() == clicks, "the draft of before", 60)
    site.vanish()


def publish(folder: Path, old: str, new: str) -> None:
    """Make the site a newer build: its hash wherever it stands, and one more line of style."""
    style = folder / "app.css"
    style.write_text(style.read_text() + "\n.newer { color: red; }\n")
    for name in ("index.html", "sw.js"):
        path = folder / name
        path.write_text(path.read_text().replace(old, new))
    build = json.loads((folder / "build.json").read_text().replace(old, new))
    for part in build["parts"]:
        if part["path"] in ("app.css", "index.html", "sw.js"):
            data = (folder / part["path"]).read_bytes()
            part |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (folder / "build.json").write_text(json.dumps(build))
