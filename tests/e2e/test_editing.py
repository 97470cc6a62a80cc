"""Clicks, refinement, the click guarantee, undo and redo, confirming: on a sample, with mouse and keyboard."""

from __future__ import annotations

import re
from typing import Any

import cv2
import inputs
import numpy as np
import pytest
from robot import next_click


def part_at(mask: np.ndarray, x: int, y: int) -> int:
    """Return the area of the 8-connected part of `mask` that holds pixel (x, y); 0 if the pixel is out."""
    if not mask[y, x]:
        return 0
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return int(stats[labels[y, x], cv2.CC_STAT_AREA])


@pytest.mark.requirement("R2.2")
@pytest.mark.requirement("R2.3")
def test_undo_and_redo_walk_through_every_click(app: Any) -> None:
    """After undo the mask is bit for bit the one before the click; after redo the one after it."""
    _, true = inputs.sample("scratch")
    app.open("scratch")
    masks = [app.mask()]
    for _ in range(3):
        app.click(*next_click(true, masks[-1] if len(masks) > 1 else None, app.clicks()))
        masks.append(app.mask())
    assert len(app.clicks()) == 3
    for step in (2, 1, 0):
        app.key("Control+z")
        app.wait(lambda step=step: len(app.clicks()) == step, f"{step} clicks after undo")
        app.settle()
        assert np.array_equal(app.mask(), masks[step])
    assert app.draft() is None and app.state()["history"]["undo"] is None
    for step in (1, 2, 3):
        if step == 2:
            app.id("redo").click()
        else:
            app.key("Control+Shift+z")
        app.wait(lambda step=step: len(app.clicks()) == step, f"{step} clicks after redo")
        app.settle()
        assert np.array_equal(app.mask(), masks[step])
    app.confirm()
    assert len(app.annotations()) >= 1
    app.id("undo").click()
    app.wait(lambda: app.draft() is not None, "the draft back after undoing the confirm")
    assert app.annotations() == [] and np.array_equal(app.mask(), masks[3])


@pytest.mark.requirement("R2.1")
@pytest.mark.requirement("R2.2")
def test_right_click_takes_away_and_the_guarantee_holds(app: Any) -> None:
    """Whatever the network thinks: a positive pixel is in, a negative one is out, each with a patch of its own."""
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.open("blowhole").zoom_to(x, y, 2.0)
    app.click(x, y)
    first = app.mask()
    assert first[y, x] and first.sum() > 1000
    asked = [
        (x, y, True),
        (x - 26, y + 6, False),
        (x + 70, y - 66, True),
        (x + 4, y + 20, False),
        (x - 78, y + 4, True),
    ]
    for number, (cx, cy, positive) in enumerate(asked[1:], start=2):
        app.click(cx, cy, positive)
        clicks, mask = app.clicks(), app.mask()
        assert len(clicks) == number and clicks[-1][2] is positive
        assert abs(clicks[-1][0] - cx) <= 1 and abs(clicks[-1][1] - cy) <= 1
        for px, py, wanted in clicks:
            assert bool(mask[py, px]) is wanted, f"click {px}, {py} ({wanted}) after click {number}"
            patch = part_at(mask if wanted else 1 - mask, px, py)
            assert patch >= 5, f"a lone patch of {patch} px at {px}, {py}"
    assert app.mask().sum() != first.sum()


@pytest.mark.requirement("R2.1")
def test_the_later_of_two_clicks_on_a_pixel_wins(app: Any) -> None:
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.open("blowhole").zoom_to(x, y, 4.0)
    app.click(x, y)
    app.click(x + 12, y)
    px, py, _ = app.clicks()[-1]
    assert app.mask()[py, px]
    app.click(px, py, positive=False)
    assert app.clicks()[-1][:2] == (px, py)
    mask = app.mask()
    assert not mask[py, px] and mask[y, x]


@pytest.mark.requirement("R2.2")
def test_any_point_goes_by_a_click_on_its_marker(app: Any) -> None:
    """Not only the last one; undo brings it back. With no positive point left the mask is empty, and Enter says so."""
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.open("blowhole")
    app.click(x, y)
    app.click(x - 24, y + 4, positive=False)
    app.click(x + 26, y - 6)
    clicks, mask = app.clicks(), app.mask()
    app.click(*clicks[0][:2])
    assert app.clicks() == clicks[1:]
    app.key("Control+z")
    app.wait(lambda: app.clicks() == clicks, "undo to bring the point back")
    app.settle()
    assert np.array_equal(app.mask(), mask)
    app.click(*clicks[0][:2])
    app.click(*clicks[2][:2])
    assert app.clicks() == [clicks[1]] and app.mask().sum() == 0
    app.key("Enter")
    app.wait(lambda: "draft_empty" in app.notices(), "a notice that there is nothing to confirm")
    assert app.id("status-message").inner_text().strip() and not app.id("class-palette").is_visible()
    assert app.annotations() == []


@pytest.mark.requirement("R7.1")
def test_confirming_nothing_says_so(app: Any) -> None:
    """Enter with no draft: a sentence in the status line, no palette, no annotation."""
    app.open("scratch")
    before = app.id("status-message").inner_text()
    app.key("Enter")
    said = app.wait(
        lambda: (text := app.id("status-message").inner_text()) != before and text.strip(), "a word about it"
    )
    assert said and not re.search(r"notice\.|error\.|[{}]", app.id("status-message").inner_text())
    assert not app.id("class-palette").is_visible()
    assert app.annotations() == []


@pytest.mark.requirement("R7.1")
@pytest.mark.requirement("R8.2")
def test_keyboard_confirms_cancels_and_names_a_class(app: Any) -> None:
    """Enter, Esc (palette first, then draft), a digit, Enter again for the last class, a new name typed."""
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.open("blowhole")
    app.click(x, y)
    app.key("Enter")
    app.id("class-palette").wait_for(state="visible")
    app.key("Escape")
    app.id("class-palette").wait_for(state="hidden")
    assert len(app.clicks()) == 1
    app.key("Escape")
    app.wait(lambda: app.draft() is None, "the draft to be given up")
    app.key("Control+z")
    app.wait(lambda: len(app.clicks()) == 1, "undo to bring the draft back")
    app.settle()
    app.confirm(digit=3)
    made = app.annotations()[-1]
    labels = {label["id"]: label["name"] for label in app.state()["labels"]}
    assert made["label_id"] == app.state()["labels"][2]["id"]
    app.click(*blank_spot(true))
    app.confirm()
    assert app.annotations()[-1]["label_id"] == made["label_id"], "the last class is selected again"
    app.click(*blank_spot(true))
    app.key("Enter")
    app.id("class-palette").wait_for(state="visible")
    app.id("class-input").fill("sand hole")
    app.key("Enter")
    app.wait(lambda: app.draft() is None, "the draft to become an annotation")
    named = {label["id"]: label["name"] for label in app.state()["labels"]}
    assert set(named.values()) == set(labels.values()) | {"sand hole"}
    assert named[app.annotations()[-1]["label_id"]] == "sand hole"


def blank_spot(true: np.ndarray) -> tuple[int, int]:
    """Return a pixel of plain surface, well away from the defect."""
    return true.shape[1] // 4, true.shape[0] // 4


@pytest.mark.requirement("R7.3")
def test_a_mask_in_two_parts_becomes_two_annotations(app: Any) -> None:
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.open("blowhole")
    app.click(x, y)
    app.click(*blank_spot(true))
    mask = app.mask()
    parts = cv2.connectedComponents(mask, connectivity=8)[0] - 1
    assert parts >= 2 and app.draft()["parts"] == parts
    assert re.search(rf"\b{parts}\b", app.id("confirm-bar").inner_text())
    app.confirm(digit=4)
    made = app.annotations()
    assert len(made) == parts and len({a["label_id"] for a in made}) == 1
    total = np.zeros_like(mask)
    for annotation in made:
        piece = app.mask(annotation["id"])
        assert piece.sum() == annotation["area"] and cv2.connectedComponents(piece, connectivity=8)[0] == 2
        total += piece
    assert np.array_equal(total, mask)
    app.id(f"annotation-delete-{made[-1]['id']}").click()
    app.wait(lambda: len(app.annotations()) == parts - 1, "one annotation less")
    app.key("Control+z")
    app.wait(lambda: len(app.annotations()) == parts, "undo of the deletion")


@pytest.mark.requirement("R2.2")
def test_quick_keys_are_not_lost(app: Any) -> None:
    """Undo and redo pressed faster than Python answers: each counts, in its turn."""
    app.open("blowhole")
    app.click(450, 350)
    app.click(470, 360)
    before = app.clicks()
    for keys in ("Control+z", "Control+z", "Control+Shift+z", "Control+Shift+z"):
        app.key(keys)
    app.settle()
    assert app.clicks() == before
