"""Statistics and the quality report: seen, saved and read, and each finding leads to its annotation."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import inputs
import pytest


def saved(app: Any, button: str) -> tuple[str, bytes]:
    with app.page.expect_download() as waiting:
        app.id(button).click()
    return waiting.value.suggested_filename, waiting.value.path().read_bytes()


def dab(app: Any, x: int, y: int, size: int, digit: int) -> None:
    """One dab of the brush, `size` pixels wide, as an annotation of its own."""
    app.key("b")
    app.id("brush-size").fill(str(size))
    app.id("brush-size").press("Enter")
    app.page.mouse.click(*app.screen(x, y))
    app.settle()
    app.key("b")
    app.confirm(digit)


@pytest.mark.requirement("R8.5")
def test_findings_lead_to_their_annotations_and_leave_as_files(app: Any) -> None:
    app.open("scratch")
    dab(app, 200, 200, 40, 1)
    dab(app, 210, 200, 40, 2)
    dab(app, 0, 400, 20, 1)
    dab(app, 600, 600, 3, 1)
    areas = [a["area"] for a in app.annotations()]
    shared = int((app.mask(1) & app.mask(2)).sum())
    app.key("q")
    app.wait(
        lambda: app.id("quality-sum").inner_text() == "3 findings", "the report; the dialog may be there before it"
    )
    assert f"shares {shared} px with annotation 1" in app.id("finding-overlap-2").inner_text()
    assert f"is tiny: {areas[3]} px" in app.id("finding-tiny-4").inner_text()
    rows = [row.split("\t") for row in app.id("quality").locator("table").inner_text().splitlines()]
    assert [row[:2] for row in rows[1:]] == [["scratch", "3"], ["crack", "1"], ["All", "4"]]
    name, data = saved(app, "quality-csv")
    table = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert name == "scratch_quality.csv"
    assert {(row["finding"], row["annotation"], row["other"]) for row in table} == {
        ("tiny", "4", ""),
        ("border", "3", ""),
        ("overlap", "2", "1"),
    }
    name, data = saved(app, "quality-json")
    report = json.loads(data)
    assert name == "scratch_quality.json" and report["whole"]["area"] == sum(areas)
    app.id("quality-tiny").fill("5")
    app.id("quality-tiny").press("Enter")
    app.wait(lambda: app.id("quality-sum").inner_text() == "2 findings", "nothing tiny any more")
    app.id("finding-border-3").focus()
    app.key("ArrowDown")
    app.key("Enter")
    app.id("quality").wait_for(state="hidden")
    assert app.id("annotation-2").get_attribute("aria-current") == "true"
    box = app.page.locator("#stage").bounding_box()
    x, y = app.screen(210, 200)
    assert abs(x - box["x"] - box["width"] / 2) < 3 and abs(y - box["y"] - box["height"] / 2) < 3
    app.key("q")  # the next visit begins at the finding that was looked at
    app.wait(
        lambda: app.page.evaluate("document.activeElement.dataset.testid") == "finding-overlap-2", "the finding again"
    )
    app.key("Escape")
    app.id("quality").wait_for(state="hidden")


@pytest.mark.requirement("R8.5")
def test_findings_of_all_images_lead_to_the_image(app: Any) -> None:
    pixels, _ = inputs.sample("blowhole")
    pieces = {"one.png": pixels[200:440, 400:720], "two.png": pixels[180:440, 380:720]}
    app.open("scratch")
    chosen = [{"name": k, "mimeType": "image/png", "buffer": inputs.encoded(v, ".png")} for k, v in pieces.items()]
    app.id("file-input").set_input_files(chosen)
    app.wait(lambda: (app.image() or {}).get("name") == "one.png", "the first of them")
    app.settle()
    dab(app, 60, 60, 3, 1)
    app.key("PageDown")
    app.wait(lambda: (app.image() or {}).get("name") == "two.png", "the second one")
    app.settle()
    dab(app, 80, 90, 40, 2)
    app.key("q")
    app.wait(lambda: app.id("quality-sum").inner_text() == "Nothing looks wrong", "a report on this image alone")
    app.id("quality-all").check()
    app.wait(lambda: app.id("quality-sum").inner_text() == "1 finding", "what is on the other image")
    assert app.id("finding-tiny-1").inner_text().startswith("one.png")
    rows = [row.split("\t") for row in app.id("quality").locator("table").inner_text().splitlines()]
    assert [row[:2] for row in rows[1:]][-1] == ["All", "2"]
    report = json.loads(saved(app, "quality-json")[1])
    assert {image["name"] for image in report["images"]} >= set(pieces)
    app.id("finding-tiny-1").click()
    app.wait(lambda: (app.image() or {}).get("name") == "one.png", "the finding's image")
    app.wait(lambda: app.id("annotation-1").get_attribute("aria-current") == "true", "the finding's annotation")
