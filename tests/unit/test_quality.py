"""Statistics and findings against hand-made documents and a pixel by pixel oracle."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from format_cases import document_of, documents, pixels_of
from hypothesis import given, settings
from segmark import quality
from segmark.document import Document, ImageRecord
from segmark.formats.export import write
from segmark.formats.item import Options
from segmark.quality import Finding, Rules, Tally, report
from segmark.rle import RleMask


def image_of(document: Document) -> ImageRecord:
    assert document.image is not None
    return document.image


def looked_at(*found: Document, rules: Rules | None = None) -> quality.Report:
    return report([(image_of(document), document) for document in found], rules)


def square(x: int, y: int, size: int) -> np.ndarray:
    pixels = np.zeros((30, 40), np.uint8)
    pixels[y : y + size, x : x + size] = 1
    return pixels


def kinds(found: quality.Report) -> list[tuple[str, int, int, float]]:
    return [(f.kind, f.annotation, f.other, f.value) for f in found.findings]


def test_every_kind_is_found_and_nothing_else() -> None:
    almost = square(10, 10, 10)
    almost[10, 10] = 0
    document = document_of(square(10, 10, 10), almost, square(18, 10, 6), square(2, 2, 3), square(35, 25, 5))
    assert kinds(looked_at(document)) == [
        ("tiny", 4, 0, 9),
        ("border", 5, 0, 9),
        ("duplicate", 2, 1, 0.99),
        ("overlap", 3, 1, 12),
        ("overlap", 3, 2, 12),
    ]
    assert looked_at(document).findings[0] == Finding("tiny", "i", image_of(document).name, 4, "stain", 0, 9)
    assert kinds(looked_at(document_of(square(5, 5, 4), square(9, 5, 4)))) == [], "edge to edge shares no pixel"


def test_an_empty_annotation_is_one_finding() -> None:
    document = document_of(square(5, 5, 8))
    nothing = replace(document.annotations[0], id=2, mask=RleMask.empty(40, 30))
    found = looked_at(replace(document, annotations=(*document.annotations, nothing)))
    assert kinds(found) == [("empty", 2, 0, 0)]


@pytest.mark.parametrize("tiny", [8, 9, 10])
def test_the_rule_says_what_is_tiny(tiny: int) -> None:
    found = looked_at(document_of(square(5, 5, 3)), rules=Rules(tiny_px=tiny))
    assert [f.kind for f in found.findings] == (["tiny"] if tiny > 9 else [])


@given(document=documents())
@settings(max_examples=150)
def test_pairs_and_borders_are_those_of_the_pixels(document: Document) -> None:
    pixels = {a.id: pixels_of(a.mask) != 0 for a in document.annotations}
    want = set()
    for (a, first), (b, second) in combinations(pixels.items(), 2):
        shared = np.count_nonzero(first & second)
        iou = shared / np.count_nonzero(first | second)
        if shared:
            want.add(("duplicate" if iou >= 0.9 else "overlap", b, a, round(iou, 4) if iou >= 0.9 else shared))
    for number, mask in pixels.items():
        inner = np.zeros_like(mask)
        inner[1:-1, 1:-1] = True
        if np.any(mask & ~inner):
            want.add(("border", number, 0, np.count_nonzero(mask & ~inner)))
        if np.count_nonzero(mask) < 16:
            want.add(("tiny", number, 0, np.count_nonzero(mask)))
    found = kinds(looked_at(document))
    assert set(found) == want and len(found) == len(want)


def test_sums_count_a_draft_once_and_imports_not_as_work() -> None:
    document = document_of(
        square(2, 2, 4), square(10, 2, 4), square(20, 2, 4), square(30, 2, 4), label_ids=(1, 1, 2, 2)
    )
    one, two, three, four = document.annotations
    drawn = (
        replace(one, model_id="net", clicks=3, seconds=6.5),
        replace(two, model_id="net", clicks=3, seconds=6.5),
        replace(three, model_id="net", clicks=1, seconds=2.0),
        four,
    )
    found = looked_at(replace(document, annotations=drawn))
    assert found.whole == Tally(4, 64, 3, 4, 8.5)
    assert found.classes == {"scratch": Tally(2, 32, 2, 3, 6.5), "crack": Tally(2, 32, 1, 1, 2.0)}
    assert found.whole.seconds_per_object == pytest.approx(8.5 / 3)
    assert found.whole.clicks_per_object == pytest.approx(4 / 3)
    assert Tally().seconds_per_object == 0 and Tally().clicks_per_object == 0


@given(documents(), documents())
@settings(max_examples=40)
def test_a_project_is_the_sum_of_its_images(first: Document, second: Document) -> None:
    both, one, two = looked_at(first, second), looked_at(first), looked_at(second)
    assert both.whole == one.whole + two.whole and both.whole.annotations == len(first.annotations + second.annotations)
    assert both.findings == one.findings + two.findings
    assert sum(tally.area for tally in both.classes.values()) == both.whole.area


def test_findings_without_end_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "MAX_FINDINGS", 3)
    document = document_of(*[square(5, 5, 6)] * 4)
    found = looked_at(document)
    assert len(found.findings) == 3 and found.is_cut
    monkeypatch.setattr(quality, "MAX_FINDINGS", 6)
    assert not looked_at(document).is_cut


@given(document=documents())
@settings(max_examples=40)
def test_the_files_tell_what_was_found(document: Document) -> None:
    pair, options = (image_of(document), document), Options(tiny_px=30)
    found = looked_at(document, rules=Rules(tiny_px=30))
    rows = list(csv.reader(io.StringIO(write([pair], "quality_csv", options).data.decode("utf-8-sig"))))
    assert [(r[3], int(r[1]), int(r[4] or 0), float(r[5])) for r in rows[1:]] == kinds(found)
    assert {r[2].removeprefix("'") for r in rows[1:]} <= {label.name for label in document.labels}
    content = json.loads(write([pair, pair], "quality_json", options).data)
    assert content["rules"]["tiny_px"] == 30 and content["whole"]["area"] == 2 * found.whole.area
    assert [image["annotations"] for image in content["images"]] == [len(document.annotations)] * 2
    assert [(f["kind"], f["annotation"]) for f in content["findings"]] == [k[:2] for k in kinds(found)] * 2
