"""Several images in one project: each with its own history, the classes shared, nothing lost on the way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fakes import BrightNet, Desk, picture, run
from segmark import commands as c
from segmark.clicks import Click
from segmark.document import Annotation, Document, ImageRecord, Label
from segmark.errors import SegmarkError
from segmark.history import History
from segmark.journal import command_to_json, replay
from segmark.modes import PointMode
from segmark.rle import RleMask
from segmark.sharing import share

A, B, D = Label(1, "a", "#111111"), Label(2, "b", "#222222"), Label(3, "d", "#333333")
BOXES = [(100, 100, 140, 140)]


def document(*labels: Label, uses: int = 0) -> Document:
    mask = RleMask.empty(4, 4)
    annotations = (Annotation(1, uses, mask),) if uses else ()
    return Document(labels=labels, annotations=annotations, last_label_id=labels[0].id, next_label_id=10)


def command(*labels: Label, last: int = 1) -> c.ShareLabels:
    return c.ShareLabels(labels, last, 20)


def test_what_was_done_elsewhere_is_done_here() -> None:
    renamed = Label(1, "scratch", "#444444")
    result = share(document(A, B), (A, B), command(renamed, D))
    assert result.labels == (renamed, D) and result.next_label_id == 20


def test_a_class_in_use_and_one_made_here_stay() -> None:
    assert share(document(A, B, uses=2), (A, B), command(A)).labels == (A, B)
    assert share(document(A, D), (A,), command(A, B)).labels == (A, D, B), "D is of this history, not of the base"


def test_two_classes_of_one_name_become_one() -> None:
    twin = Label(7, "d", "#555555")
    result = share(document(A, D, uses=3), (A,), command(A, twin))
    assert result.labels == (A, twin) and result.annotations[0].label_id == 7


class Project(Desk):
    """A desk whose journals are kept as the page keeps them: one an image."""

    def __init__(self) -> None:
        super().__init__(BrightNet())
        self.pixels = picture(boxes=BOXES)

    def journals(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, params, _ in self.events:
            if name != "journal.append":
                continue
            if '"open_image"' in params["entry"]:
                found[params["image"]] = []
            found[params["image"]].append(params["entry"])
        return found

    def go(self, image_id: str) -> None:
        height, width = self.pixels.shape[:2]
        record = ImageRecord(image_id, f"{image_id}.png", width, height)
        self.session.open_image(record, self.pixels, self.journals().get(image_id, []))


def test_back_on_an_image_everything_of_it_is_there() -> None:
    async def work() -> tuple[Project, History]:
        desk = Project()
        desk.go("one")
        desk.session.press(120, 120, "primary")
        await desk.session.confirm(1)
        desk.session.press(110, 110, "primary")
        desk.session.press(115, 115, "primary")
        await desk.session.settled()
        desk.session.undo()
        before = desk.session.history
        desk.go("two")
        assert desk.state()["annotations"] == [] and desk.state()["draft"] is None
        desk.session.press(130, 130, "primary")
        await desk.session.settled()
        desk.go("one")
        return desk, before

    desk, before = run(work())
    assert desk.session.history == before, "document, undo and redo"
    assert desk.state()["annotations"] and len(desk.state()["draft"]["clicks"]) == 1
    assert replay(History(), desk.journals()["one"]).history == before
    assert len(replay(History(), desk.journals()["two"]).history.present.draft.clicks) == 1


def test_classes_are_of_the_project_and_undo_of_the_image() -> None:
    async def work() -> Project:
        desk = Project()
        desk.go("one")
        desk.session.labels.add("pore")
        desk.session.undo()
        desk.go("two")
        fresh = desk.session.labels.add("dent")
        assert fresh == 6, "the number of an undone class of another image is not given again"
        desk.session.press(120, 120, "primary")
        await desk.session.confirm(fresh)
        desk.go("one")
        assert [k["name"] for k in desk.state()["labels"]][-1] == "dent"
        desk.session.redo()
        assert {"pore", "dent"} < {k["name"] for k in desk.state()["labels"]}
        desk.session.labels.remove(fresh)
        desk.go("two")
        return desk

    desk = run(work())
    names = [k["name"] for k in desk.state()["labels"]]
    assert "pore" in names and "dent" in names, "a class that annotations use stays"
    assert replay(History(), desk.journals()["two"]).history == desk.session.history


def test_a_redo_brings_an_annotation_back_with_the_class_that_was_removed_meanwhile() -> None:
    """Undone on one image, the class removed on another, redone: no annotation is ever without its class."""

    async def work() -> tuple[Project, int]:
        desk = Project()
        desk.go("one")
        dent = desk.session.labels.add("dent")
        desk.session.press(120, 120, "primary")
        await desk.session.confirm(dent)
        desk.session.undo()
        desk.go("two")
        desk.session.labels.remove(dent)
        assert "dent" not in {k["name"] for k in desk.state()["labels"]}
        desk.go("one")
        return desk, dent

    desk, dent = run(work())
    assert "dent" not in {k["name"] for k in desk.state()["labels"]}, "removed: nothing here uses it now"
    desk.session.redo()
    assert [a["label_id"] for a in desk.state()["annotations"]] == [dent]
    assert dent in {k["id"] for k in desk.state()["labels"]}
    assert replay(History(), desk.journals()["one"]).history == desk.session.history
    desk.go("two")
    document = desk.session.history.present
    assert document.last_label_id in {k.id for k in document.labels}


def test_an_answer_of_the_image_that_was_left_does_not_land_on_the_next() -> None:
    """The other image's journal, of an earlier visit, waits for a prompt of the same number."""

    async def work() -> Project:
        gate = asyncio.Event()
        desk = Project()
        desk.store.predictor.gate = gate
        desk.go("one")
        number = desk.session.press(120, 120, "primary")
        await asyncio.sleep(0.01)
        labels = desk.session.history.present.labels
        record = ImageRecord("two", "two.png", 500, 400)
        click = c.AddClick(Click(5, 5, True), (), (), False, number, 0.0)
        earlier = [command_to_json(k) for k in (c.OpenImage(record, labels, PointMode(), 1, 5), click)]
        desk.session.open_image(record, picture(), earlier)
        gate.set()
        await desk.session.settled()
        return desk

    desk = run(work())
    assert desk.draft.is_answered and desk.draft.mask.contains(5, 5)
    assert not desk.draft.mask.contains(120, 120), "there is nothing bright on this image"


def test_done_is_a_step_and_told() -> None:
    async def work() -> list[Any]:
        desk = Project()
        desk.go("one")
        told = [desk.state()["progress"]]
        desk.session.press(120, 120, "primary")
        told.append(desk.state()["progress"])
        with pytest.raises(SegmarkError, match="draft_first"):
            desk.session.mark_done(True)
        desk.session.cancel_draft()
        desk.session.mark_done(True)
        for walk in (desk.session.undo, desk.session.redo):
            walk()
            told.append(desk.state()["progress"])
        desk.go("two")
        told.append(desk.state()["progress"])
        desk.go("one")
        told.append(desk.state()["progress"])
        return told

    assert run(work()) == ["none", "draft", "none", "done", "none", "done"]


def test_a_journal_of_another_size_changes_nothing() -> None:
    async def work() -> tuple[Project, History]:
        desk = Project()
        desk.go("one")
        desk.session.press(120, 120, "primary")
        desk.go("two")
        before = desk.session.history
        with pytest.raises(SegmarkError, match="size_mismatch"):
            desk.session.open_image(ImageRecord("one", "one.png", 20, 30), picture(30, 20), desk.journals()["one"])
        return desk, before

    desk, before = run(work())
    assert desk.session.history is before


def test_a_damaged_journal_says_where_it_ends() -> None:
    async def work() -> Project:
        desk = Project()
        desk.go("one")
        desk.session.press(120, 120, "primary")
        await desk.session.settled()
        broken = [*desk.journals()["one"][:2], "{", *desk.journals()["one"][2:]]
        desk.go("two")
        record = ImageRecord("one", "one.png", 500, 400)
        desk.session.open_image(record, desk.pixels, broken)
        return desk

    desk = run(work())
    assert ("journal.truncate", {"image": "one", "count": 2}, []) in desk.events
    assert len(desk.draft.clicks) == 1
