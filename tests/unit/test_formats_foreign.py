"""Other people's readers get the identical masks: pycocotools, supervision, and the rules of ultralytics and labelme."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import supervision as sv
from format_cases import document_of, documents, hard_masks, pixels_of
from hypothesis import given, settings
from numpy.typing import NDArray
from PIL import Image
from pycocotools.coco import COCO
from segmark.document import Document
from segmark.formats.export import write

CONNECTED = sorted(set(hard_masks()) - {"corners", "noise", "nested"})


def export(document: Document, format_id: str) -> bytes:
    assert document.image is not None
    return write([(document.image, document)], format_id).data


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def as_ultralytics_reads(text: str, size: tuple[int, int]) -> list[tuple[int, NDArray[np.uint8]]]:
    """Rows to masks as ultralytics' loader does it: float32, scaled, cut to int32, cv2.fillPoly."""
    width, height = size
    found = []
    for line in text.strip().splitlines():
        words = line.split()
        assert len(words) >= 7 and len(words) % 2 == 1
        segment = np.array(words[1:], np.float32).reshape(-1, 2)
        assert (segment >= 0).all() and (segment <= 1).all()
        segment[:, 0] *= width
        segment[:, 1] *= height
        mask = np.zeros((height, width), np.uint8)
        cv2.fillPoly(mask, [segment.astype(np.int32)], color=1)
        found.append((int(words[0]), mask))
    return found


def as_labelme_reads(shape: dict[str, Any], height: int, width: int) -> NDArray[np.bool_]:
    """A "mask" shape as labelme's shape_to_mask does it: both corners inclusive, the picture's truth inside."""
    assert shape["shape_type"] == "mask" and len(shape["points"]) == 2
    (x1, y1), (x2, y2) = np.array(shape["points"]).astype(int)
    picture = np.array(Image.open(io.BytesIO(base64.b64decode(shape["mask"])))).astype(bool)
    assert picture.shape == (y2 - y1 + 1, x2 - x1 + 1)
    mask = np.zeros((height, width), bool)
    mask[y1 : y2 + 1, x1 : x2 + 1] = picture
    return mask


@pytest.mark.parametrize("format_id", ["coco", "coco_polygons"])
@given(document=documents())
@settings(max_examples=40)
def test_pycocotools_reads_both_kinds_of_coco(tmp_path_factory: Any, format_id: str, document: Document) -> None:
    path = tmp_path_factory.mktemp("coco") / "coco.json"
    path.write_bytes(export(document, format_id))
    reader = COCO(str(path))
    names = {k["id"]: k["name"] for k in reader.loadCats(reader.getCatIds())}
    entries = reader.loadAnns(reader.getAnnIds(iscrowd=False))
    assert len(entries) == len(document.annotations)
    for entry, annotation in zip(entries, document.annotations, strict=True):
        assert np.array_equal(reader.annToMask(entry), pixels_of(annotation.mask))
        label = document.label(annotation.label_id)
        assert label is not None and names[entry["category_id"]] == label.name


def _folder(tmp_path: Path, document: Document) -> Path:
    assert document.image is not None
    (tmp_path / "images").mkdir()
    Image.new("RGB", (document.image.width, document.image.height)).save(tmp_path / "images" / document.image.name)
    return tmp_path / "images"


@pytest.mark.parametrize("name", CONNECTED)
def test_supervision_reads_yolo(tmp_path: Path, name: str) -> None:
    mask = hard_masks()[name]
    document = document_of(mask, name="part.png")
    images = _folder(tmp_path, document)
    for path, data in unzipped(export(document, "yolo")).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    read = sv.DetectionDataset.from_yolo(
        str(images), str(tmp_path / "labels"), str(tmp_path / "data.yaml"), force_masks=True
    )
    assert read.classes == ["scratch", "crack", "blowhole", "stain"]
    ((_, _, found),) = list(read)
    assert found.class_id.tolist() == [0]
    assert np.array_equal(found.mask[0], mask != 0)


@pytest.mark.parametrize("name", sorted(hard_masks()))
def test_supervision_reads_coco(tmp_path: Path, name: str) -> None:
    document = document_of(hard_masks()[name], name="part.png")
    images = _folder(tmp_path, document)
    (tmp_path / "coco.json").write_bytes(export(document, "coco"))
    read = sv.DetectionDataset.from_coco(str(images), str(tmp_path / "coco.json"), force_masks=True)
    ((_, _, found),) = list(read)
    assert np.array_equal(found.mask[0], hard_masks()[name] != 0)


@given(document=documents())
@settings(max_examples=60)
def test_the_rule_of_ultralytics(document: Document) -> None:
    assert document.image is not None
    files = unzipped(export(document, "yolo"))
    (rows,) = [data.decode() for path, data in files.items() if path.startswith("labels/")]
    read = as_ultralytics_reads(rows, (document.image.width, document.image.height))
    names = [label.name for label in document.labels]
    want = [(a.label_id - 1, pixels_of(part)) for a in document.annotations for part in a.mask.components(8)]
    assert [k for k, _ in read] == [k for k, _ in want]
    assert all(np.array_equal(a, b) for (_, a), (_, b) in zip(read, want, strict=True))
    assert all(json.dumps(name, ensure_ascii=False) in files["data.yaml"].decode() for name in names)


@pytest.mark.parametrize("width", [1023, 6000, 20_000])
def test_the_rule_of_ultralytics_on_wide_images(width: int) -> None:
    mask = np.zeros((3, width), np.uint8)
    mask[1, ::3] = 1
    mask[2, width // 2 :] = 1
    files = unzipped(export(document_of(mask), "yolo"))
    (rows,) = [data.decode() for path, data in files.items() if path.startswith("labels/")]
    read = as_ultralytics_reads(rows, (width, 3))
    assert np.array_equal(np.bitwise_or.reduce([found for _, found in read]), mask)


@given(document=documents())
@settings(max_examples=60)
def test_the_rule_of_labelme(document: Document) -> None:
    content = json.loads(export(document, "labelme"))
    height, width = content["imageHeight"], content["imageWidth"]
    for shape, annotation in zip(content["shapes"], document.annotations, strict=True):
        assert np.array_equal(as_labelme_reads(shape, height, width), pixels_of(annotation.mask) != 0)
        label = document.label(annotation.label_id)
        assert label is not None and shape["label"] == label.name
    assert content["imagePath"] == document.image.name if document.image else None


def test_voc_as_its_devkit_says(tmp_path: Path) -> None:
    a, b = hard_masks()["ring"], np.zeros((30, 40), np.uint8)
    b[25:30, 30:40] = 1
    document = document_of(a, b, label_ids=(2, 4), name="part.png")
    files = unzipped(export(document, "voc"))
    classes = np.array(Image.open(io.BytesIO(files["SegmentationClass/part.png"])))
    objects = np.array(Image.open(io.BytesIO(files["SegmentationObject/part.png"])))
    assert np.array_equal(objects, a + 2 * b) and np.array_equal(classes, 2 * a + 4 * b)
    palette = Image.open(io.BytesIO(files["SegmentationClass/part.png"])).getpalette()
    assert palette is not None
    rows = files["labelmap.txt"].decode().splitlines()[1:]
    assert rows[2] == f"crack:{palette[6]},{palette[7]},{palette[8]}::" == "crack:0,128,0::"
    images = _folder(tmp_path, document)
    (tmp_path / "Annotations").mkdir()
    (tmp_path / "Annotations" / "part.xml").write_bytes(files["Annotations/part.xml"])
    read = sv.DetectionDataset.from_pascal_voc(str(images), str(tmp_path / "Annotations"))
    ((_, _, found),) = list(read)
    # supervision counts from 0 at the minimum and leaves the maximum: half-open boxes
    assert found.xyxy.tolist() == [[5, 5, 25, 20], [30, 25, 40, 30]]


def test_cvat_xml_as_its_manual_says() -> None:
    import xml.etree.ElementTree as ET

    document = document_of(hard_masks()["ring"], hard_masks()["slant"])
    root = ET.fromstring(export(document, "cvat"))
    assert root.findtext("version") == "1.1"
    assert [k.findtext("name") for k in root.iter("label")] == ["scratch", "crack", "blowhole", "stain"]
    for element, annotation in zip(root.iter("mask"), document.annotations, strict=True):
        left, top, width, height = (int(element.get(k, "")) for k in ("left", "top", "width", "height"))
        counts = [int(k) for k in element.get("rle", "").split(", ")]
        values = np.repeat(np.arange(len(counts)) % 2, counts).reshape(height, width)
        mask = np.zeros((30, 40), np.uint8)
        mask[top : top + height, left : left + width] = values
        assert np.array_equal(mask, pixels_of(annotation.mask))
