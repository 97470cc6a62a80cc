"""COCO JSON must read back, with pycocotools, to the identical masks."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from segmark.document import Annotation, Document, ImageRecord, new_document
from segmark.errors import SegmarkError
from segmark.formats.coco import write_coco
from segmark.formats.export import write
from segmark.rle import RleMask

masks = hnp.arrays(
    np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=30), elements=st.integers(0, 1)
)


def document_of(*pixels: NDArray[np.uint8], name: str = "Kratzer 划痕 é.png") -> Document:
    height, width = pixels[0].shape
    annotations = tuple(
        Annotation(k, 1 + k % 4, RleMask.from_window(mask, (0, 0), (width, height)), "lite0", 3, 4.5)
        for k, mask in enumerate(pixels, start=1)
    )
    return replace(new_document(), image=ImageRecord("i", name, width, height), annotations=annotations)


@given(masks.filter(lambda mask: bool(mask.any())))
@settings(max_examples=80)
def test_pycocotools_reads_the_identical_mask(mask: NDArray[np.uint8]) -> None:
    (entry,) = json.loads(write_coco(document_of(mask)))["annotations"]
    rle = entry["segmentation"]
    assert np.array_equal(coco_mask.decode(rle), mask)
    assert coco_mask.area(rle) == entry["area"] == int(mask.sum())
    assert coco_mask.toBbox(rle).tolist() == entry["bbox"]
    again = coco_mask.encode(np.asfortranarray(mask))
    assert again["counts"].decode() == rle["counts"]


def test_the_dataset_reader_of_pycocotools_takes_it(tmp_path) -> None:  # type: ignore[no-untyped-def]
    a, b = np.zeros((40, 50), np.uint8), np.zeros((40, 50), np.uint8)
    a[5:9, 7:20], b[:, 49] = 1, 1
    path = tmp_path / "coco.json"
    path.write_bytes(write_coco(document_of(a, b)))
    reader = COCO(str(path))
    assert reader.loadImgs(1)[0]["file_name"] == "Kratzer 划痕 é.png"
    assert [cat["name"] for cat in reader.loadCats(reader.getCatIds())] == ["scratch", "crack", "blowhole", "stain"]
    for annotation, mask in zip(reader.loadAnns(reader.getAnnIds(imgIds=1, iscrowd=False)), (a, b), strict=True):
        assert np.array_equal(reader.annToMask(annotation), mask)


def test_without_an_image_there_is_nothing_to_write() -> None:
    with pytest.raises(SegmarkError, match="no_image"):
        write_coco(new_document())


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("part 7.JPG", "part 7_coco.json"),
        ("a/b\\c:d.png", "a_b_c_d_coco.json"),
        ("划痕.tiff", "划痕_coco.json"),
        (".png", "segmark_coco.json"),
        ("v1.2 final", "v1.2 final_coco.json"),
    ],
)
def test_file_names(name: str, want: str) -> None:
    document = document_of(np.ones((1, 1), np.uint8), name=name)
    assert document.image is not None
    assert write([(document.image, document)], "coco").filename == want
