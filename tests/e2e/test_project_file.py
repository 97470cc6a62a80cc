"""The project file: everything goes out in one file and comes in again elsewhere; a poisoned one changes nothing."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import inputs
import numpy as np
import pytest

WHOLE = ("image", "labels", "last_label_id", "annotations", "draft", "mode", "history")


def picture(k: int) -> bytes:
    """A small piece of the crack sample, another for each k."""
    pixels, _ = inputs.sample("crack")
    return inputs.encoded(pixels[40 * k : 40 * k + 160, :240], ".png")


def worked(app: Any) -> None:
    """Two images: the first annotated, the second with an unfinished draft and steps to undo and to redo."""
    app.open("none")
    app.open_file("Teil ä.png", picture(0))
    app.key("b")
    press(app, 60, 60)
    app.confirm(2)
    app.open_file("teil 2.png", picture(1))
    app.key("b")
    for x in (40, 90, 140):  # the brush is put away: clicks
        press(app, x, 80)
    app.step()


def press(app: Any, x: int, y: int) -> None:
    before = app.state()["revision"]
    app.page.mouse.click(*app.screen(x, y))
    app.wait(lambda: app.state()["revision"] > before, "an answer to the press")
    app.settle()


def saved(app: Any, with_files: bool = True, filename: str = "teil 2.segmark") -> bytes:
    app.key("Control+Shift+S")
    app.id("project-save").wait_for(state="visible")
    app.id("project-files").set_checked(with_files)
    with app.page.expect_download() as waiting:
        app.id("project-save-confirm").click()
    assert waiting.value.suggested_filename == filename
    return waiting.value.path().read_bytes()


def shown(app: Any) -> dict[str, Any]:
    state = app.state()
    return {key: state[key] for key in WHOLE} | {"images": app.page.evaluate("window.segmark.images()")}


def choose(app: Any, data: bytes, name: str = "a.segmark") -> None:
    app.choose_file(name, data, "application/zip")


def is_open(app: Any, name: str) -> None:
    app.wait(lambda: (app.image() or {}).get("name") == name, f"{name} to be open")
    app.settle()


def names(app: Any) -> list[str]:
    return [image["name"] for image in app.page.evaluate("window.segmark.images()")]


@pytest.mark.requirement("R8.3")
def test_a_project_leaves_as_one_file_and_is_whole_elsewhere(app: Any, new_page: Any) -> None:
    worked(app)
    before, mask = shown(app), app.mask()
    data = saved(app)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        head = json.loads(archive.read("project.json"))
        assert [row["name"] for row in head["images"]] == ["Teil ä.png", "teil 2.png"] and head["schema"] == 1
        assert archive.read(f"files/{head['images'][0]['file_id']}/file") == picture(0)
    other = new_page()
    other.open("none")
    choose(other, data)
    is_open(other, "teil 2.png")
    assert shown(other) == before and np.array_equal(other.mask(), mask)
    other.step("Control+y")  # what was undone can be done again there
    assert other.draft()["area"] > before["draft"]["area"]
    for _ in range(3):
        other.step()
    assert other.draft() is None
    other.key("PageUp")
    is_open(other, "Teil ä.png")
    assert [a["label_id"] for a in other.annotations()] == [2]
    other.wait(lambda: other.id("status-saved").get_attribute("data-state") == "saved", "everything saved")
    other.page.goto(other.url)  # and it is kept there
    other.wait(lambda: (other.image() or {}).get("name") == "Teil ä.png", "the project after a reload", 60)
    assert names(other) == ["Teil ä.png", "teil 2.png"]


@pytest.mark.requirement("R8.3")
def test_poisoned_project_files_change_nothing_and_a_good_one_asks_first(app: Any) -> None:
    worked(app)
    before, data = shown(app), saved(app)

    def refused(bad: bytes) -> None:
        choose(app, bad)
        app.id("error-banner").wait_for(state="visible")
        assert "Nothing was changed" in app.id("error-banner").inner_text()
        app.id("error-dismiss").click()
        assert shown(app) == before

    refused(data[:-40])
    refused(b"PK\x03\x04 no archive")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content[:-30] if name.endswith("journal.jsonl") else content)
    refused(out.getvalue())
    app.step()
    changed = shown(app)
    choose(app, data)
    app.id("project-replace").wait_for(state="visible")
    app.id("project-replace-cancel").click()
    assert shown(app) == changed
    choose(app, data)
    app.id("project-replace-confirm").click()
    app.wait(lambda: shown(app) == before, "the saved project again")


@pytest.mark.requirement("R8.3")
def test_without_the_image_files_they_are_asked_for(app: Any, new_page: Any) -> None:
    worked(app)
    before, data = shown(app), saved(app, with_files=False)
    assert len(data) < 10_000
    other = new_page()
    other.open("none")
    choose(other, data)
    other.id("error-banner").wait_for(state="visible")
    other.choose_file("teil 2.png", picture(1))
    is_open(other, "teil 2.png")
    other.wait(lambda: shown(other)["draft"] == before["draft"], "the draft on the file that was given")


WATCH = """() => {
  window.told = [];
  const card = document.querySelector("[data-testid=project-card]");
  new MutationObserver(() => { if (!card.hidden) window.told.push(card.textContent); }).observe(card, { subtree: true, childList: true, characterData: true, attributes: true });
}"""


@pytest.mark.requirement("R8.3")
def test_a_large_project_tells_how_far_it_is(app: Any) -> None:
    """And a small one does not: it is there at once."""
    app.open("none")
    pixels, _ = inputs.sample("crack")
    several = [
        {"name": f"part {k}.png", "mimeType": "image/png", "buffer": inputs.encoded(pixels[k : k + 20, :20], ".png")}
        for k in range(30)
    ]
    app.id("file-input").set_input_files(several[:2])
    is_open(app, "part 0.png")
    app.page.evaluate(WATCH)
    saved(app, filename="part 0.segmark")
    assert app.page.evaluate("window.told") == []
    app.id("file-input").set_input_files(several)
    app.wait(lambda: len(names(app)) == 30, "all in the list")
    app.settle()
    data = saved(app, filename="part 0.segmark")
    shares = app.page.evaluate("window.told")
    assert len(shares) > 10 and all(text.startswith("Saving the project: ") for text in shares)
    assert "Saving the project: 50 %" in shares
    assert app.id("project-card").is_hidden(), "gone when it is done"
    app.page.evaluate("window.told.length = 0")
    choose(app, data)
    app.id("project-replace").wait_for(state="visible")
    app.id("project-replace-confirm").click()
    app.wait(lambda: app.page.evaluate("window.told").count("Reading the project: 50 %"), "the way in told")
    is_open(app, "part 0.png")
    assert app.id("project-card").is_hidden() and len(names(app)) == 30


@pytest.mark.requirement("R8.5")
def test_an_address_may_name_a_project_file_of_this_site(new_page: Any) -> None:
    app = new_page(fresh=True)
    worked(app)
    before = {name: app.state()[name] for name in ("image", "annotations", "draft", "history")}
    data = saved(app)
    other = new_page(fresh=True)
    other.page.route("**/line/plates.segmark", lambda route: route.fulfill(body=data))
    other.page.goto(other.url + "?sample=none&project=line/plates.segmark")
    other.wait(lambda: (other.image() or {}).get("name") == "teil 2.png", "the project of the address", 60)
    other.settle()
    assert {name: other.state()[name] for name in before} == before
    assert "project=" not in other.page.url, "a reload brings back the work, not the file"
