"""datumaro, a reader that shares no code with us, gets the identical masks and names from COCO, VOC and CVAT files."""

from __future__ import annotations

import io
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from format_cases import document_of, documents, hard_masks, pixels_of
from hypothesis import given, settings
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco_mask
from segmark.document import Document
from segmark.formats.export import write
from segmark.formats.voc import map_names

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its own use of things that will go away
    import datumaro

Mask = NDArray[np.uint8]
Read = list[tuple[str, Mask]]  # class names and masks over the whole image


@contextmanager
def imported(document: Document, format_id: str, foreign: str) -> Iterator[tuple[Any, list[str]]]:
    """The one item that datumaro finds in an export, and its names of the classes."""
    assert document.image is not None
    file = write([(document.image, document)], format_id)
    picture = Image.new("RGB", (document.image.width, document.image.height))
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = Path(name)
        if foreign == "voc_segmentation":
            zipfile.ZipFile(io.BytesIO(file.data)).extractall(folder)
        else:
            is_coco = foreign == "coco_instances"
            images = folder / "images" / ("default" if is_coco else "")
            images.mkdir(parents=True)
            picture.save(images / document.image.name)
            place = folder / ("annotations/instances_default.json" if is_coco else "annotations.xml")
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(file.data)
        dataset = datumaro.Dataset.import_from(str(folder), foreign)
        (item,) = list(dataset)
        yield item, [entry.name for entry in dataset.categories()[datumaro.AnnotationType.label]]


def held(document: Document) -> Read:
    names = {label.id: label.name for label in document.labels}
    return [(names[a.label_id], pixels_of(a.mask)) for a in document.annotations]


def assert_same(found: Read, want: Read) -> None:
    """The same annotations, in whatever order."""
    assert sorted((name, mask.tobytes()) for name, mask in found) == sorted((n, m.tobytes()) for n, m in want)


def from_rle(document: Document, format_id: str, foreign: str) -> Read:
    with imported(document, format_id, foreign) as (item, names):
        masks = [k for k in item.annotations if isinstance(k, datumaro.Mask)]
        return [(names[k.label], np.asarray(k.image).astype(np.uint8)) for k in masks]


def from_polygons(document: Document) -> Read:
    """Rings of one group are one annotation, filled as COCO says."""
    assert document.image is not None
    height, width = document.image.height, document.image.width
    with imported(document, "coco_polygons", "coco_instances") as (item, names):
        joined: dict[int, tuple[str, Mask]] = {}
        for ring in (k for k in item.annotations if isinstance(k, datumaro.Polygon)):
            pixels = coco_mask.decode(coco_mask.frPyObjects([ring.points], height, width))[..., 0]
            joined[ring.group] = (names[ring.label], pixels | joined.get(ring.group, ("", np.zeros_like(pixels)))[1])
    return list(joined.values())


@pytest.mark.parametrize(("format_id", "foreign"), [("coco", "coco_instances"), ("cvat", "cvat")])
@given(document=documents())
@settings(max_examples=15, deadline=None)
def test_runs_with_overlaps_holes_and_names_of_all_kinds(format_id: str, foreign: str, document: Document) -> None:
    assert_same(from_rle(document, format_id, foreign), held(document))


@given(document=documents())
@settings(max_examples=15, deadline=None)
def test_polygons_of_pixel_corners(document: Document) -> None:
    assert_same(from_polygons(document), held(document))


@given(document=documents(is_flat=True))
@settings(max_examples=15, deadline=None)
def test_voc_without_overlaps(document: Document) -> None:
    mapped = map_names(label.name for label in document.labels)
    want = [(mapped[name], mask) for name, mask in held(document)]
    assert_same(from_rle(document, "voc", "voc_segmentation"), want)


@pytest.mark.parametrize("name", sorted(hard_masks()))
def test_hard_masks(name: str) -> None:
    document = document_of(hard_masks()[name])
    for format_id, foreign in (("coco", "coco_instances"), ("cvat", "cvat"), ("voc", "voc_segmentation")):
        assert_same(from_rle(document, format_id, foreign), held(document))
    assert_same(from_polygons(document), held(document))
