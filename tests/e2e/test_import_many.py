"""Annotation files of a whole project: with the images, or later for all of them; each image takes what is surely its own."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from test_exchange import drop
from test_project import files, names, opened, part, saved, zipped

Masks = dict[str, list[tuple[str, np.ndarray]]]


def masks_of(count: int) -> Masks:
    """One rectangle of class scratch for every plate, another of class dent for the even ones; none two alike."""
    made: Masks = {}
    for k in range(1, count + 1):
        for label, top in (("scratch", 10), ("dent", 90))[: 1 + (k % 2 == 0)]:
            mask = np.zeros(part(k).shape[:2], np.uint8)
            mask[top : top + 7 + k, 20 : 40 + 3 * k] = 1
            made.setdefault(f"plate_{k}.png", []).append((label, mask))
    return made


def coco(masks: Masks) -> bytes:
    """A COCO file of another tool: run lengths, ids of its own."""
    images, annotations = [], []
    for number, (name, entries) in enumerate(masks.items(), 7):
        height, width = entries[0][1].shape
        images.append({"id": number, "file_name": name, "width": width, "height": height})
        for label, mask in entries:
            runs = coco_mask.encode(np.asfortranarray(mask))
            runs["counts"] = runs["counts"].decode()
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": 3 if label == "dent" else 5,
                    "segmentation": runs,
                    "iscrowd": 1,
                    "area": int(mask.sum()),
                    "bbox": [0, 0, 1, 1],
                }
            )
    categories = [{"id": 3, "name": "dent"}, {"id": 5, "name": "scratch"}]
    return json.dumps({"images": images, "annotations": annotations, "categories": categories}).encode()


def check(app: Any, name: str, entries: list[tuple[str, np.ndarray]]) -> None:
    """The open image has exactly these annotations, pixel for pixel."""
    opened(app, name)
    labels = {label["id"]: label["name"] for label in app.state()["labels"]}
    got = [(labels[a["label_id"]], app.mask(a["id"])) for a in app.annotations()]
    assert [label for label, _ in got] == [label for label, _ in entries]
    for (_, mine), (_, wanted) in zip(got, entries, strict=True):
        assert np.array_equal(mine, wanted)


@pytest.mark.requirement("R7.3")
@pytest.mark.requirement("R8.3")
def test_images_and_their_annotations_dropped_together_are_a_project(app: Any) -> None:
    app.open("none")
    masks = masks_of(3)
    plates = {file["name"]: file["buffer"] for file in files(4)}
    drop(app, plates | {"project.json": coco(masks), "camera.txt": b"exposure 3"})
    app.id("map").wait_for(state="visible", timeout=60_000)  # asked once, for the whole project
    app.id("map").locator("[data-answer=import]").click()
    lines = app.read_report()
    assert "4 annotations read from project.json" in lines
    assert any("camera.txt" in line for line in lines)
    assert "On 3 images; Undo takes it back on each of them." in lines
    assert "1 image is named in none of the files" in lines
    opened(app, "plate_1.png")
    for name, entries in masks.items():
        check(app, name, entries)
        app.key("PageDown")
    opened(app, "plate_4.png")
    assert app.annotations() == []
    app.key("PageUp")
    opened(app, "plate_3.png")
    app.step("Control+z")
    assert app.annotations() == []
    app.key("PageUp")
    check(app, "plate_2.png", masks["plate_2.png"])


@pytest.mark.requirement("R7.3")
@pytest.mark.requirement("R8.3")
def test_an_archive_of_images_and_annotations_is_both(app: Any) -> None:
    app.open("none")
    masks = {name: entries[:1] for name, entries in masks_of(2).items()}
    plates = {f"images/{file['name']}": file["buffer"] for file in files(2)}
    archive = zipped(plates | {"annotations/instances.json": coco(masks)})
    drop(app, {"plates.zip": archive["buffer"]})
    app.id("report").wait_for(state="visible", timeout=60_000)
    lines = app.read_report()
    assert "2 annotations read from plates.zip" in lines
    for name, entries in masks.items():
        check(app, name, entries)
        app.key("PageDown")


@pytest.mark.requirement("R7.3")
def test_a_file_about_many_images_is_offered_for_all_of_them(app: Any) -> None:
    app.open("none")
    masks = masks_of(3)
    app.id("file-input").set_input_files(files(3))
    opened(app, "plate_1.png")
    app.key("PageDown")
    opened(app, "plate_2.png")
    app.choose_import("project.json", coco({name: entries[:1] for name, entries in masks.items()}))
    app.id("report").wait_for(state="visible")
    assert len(app.annotations()) == 1
    app.id("report-all").click()
    lines = app.read_report()
    assert "On 2 images; Undo takes it back on each of them." in lines
    for name, entries in masks.items():
        app.id("image-tile").nth(int(name[6]) - 1).click()
        check(app, name, entries[:1])
    saved(app)


@pytest.mark.requirement("R7.3")
def test_a_file_that_is_about_other_images_only_says_so_and_offers_them(app: Any) -> None:
    app.open("none")
    app.id("file-input").set_input_files(files(3))
    opened(app, "plate_1.png")
    masks = {name: entries[:1] for name, entries in masks_of(3).items() if name != "plate_1.png"}
    app.choose_import("project.json", coco(masks))
    app.id("report-all").click()
    lines = app.read_report()
    assert "2 annotations read from project.json" in lines
    opened(app, "plate_1.png")
    assert app.annotations() == []
    app.key("PageDown")
    check(app, "plate_2.png", masks["plate_2.png"])


@pytest.mark.requirement("R7.3")
def test_images_of_one_name_take_nothing_and_are_told(app: Any) -> None:
    app.open("none")
    twins = [dict(file, name="plate_1.png") for file in files(2)]
    app.id("file-input").set_input_files(twins + files(3)[1:])
    app.wait(lambda: len(names(app)) == 4, "four images, two of one name")
    opened(app, "plate_1.png")
    drop(app, {"project.json": coco({k: v[:1] for k, v in masks_of(3).items()})})
    app.id("report-all").click()
    lines = app.read_report()
    assert "1 image was left out: another one has the same name" in lines
    assert "On 2 images; Undo takes it back on each of them." in lines


@pytest.mark.requirement("R7.3")
@pytest.mark.requirement("R8.5")
def test_it_can_be_stopped_and_what_was_not_reached_is_unchanged(app: Any) -> None:
    app.open("none")
    count = 12
    masks = {name: entries[:1] for name, entries in masks_of(count).items()}
    drop(app, {file["name"]: file["buffer"] for file in files(count)} | {"project.json": coco(masks)})
    app.id("import-all").wait_for(state="visible", timeout=60_000)
    app.id("import-all-stop").click()
    lines = app.read_report()
    assert "Stopped before the end: the images after it are unchanged." in lines
    app.settle()
    untouched = [image["state"] for image in app.page.evaluate("window.segmark.images()")].count("none")
    assert 1 <= untouched <= count
    app.id("image-tile").nth(count - 1).click()
    opened(app, f"plate_{count}.png")
    assert app.annotations() == []
