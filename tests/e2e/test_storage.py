"""A storage that refuses: nothing is lost without a word, and the project can always be saved to a file."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import inputs
import pytest
from page_object import SegmarkPage

REFUSE_FILES = """
const put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (...args) {
  if (this.name === "files") throw new DOMException("full", "QuotaExceededError");
  return put.apply(this, args);
};"""
NO_DATABASE = "IDBFactory.prototype.open = () => { throw new DOMException('private', 'SecurityError'); };"
NEWER_DATABASE = "IDBFactory.prototype.open = () => { throw new DOMException('3 is above 2', 'VersionError'); };"
REFUSE_ALL = "() => { IDBObjectStore.prototype.add = () => { throw new DOMException('full', 'QuotaExceededError'); }; }"
NO_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined });"


def plate(shade: int = 0) -> bytes:
    """A piece of the crack sample; all shades have as many bytes (BMP)."""
    pixels, _ = inputs.sample("crack")
    part = pixels[40:200, :240].copy()
    part[0, 0] = shade
    return inputs.encoded(part, ".bmp")


def state(app: Any, wanted: str) -> None:
    app.wait(lambda: app.id("status-saved").get_attribute("data-state") == wanted, wanted)


def dab(app: Any) -> None:
    app.key("b")
    app.page.mouse.click(*app.screen(60, 60))
    app.wait(lambda: app.draft() is not None, "a dab")
    app.settle()


def saved_from_banner(app: Any, *, with_files: bool = True) -> zipfile.ZipFile:
    """The project file, by the keyboard, out of the banner."""
    app.id("unsafe-save").focus()
    app.key("Enter")
    app.id("project-save").wait_for(state="visible")
    if not with_files:
        app.id("project-files").uncheck()
    with app.page.expect_download() as waiting:
        app.id("project-save-confirm").click()
    return zipfile.ZipFile(io.BytesIO(waiting.value.path().read_bytes()))


@pytest.mark.requirement("R8.3")
def test_a_file_that_finds_no_room_is_told_and_asked_for_and_another_is_refused(new_page: Any) -> None:
    app = new_page(scripts=(REFUSE_FILES,))
    app.open("none")
    assert app.id("unsafe-banner").is_hidden()
    app.open_file("plate.bmp", plate())
    app.id("unsafe-banner").wait_for(state="visible")
    assert "no room for the file of plate.bmp" in app.id("unsafe-banner").inner_text()
    dab(app)
    draft = app.draft()
    state(app, "saved")
    with saved_from_banner(app, with_files=False) as archive:
        digest = json.loads(archive.read("project.json"))["images"][0]["sha256"]
    assert len(digest) == 64
    state(app, "saved")
    app.page.goto(app.url)
    app.wait(lambda: "plate.bmp" in app.id("status-message").inner_text(), "the file asked for", 60)
    app.choose_file("plate.bmp", plate(7))
    app.id("error-banner").wait_for(state="visible", timeout=60_000)
    assert "its content is another" in app.id("error-banner").inner_text()
    assert [image["name"] for image in app.page.evaluate("window.segmark.images()")] == ["plate.bmp"]
    app.choose_file("renamed meanwhile.bmp", plate())
    app.id("error-banner").wait_for(state="hidden", timeout=60_000)  # Python may still be starting
    app.settle()
    assert app.image()["name"] == "plate.bmp" and app.draft() == draft
    app.key("Control+z")
    app.wait(lambda: app.draft() is None, "the history of the file that was given")


@pytest.mark.requirement("R8.3")
@pytest.mark.parametrize(
    ("script", "kind", "word"), [(NO_DATABASE, "off", "private window"), (NEWER_DATABASE, "newer", "newer version")]
)
def test_without_a_database_the_page_works_and_offers_a_file(new_page: Any, script: str, kind: str, word: str) -> None:
    app = new_page(scripts=(script,))
    app.open("none")
    app.open_file("plate.bmp", plate())
    state(app, kind)
    dab(app)
    assert word in app.id("unsafe-banner").inner_text()
    app.page.locator("[data-language]").first.click()
    app.wait(lambda: "项目保存为文件" in app.id("unsafe-banner").inner_text(), "the banner in Chinese")
    with saved_from_banner(app) as archive:
        assert any(name.endswith("journal.jsonl") for name in archive.namelist())
    app.id("unsafe-dismiss").click()
    dab(app)
    assert app.id("unsafe-banner").is_hidden(), "seen once is enough"


@pytest.mark.requirement("R8.3")
def test_a_write_that_fails_is_told_with_a_way_out_by_touch(new_page: Any) -> None:
    app = new_page(has_touch=True)
    app.open("none")
    app.open_file("plate.bmp", plate())
    state(app, "saved")
    app.page.evaluate(REFUSE_ALL)
    dab(app)
    state(app, "failed")
    app.id("unsafe-banner").wait_for(state="visible")
    app.id("unsafe-save").tap()
    app.id("project-save").wait_for(state="visible")


@pytest.mark.requirement("R8.3")
def test_without_locks_the_second_tab_is_told_and_writes_nothing(new_page: Any) -> None:
    """Plain http gives a page no Web Locks: the tabs ask each other."""
    app = new_page(scripts=(NO_LOCKS,))
    app.open("none")
    app.open_file("plate.bmp", plate())
    dab(app)
    state(app, "saved")
    other = SegmarkPage(app.page.context.new_page(), app.url)
    other.open("none")
    state(other, "elsewhere")
    other.open_file("another.bmp", plate(9))
    other.id("unsafe-banner").wait_for(state="visible")
    assert "another tab" in other.id("unsafe-banner").inner_text().lower()
    other.page.close()
    app.page.goto(app.url)
    app.wait(lambda: (app.image() or {}).get("name") == "plate.bmp", "the first tab's work", 60)
    state(app, "saved")
    assert app.draft() is not None
