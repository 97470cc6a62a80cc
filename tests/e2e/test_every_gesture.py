"""Every gesture of R1, R2 and R6 with every kind of hand (R8.2): mouse, touch pad, touch screen, keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import inputs
import numpy as np
import pytest
from hands import KeyHand, MouseHand, TouchHand, TouchPadHand

HANDS: dict[str, Any] = {"mouse": MouseHand, "touch pad": TouchPadHand, "touch screen": TouchHand, "keyboard": KeyHand}
MIDDLE = (539, 321)  # of the sample's blowhole, 116 x 104 pixels
SLACK = 3


class Job:
    """A page, a hand, and what is waited for after each act."""

    def __init__(self, app: Any, hand: Any) -> None:
        self.app = app
        self.hand = hand

    def after(self, act: Callable[[], None], told: Callable[[], Any], what: str) -> None:
        act()
        self.app.wait(told, what)
        self.app.settle()

    def mode(self, name: str, test_id: str, key: str) -> None:
        chosen = lambda: self.app.state()["mode"]["kind"] == name  # noqa: E731
        self.after(lambda: self.hand.choose(test_id, key), chosen, name)

    def changed(self, act: Callable[[], None], what: str) -> None:
        before = self.app.state()["revision"]
        self.after(act, lambda: self.app.state()["revision"] > before, f"any answer to {what}")

    def press(self, at: tuple[int, int], positive: bool = True) -> None:
        self.changed(lambda: self.hand.press(at, positive), f"a press at {at}")

    def refused(self, at: tuple[int, int], code: str, positive: bool = True) -> None:
        told = len(self.app.notices())
        heard = lambda: self.app.notices()[told:] == [code]  # noqa: E731
        self.after(lambda: self.hand.press(at, positive), heard, code)

    def drag(self, *path: tuple[int, int]) -> None:
        self.changed(lambda: self.hand.drag(*path), f"the drag {path}")

    def undo(self) -> None:
        self.changed(lambda: self.hand.choose("undo", "Control+z"), "undo")

    def drop(self) -> None:
        gone = lambda: self.app.draft() is None  # noqa: E731
        if self.app.draft() is not None:
            self.after(lambda: self.hand.choose("cancel", "Escape"), gone, "the draft given up")

    @property
    def boxes(self) -> list[list[int]]:
        return list(self.app.draft()["regions"])

    @property
    def area(self) -> int:
        return int(self.app.mask().sum())


def near(box: list[int], wanted: tuple[float, ...]) -> bool:
    return all(abs(a - b) <= SLACK for a, b in zip(box, wanted, strict=True))


def round_about(box: list[int], at: tuple[int, int]) -> bool:
    return abs((box[0] + box[2]) / 2 - at[0]) <= SLACK and abs((box[1] + box[3]) / 2 - at[1]) <= SLACK


@pytest.fixture(params=list(HANDS))
def job(request: Any, new_page: Any) -> Job:
    app = new_page(has_touch=request.param == "touch screen").open("blowhole")
    app.id("canvas").focus()
    return Job(app, HANDS[request.param](app))


def points(job: Job) -> None:
    """R1.2, R2: points of both signs, one taken back, one taken away, one moved."""
    x, y = MIDDLE
    job.mode("point", "mode-point", "p")
    job.press((x, y))
    assert job.app.clicks()[0][2] and job.app.mask()[y, x]
    job.press((x + 140, y), positive=False)
    assert [positive for *_, positive in job.app.clicks()] == [True, False]
    job.undo()
    assert len(job.app.clicks()) == 1
    job.press((x + 40, y))
    (*_, last) = job.app.clicks()
    job.drag(last[:2], (x + 30, y - 30))
    (*_, moved) = job.app.clicks()
    assert abs(moved[0] - x - 30) <= SLACK and abs(moved[1] - y + 30) <= SLACK, "a point moved"
    job.press(moved[:2])
    assert len(job.app.clicks()) == 1, "a press on its marker takes a point away"


def fixed_boxes(job: Job) -> None:
    """R1.3: a box is placed, takes points, is moved; with follow a second one is stamped."""
    x, y = MIDDLE
    job.drop()
    job.mode("fixed_box", "mode-fixed-box", "f")
    job.press((x, y))
    assert round_about(job.boxes[0], (x, y)) and len(job.app.clicks()) == 1
    job.press((x - 20, y))
    assert len(job.app.clicks()) == 2 and len(job.boxes) == 1, "inside: a point"
    away = (x - 260, y + 100)
    job.press(away)
    assert len(job.boxes) == 1 and round_about(job.boxes[0], away), "outside: the box moves"
    job.hand.choose("follow-toggle", "t")
    job.app.wait(lambda: job.app.state()["mode"]["follow"], "follow on")
    job.app.id("canvas").focus()
    job.press((x, y))
    assert len(job.boxes) == 2 and round_about(job.boxes[1], (x, y)), "stamped"
    job.hand.choose("follow-toggle", "t")
    job.app.wait(lambda: not job.app.state()["mode"]["follow"], "follow off")
    job.app.id("canvas").focus()


def custom_boxes(job: Job) -> None:
    """R1.4: drawn from any corner, moved from inside, carried by its frame, resized, drawn anew, brought back."""
    x, y = MIDDLE
    job.drop()
    job.mode("custom_box", "mode-custom-box", "c")
    job.drag((x + 80, y - 75), (x - 80, y + 75))
    assert near(job.boxes[0], (x - 80, y - 75, x + 80, y + 75))
    job.refused((x + 160, y + 20), "outside_box")
    job.press((x, y))
    assert job.app.mask()[y, x]
    job.drag((x - 50, y + 50), (x - 30, y + 40))
    assert near(job.boxes[0], (x - 60, y - 85, x + 100, y + 65)) and job.app.clicks() == []
    job.undo()
    assert near(job.boxes[0], (x - 80, y - 75, x + 80, y + 75)) and len(job.app.clicks()) == 1, "one undo"
    job.drag((x + 80, y + 75), (x + 100, y + 95))
    assert near(job.boxes[0], (x - 80, y - 75, x + 100, y + 95)), "a handle resizes"
    job.hand.press((x - 40, y - 75))
    job.app.wait(lambda: job.app.page.evaluate("window.segmark.gesture()?.kind") == "carry", "the frame in hand")
    job.press((x - 60, y - 60))
    assert near(job.boxes[0], (x - 100, y - 60, x + 80, y + 110)), "carried"
    job.drag((x - 220, y - 150), (x - 150, y - 90))
    assert near(job.boxes[0], (x - 220, y - 150, x - 150, y - 90)), "drawn anew from outside"


def stamps(job: Job) -> None:
    """R1.5: a first box, stamps of its size, the union refined."""
    x, y = MIDDLE
    job.drop()
    job.hand.choose("follow-toggle", "t")
    job.app.wait(lambda: job.app.state()["mode"]["follow"], "follow on")
    job.app.id("canvas").focus()
    job.drag((x - 60, y - 40), (x - 10, y + 30))
    job.press((x - 30, y))
    job.press((x + 30, y))
    assert len(job.boxes) == 2 and round_about(job.boxes[1], (x + 30, y)), "stamped"
    assert [b[2] - b[0] for b in job.boxes] == [job.boxes[0][2] - job.boxes[0][0]] * 2
    job.refused((x - 200, y), "negative_outside", positive=False)
    count = len(job.app.clicks())
    job.press((x + 25, y + 20), positive=False)
    assert len(job.app.clicks()) == count + 1 and len(job.boxes) == 2
    job.hand.choose("follow-toggle", "t")
    job.app.wait(lambda: not job.app.state()["mode"]["follow"], "follow off")


def polygons(job: Job) -> None:
    """R1.6: corners, closed at the first one, a corner dragged, a point inside."""
    x, y = MIDDLE
    job.drop()
    job.mode("polygon", "mode-polygon", "o")
    job.app.id("canvas").focus()
    corners = [(x - 70, y - 70), (x + 80, y - 70), (x + 70, y + 60), (x - 60, y + 70)]
    for corner in [*corners, corners[0]]:
        job.hand.press(corner)
    job.app.wait(lambda: job.app.draft() and len(job.app.draft()["polygon"]) == 4, "a closed polygon")
    job.app.settle()
    job.drag(corners[2], (x, y + 40))
    assert near([*map(round, job.app.draft()["polygon"][2])], (x, y + 40)), "a corner dragged"
    job.press((x - 10, y - 5))
    assert job.app.mask()[y - 5, x - 10] and not job.app.mask()[y + 60, x + 60]


def strokes(job: Job) -> None:
    """R6.1, R6.2, R6.3: brush with its size, eraser, a hole filled, an island erased."""
    job.drop()
    job.mode("point", "mode-point", "p")
    job.hand.choose("tool-brush", "b")
    job.app.id("canvas").focus()
    before = int(job.app.id("brush-size").input_value())
    job.hand.size(2)
    job.app.wait(lambda: int(job.app.id("brush-size").input_value()) > before, "a larger brush")
    job.app.id("canvas").focus()
    job.drag((200, 300), (300, 300), (300, 380), (200, 380), (200, 300))
    assert job.app.mask()[300, 250] and job.app.mask()[340, 300] and not job.app.mask()[340, 250]
    job.drag((380, 420), (395, 420))
    assert job.app.draft()["parts"] == 2
    job.hand.choose("tool-eraser", "e")
    job.app.id("canvas").focus()
    job.drag((230, 380), (230, 390))
    assert not job.app.mask()[385, 230]
    job.undo()
    assert job.app.mask()[385, 230]
    job.hand.choose("tool-fill", "g")
    job.app.id("canvas").focus()
    job.press((250, 340))
    assert job.app.mask()[340, 250], "a hole filled"
    job.press((388, 420), positive=False)
    assert job.app.draft()["parts"] == 1, "an island erased"


def drawn_by_hand(job: Job) -> None:
    """R6.1 by other tools: an area corner by corner, a thin line, one colour."""
    job.drop()
    job.hand.choose("tool-area", "l")
    job.app.id("canvas").focus()
    corners = [(200, 300), (300, 300), (300, 380), (200, 380)]
    for corner in [*corners, corners[0]]:
        job.hand.press(corner)
    job.hand.drag(corners[2], (330, 410))
    job.after(job.hand.done, lambda: job.app.draft() is not None, "the area")
    assert job.app.mask()[395, 310] and not job.app.mask()[395, 230]
    before = job.area
    job.hand.choose("tool-wand", "w")
    job.app.id("canvas").focus()
    job.press(MIDDLE)
    assert job.area > before and job.app.mask()[MIDDLE[1], MIDDLE[0]]
    before = job.area
    job.hand.choose("tool-scratch", "s")
    job.app.id("canvas").focus()
    job.hand.press((380, 480))
    job.app.wait(lambda: job.app.page.evaluate("window.segmark.gesture()?.kind") == "scratch", "a line begun")
    job.press((450, 500))
    assert job.area > before
    job.hand.press((450, 520), positive=False)
    job.app.wait(lambda: job.app.page.evaluate("window.segmark.gesture()") is None, "the line ended")
    job.hand.choose("tool-scratch", "s")


def view(job: Job) -> None:
    """The image nearer, and where it was."""
    before = job.app.view()["zoom"]
    job.hand.zoom(MIDDLE)
    job.app.wait(lambda: job.app.view()["zoom"] > 1.1 * before, "nearer")
    job.after(lambda: job.hand.choose("zoom-fit", "0"), lambda: job.app.view()["zoom"] == before, "the whole image")


@pytest.mark.requirement("R8.2")
def test_every_gesture_with_every_hand(job: Job) -> None:
    for gesture in (points, fixed_boxes, custom_boxes, stamps, polygons, strokes, drawn_by_hand, view):
        gesture(job)
    area = job.area
    job.hand.choose("confirm", "Enter")
    job.app.id("class-palette").wait_for(state="visible")
    if isinstance(job.hand, KeyHand):
        job.app.key("2")
    else:
        job.hand.choose("class-option-2", "2")
    job.app.wait(lambda: job.app.draft() is None, "the annotations")
    assert np.sum([job.app.mask(row["id"]).sum() for row in job.app.annotations()]) == area
    assert inputs.sample("blowhole")[1].shape == job.app.mask().shape
