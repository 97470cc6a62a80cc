"""Indexed PNG masks, 8 bits a pixel."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segmark.document import Document
from segmark.errors import SegmarkError

MAX_CLASSES = 255


def class_indices(document: Document) -> NDArray[np.uint8]:
    """uint8 (H, W): 0 = background, k = the k-th label of the document; a later annotation lies above an earlier one.

    Raises
    ------
    SegmarkError
        ``no_image``, or ``too_many_labels`` if there are more than 255.
    """
    if document.image is None:
        raise SegmarkError("no_image")
    if len(document.labels) > MAX_CLASSES:
        raise SegmarkError("too_many_labels", {"limit": MAX_CLASSES})
    index = {label.id: k for k, label in enumerate(document.labels, start=1)}
    pixels = np.zeros((document.image.height, document.image.width), np.uint8)
    for annotation in document.annotations:
        box = annotation.mask.bbox
        window = pixels[box.y0 : box.y1, box.x0 : box.x1]
        window[annotation.mask.to_window(box) != 0] = index[annotation.label_id]
    return pixels


def write_class_png(document: Document) -> bytes:
    """`class_indices` as a palette PNG in the labels' colours."""
    image = Image.fromarray(class_indices(document)).convert("L")
    image = Image.frombytes("P", image.size, image.tobytes())
    palette = [0, 0, 0]
    for label in document.labels:
        palette += [int(label.color[k : k + 2], 16) for k in (1, 3, 5)]
    image.putpalette(palette)
    out = io.BytesIO()
    image.save(out, "PNG", bits=8)
    return out.getvalue()
