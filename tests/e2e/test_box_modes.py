"""Fixed-box mode (R1.3): the ghost, a placed box, follow off (the box moves) and follow on (the boxes join)."""

from __future__ import annotations

from typing import Any

import inputs
import numpy as np
import pytest
from robot import centre_most, next_click


def inside(mask: np.ndarray, boxes: list[list[int]]) -> bool:
    """Say whether every mask pixel lies in one of the boxes."""
    allowed = np.zeros_like(mask)
    for x0, y0, x1, y1 in boxes:
        allowed[max(y0, 0) : y1, max(x0, 0) : x1] = 1
    return not (mask & ~allowed.astype(bool)).any()


def is_round(box: list[int], x: int, y: int, size: int) -> bool:
    """Say whether `box` is `size` wide and high with (x, y) at its middle, give or take one pixel."""
    x0, y0, x1, y1 = box
    return (x1 - x0, y1 - y0) == (size, size) and abs((x0 + x1) / 2 - x) <= 1 and abs((y0 + y1) / 2 - y) <= 1


def ends(true: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the middle of the left and of the right quarter of a long defect."""
    columns = np.nonzero(true.any(axis=0))[0]
    quarter = (columns[-1] - columns[0]) // 4
    left, right = true.astype(bool).copy(), true.astype(bool).copy()
    left[:, columns[0] + quarter :] = False
    right[:, : columns[-1] - quarter] = False
    return centre_most(left)[:2], centre_most(right)[:2]


@pytest.mark.requirement("R1.3")
def test_follow_off_moves_the_one_box(app: Any) -> None:
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.open("blowhole")
    app.id("mode-fixed-box").click()
    app.wait(lambda: app.state()["mode"]["kind"] == "fixed_box", "fixed-box mode")
    assert app.state()["mode"]["size"] == 256 and not app.state()["mode"]["follow"]
    app.click(x, y)
    (cx, cy, positive), (box,) = app.clicks()[0], app.draft()["regions"]
    assert positive and is_round(box, cx, cy, 256)
    mask = app.mask()
    assert mask[cy, cx] and inside(mask, [box])
    app.click(x - 20, y - 10, positive=False)
    assert app.draft()["regions"] == [box] and len(app.clicks()) == 2, "a click inside is a point"
    app.click(x - 400, y + 200)
    (cx, cy, _), regions = app.clicks()[-1], app.draft()["regions"]
    assert len(regions) == 1 and is_round(regions[0], cx, cy, 256), "a click outside moves the box"
    assert len(app.clicks()) == 1 and inside(app.mask(), regions), "only the latest box counts"
    app.key("Control+z")
    app.wait(lambda: len(app.clicks()) == 2 and app.draft()["regions"] == [box], "one undo to bring the old box back")


@pytest.mark.requirement("R1.3")
@pytest.mark.requirement("R3.5")
@pytest.mark.requirement("R5.4")
def test_follow_on_joins_the_boxes(app: Any) -> None:
    _, true = inputs.sample("scratch")
    left, right = ends(true)
    app.open("scratch")
    app.id("mode-fixed-box").click()
    app.id("box-size").fill("128")
    app.key("Enter")
    app.wait(lambda: app.state()["mode"].get("size") == 128, "a box of 128")
    app.id("follow-toggle").click()
    app.wait(lambda: app.state()["mode"]["follow"], "follow on")
    app.click(*left)
    (first,), mask = app.draft()["regions"], app.mask()
    assert inside(mask, [first])
    app.click(*right)
    regions, joined = app.draft()["regions"], app.mask()
    assert len(regions) == 2 and regions[0] == first and is_round(regions[1], *app.clicks()[1][:2], 128)
    assert inside(joined, regions)
    for cx, cy, wanted in app.clicks():
        assert bool(joined[cy, cx]) is wanted
    x0, y0, x1, y1 = regions[1]
    outside_second = np.ones_like(mask)
    outside_second[max(y0, 0) : y1, max(x0, 0) : x1] = 0
    assert np.array_equal(joined * outside_second, mask * outside_second), "a stamp changes only pixels inside its box"
    app.key("Control+z")
    app.wait(lambda: app.draft()["regions"] == [first], "undo of the stamp")
    app.settle()
    assert np.array_equal(app.mask(), mask)
    app.key("Escape")
    app.wait(lambda: app.draft() is None, "no draft")
    app.click(*right)
    assert app.draft()["regions"] == [regions[1]]
    assert first[2] <= x0, "the boxes lie apart"
    assert np.array_equal(app.mask(), joined * (1 - outside_second)), "a point outside a box says nothing inside it"


@pytest.mark.requirement("R1.3")
def test_a_box_over_the_border_works(app: Any) -> None:
    """The box hangs half out of the image: the mask stays inside, the click is kept."""
    app.open("crack")
    app.id("mode-fixed-box").click()
    app.wait(lambda: app.state()["mode"]["kind"] == "fixed_box", "fixed-box mode")
    app.click(6, 5)
    (cx, cy, _), (box,) = app.clicks()[0], app.draft()["regions"]
    assert box[0] < 0 and box[1] < 0 and is_round(box, cx, cy, 256)
    assert app.mask()[cy, cx] and inside(app.mask(), [box])
