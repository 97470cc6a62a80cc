"""Which of a file's images is the open one, and which of an archive's files are annotations."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from format_cases import document_of, hard_masks, plan_one, target_of
from PIL import Image
from segmark.document import Document
from segmark.errors import SegmarkError
from segmark.formats.export import FORMATS, write
from segmark.formats.found import Reading, Target
from segmark.formats.origins import named, of_path
from segmark.formats.reading import read

RING, SLANT = (document_of(hard_masks()[name], name="part.png") for name in ("ring", "slant"))
IMPORTED = sorted(k for k, entry in FORMATS.items() if entry.can_import)


def called(document: Document, name: str, image_id: str = "i") -> Document:
    assert document.image is not None
    return replace(document, image=replace(document.image, name=name, id=image_id))


def exported(format_id: str, *documents: Document) -> tuple[bytes, str]:
    file = write([(k.image, k) for k in documents if k.image is not None], format_id)
    return file.data, file.filename


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def photo(channels: int) -> bytes:
    shape = (30, 40, 3) if channels == 3 else (30, 40)
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(90, 110, shape).astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


def chosen(names: list[str], name: str) -> str:
    return Reading(Target(name, 40, 30)).choose(names, named)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("format_id", "place", "picture"),
    [
        ("coco", "annotations/instances.json", "images/part.png"),
        ("coco_polygons", "instances.json", "part.png"),
        ("labelme", "part.json", "part.png"),
        ("cvat", "annotations.xml", "images/part.png"),
        ("yolo", "", "images/part.png"),
        ("voc", "", "JPEGImages/part.png"),
    ],
)
def test_pictures_beside_annotations_are_not_masks(format_id: str, place: str, picture: str, channels: int) -> None:
    data, _ = exported(format_id, RING)
    files = {place: data} if place else unzipped(data)
    found_id, reading = read(zipped(files | {picture: photo(channels)}), "a.zip", target_of(RING))
    assert found_id == format_id.removesuffix("_polygons")
    assert [found.mask for found in reading.found] == [a.mask for a in RING.annotations]


def test_rows_of_yolo_beside_their_picture() -> None:
    rows = unzipped(exported("yolo", RING)[0])["labels/part.txt"]
    found_id, reading = read(zipped({"part.txt": rows, "part.png": photo(1)}), "a.zip", target_of(RING))
    assert found_id == "yolo" and [found.mask for found in reading.found] == [a.mask for a in RING.annotations]


def test_masks_with_json_of_another_kind_beside_them() -> None:
    mask, _ = exported("class_png", RING)
    found_id, reading = read(zipped({"part.png": mask, "meta.json": b'{"by": "me"}'}), "a.zip", target_of(RING))
    assert found_id == "png" and [found.mask for found in reading.found] == [a.mask for a in RING.annotations]
    found_id, _ = read(
        zipped({"SegmentationClass/part.png": mask, "Annotations/part.xml": b"<annotation/>"}), "a.zip", target_of(RING)
    )
    assert found_id == "png"


@pytest.mark.parametrize("format_id", IMPORTED)
def test_an_image_of_the_same_stem_gets_its_own_masks(format_id: str) -> None:
    """By name alone too: the images may have been opened anew since."""
    documents = called(RING, "a.png", "1"), called(SLANT, "a.jpg", "2")
    data, filename = exported(format_id, *documents)
    for document in documents:
        for target in (target_of(document), replace(target_of(document), id="")):
            _, reading = read(data, filename, target)
            joined = reading.found[0].mask
            for found in reading.found[1:]:
                joined = joined.union(found.mask)
            assert joined == document.annotations[0].mask and reading.other_name == ""


@pytest.mark.parametrize("format_id", IMPORTED)
def test_where_only_the_name_is_known_and_two_have_it_none_is_taken(format_id: str) -> None:
    data, filename = exported(format_id, called(RING, "a.png", "1"), called(SLANT, "a.png", "2"))
    with pytest.raises(SegmarkError, match=r"import\.ambiguous"):
        read(data, filename, replace(target_of(called(SLANT, "a.png")), id=""))


def test_the_surest_name_wins() -> None:
    assert chosen(["a.jpg", "a.png"], "a.png") == "a.png"
    assert chosen(["A.png", "a.png"], "a.png") == "a.png"
    assert chosen(["train/a.png", "b.png"], "a.png") == "train/a.png"
    assert chosen(["train/a.png", "val/a.png"], "val/a.png") == "val/a.png"
    assert chosen(["x\\A.PNG", "b.png"], "a.png") == "x\\A.PNG"
    assert chosen(["a.tif", "b.png"], "a.png") == "a.tif"


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["train/a.png", "val/a.png"], "ambiguous"),
        (["a.tif", "a.jpg"], "ambiguous"),
        (["a.png", "a.png"], "ambiguous"),
        (["b.png", "c.png"], "no_match"),
        (["part2.png", "a.b.png"], "no_match"),
        ([], "no_match"),
    ],
)
def test_a_name_that_tells_nothing_is_no_match(names: list[str], code: str) -> None:
    with pytest.raises(SegmarkError, match=code):
        chosen(names, "a.png")


def test_a_label_file_may_carry_the_whole_name() -> None:
    reading = Reading(Target("a.png", 40, 30))
    assert reading.choose(["labels/a.jpg.txt", "labels/a.png.txt"], lambda k: of_path(k, {})) == "labels/a.png.txt"
    assert reading.choose(["labels/a.txt"], lambda k: of_path(k, {})) == "labels/a.txt" and reading.other_name == ""


@pytest.mark.parametrize("format_id", ["coco", "cvat", "labelme", "yolo", "voc"])
def test_another_name_that_was_accepted_is_told(format_id: str) -> None:
    data, filename = exported(format_id, called(RING, "zzz.jpg"))
    _, report = plan_one(data, filename, replace(RING, annotations=(), next_id=1))
    assert report.read == 1 and report.other_name in ("zzz.jpg", "zzz")
    _, report = plan_one(*exported(format_id, called(RING, "PART.png")), replace(RING, annotations=(), next_id=1))
    assert report.other_name == ""


def test_another_ending_that_was_accepted_is_told() -> None:
    _, report = plan_one(*exported("coco", called(RING, "part.jpg")), replace(RING, annotations=(), next_id=1))
    assert report.other_name == "part.jpg"


def test_names_in_an_export_are_unique_and_their_images_are_named_beside() -> None:
    documents = called(RING, "a.png", "1"), called(SLANT, "a.png", "2"), called(RING, "a.jpg", "3")
    files = unzipped(exported("labelme", *documents)[0])
    assert sorted(files) == ["a.json", "a_2.json", "a_3.json", "segmark_images.jsonl"]
    assert files["segmark_images.jsonl"].decode().splitlines()[1] == '["a_2", "a.png", "2"]'
    assert "segmark_images.jsonl" not in unzipped(exported("labelme", called(RING, "a.png"), called(RING, "b.png"))[0])
