"""The PNG must read back to the class indices, in the labels' colours."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from segmark.document import Annotation, ImageRecord, Label, new_document
from segmark.errors import SegmarkError
from segmark.formats.item import item_of
from segmark.formats.png_mask import InstancePngWriter, class_indices, write_class_png
from segmark.geometry import Box
from segmark.rle import RleMask

SIZE = (70, 50)


def test_indices_palette_and_order() -> None:
    boxes = [(2, Box(0, 0, 30, 20)), (4, Box(20, 10, 70, 50))]
    annotations = tuple(
        Annotation(k, label, RleMask.from_box(box, SIZE)) for k, (label, box) in enumerate(boxes, start=1)
    )
    document = replace(new_document(), image=ImageRecord("i", "a.png", *SIZE), annotations=annotations)
    image = Image.open(io.BytesIO(write_class_png(document)))
    assert image.mode == "P" and image.size == SIZE
    want = np.zeros((50, 70), np.uint8)
    want[0:20, 0:30] = 2
    want[10:50, 20:70] = 4  # the later one lies above
    assert np.array_equal(np.asarray(image), want)
    assert np.array_equal(class_indices(item_of(document)), want)
    assert image.convert("RGB").getpixel((0, 0)) == (0x56, 0xB4, 0xE9)
    assert image.convert("RGB").getpixel((69, 0)) == (0, 0, 0)


def test_what_eight_bits_cannot_hold_is_said() -> None:
    labels = tuple(Label(k, str(k), "#000000") for k in range(1, 257))
    document = replace(new_document(), image=ImageRecord("i", "a.png", *SIZE), labels=labels)
    with pytest.raises(SegmarkError, match="too_many_labels"):
        write_class_png(document)
    with pytest.raises(SegmarkError, match="no_image"):
        write_class_png(new_document())


@pytest.mark.parametrize("name", ['=HYPERLINK("x")', "+1", "-1", "@SUM(A1)"])
def test_no_class_name_is_a_formula_in_the_table_of_instances(name: str) -> None:
    annotation = Annotation(1, 1, RleMask.from_box(Box(0, 0, 5, 5), SIZE))
    labels = (Label(1, name, "#000000"),)
    document = replace(new_document(), image=ImageRecord("i", "a.png", *SIZE), labels=labels, annotations=(annotation,))
    table = next(file.data for file in InstancePngWriter().add(item_of(document)) if file.path.endswith(".csv"))
    assert list(csv.reader(io.StringIO(table.decode()))) == [["value", "class"], ["1", f"'{name}"]]
