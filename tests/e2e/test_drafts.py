"""A draft on its way: opened again with clicks and brush, undone while the network runs, carried into another mode; what it leaves."""

from __future__ import annotations

import json
from typing import Any

import inputs
import numpy as np
import pytest
from robot import next_click
from test_drawing import drag


@pytest.mark.requirement("R2.2")
def test_undo_while_the_network_runs(app: Any) -> None:
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.open("blowhole")
    app.page.mouse.click(*app.screen(x, y))
    app.key("Control+z")
    app.settle()
    assert app.draft() is None and not app.mask().any(), "the answer that came later shows nothing"
    app.step("Control+Shift+z")
    assert app.clicks() == [(x, y, True)] and app.mask()[y, x], "and it is there for the redo"


@pytest.mark.requirement("R1.1")
def test_the_mode_changes_in_the_middle_of_a_draft(app: Any) -> None:
    """What was marked stays; a click in a box drawn later joins it, and the first point still takes its part away."""
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.open("blowhole")
    app.click(x, y)
    first = app.mask()
    app.key("c")
    app.wait(lambda: app.state()["mode"]["kind"] == "custom_box", "custom-box mode")
    assert np.array_equal(app.mask(), first)
    drag(app, (100, 100), (220, 220))
    app.settle()
    assert np.array_equal(app.mask(), first) and len(app.clicks()) == 1
    app.click(160, 160)
    both = app.mask()
    assert both[y, x] and both[160, 160] and len(app.clicks()) == 2
    app.page.mouse.click(*app.screen(x, y))
    app.wait(lambda: len(app.clicks()) == 1, "the first point to be removed")
    app.settle()
    left = app.mask()
    assert left[160, 160] and not left[221:].any() and not left[:, 221:].any()


@pytest.mark.requirement("R6.4")
@pytest.mark.requirement("R7.1")
def test_an_imported_annotation_is_opened_again_and_tells_what_it_cost(app: Any) -> None:
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.open("blowhole")
    app.click(x, y)
    app.confirm(3)
    before = app.mask(app.annotations()[0]["id"])
    told = app.export_coco()["annotations"][0]
    found = json.dumps(told)
    assert "precise@" in found and '"clicks": 1' in found and '"seconds": ' in found, found[:300]
    coco = app.export("coco").data
    app.id("annotation-1").click()
    app.key("Delete")
    app.wait(lambda: app.annotations() == [], "none")
    app.import_file("back.json", coco)
    number = app.annotations()[0]["id"]
    app.id(f"annotation-{number}").hover()
    app.id(f"annotation-reopen-{number}").click()
    app.wait(lambda: app.draft() is not None, "a draft of it")
    app.settle()
    app.key("f")
    app.wait(lambda: app.state()["mode"]["kind"] == "fixed_box", "fixed-box mode")
    app.click(150, 150)
    (box,) = app.draft()["regions"]
    clicked = app.mask()
    outside = np.ones_like(clicked)
    outside[box[1] : box[3], box[0] : box[2]] = 0
    assert np.array_equal(clicked & outside, before & outside), "only pixels inside the box that was run changed"
    app.key("b")
    drag(app, (700, 100), (740, 100))
    app.settle()
    painted = app.mask()
    app.key("b")
    assert painted[100, 720] and not (clicked & (1 - painted)).any()
    app.confirm(3)
    assert sum(int(app.mask(a["id"]).sum()) for a in app.annotations()) == int(painted.sum())
