"""A project of many images: files, a zip, a folder; each with its own work, the classes shared, nothing lost on the way."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import inputs
import numpy as np
import pytest
from test_kept import saved

V1 = """([entries, text]) => new Promise((resolve, reject) => {
  const opening = indexedDB.open("segmark", 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("entries", { autoIncrement: true });
    opening.result.createObjectStore("image");
  };
  opening.onsuccess = () => {
    const db = opening.result;
    const transaction = db.transaction(["entries", "image"], "readwrite");
    for (const entry of entries) transaction.objectStore("entries").add(entry);
    const blob = new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]);
    const { id, name, width, height } = JSON.parse(entries[0]).image;
    transaction.objectStore("image").put({ id, name, width, height, sample: null, bytes: blob.size, blob }, "open");
    transaction.oncomplete = () => { db.close(); resolve(true); };
  };
  opening.onerror = reject;
})"""


def part(k: int) -> Any:
    """Return a piece of the blowhole sample with the pit in it, a bit smaller each time; RGB."""
    pixels, _ = inputs.sample("blowhole")
    return pixels[200 : 440 - 10 * k, 400:720]


def files(count: int) -> list[dict[str, Any]]:
    return [
        {"name": f"plate_{k}.png", "mimeType": "image/png", "buffer": inputs.encoded(part(k), ".png")}
        for k in range(1, count + 1)
    ]


def names(app: Any) -> list[str]:
    return [image["name"] for image in app.page.evaluate("window.segmark.images()")]


def states(app: Any) -> list[str]:
    return [image["state"] for image in app.page.evaluate("window.segmark.images()")]


def opened(app: Any, name: str) -> None:
    app.wait(lambda: (app.image() or {}).get("name") == name, f"{name} to be open")
    app.settle()


def again(app: Any) -> None:
    app.page.goto("about:blank")
    app.page.goto(app.url)
    app.wait(app.is_ready, "ready", 60)
    app.settle()


@pytest.mark.requirement("R8.3")
def test_each_image_keeps_its_own_work_and_a_reload_brings_all_of_it(app: Any) -> None:
    app.open("none")
    app.id("file-input").set_input_files(files(3))
    opened(app, "plate_1.png")
    assert names(app) == ["plate_1.png", "plate_2.png", "plate_3.png"]
    app.click(160, 110)
    app.confirm(3)
    app.settle()
    first = app.mask(1)
    app.click(100, 60)
    draft = app.draft()
    app.key("PageDown")
    opened(app, "plate_2.png")
    assert app.annotations() == [] and app.draft() is None and app.mask().sum() == 0
    app.click(161, 111)
    second = app.draft()
    app.id("image-tile").nth(2).click()
    opened(app, "plate_3.png")
    app.key("d")
    app.wait(lambda: states(app) == ["draft", "draft", "done"], "the states")
    app.key("PageUp")
    opened(app, "plate_2.png")
    assert app.draft() == second
    app.key("PageUp")
    opened(app, "plate_1.png")
    assert app.draft() == draft and np.array_equal(app.mask(1), first)
    app.step("Control+z")
    app.step("Control+z")
    assert app.annotations() == [], "the history of this image, back to before its confirm"
    app.step("Control+Shift+z")
    saved(app)
    again(app)
    assert app.image()["name"] == "plate_1.png" and len(app.annotations()) == 1
    assert names(app) == ["plate_1.png", "plate_2.png", "plate_3.png"] and states(app) == ["draft", "draft", "done"]
    app.step("Control+Shift+z")
    assert app.draft() == draft
    app.key("PageDown")
    opened(app, "plate_2.png")
    assert app.draft() == second


@pytest.mark.requirement("R8.3")
def test_classes_are_shared_and_all_images_leave_in_one_file(app: Any) -> None:
    app.open("none")
    app.id("file-input").set_input_files(files(3))
    opened(app, "plate_1.png")
    app.click(160, 110)
    app.confirm(3)
    app.id("class-list")
    field = app.page.locator("#class-add-input")
    field.fill("<b>pore</b>")
    field.press("Enter")
    app.wait(lambda: len(app.state()["labels"]) == 5, "the new class")
    app.page.locator("[data-testid=canvas]").focus()
    app.key("PageDown")
    opened(app, "plate_2.png")
    assert app.state()["labels"][-1]["name"] == "<b>pore</b>"
    app.click(160, 110)
    app.confirm(5)
    app.settle()
    app.page.locator("#class-list .row", has_text="blowhole").hover()
    app.page.locator("#class-list .row", has_text="blowhole").locator("[data-part=remove]").click()
    app.wait(
        lambda: "plate_1.png" in app.id("status-message").inner_text(), "why a class that another image uses stays"
    )
    assert "blowhole" in [label["name"] for label in app.state()["labels"]]
    app.page.locator("#class-list .row", has_text="stain").hover()
    app.page.locator("#class-list .row", has_text="stain").locator("[data-part=remove]").click()
    app.wait(
        lambda: "stain" not in [label["name"] for label in app.state()["labels"]], "a class that nobody uses to go"
    )
    broken = {"name": "plate_9.png", "mimeType": "image/png", "buffer": files(1)[0]["buffer"][:200]}
    app.id("file-input").set_input_files([*files(4)[3:], broken])
    app.wait(lambda: len(app.page.evaluate("window.segmark.images()")) == 5, "all images in the list")
    opened(app, "plate_4.png")
    app.open_export()
    app.id("export-all").check()
    app.wait(
        lambda: "plate_9.png" in app.id("export-left").inner_text(),
        "the file that cannot be read, named before writing",
    )
    app.id("export-coco").click()
    with app.page.expect_download() as waiting:
        app.id("export-write").click()
    coco = json.loads(waiting.value.path().read_bytes())
    found = [(k["file_name"], k["height"]) for k in coco["images"]]
    assert found[:2] == [("plate_1.png", 230), ("plate_2.png", 220)]
    assert [name for name, _ in found[2:]] == ["plate_3.png", "plate_4.png"], "without annotations, one never opened"
    assert [height for _, height in found[2:]] == [210, 200]
    categories = {k["id"]: k["name"] for k in coco["categories"]}
    assert [categories[k["category_id"]] for k in coco["annotations"]] == ["blowhole", "<b>pore</b>"]
    app.id("export-dialog").wait_for(state="hidden")
    assert len(app.export_coco()["images"]) == 1, "the open image alone"


def zipped(entries: dict[str, bytes]) -> dict[str, Any]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return {"name": "plates.zip", "mimeType": "application/zip", "buffer": out.getvalue()}


def test_a_zip_and_a_folder_are_images_too_and_hostile_ones_change_nothing(app: Any, tmp_path: Path) -> None:
    app.open("none")
    name = '<img src=x onerror="document.title=1">.png'
    app.id("file-input").set_input_files(
        [zipped({f"a/{name}": files(1)[0]["buffer"], "a/notes.csv": b"x,y", "__MACOSX/._a.png": b"q"})]
    )
    opened(app, name)
    assert names(app) == [name] and app.page.locator("#image-list img").count() == 1
    for bad in ({"../../evil.png": b"x"}, {"bomb.png": bytes(200_000_000)}, {"readme.csv": b"no image"}):
        app.id("file-input").set_input_files([zipped(bad)])
        app.id("error-banner").wait_for(state="visible")
        assert names(app) == [name] and app.image()["name"] == name
        app.id("error-dismiss").click()
    for file in files(3):
        (tmp_path / file["name"]).write_bytes(file["buffer"])
    (tmp_path / "plate_2.png").write_bytes(files(3)[1]["buffer"][:900])
    (tmp_path / "notes.md").write_text("no image")
    app.id("folder-input").set_input_files(tmp_path)
    opened(app, "plate_1.png")
    assert names(app)[1:] == ["plate_1.png", "plate_2.png", "plate_3.png"], "by name; the notes are left out"
    app.key("PageDown")
    app.id("error-banner").wait_for(state="visible")
    assert app.image()["name"] == "plate_1.png", "the last good image stays"
    app.id("error-dismiss").click()
    app.id("image-tile").nth(3).click()
    opened(app, "plate_3.png")


def test_filter_remove_and_the_last_one(app: Any) -> None:
    app.open("none")
    app.id("file-input").set_input_files(files(6))
    opened(app, "plate_1.png")
    app.click(160, 110)
    app.id("images-filter").fill("_3")
    app.wait(lambda: app.id("image-tile").count() == 1, "the filter")
    app.id("images-filter").fill("")
    app.id("images-state").select_option("draft")
    app.wait(lambda: app.id("image-tile").count() == 1, "the filter by state")
    app.id("images-state").select_option("all")
    assert app.id("image-tile").count() == 6
    for left in ([f"plate_{k}.png" for k in range(first, 7)] for first in range(2, 8)):
        tile = app.id("image-tile").first
        tile.hover()
        tile.get_by_test_id("image-remove").click()
        app.id("remove-confirm").click()
        app.wait(lambda left=left: names(app) == left, "one fewer")
        app.settle()
    assert app.image() is None and app.annotations() == []
    saved(app)
    again(app)
    assert names(app) == []


@pytest.mark.requirement("R8.3")
def test_work_of_the_version_with_one_image_opens_as_a_project(app: Any) -> None:
    """A database of version 1, made as that version made it, comes back with its draft."""
    record = {"id": "img-old", "name": "ä old.png", "width": 320, "height": 230}
    labels = [{"id": 1, "name": "scratch", "color": "#E69F00"}]
    opening = {
        "v": 1,
        "kind": "open_image",
        "image": record,
        "labels": labels,
        "mode": {"kind": "point"},
        "last_label_id": 1,
        "next_label_id": 2,
    }
    click = {
        "v": 1,
        "kind": "add_click",
        "click": [160, 110, True],
        "regions": [],
        "asked": [],
        "is_fresh": False,
        "prompt": 1,
        "at": 0.0,
    }
    blank = (
        '<!doctype html><link rel="icon" href="data:,">'  # the same origin, and no page of ours that opens the database
    )
    app.page.route("**/blank.html", lambda route: route.fulfill(body=blank, content_type="text/html"))
    app.page.goto(app.url + "blank.html")
    data = base64.b64encode(inputs.encoded(part(1), ".png")).decode()
    app.page.evaluate(V1, [[json.dumps(opening), json.dumps(click)], data])
    again(app)
    assert app.image() == record and names(app) == ["ä old.png"] and states(app) == ["draft"]
    assert app.clicks() == [(160, 110, True)] and app.mask()[110, 160] == 1
    app.id("file-input").set_input_files(files(1))
    opened(app, "plate_1.png")
    app.key("PageUp")
    opened(app, "ä old.png")
    assert app.clicks() == [(160, 110, True)]


@pytest.mark.requirement("R8.3")
def test_a_dropped_folder_comes_in_with_what_lies_below_it(app: Any, tmp_path: Path) -> None:
    app.open("none")
    folder = tmp_path / "line 3"
    (folder / "shift a").mkdir(parents=True)
    for k, file in enumerate(files(3)):
        place = folder / "shift a" if k == 2 else folder
        (place / file["name"]).write_bytes(file["buffer"])
    session = app.page.context.new_cdp_session(app.page)
    data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 600, "y": 400, "data": data})
    session.detach()
    app.wait(lambda: len(names(app)) == 3, "the three images of the folder")
    assert sorted(names(app)) == ["plate_1.png", "plate_2.png", "plate_3.png"]
    opened(app, names(app)[0])


@pytest.mark.requirement("R8.3")
def test_five_hundred_images_are_listed_found_and_worked_on(app: Any, tmp_path: Path) -> None:
    """The list holds all of them; only those in sight are decoded; the keys and the filter reach any of them."""
    count = 500
    for k in range(count):
        pixels = np.full((60, 80, 3), k % 250, np.uint8)
        (tmp_path / f"plate_{k:03d}.png").write_bytes(inputs.encoded(pixels, ".png"))
    app.open("none")
    app.id("folder-input").set_input_files(tmp_path)
    opened(app, "plate_000.png")
    app.wait(lambda: app.id("image-tile").count() == count, "all in the list")
    assert names(app) == [f"plate_{k:03d}.png" for k in range(count)]
    thumbs = app.page.locator("#image-list img[src]")
    app.wait(lambda: 4 < thumbs.count(), "the first thumbnails")
    app.page.wait_for_timeout(1500)
    assert thumbs.count() < 60, "those that nobody sees are not decoded"
    for k in range(1, 4):
        app.key("PageDown")
        opened(app, f"plate_{k:03d}.png")
    app.id("images-filter").fill("_487")
    app.wait(lambda: app.id("image-tile").count() == 1, "the filter")
    app.id("image-tile").click()
    opened(app, "plate_487.png")
    app.key("b")
    app.page.mouse.click(*app.screen(40, 30))
    app.wait(lambda: app.draft() is not None, "a dab")
    app.settle()
    app.confirm(1)
    app.id("images-filter").fill("")
    app.wait(lambda: app.id("image-tile").count() == count, "all again")
    assert [k for k, state in enumerate(states(app)) if state != "none"] == [487]
    saved(app, 180)  # each file is on the disk before the next one is written
    again(app)
    opened(app, "plate_487.png")
    assert len(names(app)) == count and len(app.annotations()) == 1
