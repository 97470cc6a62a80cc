"""Several annotation files at once: each read whole, all of them one command, the bad ones named and left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from format_cases import document_of, hard_masks, target_of
from segmark.commands import ImportAnnotations
from segmark.document import Document, Label
from segmark.errors import SegmarkError
from segmark.formats import reading
from segmark.formats.export import write
from segmark.formats.reading import LEAVE_OUT, ImportReport, of_one_image, plan, read_file, unknown_classes
from segmark.reduce import MAX_LABELS, apply

RING, LINE, NESTED = (document_of(hard_masks()[name], name="part.png") for name in ("ring", "line", "nested"))
OPEN = replace(RING, annotations=(), next_id=1)


def labelme(document: Document, label: str = "scratch", image: str = "part.png") -> bytes:
    """A labelme file of a document, with a class and an image of one's choice."""
    assert document.image is not None
    content: Any = json.loads(write([(document.image, document)], "labelme").data)
    content["imagePath"] = image
    for shape in content["shapes"]:
        shape["label"] = label
    return json.dumps(content).encode()


def planned(
    files: dict[str, bytes], document: Document = OPEN, classes: dict[str, int] | None = None
) -> tuple[ImportAnnotations, list[ImportReport]]:
    target = target_of(document)
    return plan(of_one_image([read_file(name, data, target) for name, data in files.items()]), document, classes)


def codes(reports: list[ImportReport]) -> list[str]:
    return [report.error["code"] if report.error else "" for report in reports]


def test_all_files_are_one_command_in_their_order() -> None:
    files = {"b.json": labelme(RING), "a.json": labelme(LINE), "c.json": labelme(NESTED)}
    command, reports = planned(files)
    assert [(k.name, k.read) for k in reports] == [("b.json", 1), ("a.json", 1), ("c.json", 1)]
    assert [k.id for k in command.annotations] == [1, 2, 3]
    assert [k.mask for k in command.annotations] == [k.annotations[0].mask for k in (RING, LINE, NESTED)]
    assert apply(OPEN, command).annotations == command.annotations


def test_formats_may_be_mixed() -> None:
    files = {}
    for format_id, document in (("coco", RING), ("labelme", LINE), ("cvat", NESTED), ("instance_png", RING)):
        assert document.image is not None
        file = write([(document.image, document)], format_id)
        files[file.filename] = file.data
    command, reports = planned(files)
    assert [k.format for k in reports] == ["coco", "labelme", "cvat", "png"]
    assert len(command.annotations) == 4


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b"", "import.empty"),
        (labelme(LINE)[:-9], "import.damaged"),
        (labelme(LINE).replace(b'"imageWidth": 40', b'"imageWidth": 41'), "import.wrong_size"),
        (b"hello", "import.unknown"),
    ],
)
def test_nothing_of_a_broken_file_is_taken_and_the_others_are(bad: bytes, code: str) -> None:
    command, reports = planned({"a.json": labelme(RING), "bad.json": bad, "b.json": labelme(NESTED, "dust")})
    assert codes(reports) == ["", code, ""] and [k.read for k in reports] == [1, 0, 1]
    assert [k.name for k in command.labels] == ["dust"] and len(command.annotations) == 2
    with pytest.raises(SegmarkError, match=code):
        planned({"bad.json": bad})
    command, reports = planned({"1.json": bad, "2.json": bad})
    assert codes(reports) == [code, code] and command == ImportAnnotations((), ())


def test_classes_are_asked_for_once_and_a_new_one_is_made_once() -> None:
    files = {"a.json": labelme(RING, "dust"), "b.json": labelme(LINE, "dust"), "c.json": labelme(NESTED, "hair")}
    target = target_of(OPEN)
    assert unknown_classes([read_file(*file, target) for file in files.items()], OPEN) == {"dust": 2, "hair": 1}
    command, reports = planned(files)
    assert [k.name for k in command.labels] == ["dust", "hair"] and command.labels[0].color != command.labels[1].color
    assert [k.new_labels for k in reports] == [("dust",), (), ("hair",)]
    assert [k.label_id for k in command.annotations] == [5, 5, 6]
    command, reports = planned(files, classes={"dust": 2, "hair": LEAVE_OUT})
    assert [k.label_id for k in command.annotations] == [2, 2] and command.labels == ()
    assert reports[2].skipped == {"left_out": 1}
    with pytest.raises(SegmarkError, match="unknown_label"):
        planned(files, classes={"dust": 99})


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"a.json": "part.png", "b.json": "other.png"}, ["", "import.other_image"]),
        ({"a.json": "one.png", "b.json": "two.png"}, ["import.other_image"] * 2),
        ({"a.json": "renamed.png", "b.json": "../x/renamed.png", "c.json": "renamed.png"}, None),
        ({"a.json": "renamed.png", "b.json": "Renamed.png"}, ["", ""]),
        ({"part.json": "raw.png", "b.json": "raw.png"}, ["", "import.other_image"]),
        ({"a.json": "renamed.png", "b.json": ""}, ["", ""]),
    ],
)
def test_files_that_cannot_all_be_about_the_open_image(files: dict[str, str], told: list[str] | None) -> None:
    """A lone stranger may be the open image renamed; several images cannot all be it."""
    _, reports = planned({name: labelme(RING, image=image) for name, image in files.items()})
    if told is None:
        assert {*codes(reports)} <= {"", "import.other_image"}
    else:
        assert codes(reports) == told


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("part.png", ""),
        ("shift 3/PART.PNG", ""),
        ("part.jpg", "import.other_image"),
        ("else.png", "import.other_image"),
    ],
)
def test_where_nobody_looks_only_the_images_own_name_is_sure(named: str, code: str) -> None:
    """A lone file of another name is taken for the open image, but not for one of many."""
    files = [read_file("x.json", labelme(RING, image=named), target_of(OPEN))]
    assert len(plan(of_one_image(files), OPEN)[0].annotations) == 1
    sure = of_one_image(files, sure=True)
    if code:
        with pytest.raises(SegmarkError, match=code):
            plan(sure, OPEN)
    else:
        assert len(plan(sure, OPEN)[0].annotations) == 1


def limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_ANNOTATIONS", 2)


def many_classes(_monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing to change: the document of the test has one class less than may be."""


@pytest.mark.parametrize(
    ("limit", "code"), [(limited, "import.too_much"), (many_classes, "too_many_labels")], ids=["annotations", "classes"]
)
def test_what_is_too_much_together_is_refused_from_there_on(
    limit: Callable[[pytest.MonkeyPatch], None], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch)
    held = tuple(Label(k, f"class {k}", "#123456") for k in range(1, MAX_LABELS))
    document = replace(OPEN, labels=held, next_label_id=MAX_LABELS)
    files = {"a.json": labelme(RING, "new"), "b.json": labelme(LINE, "class 1" if limit is limited else "more")}
    if limit is limited:
        files |= {"c.json": labelme(LINE, "class 1")}
    command, reports = planned(files | {"d.json": b"{"}, document)
    assert codes(reports)[-2:] == [code, "import.damaged"] and set(codes(reports)[:-2]) == {""}
    assert len(command.annotations) == len(reports) - 2 and len(apply(document, command).labels) == MAX_LABELS
