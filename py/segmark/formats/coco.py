"""COCO JSON: exact run lengths, or polygons that pycocotools fills to the identical mask; and its reader."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

import segmark
from segmark.document import Annotation, Document
from segmark.errors import SegmarkError
from segmark.formats import checks
from segmark.formats.found import Found, Reading, Target
from segmark.formats.item import Classes, File, Item, item_of, one_file
from segmark.formats.origins import Origin, named
from segmark.formats.rings import corner_rings, fill_corners, from_columns
from segmark.rle import RleMask
from segmark.rle_text import counts_to_text, text_to_counts

Shape = Callable[[RleMask], Any]


def _run_lengths(mask: RleMask) -> dict[str, Any]:
    return {"size": [mask.height, mask.width], "counts": counts_to_text(mask.to_coco_counts())}


def _polygons(mask: RleMask) -> list[list[int]]:
    """One flat ring x, y, x, y ... of pixel corners for every 4-connected part; holes are joined by key-holes."""
    return [ring.ravel().tolist() for ring in corner_rings(mask)]


class CocoWriter:
    """One JSON file for all images.

    One category a class; every annotation has ``iscrowd`` 0, area and box [x, y, width, height] in image pixels. What
    COCO has no field for is under ``attributes``.
    """

    def __init__(self, shape: Shape = _run_lengths) -> None:
        self._shape = shape
        self._classes = Classes()
        self._images: list[dict[str, Any]] = []
        self._annotations: list[dict[str, Any]] = []

    def add(self, item: Item) -> Iterable[File]:
        self._classes.add(item.document)
        image_id = len(self._images) + 1
        image = item.image
        entry = {"id": image_id, "file_name": item.file_name, "width": image.width, "height": image.height}
        twin = {"segmark": {"name": image.name, "id": image.id}} if item.has_twin else {}
        self._images.append(entry | twin)
        for annotation in item.annotations:
            category = self._classes.index(item.label(annotation)) + 1
            number = len(self._annotations) + 1
            self._annotations.append(self._entry(annotation, number, image_id, category))
        return ()

    def _entry(self, annotation: Annotation, number: int, image_id: int, category: int) -> dict[str, Any]:
        mask, box = annotation.mask, annotation.mask.bbox
        return {
            "id": number,
            "image_id": image_id,
            "category_id": category,
            "iscrowd": 0,
            "segmentation": self._shape(mask),
            "area": mask.area,
            "bbox": [box.x0, box.y0, box.width, box.height],
            "attributes": {
                "model": annotation.model_id,
                "clicks": annotation.clicks,
                "seconds": annotation.seconds,
            },
        }

    def finish(self) -> Iterable[File]:
        labels = enumerate(self._classes.labels, start=1)
        content = {
            "info": {"description": "Segmark export", "version": segmark.__version__},
            "images": self._images,
            "categories": [{"id": k, "name": label.name, "supercategory": ""} for k, label in labels],
            "annotations": self._annotations,
        }
        yield File(
            "annotations.json", json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
        )


def polygon_writer() -> CocoWriter:
    return CocoWriter(_polygons)


def write_coco(document: Document) -> bytes:
    """The document's annotations as COCO JSON (UTF-8) with run lengths; SegmarkError ``no_image``."""
    return one_file(CocoWriter(), item_of(document))


def write_coco_polygons(document: Document) -> bytes:
    """The same with polygons; SegmarkError ``no_image``."""
    return one_file(polygon_writer(), item_of(document))


def read_coco(content: Any, target: Target) -> Reading:
    """The annotations of the target's image in a COCO file that was parsed.

    Polygons are filled by pycocotools' rule; run lengths may be text or numbers. An entry without a mask is skipped.

    Raises
    ------
    SegmarkError
        ``import.damaged``, ``import.wrong_size``, ``import.no_match``, ``import.bad_coordinates``, ``import.bad_runs``,
        ``import.too_much``.
    """
    reading = Reading(target)
    with checks.damaged("COCO"):
        images = [checks.mapping(image) for image in checks.sequence(content["images"])]
        image = reading.choose(images, _origin)
        target.check_size(checks.integer(image["width"]), checks.integer(image["height"]))
        names = {checks.integer(c["id"]): checks.name(c["name"]) for c in checks.sequence(content["categories"])}
        for entry in checks.sequence(content["annotations"]):
            if checks.mapping(entry)["image_id"] == image["id"]:
                _read_entry(entry, names, reading)
    return reading


def _origin(image: dict[str, Any]) -> Origin:
    twin = image.get("segmark")
    if isinstance(twin, dict):
        return named(checks.text(twin.get("name")), checks.text(twin.get("id")))
    return named(checks.text(image.get("file_name", "")))


def _read_entry(entry: dict[str, Any], names: dict[int, str], reading: Reading) -> None:
    name = names.get(checks.integer(entry["category_id"]))
    shape = entry.get("segmentation")
    if name is None:
        reading.skip("unknown_class")
    elif not shape:
        reading.skip("no_mask")
    else:
        size = reading.target.size
        mask = _mask_of_runs(shape, size) if isinstance(shape, dict) else _mask_of_polygons(shape, reading)
        extra = entry.get("attributes")
        extra = extra if isinstance(extra, dict) else {}
        reading.add(
            Found(
                name,
                mask,
                model_id=checks.line(extra.get("model", "")),
                clicks=checks.integer(extra.get("clicks", 0)),
                seconds=checks.number(extra.get("seconds", 0)),
            )
        )


def _mask_of_polygons(shape: Any, reading: Reading) -> RleMask:
    rings = [checks.points(ring, reading.target.size) for ring in checks.sequence(shape)]
    for ring in rings:
        reading.spend_box(ring)
    return fill_corners(rings, reading.target.size)


def _mask_of_runs(shape: dict[str, Any], size: tuple[int, int]) -> RleMask:
    width, height = size
    if [checks.integer(k) for k in checks.sequence(shape["size"])] != [height, width]:
        raise SegmarkError("import.wrong_size")
    counts = shape["counts"]
    try:
        if isinstance(counts, str):
            lengths = text_to_counts(counts)
        else:
            lengths = np.array([checks.integer(k) for k in checks.sequence(counts)], np.int64)
        turned = RleMask.from_counts(lengths, (height, width))
    except (ValueError, OverflowError) as error:
        raise SegmarkError("import.bad_runs") from error
    return from_columns(turned.starts, turned.stops, size)
