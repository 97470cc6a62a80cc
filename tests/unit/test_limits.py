"""What is said before writing is what happens in writing."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from format_cases import document_of, documents, hard_masks, target_of
from hypothesis import given, settings
from hypothesis import strategies as st
from segmark.document import Annotation, Document, Label
from segmark.errors import SegmarkError
from segmark.formats.export import FORMATS, write
from segmark.formats.item import item_of
from segmark.formats.limits import limits
from segmark.formats.reading import read
from segmark.formats.voc import map_names
from segmark.geometry import Box
from segmark.rle import RleMask


def told(document: Document, format_id: str) -> dict[str, int]:
    return {limit.code: limit.count for limit in limits(item_of(document), format_id)}


@given(documents(), st.sampled_from([k for k, entry in FORMATS.items() if entry.can_import]))
@settings(max_examples=200)
def test_where_nothing_is_said_nothing_is_lost(document: Document, format_id: str) -> None:
    """And the other way round: where a loss is said, the file does not read back equal."""
    assert document.image is not None
    file = write([(document.image, document)], format_id)
    _, reading = read(file.data, file.filename, target_of(document))
    names = {label.id: label.name for label in document.labels}
    said = told(document, format_id)
    if format_id == "voc":  # the names are judged by the list of them in the file
        with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
            rows = archive.read("labelmap.txt").decode().splitlines()[2:]
        mapped = {label.id: row.split(":")[0] for label, row in zip(document.labels, rows, strict=True)}
        assert said.pop("names", 0) == sum(mapped[key] != name for key, name in names.items())
        assert len(set(mapped.values())) == len(names)
        names = mapped
    want = sorted((names[a.label_id], hash(a.mask)) for a in document.annotations)
    found = sorted((found.name, hash(found.mask)) for found in reading.found)
    assert (found == want) == (not said)
    if format_id in ("voc", "instance_png"):
        assert len(found) == len(want) - said.get("hidden", 0)


def test_overlap_is_counted_by_annotation() -> None:
    a, b, c = (RleMask.from_box(box, (50, 40)) for box in (Box(0, 0, 20, 20), Box(10, 10, 30, 30), Box(40, 0, 50, 9)))
    document = document_of(np.ones((40, 50), np.uint8))
    annotations = (Annotation(1, 1, a), Annotation(2, 2, b), Annotation(3, 1, c))
    document = replace(document, annotations=annotations)
    assert told(document, "voc") == {"overlap": 1} == told(document, "instance_png") == told(document, "class_png")
    assert told(document, "class_masks") == {} == told(document, "coco")
    same = replace(document, annotations=tuple(replace(k, label_id=1) for k in annotations))
    assert told(same, "class_masks") == {"merged": 1} == told(same, "class_png")


def test_parts_and_details() -> None:
    document = document_of(hard_masks()["corners"])
    assert told(document, "yolo") == {"parts": 1}
    assert told(document, "voc") == {}
    clicked = replace(document, annotations=(replace(document.annotations[0], model_id="m", clicks=2),))
    assert told(clicked, "voc") == {"details": 1} and told(clicked, "coco") == {}
    assert told(document, "measurements") == {"masks": 1}


def test_what_is_wholly_covered_is_said_to_be_missing() -> None:
    left, right = (RleMask.from_box(box, (50, 40)) for box in (Box(0, 0, 9, 9), Box(9, 0, 20, 9)))
    below, partly = RleMask.from_box(Box(2, 2, 18, 8), (50, 40)), RleMask.from_box(Box(15, 0, 30, 5), (50, 40))
    document = document_of(np.ones((40, 50), np.uint8))
    masks = [(1, partly), (1, below), (2, left), (2, right)]  # two together cover the second one
    annotations = tuple(Annotation(k, label, mask) for k, (label, mask) in enumerate(masks, start=1))
    document = replace(document, annotations=annotations)
    want = {"overlap": 1, "hidden": 1}
    assert told(document, "voc") == told(document, "instance_png") == want
    assert {k: n for k, n in told(document, "class_png").items() if k != "merged"} == want
    assert told(document, "coco") == told(document, "cvat") == {}


def test_outlines_of_more_corners_than_trainers_keep() -> None:
    rows = np.arange(600, dtype=np.int64)
    stairs = RleMask(700, 600, rows * 700, rows * 700 + 10 + rows % 2 * 3)  # two corners a row
    smooth = RleMask.from_box(Box(0, 0, 600, 600), (700, 600))
    document = document_of(np.ones((600, 700), np.uint8))
    document = replace(document, annotations=(Annotation(1, 1, stairs), Annotation(2, 1, smooth)))
    assert told(document, "yolo") == {"vertices": 1}
    assert told(document, "coco_polygons") == {}


def test_two_classes_never_get_one_name() -> None:
    assert map_names(["a:b", "a_b", "a#b"]) == {"a:b": "a_b_2", "a_b": "a_b", "a#b": "a_b_3"}
    assert map_names(["a_b"], {"a:b": "a_b"}) == {"a:b": "a_b", "a_b": "a_b_2"}
    assert map_names(["background"]) == {"background": "background_2"}
    labels = (Label(1, "a:b", "#111111"), Label(2, "a_b", "#222222"))
    document = replace(document_of(hard_masks()["dot"], hard_masks()["ring"], label_ids=(1, 2)), labels=labels)
    assert document.image is not None and told(document, "voc") == {"names": 1}
    _, reading = read(write([(document.image, document)], "voc").data, "a.zip", target_of(document))
    assert [found.name for found in reading.found] == ["a_b_2", "a_b"]


@pytest.mark.parametrize(("count", "is_too_many"), [(254, False), (255, True)])
def test_voc_holds_254_objects(count: int, is_too_many: bool) -> None:
    size = (255, 2)
    annotations = tuple(Annotation(k + 1, 1, RleMask.from_box(Box(k, 0, k + 1, 1), size)) for k in range(count))
    document = replace(document_of(np.ones((2, 255), np.uint8)), annotations=annotations)
    assert document.image is not None
    assert [limit.is_fatal for limit in limits(item_of(document), "voc")] == [True] * is_too_many
    if is_too_many:
        with pytest.raises(SegmarkError, match=r"export\.too_many_instances"):
            write([(document.image, document)], "voc")
    else:
        write([(document.image, document)], "voc")


def test_class_png_holds_255_classes() -> None:
    labels = tuple(Label(k, str(k), "#000000") for k in range(1, 257))
    document = replace(document_of(np.ones((2, 2), np.uint8)), labels=labels)
    assert told(document, "class_png") == {"classes": 256}
