"""Annotations afterwards: several selected, merged, locked, renamed and deleted; specks and overlaps at confirm; copied along."""

from __future__ import annotations

from typing import Any

import inputs
import pytest
from test_kept import saved
from test_quality import dab


def dabs(app: Any, *places: tuple[int, int, int, int]) -> None:
    """Annotations of one dab each: x, y, diameter, digit of the class."""
    for place in places:
        dab(app, *place)


def shown(app: Any) -> list[tuple[int, int]]:
    return [(a["id"], a["label_id"]) for a in app.annotations()]


def current(app: Any) -> list[str]:
    rows = app.page.locator("#annotation-list [aria-current=true]")
    return sorted(rows.evaluate_all("rows => rows.map((row) => row.dataset.testid)"))


@pytest.mark.requirement("R7.3")
def test_several_are_chosen_merged_renamed_and_deleted(app: Any) -> None:
    app.open("scratch")
    dabs(app, (200, 200, 40, 1), (300, 200, 40, 1), (400, 200, 40, 2), (500, 200, 40, 2))
    areas = {a["id"]: a["area"] for a in app.annotations()}
    app.page.keyboard.down("Control")
    app.page.mouse.click(*app.screen(200, 200))
    app.page.keyboard.down("Shift")
    app.page.mouse.click(*app.screen(400, 200))
    app.page.keyboard.up("Shift")
    app.page.keyboard.up("Control")
    assert current(app) == ["annotation-1", "annotation-3"] and app.draft() is None, "chosen, and no point set"
    assert app.id("picked-bar").inner_text().startswith("2 selected")
    app.key("m")
    app.settle()
    assert shown(app) == [(1, 1), (2, 1), (4, 2)]
    merged = app.annotations()[0]
    assert (merged["area"], merged["parts"]) == (areas[1] + areas[3], 2)
    app.step("Control+z")
    assert shown(app) == [(1, 1), (2, 1), (3, 2), (4, 2)]
    app.id("annotation-4").click()
    app.id("annotation-2").click(modifiers=["Shift"])
    assert current(app) == ["annotation-2", "annotation-3", "annotation-4"]
    app.key("3")
    app.settle()
    assert shown(app) == [(1, 1), (2, 3), (3, 3), (4, 3)]
    app.id("annotation-3").click(modifiers=["Control"])
    app.id("picked-delete").click()
    app.settle()
    assert shown(app) == [(1, 1), (3, 3)]
    app.step("Control+z")
    assert shown(app) == [(1, 1), (2, 3), (3, 3), (4, 3)], "one step back brings both"
    app.page.locator("#layer-marks").focus()
    app.key("Control+a")
    assert len(current(app)) == 4


@pytest.mark.requirement("R7.2")
def test_a_locked_annotation_stays_as_it_is_until_it_is_unlocked(app: Any) -> None:
    app.open("scratch")
    dabs(app, (200, 200, 40, 1), (300, 200, 40, 2))
    before = app.mask(1)
    app.id("annotation-1").click()
    app.key("Shift+L")
    app.settle()
    for keys in ("Delete", "r", "2"):
        app.key(keys)
        app.wait(lambda: "locked" in app.id("status-message").inner_text(), "why nothing changed")
        app.settle()
        assert shown(app) == [(1, 1), (2, 2)] and app.draft() is None
    app.id("confirm-options").locator("summary").click()
    app.id("confirm-overlap").select_option("take")
    dab(app, 250, 200, 150, 3)
    assert shown(app) == [(1, 1), (3, 3)], "the free one lost all its pixels and went, in the same step"
    assert (app.mask(1) == before).all()
    saved(app)
    app.page.reload()
    app.wait(app.is_ready, "ready", 60)
    assert [a["locked"] for a in app.annotations()] == [True, False], "kept through a reload"
    app.id("annotation-lock-1").click()
    app.settle()
    app.id("annotation-1").click()
    app.key("Delete")
    app.settle()
    assert shown(app) == [(3, 3)]


@pytest.mark.requirement("R7.3")
def test_specks_are_dropped_and_overlaps_taken_when_asked(app: Any) -> None:
    app.open("scratch")
    dab(app, 200, 200, 60, 1)
    below = app.mask(1)
    app.id("confirm-options").locator("summary").click()
    app.id("confirm-least").fill("50")
    app.id("confirm-least").press("Enter")
    app.id("confirm-overlap").select_option("take")
    app.key("b")
    for x, size in ((230, 40), (400, 5), (500, 4)):
        app.id("brush-size").fill(str(size))
        app.id("brush-size").press("Enter")
        app.page.mouse.click(*app.screen(x, 200))
        app.settle()
    app.key("b")
    text = app.id("confirm-bar").inner_text()
    assert "makes 1 annotation" in text and "2 specks dropped" in text, text
    app.confirm(2)
    assert len(app.annotations()) == 2
    first, second = app.mask(1), app.mask(2)
    assert not (first & second).any() and ((first | second) == (below | second)).all()
    assert first.sum() < below.sum()
    app.step("Control+z")
    assert (app.mask(1) == below).all() and app.draft() is not None


@pytest.mark.requirement("R8.3")
def test_the_previous_images_annotations_are_copied(app: Any) -> None:
    pixels, _ = inputs.sample("blowhole")
    pieces = {"a.png": pixels[200:440, 400:720], "b.png": pixels[180:420, 380:700], "c.png": pixels[200:400, 400:720]}
    app.open("none")
    chosen = [{"name": k, "mimeType": "image/png", "buffer": inputs.encoded(v, ".png")} for k, v in pieces.items()]
    app.id("file-input").set_input_files(chosen)
    app.wait(lambda: (app.image() or {}).get("name") == "a.png", "the first of them")
    app.settle()
    dabs(app, (60, 60, 30, 2), (160, 100, 20, 1))
    masks = [app.mask(1), app.mask(2)]
    app.key("PageDown")
    app.wait(lambda: app.image()["name"] == "b.png", "the second one")
    app.settle()
    app.key("Shift+C")
    app.wait(lambda: len(app.annotations()) == 2, "the copies")
    assert [a["label_id"] for a in app.annotations()] == [2, 1]
    assert all((app.mask(k + 1) == mask).all() for k, mask in enumerate(masks))
    app.step("Control+z")
    assert app.annotations() == []
    app.step("Control+Shift+z")
    app.key("PageDown")
    app.wait(lambda: app.image()["name"] == "c.png", "the third one")
    app.settle()
    app.key("Shift+C")
    app.wait(lambda: "same size" in app.id("status-message").inner_text(), "why not")
    assert app.annotations() == []
