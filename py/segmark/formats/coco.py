"""COCO JSON with compressed RLE masks, as pycocotools reads it."""

from __future__ import annotations

import json
from typing import Any

import segmark
from segmark.document import Annotation, Document
from segmark.errors import SegmarkError
from segmark.rle_text import counts_to_text


def write_coco(document: Document) -> bytes:
    """The document's annotations as COCO JSON (UTF-8).

    One category a label; every annotation has ``iscrowd`` 0, its exact mask as column-major RLE, area and box
    [x, y, width, height] in image pixels. What COCO has no field for is under ``attributes``.

    Raises
    ------
    SegmarkError
        ``no_image``.
    """
    image = document.image
    if image is None:
        raise SegmarkError("no_image")
    content = {
        "info": {"description": "Segmark export", "version": segmark.__version__},
        "images": [{"id": 1, "file_name": image.name, "width": image.width, "height": image.height}],
        "categories": [{"id": label.id, "name": label.name, "supercategory": ""} for label in document.labels],
        "annotations": [_entry(annotation) for annotation in document.annotations],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _entry(annotation: Annotation) -> dict[str, Any]:
    mask, box = annotation.mask, annotation.mask.bbox
    return {
        "id": annotation.id,
        "image_id": 1,
        "category_id": annotation.label_id,
        "iscrowd": 0,
        "segmentation": {"size": [mask.height, mask.width], "counts": counts_to_text(mask.to_coco_counts())},
        "area": mask.area,
        "bbox": [box.x0, box.y0, box.width, box.height],
        "attributes": {
            "model": annotation.model_id,
            "clicks": annotation.clicks,
            "seconds": annotation.seconds,
        },
    }
