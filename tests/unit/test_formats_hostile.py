"""Hostile files: a clear code each, quickly, and nothing changed."""

from __future__ import annotations

import io
import json
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fakes import BrightNet, Desk, picture, run
from format_cases import document_of, hard_masks, plan_one
from PIL import Image
from segmark.errors import SegmarkError
from segmark.formats import checks, found
from segmark.formats.export import write
from segmark.formats.zip_guard import read_zip
from segmark.json_guard import TooMuch, read_json, refuse_absurd

DOCUMENT = document_of(hard_masks()["ring"], name="part.png")
PAIR = (DOCUMENT.image, DOCUMENT)


def good(format_id: str) -> bytes:
    assert DOCUMENT.image is not None
    return write([(DOCUMENT.image, DOCUMENT)], format_id).data


def changed(format_id: str, change: Callable[[Any], None]) -> bytes:
    content = json.loads(good(format_id))
    change(content)
    return json.dumps(content).encode()


def code_of(data: bytes, name: str = "a.json") -> str:
    begun = time.process_time()
    with pytest.raises(SegmarkError) as caught:
        plan_one(data, name, DOCUMENT)
    assert time.process_time() - begun < 10
    return caught.value.code


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def entry(key: str, value: Any) -> Callable[[Any], None]:
    return lambda content: content["annotations"][0].__setitem__(key, value)


def shape(key: str, value: Any) -> Callable[[Any], None]:
    return lambda content: content["shapes"][0].__setitem__(key, value)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "import.empty"),
        (b"hello", "import.unknown"),
        (b"{}", "import.unknown"),
        (b'{"a":' * 50_000, "import.damaged"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "import.damaged"),
        (b'{"shapes": ' + b'"\\"' * 200_000, "import.damaged"),
        (b'{"annotations": [NaN]}', "import.damaged"),
        (b'{"annotations": ' + b"9" * 10_000 + b"}", "import.damaged"),
        (b'{"annotations": "\xff"}', "import.damaged"),
        (good("coco")[:-40], "import.damaged"),
        (changed("coco", lambda c: c["images"][0].update(width=41)), "import.wrong_size"),
        (changed("coco", lambda c: c["images"].clear()), "import.no_match"),
        (changed("coco", entry("segmentation", {"size": [30, 40], "counts": [5, 5]})), "import.bad_runs"),
        (changed("coco", entry("segmentation", {"size": [30, 40], "counts": [1300, -200, 100]})), "import.bad_runs"),
        (changed("coco", entry("segmentation", {"size": [30, 40], "counts": [2**39] * 9})), "import.bad_runs"),
        (changed("coco", entry("segmentation", {"size": [30, 40], "counts": "~~~~~~~~~~"})), "import.bad_runs"),
        (changed("coco", entry("segmentation", {"size": [30, 40], "counts": "oooooooooooooo0"})), "import.bad_runs"),
        (changed("coco", entry("segmentation", {"size": [3000, 4000], "counts": [12_000_000]})), "import.wrong_size"),
        (changed("coco", entry("segmentation", [[-50, 0, 5, 0, 5, 5]])), "import.bad_coordinates"),
        (changed("coco", entry("segmentation", [[0, 0, 1e7, 0, 5, 5]])), "import.bad_coordinates"),
        (changed("coco", entry("segmentation", [[0, 0, 1e300, 0, 5, 5]])), "import.damaged"),
        (changed("coco", entry("segmentation", [[0, 0, True, 0, 5, 5]])), "import.damaged"),
        (changed("coco", entry("segmentation", [[0, 0, 1]])), "import.damaged"),
        (changed("coco", entry("category_id", [])), "import.damaged"),
        (changed("coco", lambda c: c["categories"][0].update(name="  ")), "import.damaged"),
        (changed("labelme", lambda c: c.update(imageHeight=31)), "import.wrong_size"),
        (changed("labelme", shape("points", [[-3, 0], [5, 5]])), "import.bad_coordinates"),
        (changed("labelme", shape("points", [[0, 0], [40, 29]])), "import.bad_coordinates"),
        (changed("labelme", shape("points", [[0, 0], [39, 29]])), "import.damaged"),
        (changed("labelme", shape("mask", "!!!")), "import.damaged"),
        (changed("labelme", shape("mask", "aGVsbG8=")), "import.damaged"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><annotations>&x;</annotations>', "import.damaged"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><annotations/>', "import.damaged"),
        (b"<a>" * 100_000, "import.damaged"),
        (b"<annotations/>", "import.no_match"),
        (b"<html><body/></html>", "import.unknown"),
        (good("cvat").replace(b'left="5"', b'left="-5"'), "import.bad_coordinates"),
        (good("cvat").replace(b'width="20"', b'width="20000"'), "import.bad_coordinates"),
        (good("cvat").replace(b'rle="', b'rle="99999999, '), "import.bad_runs"),
        (good("cvat").replace(b'rle="', b'rle="nan, '), "import.damaged"),
        (zipped(("../../x.json", b"{}")), "import.zip_path"),
        (zipped(("/x.json", b"{}")), "import.zip_path"),
        (zipped(("C:/x.json", b"{}")), "import.zip_path"),
        (zipped(("a\\..\\x.json", b"{}")), "import.zip_path"),
        (zipped(("x.json", b"\x00" * (40 << 20))), "import.zip_bomb"),
        (zipped(*((f"{k}.json", b"\x00" * (15 << 20)) for k in range(20))), "import.zip_bomb"),
        (zipped(("x.json", b"{}"))[:-10], "import.damaged"),
        (zipped(("x.zip", zipped(("x.json", b"{}")))), "import.unknown"),
        (zipped(), "import.unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,  # an archive names the minute it was made in
)
def test_codes(data: bytes, code: str) -> None:
    assert code_of(data) == code


@pytest.mark.parametrize("row", ["0 nan 0 1 0 1 1", "0 -0.5 0 1 0 1 1", "0 0 0 7 0 1 1", "0 inf 0 1 0 1 1"])
def test_yolo_coordinates(row: str) -> None:
    assert code_of(row.encode(), "part.txt") == "import.bad_coordinates"


def test_a_lying_archive_is_stopped_by_what_is_unpacked() -> None:
    data = bytearray(zipped(("x.json", b"\x00" * (40 << 20))))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")  # the directory says ten bytes
    with pytest.raises(SegmarkError) as caught:
        read_zip(bytes(data))
    assert caught.value.code in ("import.zip_bomb", "import.damaged")


def test_a_png_bomb_is_not_decoded() -> None:
    out = io.BytesIO()
    Image.new("L", (12_000, 12_000)).save(out, "PNG")
    begun = time.process_time()
    assert code_of(out.getvalue(), "part.png") == "import.wrong_size"
    assert time.process_time() - begun < 1


def test_too_much_work_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(found, "MAX_PIXELS", 20_000_000)
    size = (2_000, 2_000)
    document = document_of(np.ones((1, 1), np.uint8), name="part.png")
    image = document.image
    assert image is not None
    document = replace(document, image=replace(image, width=size[0], height=size[1]), annotations=())
    whole = {"size": [size[1], size[0]], "counts": [0, 1, size[0] * size[1] - 2, 1]}
    rows = [{"image_id": 1, "category_id": 1, "segmentation": whole}] * 60
    content = {
        "images": [{"id": 1, "file_name": "part.png", "width": size[0], "height": size[1]}],
        "categories": [{"id": 1, "name": "a"}],
        "annotations": rows,
    }
    with pytest.raises(SegmarkError, match=r"import\.too_much"):
        plan_one(json.dumps(content).encode(), "a.json", document)


def test_what_is_no_mask_is_skipped_and_told() -> None:
    def mix(content: Any) -> None:
        first = content["annotations"][0]
        content["annotations"] += [first | {"segmentation": []}, first | {"category_id": 77}]
        content["annotations"].append(first | {"segmentation": {"size": [30, 40], "counts": [1200]}})

    command, report = plan_one(changed("coco", mix), "a.json", DOCUMENT)
    assert report.read == 1 == len(command.annotations)
    assert report.skipped == {"no_mask": 1, "unknown_class": 1, "empty": 1}


def test_names_are_text_whatever_they_say() -> None:
    name = "<img src=x onerror=alert(1)>\x00\n \ud800" + "x" * 500
    data = changed("coco", lambda c: c["categories"][0].update(name=name))
    command, report = plan_one(data, "a.json", DOCUMENT)
    (label,) = command.labels
    assert label.name.startswith("<img src=x onerror=alert(1)> ?xxx") and len(label.name) <= 200
    assert report.new_labels == (label.name,)


def test_an_import_that_fails_changes_nothing_and_one_that_works_is_one_undo() -> None:
    async def story() -> None:
        desk = Desk(BrightNet(), picture(30, 40))
        session = desk.session
        before = session.history
        for bad in (b"{", good("coco").replace(b'"width":40', b'"width":41')):
            with pytest.raises(SegmarkError):
                command, _ = plan_one(bad, "a.json", session.history.present)
                session.import_annotations(command)
        assert session.history is before
        data = changed("coco", lambda c: c["categories"][0].update(name="neu"))
        command, report = plan_one(data, "a.json", session.history.present)
        session.import_annotations(command)
        assert report.new_labels == ("neu",)
        assert [k.name for k in session.history.present.labels][-1] == "neu"
        assert [a.mask for a in session.history.present.annotations] == [a.mask for a in DOCUMENT.annotations]
        assert desk.state()["annotations"][0]["area"] == DOCUMENT.annotations[0].mask.area
        assert session.undo() == "import_annotations"
        assert session.history.present == before.present
        session.redo()
        again = Desk(BrightNet(), picture(30, 40))
        again.session.restore(desk.entries())
        assert again.session.history.present == session.history.present

    run(story())


@pytest.mark.parametrize(
    ("part", "count"), [(b"[],", 4_200_000), (b'{"":0},', 1_100_000), (b"0.5,", 8_100_000)], ids=["[]", "{}", "0.5"]
)
def test_json_of_many_tiny_parts_costs_no_more_than_its_text(part: bytes, count: int) -> None:
    """12 MB of empty lists would be 300 MB of Python."""
    data = b'{"annotations":[' + part * count + b'0],"images":[]}'
    tracemalloc.start()
    with pytest.raises(SegmarkError, match=r"import\.too_much"):
        plan_one(data, "a.json", DOCUMENT)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * len(data)


def test_what_stands_in_strings_is_not_counted() -> None:
    text = json.dumps({"a": '[]{},\\",' * 10, "b": [1, 2]})
    assert read_json(text, 2)["b"] == [1, 2]
    refuse_absurd(text, 2, parts=2, values=2)
    with pytest.raises(TooMuch):
        refuse_absurd(text, 2, parts=1, values=2)
    with pytest.raises(TooMuch):
        refuse_absurd(text, 2, parts=2, values=1)


def test_when_memory_runs_out_it_is_said() -> None:
    with pytest.raises(SegmarkError, match=r"import\.too_much"), checks.damaged("JSON"):
        raise MemoryError
