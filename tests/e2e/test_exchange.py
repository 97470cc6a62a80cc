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
DROP = """(files) => {
  const transfer = new DataTransfer();
  for (const [name, data] of files) {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type: "application/json" }));
  }
  for (const type of ["dragenter", "dragover", "drop"])
    document.querySelector("#stage").dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


def drop(app: Any, files: dict[str, bytes]) -> None:
    """Several files at once, onto the image."""
    app.page.evaluate(DROP, [[name, base64.b64encode(data).decode()] for name, data in files.items()])


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
    drop(app, {"a.json": data})
    app.id("map-import").click()  # the new class is asked about
    lines = app.read_report()
    assert any("<b>Riß</b> 裂纹" in line for line in lines) and any("no mask" in line for line in lines), lines
    state = app.state()
    assert state["labels"][-1]["name"] == "<b>Riß</b> 裂纹" and len(state["annotations"]) == 2 * count
    assert app.image()["name"] == "scratch.png", "the dropped file is no image"
    for bad in (data[:-9], data.replace(b'"width": ', b'"width": 1'), b'{"annotations": ' + b"[" * 99_000):
        drop(app, {"bad.json": bad})
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


def labelled(data: bytes, label: str, image: str = "scratch.png") -> bytes:
    """A labelme file with one class throughout, of an image of that name."""
    content = json.loads(data)
    shapes = [shape | {"label": label} for shape in content["shapes"]]
    return json.dumps(content | {"shapes": shapes, "imagePath": image}).encode()


@pytest.mark.requirement("R8.5")
def test_several_files_at_once_are_all_read_and_are_one_step(app: Any) -> None:
    """Classes are asked about once; a broken file and one of another image are named, and nothing of them is taken."""
    app.open("scratch")
    mask, count = annotated(app)
    before, data = app.state(), app.export("labelme").data
    files = {
        "b.json": labelled(data, "Delle"),
        "bad.json": labelled(data, "Staub")[:-9],
        "a.json": labelled(data, "Delle"),
        "other.json": labelled(data, "Staub", "other.png"),
        "scratch_coco.json": json.dumps(app.export_coco()).encode(),
    }
    drop(app, files)
    app.id("map-import").wait_for(state="visible")
    asked = app.id("map-classes").locator("label").all_inner_texts()
    assert len(asked) == 1 and asked[0].startswith(f"Delle ({2 * count} annotation"), asked
    app.id("map-import").click()
    lines = app.read_report()
    assert lines[0].startswith(f"{3 * count} annotation") and "3 of 5 files" in lines[0], lines
    assert lines[1] == "New classes: Delle"
    told = [line for line in lines if any(name in line for name in files)]
    assert [next(name for name in files if name in line) for line in told] == list(files), "by file, in their order"
    assert "from bad.json" in told[1] and "damaged" in told[1] and "other.png" in told[3], told
    assert not any("Nothing was changed" in line for line in lines)
    held = app.annotations()[count:]
    names = {label["id"]: label["name"] for label in app.state()["labels"]}
    assert [names[k["label_id"]] for k in held] == ["Delle"] * (2 * count) + ["crack"] * count
    for k in range(3):
        assert np.array_equal(union(app, [one["id"] for one in held[k * count : (k + 1) * count]]), mask)
    app.step()
    assert app.state()["annotations"] == before["annotations"] and app.state()["labels"] == before["labels"]


@pytest.mark.requirement("R8.5")
def test_several_files_from_the_import_menu_and_none_that_is_good(app: Any) -> None:
    app.open("scratch")
    _mask, count = annotated(app)
    data = app.export("labelme").data
    app.choose_imports({"scratch_1.json": data, "scratch_2.json": data})
    lines = app.read_report()
    assert lines[0].startswith(f"{2 * count} annotation") and "2 of 2 files" in lines[0], lines
    assert len(app.annotations()) == 3 * count
    before = app.state()
    app.choose_imports({"empty.json": b"", "bad.json": data[:-9], "classes.txt": b"scratch"})
    lines = app.read_report()
    assert lines[0].startswith("0 annotations") and len(lines) == 4, lines
    assert all(line.startswith("Nothing was taken from") for line in lines[1:]), lines
    assert app.state() == before


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
