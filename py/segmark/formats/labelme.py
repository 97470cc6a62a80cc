"""labelme JSON: shapes of type "mask" (a PNG of the box, exact), one file an image; and a reader of masks and polygons."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from segmark.document import Annotation, Document
from segmark.errors import SegmarkError
from segmark.formats import checks
from segmark.formats.found import Found, Reading, Target
from segmark.formats.item import File, Item, item_of, one_file
from segmark.formats.origins import named
from segmark.formats.png import read_grey, write_grey
from segmark.formats.rings import fill_centres
from segmark.rle import RleMask


class LabelmeWriter:
    """``<stem>.json`` for every image."""

    def add(self, item: Item) -> Iterable[File]:
        image = item.image
        content: dict[str, Any] = {
            "version": "5.5.0",
            "flags": {},
            "shapes": [_shape(annotation, item.label(annotation).name) for annotation in item.annotations],
            "imagePath": item.file_name.replace("\\", "/"),
            "imageData": None,
            "imageHeight": image.height,
            "imageWidth": image.width,
        }
        yield File(f"{item.stem}.json", json.dumps(content, ensure_ascii=False, indent=1).encode(errors="replace"))

    def finish(self) -> Iterable[File]:
        return ()


def _shape(annotation: Annotation, name: str) -> dict[str, Any]:
    box = annotation.mask.bbox
    return {
        "label": name,
        "points": [[box.x0, box.y0], [box.x1 - 1, box.y1 - 1]],  # both corners belong
        "group_id": None,
        "description": "",
        "shape_type": "mask",
        "flags": {},
        "mask": base64.b64encode(write_grey(annotation.mask.to_window(box))).decode(),
    }


def write_labelme(document: Document) -> bytes:
    """The document as a labelme file (needs Pillow); SegmarkError ``no_image``."""
    return one_file(LabelmeWriter(), item_of(document))


def read_labelme(content: Any, target: Target) -> Reading:
    """The masks and polygons of a labelme file that was parsed (needs Pillow); other shapes are skipped.

    Polygon vertices are rounded to pixel centres, and the ring's own pixels belong, as labelme draws them.

    Raises
    ------
    SegmarkError
        ``import.damaged``, ``import.wrong_size``, ``import.bad_coordinates``, ``import.too_much``.
    """
    reading = Reading(target)
    with checks.damaged("labelme"):
        image_path = content.get("imagePath")
        if isinstance(image_path, str) and image_path:
            reading.choose([image_path], named)
        target.check_size(checks.integer(content["imageWidth"]), checks.integer(content["imageHeight"]))
        for shape in checks.sequence(content["shapes"]):
            name, kind = checks.name(shape["label"]), checks.mapping(shape).get("shape_type", "polygon")
            flat = [value for point in checks.sequence(shape["points"]) for value in checks.sequence(point)]
            if kind == "mask":
                reading.add(Found(name, _mask(checks.points(flat, target.size), shape["mask"], reading)))
            elif kind == "polygon" and len(flat) >= 6:
                ring = checks.points(flat, target.size)
                reading.spend_box(ring)
                reading.add(Found(name, fill_centres([ring], target.size)))
            else:
                reading.skip("no_mask")
    return reading


def _mask(corners: Any, encoded: Any, reading: Reading) -> RleMask:
    if corners.shape != (2, 2):
        raise checks.Damaged("a mask has two corners")
    (x0, y0), (x1, y1) = np.rint(corners).astype(int).tolist()
    if x0 < 0 or y0 < 0 or x1 >= reading.target.width or y1 >= reading.target.height:
        raise SegmarkError("import.bad_coordinates")
    try:
        data = base64.b64decode(checks.text(encoded), validate=True)
    except binascii.Error as error:
        raise checks.Damaged("a mask that is not base64") from error
    pixels = read_grey(data, (x1 - x0 + 1, y1 - y0 + 1))
    return RleMask.from_window((pixels != 0).view(np.uint8), (x0, y0), reading.target.size)
