"""Every format out and in again with real clicks; foreign readers on what was saved; undo takes an import back."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import cv2
import inputs
import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask
from robot import next_click

FORMATS = {
    "coco": "scratch_coco.json",
    "coco_polygons": "scratch_coco_polygons.json",
    "yolo": "scratch_yolo.zip",
    "labelme": "scratch_labelme.json",
    "voc": "scratch_voc.zip",
    "cvat": "scratch_cvat.xml",
    "class_png": "scratch_classes.png",
    "instance_png": "scratch_instances.zip",
    "class_masks": "scratch_class_masks.zip",
    "measurements": "scratch_measurements.csv",
}
DROP = """([name, data]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type: "application/json" }));
  for (const type of ["dragenter", "dragover", "drop"])
    document.querySelector("#stage").dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


def annotated(app: Any) -> tuple[np.ndarray, int]:
    """Annotate the open scratch; return its mask and how many annotations it became."""
    app.click(*next_click(inputs.sample("scratch")[1], None))
    mask = app.mask()
    app.confirm(digit=2)
    return mask, len(app.annotations())


def union(app: Any, ids: list[int]) -> np.ndarray:
    return np.bitwise_or.reduce([app.mask(k) for k in ids])


@pytest.mark.requirement("R7.3")
@pytest.mark.requirement("R8.5")
def test_every_format_is_saved_and_taken_in_again(app: Any) -> None:
    app.open("scratch")
    mask, count = annotated(app)
    assert count == cv2.connectedComponents(mask, connectivity=8)[0] - 1
    for format_id, name in FORMATS.items():
        saved = app.export(format_id)
        assert saved.name == name
        if format_id == "measurements":
            rows = saved.data.decode("utf-8-sig").splitlines()
            assert len(rows) == count + 1 and "length_px" in rows[0]
            continue
        lines = app.import_file(saved.name, saved.data)
        assert lines[0].startswith(f"{count} annotation") and saved.name in lines[0], lines
        held = app.annotations()
        assert len(held) == 2 * count and {k["label_id"] for k in held} == {2}
        assert np.array_equal(union(app, [k["id"] for k in held[count:]]), mask), format_id
        app.id("undo").click()
        app.wait(lambda: len(app.annotations()) == count, "the import to be taken back")
    coco = app.export_coco()
    total = np.zeros_like(mask)
    for row in coco["annotations"]:
        packed = row["segmentation"] | {"counts": row["segmentation"]["counts"].encode()}
        total |= coco_mask.decode(packed)
    assert np.array_equal(total, mask)
    rings = json.loads(app.export("coco_polygons").data)
    polygons = [coco_mask.merge(coco_mask.frPyObjects(k["segmentation"], *mask.shape)) for k in rings["annotations"]]
    assert np.array_equal(coco_mask.decode(coco_mask.merge(polygons)), mask)


@pytest.mark.requirement("R8.5")
def test_a_dropped_file_is_taken_in_and_a_bad_one_changes_nothing(app: Any) -> None:
    app.open("scratch")
    _mask, count = annotated(app)
    content = app.export_coco()
    content["categories"][1]["name"] = "<b>Riß</b> 裂纹"
    content["annotations"].append(content["annotations"][0] | {"segmentation": []})
    data = json.dumps(content).encode()
    app.page.evaluate(DROP, ["a.json", base64.b64encode(data).decode()])
    app.id("map-import").click()  # the new class is asked about
    lines = app.read_report()
    assert any("<b>Riß</b> 裂纹" in line for line in lines) and any("no mask" in line for line in lines), lines
    state = app.state()
    assert state["labels"][-1]["name"] == "<b>Riß</b> 裂纹" and len(state["annotations"]) == 2 * count
    assert app.image()["name"] == "scratch.png", "the dropped file is no image"
    for bad in (data[:-9], data.replace(b'"width": ', b'"width": 1'), b'{"annotations": ' + b"[" * 99_000):
        app.page.evaluate(DROP, ["bad.json", base64.b64encode(bad).decode()])
        app.id("error-banner").wait_for(state="visible")
        assert "Nothing was changed" in app.id("error-banner").inner_text()
        app.id("error-dismiss").click()
        assert app.state() == state


@pytest.mark.requirement("R8.5")
def test_what_a_format_cannot_hold_is_said_before_it_is_written(app: Any) -> None:
    app.open("scratch")
    mask, count = annotated(app)
    saved = app.export("coco")
    app.import_file(saved.name, saved.data)  # every annotation twice: the later ones cover the earlier
    app.open_export()
    assert app.id("export-coco").get_attribute("data-losses") == ""
    assert "hidden" in str(app.id("export-voc").get_attribute("data-losses")), "the earlier ones are wholly covered"
    assert f"{count} annotation" in app.id("export-voc").inner_text()
    app.id("export-cancel").click()
    png = np.asarray(Image.open(io.BytesIO(app.export_png())))
    assert np.array_equal(png, 2 * mask)


@pytest.mark.requirement("R8.5")
def test_classes_that_are_not_here_are_mapped_made_or_left_out(app: Any) -> None:
    app.open("scratch")
    _mask, count = annotated(app)
    content = app.export_coco()
    row = content["annotations"][0]
    content["categories"] = [{"id": k, "name": name} for k, name in enumerate(("Kratzer", "Delle", "Staub"), start=1)]
    content["annotations"] = [row | {"id": k, "category_id": k} for k in (1, 2, 3)]
    data = json.dumps(content).encode()
    before = app.state()
    app.choose_import("a.json", data)
    app.id("map").wait_for(state="visible")
    app.key("Escape")
    app.id("map").wait_for(state="hidden")
    assert app.state() == before, "nothing is imported"
    app.choose_import("a.json", data)
    rows = app.id("map-classes").locator("select")
    rows.nth(0).select_option(label="scratch")
    rows.nth(2).select_option(label="Leave out")
    app.id("map-import").click()
    lines = app.read_report()
    assert lines[0].startswith("2 annotations") and "New classes: Delle" in lines
    assert any(line.startswith("1 annotation left out") for line in lines), lines
    state = app.state()
    names = {label["id"]: label["name"] for label in state["labels"]}
    assert [names[a["label_id"]] for a in state["annotations"][count:]] == ["scratch", "Delle"]
    app.step()
    assert app.state()["labels"] == before["labels"] and len(app.annotations()) == count


@pytest.mark.requirement("R8.5")
def test_an_imported_annotation_is_opened_again_with_clicks(app: Any) -> None:
    app.open("scratch")
    mask, _count = annotated(app)
    saved = app.export("labelme")
    app.key("Control+a")
    app.step("Delete")
    assert app.annotations() == []
    app.import_file(saved.name, saved.data)
    first = app.annotations()[0]["id"]
    part = app.mask(first)
    assert part.any() and not (part & ~mask).any()
    app.page.locator("#annotation-list .row").first.click()
    app.step("r")
    assert app.draft()["editing"] == first and np.array_equal(app.mask(), part), "as it was imported"
    ys, xs = np.nonzero(part)
    at = int(xs[len(xs) // 2]), int(ys[len(ys) // 2])
    app.click(*at, positive=False)
    assert app.clicks() == [(*at, False)] and app.mask()[at[1], at[0]] == 0 and not np.array_equal(app.mask(), part)
    changed = app.mask()
    app.confirm()
    app.settle()
    assert np.array_equal(union(app, [k["id"] for k in app.annotations()]) & changed, changed)


@pytest.mark.requirement("R8.5")
def test_of_several_files_the_one_of_the_open_image_is_read_and_the_others_are_named(app: Any) -> None:
    app.open("scratch")
    mask, count = annotated(app)
    data = app.export("labelme").data
    other = json.dumps(json.loads(data) | {"shapes": []}).encode()
    names = ("a.json", "b.json", "scratch.json")
    app.id("file-input").set_input_files(
        [
            {"name": name, "mimeType": "application/json", "buffer": data if name == "scratch.json" else other}
            for name in names
        ]
    )
    lines = app.read_report()
    assert lines[0].startswith(f"{count} annotation") and "scratch.json" in lines[0], lines
    assert any("2 other files were not read" in line and "a.json, b.json" in line for line in lines), lines
    held = app.annotations()
    assert len(held) == 2 * count and np.array_equal(union(app, [k["id"] for k in held[count:]]), mask)


@pytest.mark.requirement("R8.5")
def test_all_selected_annotations_leave_and_no_others(app: Any) -> None:
    app.open("scratch")
    for k, x in enumerate((100, 200, 300), start=1):
        app.key("b")
        app.page.mouse.click(*app.screen(x, 100))
        app.wait(lambda: app.draft() is not None, "a dab")
        app.settle()
        app.confirm(k)
        app.key("b")
    app.settle()
    rows = app.page.locator("#annotation-list .row")
    rows.nth(0).click()
    rows.nth(2).click(modifiers=["Control"])
    app.open_export()
    assert "2 selected" in app.page.locator("#export-only-row").inner_text()
    app.id("export-only").check()
    app.id("export-coco").click()
    with app.page.expect_download() as waiting:
        app.id("export-write").click()
    coco = json.loads(waiting.value.path().read_bytes())
    assert sorted(k["category_id"] for k in coco["annotations"]) == [1, 3]
