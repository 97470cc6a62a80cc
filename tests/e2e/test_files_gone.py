"""Files that go away, images that leave in the middle, a page that is left: nothing is lost without a word (R8.3)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from guard import Guard
from launch import FLAGS
from page_object import SegmarkPage
from playwright.sync_api import Browser
from test_kept import saved
from test_project import files, names, opened
from test_storage import NO_DATABASE, dab

UNREADABLE = """
const slice = Blob.prototype.slice;
Blob.prototype.slice = function (...args) {
  const broken = this.name === "plate_2.png";
  return broken ? { arrayBuffer: () => Promise.reject(new DOMException("gone", "NotReadableError")) } : slice.apply(this, args);
};"""
#: The second image takes a second to decode.
SLOW = """
const native = window.createImageBitmap;
window.createImageBitmap = async (source, ...rest) => {
  if (source instanceof Blob && source.name === "plate_2.png" && rest[0]?.resizeWidth === undefined) await new Promise((done) => setTimeout(done, 1200));
  return native(source, ...rest);
};"""


def on_disk(folder: Path, count: int) -> list[Path]:
    paths = []
    for file in files(count):
        paths.append(folder / file["name"])
        paths[-1].write_bytes(file["buffer"])
    return paths


@pytest.fixture
def lasting(browser: Browser, site_url: str, tmp_path: Path) -> Iterator[SegmarkPage]:
    """A page in a profile on the disk: a private window's database only points to the files, too."""
    context = browser.browser_type.launch_persistent_context(
        str(tmp_path / "profile"), executable_path=shutil.which("chromium"), args=FLAGS
    )
    guard = Guard(site_url.rstrip("/"))
    guard.watch(context)
    yield SegmarkPage(context.pages[0], site_url)
    context.close()
    assert not guard.faults, "\n".join(guard.faults)


@pytest.mark.requirement("R8.3")
def test_an_image_whose_file_left_the_disk_is_opened_from_what_was_kept(lasting: SegmarkPage, tmp_path: Path) -> None:
    app = lasting
    app.open("none")
    paths = on_disk(tmp_path, 3)
    app.id("file-input").set_input_files(paths)
    opened(app, "plate_1.png")
    saved(app)
    for path in paths[1:]:
        path.unlink()
    for name in ("plate_2.png", "plate_3.png"):
        app.key("PageDown")
        opened(app, name)
    assert app.id("error-banner").is_hidden()


@pytest.mark.requirement("R8.3")
def test_one_file_that_cannot_be_read_does_not_keep_the_others_out(new_page: Any) -> None:
    app = new_page(scripts=(UNREADABLE,))
    app.open("none")
    app.id("file-input").set_input_files(files(3))
    opened(app, "plate_1.png")
    assert names(app) == ["plate_1.png", "plate_3.png"]
    assert "1 files were left out" in app.id("status-message").inner_text()


@pytest.mark.requirement("R8.3")
def test_an_image_removed_while_it_is_opened_is_gone(new_page: Any) -> None:
    app = new_page(scripts=(SLOW,))
    app.open("none")
    app.id("file-input").set_input_files(files(3))
    opened(app, "plate_1.png")
    app.page.evaluate("document.querySelectorAll('[data-testid=image-tile]')[1].click()")
    app.page.evaluate("document.querySelectorAll('[data-testid=image-remove]')[1].click()")
    app.page.locator("#remove [data-answer=remove]").click()
    app.wait(lambda: names(app) == ["plate_1.png", "plate_3.png"], "two images")
    app.settle()
    assert app.image()["name"] in names(app)


def dialogs(app: Any) -> list[str]:
    """The kinds of the browser's own dialogs from now on; each is accepted."""
    asked: list[str] = []

    def answer(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.accept()

    app.page.on("dialog", answer)
    return asked


def load_again(app: Any) -> None:
    app.page.reload()
    app.wait(app.is_ready, "ready", 60)


@pytest.mark.requirement("R8.3")
def test_a_page_that_keeps_nothing_asks_before_it_is_left(new_page: Any) -> None:
    app = new_page(scripts=(NO_DATABASE,))
    app.open("scratch")
    asked = dialogs(app)
    dab(app)
    load_again(app)
    assert asked == ["beforeunload"]
    load_again(app)  # nothing was done
    assert asked == ["beforeunload"]


@pytest.mark.requirement("R8.3")
def test_a_page_that_keeps_everything_does_not_ask(app: Any) -> None:
    app.open("scratch")
    asked = dialogs(app)
    dab(app)
    saved(app)
    load_again(app)
    assert asked == []


@pytest.mark.requirement("R8.5")
def test_the_last_choice_of_many_images_is_what_is_written(app: Any) -> None:
    app.open("none")
    app.id("file-input").set_input_files(files(6))
    opened(app, "plate_1.png")
    app.page.locator("#images-filter").fill("plate_3")
    app.wait(lambda: app.id("image-tile").count() == 1, "the filter")
    app.open_export()
    app.page.evaluate("""() => {
      for (const id of ["export-all", "export-shown"]) document.querySelector(`[data-testid=${id}]`).click();
    }""")
    assert app.id("export-shown").is_checked() and not app.id("export-all").is_checked()
    app.settle()
    app.wait(lambda: app.id("export-write").is_enabled(), "the image to be known")
    app.id("export-coco").click()
    with app.page.expect_download() as waiting:
        app.id("export-write").click()
    coco = json.loads(waiting.value.path().read_bytes())
    assert [image["file_name"] for image in coco["images"]] == ["plate_3.png"]


@pytest.mark.requirement("R7.1")
def test_classes_made_before_there_is_an_image_are_there_at_the_next_visit(app: Any) -> None:
    app.open("none")
    app.page.locator("#class-add-input").fill("pore")
    app.page.locator("#class-add-input").press("Enter")
    app.wait(lambda: app.state()["labels"][-1]["name"] == "pore", "the class")
    saved(app)
    app.open("none")
    assert app.state()["labels"][-1]["name"] == "pore"
    app.id("file-input").set_input_files(files(1))
    opened(app, "plate_1.png")
    assert app.state()["labels"][-1]["name"] == "pore"
