"""read(write(x)) == x, for every format as far as it can be exact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from format_cases import documents, hard_masks, plan_one, target_of
from hypothesis import given, settings
from hypothesis import strategies as st
from segmark.document import Annotation, Document
from segmark.errors import SegmarkError
from segmark.formats.export import FORMATS, write
from segmark.formats.reading import read
from segmark.rle import RleMask

EXACT = ["coco", "coco_polygons", "labelme", "cvat"]
FLAT = ["instance_png"]


def back(document: Document, format_id: str) -> list[tuple[str, RleMask]]:
    """Export, import into the same image without its annotations -> class names and masks."""
    assert document.image is not None
    file = write([(document.image, document)], format_id)
    _, reading = read(file.data, file.filename, target_of(document))
    assert not reading.skipped
    return [(found.name, found.mask) for found in reading.found]


def held(document: Document) -> list[tuple[str, RleMask]]:
    names = {label.id: label.name for label in document.labels}
    return [(names[a.label_id], a.mask) for a in document.annotations]


def by_class(pairs: list[tuple[str, RleMask]]) -> dict[str, RleMask]:
    joined: dict[str, RleMask] = {}
    for name, mask in pairs:
        joined[name] = joined[name].union(mask) if name in joined else mask
    return joined


def split(document: Document) -> Document:
    """One annotation an 8-connected part."""
    pieces = [replace(a, mask=part) for a in document.annotations for part in a.mask.components(8)]
    return replace(document, annotations=tuple(replace(a, id=k) for k, a in enumerate(pieces, start=1)))


@pytest.mark.parametrize("format_id", EXACT)
@given(document=documents())
@settings(max_examples=60)
def test_exact_with_overlaps_holes_and_parts(format_id: str, document: Document) -> None:
    assert back(document, format_id) == held(document)


@given(document=documents(is_flat=True))
@settings(max_examples=60)
def test_instance_png_is_exact_without_overlaps(document: Document) -> None:
    assert back(document, "instance_png") == held(document)


@given(document=documents(is_flat=True))
@settings(max_examples=60)
def test_voc_is_exact_without_overlaps_but_for_odd_names(document: Document) -> None:
    found, want = back(document, "voc"), held(document)
    assert [mask for _, mask in found] == [mask for _, mask in want]
    names = {own: told for (told, _), (own, _) in zip(found, want, strict=True)}
    assert len(set(names.values())) == len(names), "two classes became one"
    assert all(own in (told, "background") or set(own) & set(":#") for own, told in names.items())


@given(document=documents())
@settings(max_examples=60)
def test_yolo_is_exact_for_connected_masks(document: Document) -> None:
    document = split(document)
    assert back(document, "yolo") == held(document)


@given(document=documents(is_flat=True))
@settings(max_examples=60)
def test_class_png_keeps_every_pixel_of_each_class(document: Document) -> None:
    assert by_class(back(document, "class_png")) == by_class(held(document))


@given(document=documents())
@settings(max_examples=60)
def test_class_masks_keep_every_pixel_of_each_class(document: Document) -> None:
    assert by_class(back(document, "class_masks")) == by_class(held(document))


def test_coco_keeps_where_annotations_came_from() -> None:
    (mask,) = (RleMask.from_window(hard_masks()["ring"], (0, 0), (40, 30)),)
    document = replace(_document(mask), annotations=(Annotation(1, 2, mask, "lite0", 3, 4.5),))
    assert document.image is not None
    file = write([(document.image, document)], "coco")
    command, report = plan_one(file.data, file.filename, replace(document, annotations=(), next_id=1))
    assert command.annotations == document.annotations
    assert command.labels == () and report.read == 1


@pytest.mark.parametrize("format_id", [k for k, entry in FORMATS.items() if entry.can_import])
@pytest.mark.parametrize("name", sorted(hard_masks()))
def test_hard_masks_survive_every_format(format_id: str, name: str) -> None:
    mask = RleMask.from_window(hard_masks()[name], (0, 0), (40, 30))
    assert by_class(back(_document(mask), format_id)) == {"scratch": mask}


COLLIDING = ["part 0.png", "part 0.jpg", "PART 0.png", "part 0_2.png", "part 1.png"]


@given(
    st.lists(documents(is_flat=True), min_size=2, max_size=4),
    st.sampled_from(sorted(FORMATS)),
    st.lists(st.sampled_from(COLLIDING), min_size=4, max_size=4),
)
@settings(max_examples=100)
def test_several_images_in_one_export_are_told_apart(many: list[Document], format_id: str, names: list[str]) -> None:
    """Also images of one name, and of names that differ in the ending or in capitals only."""
    pairs = []
    for k, (document, name) in enumerate(zip(many, names, strict=False)):
        assert document.image is not None
        named = replace(split(document), image=replace(document.image, name=name, id=f"img-{k}"))
        pairs.append((named.image, named))
    steps: list[tuple[int, int]] = []
    file = write(pairs, format_id, progress=lambda done, total: not steps.append((done, total)))
    assert list(dict.fromkeys(steps)) == [(k + 1, len(pairs)) for k in range(len(pairs))]
    assert file == write(pairs, format_id)
    if not FORMATS[format_id].can_import:
        return
    for _, document in pairs:
        _, reading = read(file.data, file.filename, target_of(document))
        assert reading.other_images in (0, len(pairs) - 1) and reading.other_name == ""
        found = [(found.name, found.mask) for found in reading.found]
        if format_id in ("coco", "coco_polygons", "cvat", "yolo", "labelme", "instance_png"):
            assert found == held(document)
        elif format_id == "voc":
            assert [mask for _, mask in found] == [mask for _, mask in held(document)]
        else:
            assert by_class(found) == by_class(held(document))


def _document(mask: RleMask) -> Document:
    from format_cases import document_of

    pixels = np.zeros((mask.height, mask.width), np.uint8)
    pixels[0, 0] = 1
    document = document_of(pixels)
    return replace(document, annotations=(Annotation(1, 1, mask),))


@pytest.mark.parametrize("format_id", ["voc", "coco", "class_masks"])
def test_an_export_can_be_cancelled_after_every_step(format_id: str) -> None:
    """Also between the files that follow the images, and between those of the archive."""
    (mask,) = (RleMask.from_window(hard_masks()["ring"], (0, 0), (40, 30)),)
    pairs = [(k.image, k) for k in (_document(mask), _document(mask)) if k.image is not None]
    steps: list[tuple[int, int]] = []
    write(pairs, format_id, progress=lambda done, total: not steps.append((done, total)))
    assert len(steps) > len(pairs) and set(steps[1:]) == {(2, 2)}
    for last in range(1, len(steps) + 1):
        left = iter([True] * (last - 1) + [False])
        with pytest.raises(SegmarkError, match=r"export\.cancelled"):
            write(pairs, format_id, progress=lambda _done, _total, left=left: next(left))
