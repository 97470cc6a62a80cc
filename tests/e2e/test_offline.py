"""Kept in the browser after the first visit: without a network, after a broken download, when a new version comes."""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import inputs
import peers
import pytest
import serve
import single
from page_object import SegmarkPage
from robot import next_click
from test_kept import saved

ALLOWED = {"service_workers": "allow"}
OFFLINE_STATE = "document.querySelector('[data-testid=status-offline]').dataset.state"


class Site:
    """A plain server of a built site that remembers what was asked for, can refuse some of it, and can vanish."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        self.asked_to_keep: list[str] = []  # by the service worker, not by the page
        self.refused = ""
        self.connections: list[socket.socket] = []
        site = self

        class Handler(serve.Handler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                if self.headers.get("Referer", "").endswith("/sw.js"):
                    site.asked_to_keep.append(self.path.removeprefix("/some/repo/"))
                if site.refused and site.refused in self.path:
                    self.send_error(503)
                else:
                    super().do_GET()

        class Server(serve.Server):
            def get_request(self) -> tuple[socket.socket, Any]:
                connection, address = super().get_request()
                site.connections.append(connection)
                return connection, address

        made = partial(Handler, directory=str(folder), prefix="/some/repo/", isolated=False, plain=True)
        self.server = Server(("127.0.0.1", 0), made)
        self.url = f"http://localhost:{self.server.server_port}/some/repo/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def vanish(self) -> None:
        """No new connection, and none of those that browsers keep open; from here on `asked` must stay empty."""
        self.server.shutdown()
        self.server.server_close()
        for connection in self.connections:
            with suppress(OSError):  # this one the browser has closed
                connection.shutdown(socket.SHUT_RDWR)
        self.asked.clear()


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


def saved_page(app: SegmarkPage) -> bytes:
    """Save the page for offline use, as a person does."""
    app.id("export-button").click()
    with app.page.expect_download() as waiting:
        app.id("save-page").click()
    return waiting.value.path().read_bytes()


KEPT = """async () => {
  const cache = await caches.open("segmark-parts");
  const answers = await Promise.all((await cache.keys()).map((key) => cache.match(key)));
  return answers.map((answer) => answer.headers.get("x-path")).filter(Boolean);
}"""
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
        saved(app)
        site.vanish()
        app.open("blowhole")
        assert saved_page(app) == single.write_single(dist).read_bytes()
        assert app.page.evaluate("crossOriginIsolated"), "the service worker's headers allow threads"
        app.wait(lambda: "times as fast" in app.id("status-threads").inner_text(), "the threads' gain")
        scoreboard.append(f"the service worker's headers allow {app.id('status-threads').inner_text()}")
        app.click(*next_click(true, None))
        assert peers.iou(app.mask(), true) > 0.8
        assert (app.mask() != alone).sum() <= 2, "one thread and several give the same mask"
        app.confirm(digit=3)
        app.id("model-select").select_option("smooth")
        app.wait(lambda: app.state()["model"] == {"id": "smooth", "name": "Smooth", "state": "ready"}, "smooth")
        app.click(60, 60)
        saved(app)
        app.page.reload()
        app.wait(app.is_ready, "ready", 60)
        app.wait(lambda: app.clicks() == [(60, 60, True)], "the draft of before")
        app.key("Escape")
        app.wait(lambda: app.draft() is None, "no draft")
        assert len(app.export_coco()["annotations"]) == len(app.annotations()) >= 1
        assert site.asked == []


@pytest.mark.requirement("R8.4")
def test_a_download_that_broke_off_goes_on_and_a_damaged_part_is_mended(browser: Any, dist: Path) -> None:
    site = Site(dist)
    site.refused = "smooth.onnx"
    with visited(browser, site) as app:
        app.open("none")
        kept(app, "failed")
        before = app.page.evaluate(KEPT)
        assert len(before) > 3
        site.refused = ""
        site.asked_to_keep.clear()
        app.page.reload()
        kept(app)
        whole = app.page.evaluate(KEPT)
        assert sorted(set(site.asked_to_keep) - {"build.json"}) == sorted(set(whole) - set(before)), (
            "only what was missing"
        )
        assert site.asked_to_keep.count("models/smooth.onnx.packed") == 1
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
        app.wait(app.is_ready, "ready", 60)
        assert len(app.page.evaluate(UNPACKED)) < 2, "a check lets the unpacked copies go too"
        app.page.reload()
        app.wait(app.is_ready, "ready", 60)
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
        app.wait(app.is_ready, "ready", 60)
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
        saved(app)
        old = json.loads((folder / "build.json").read_text())["build"]
        publish(folder, old, "0123456789ab")
        site.asked.clear()
        app.page.reload()
        app.wait(app.is_ready, "ready", 60)
        kept(app, "update")
        assert old in app.id("version").inner_text(), "the old version goes on until the person says so"
        assert not [path for path in site.asked if path.endswith(".packed")], "only what changed is fetched"
        assert saved_page(app) == single.write_single(dist).read_bytes(), "the old page saves itself, not the new one"
        saved(app)  # else the page does not let itself be replaced
        app.id("status-update").click()
        app.wait(lambda: "0123456789ab" in (app.id("version").text_content() or ""), "the new version", 60)
        app.wait(lambda: app.clicks() == clicks, "the draft of before", 60)
        assert saved_page(app) == single.write_single(folder).read_bytes()
    site.vanish()


@pytest.mark.requirement("R8.4")
def test_a_new_version_leaves_the_other_page_its_parts(browser: Any, dist: Path, tmp_path: Path) -> None:
    """Two pages, one of which wants the new version: the other one goes on, also with what it has not read yet."""
    folder = tmp_path / "site"
    shutil.copytree(dist, folder)
    site = Site(folder)
    with visited(browser, site) as first:
        first.open("none")
        kept(first)
        second = SegmarkPage(first.page.context.new_page(), site.url).open("none")
        old = json.loads((folder / "build.json").read_text())["build"]
        publish(folder, old, "0123456789ab")
        second.open("none")
        kept(second, "update")
        second.id("status-update").click()
        second.wait(lambda: "another tab" in second.id("status-message").inner_text(), "the reason why not now")
        site.vanish()
        assert saved_page(first) == single.write_single(dist).read_bytes()
        first.id("model-select").select_option("smooth")
        first.wait(
            lambda: first.state()["model"]["id"] == "smooth" and first.state()["model"]["state"] == "ready", "smooth"
        )
        first.page.close()
        second.id("status-update").click()
        second.wait(lambda: "0123456789ab" in (second.id("version").text_content() or ""), "the new version", 60)
        assert site.asked == []


@pytest.mark.requirement("R8.4")
def test_a_page_that_is_not_kept_says_why_it_cannot_save_itself(new_page: Any) -> None:
    """No service worker, and the server has gone on to another build."""
    app = new_page()
    app.open("none")
    app.page.route("**/build.json", lambda route: route.fulfill(json={"build": "0123456789ab", "parts": []}))
    app.id("export-button").click()
    app.id("save-page").click()
    app.wait(lambda: "newer version" in app.id("status-message").inner_text(), "what to do")


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
