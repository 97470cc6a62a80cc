"""Files as other tools and people really write them: YAML of all kinds, masks of one bit, texts that are no Unicode."""

from __future__ import annotations

import io
import json
import time
from dataclasses import replace

import numpy as np
import pytest
from fakes import BrightNet, Desk, picture, run
from format_cases import document_of, documents, hard_masks, plan_one, target_of
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from segmark import commands as c
from segmark.document import Annotation, Document
from segmark.errors import SegmarkError
from segmark.formats.export import FORMATS, write
from segmark.formats.item import File, item_of
from segmark.formats.limits import Overlaps, limits_of_formats
from segmark.formats.project import StoredImage, StoredProject, read_project, write_project
from segmark.formats.reading import read
from segmark.formats.yolo import read_names
from segmark.formats.zip_guard import write_zip
from segmark.geometry import Box
from segmark.history import History
from segmark.journal import command_to_json, history_to_json, replay
from segmark.rle import RleMask


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names: ['scratch, deep', \"crack\"]", ["scratch, deep", "crack"]),
        ("names: [scratch, crack]  # two", ["scratch", "crack"]),
        ("names:\n  0: scratch  # long\n  1: 'a # b' # c", ["scratch", "a # b"]),
        ('names: {0: scratch, 1: "cr}ack"}', ["scratch", "cr}ack"]),
        ("names: [scratch,\n  crack, # the other\n  'it''s']\nnc: 3", ["scratch", "crack", "it's"]),
        ("names:\n- scratch\n- a#b", ["scratch", "a#b"]),
        ("nc: 1\nnames: [裂纹]", ["裂纹"]),
    ],
)
def test_the_names_of_a_yaml(text: str, names: list[str]) -> None:
    assert read_names(text) == dict(enumerate(names))


@pytest.mark.parametrize("text", ["names: [a, b", "names: {a: b}", "names: *other", "names:\nnc: 3"])
def test_names_that_are_not_understood_are_refused(text: str) -> None:
    with pytest.raises(SegmarkError, match=r"import\.damaged"):
        read_names(text)


def test_a_yaml_without_names_beside_the_one_that_has_them_changes_nothing() -> None:
    document = document_of(hard_masks()["ring"], name="part.png")
    assert document.image is not None
    rows = b"1 0.1 0.1 0.5 0.1 0.5 0.5\n"
    files = [File("labels/part.txt", rows), File("args.yaml", b"epochs: 3\n"), File("data.yaml", b"names: [x, dent]\n")]
    _, reading = read(write_zip(files), "a.zip", target_of(document))
    assert [k.name for k in reading.found] == ["dent"]


def test_a_mask_of_one_bit_is_black_and_white() -> None:
    pixels = np.zeros((30, 40), bool)
    pixels[3:9, 3:9] = pixels[15:25, 20:30] = True
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    _, reading = read(out.getvalue(), "crack.png", target_of(document_of(hard_masks()["ring"])))
    assert [(k.name, k.mask.area) for k in reading.found] == [("crack", 36), ("crack", 100)]


def test_a_lone_surrogate_in_a_file_does_not_spoil_the_project() -> None:
    document = document_of(hard_masks()["ring"], name="part.png")
    assert document.image is not None
    content = json.loads(write([(document.image, document)], "coco").data)
    content["annotations"][0]["attributes"] = {"model": "x\ud800", "clicks": 1, "seconds": 2}
    command, _ = plan_one(json.dumps(content).encode(), "a.json", document)
    assert command.annotations[0].model_id == "x?"
    entries = (history_to_json(History(document)), command_to_json(replace(command, labels=())))
    spoilt = entries[1].replace("x?", "x\ud800")  # taken in by an earlier build
    assert spoilt != entries[1]
    image = StoredImage("i", "part.png", 40, 30, None, "draft", "f", 0, 9, "", (entries[0], spoilt), b"file")
    project = StoredProject((image,), "i")
    saved = read_project(write_project(project))
    assert [json.loads(k) for k in saved.images[0].entries] == [json.loads(k) for k in (entries[0], spoilt)]
    assert command_to_json(c.AddLabel("a\ud800", "#112233")).encode()


def test_a_class_is_called_by_what_can_be_written() -> None:
    async def story() -> None:
        desk = Desk(BrightNet(), picture())
        desk.session.labels.add("a\udc00b")
        assert desk.session.history.present.labels[-1].name == "a?b"

    run(story())


@pytest.mark.parametrize("format_id", list(FORMATS))
def test_an_annotation_without_a_pixel_is_written_nowhere(format_id: str) -> None:
    document = document_of(hard_masks()["ring"])
    assert document.image is not None
    none = Annotation(9, 1, RleMask.empty(40, 30))
    both = replace(document, annotations=(none, *document.annotations), next_id=10)
    if format_id.startswith("quality"):
        assert write([(document.image, both)], format_id).data  # it is told there
    else:
        one, other = (write([(document.image, k)], format_id).data for k in (document, both))
        assert len(one) == len(other)


@given(documents(), st.booleans())
@settings(max_examples=150)
def test_what_is_covered_is_what_every_pair_says(document: Document, same_class: bool) -> None:
    found = []
    for k, below in enumerate(document.annotations):
        above = [a for a in document.annotations[k + 1 :] if not a.mask.intersect(below.mask).is_empty]
        if any(same_class or a.label_id != below.label_id for a in above):
            left = below.mask
            for a in above:
                left = left.subtract(a.mask)
            found.append(left.is_empty)
    assert Overlaps(document.annotations).covered(same_class) == found


def many(count: int) -> Document:
    """So many squares of six pixels, a step apart."""
    side = int(np.ceil(np.sqrt(count)))
    size = (8 * side, 8 * side)
    document = document_of(np.zeros((size[1], size[0]), np.uint8))
    places = ((8 * (k % side), 8 * (k // side)) for k in range(count))
    made = (RleMask.from_box(Box(x, y, x + 6, y + 6), size) for x, y in places)
    annotations = tuple(Annotation(k, 1 + k % 3, mask) for k, mask in enumerate(made, start=1))
    return replace(document, annotations=annotations, next_id=count + 1)


def seconds(job: object) -> float:
    begun = time.process_time()
    assert callable(job)
    job()
    return time.process_time() - begun


def test_thousands_of_annotations_cost_no_more_than_their_number() -> None:
    """Eight times as many may take twenty times as long (a sort, a machine that is busy), not sixty-four."""
    small, large = many(500), many(4000)
    ids = ("voc", "instance_png", "class_png")
    limits = [seconds(lambda d=d: list(limits_of_formats([item_of(d)], ids))) for d in (small, large)]
    assert limits[1] < 20 * max(limits[0], 0.02)
    merge = [
        seconds(lambda d=d: History(d).run(c.MergeAnnotations(tuple(a.id for a in d.annotations))))
        for d in (small, large)
    ]
    assert merge[1] < 20 * max(merge[0], 0.02)


def test_annotations_come_along_with_a_class_whose_adding_was_undone_here() -> None:
    async def story() -> None:
        desk = Desk(BrightNet(), picture(), "one")
        pore = desk.session.labels.add("pore")
        first = desk.entries()
        desk.open(picture(), "two")
        desk.session.hand.paint([(50.0, 50.0), (60.0, 60.0)], 9.0, False)
        await desk.session.confirm(pore)
        there = desk.session.history.present
        desk.session.open_image(replace(there.image, id="one"), picture(), first)  # type: ignore[type-var, arg-type]
        desk.session.undo()
        assert [k.name for k in desk.session.history.present.labels].count("pore") == 0
        assert desk.session.copy_annotations(there) == 1
        present = desk.session.history.present
        label = present.label(present.annotations[0].label_id)
        assert label is not None and label.name == "pore"
        entries = [history_to_json(desk.session.history)]
        assert replay(History(), entries).skipped == 0

    run(story())
