"""Undo and redo must be exact, and answers must land where their click is."""

from __future__ import annotations

from dataclasses import replace

from edits import command_lists, opened, square_mask
from hypothesis import given, settings
from segmark import commands as c
from segmark.clicks import Click
from segmark.document import Document
from segmark.geometry import NO_BOX
from segmark.history import MOST_STEPS, History


def run_all(commands: list[c.Command]) -> History:
    history = opened()
    for command in commands:
        history = history.run(command)
    return history


def without_view(document: Document) -> Document:
    return replace(document, mode=opened().present.mode, hidden=frozenset(), locked=frozenset())


def bare(history: History) -> History:
    """With the view (mode, hidden, locked) of documents that are not shown left out: they get the present one's when shown."""
    past = tuple(replace(step, document=without_view(step.document)) for step in history.past)
    future = tuple(replace(step, document=without_view(step.document)) for step in history.future)
    return History(history.present, past, future)


def click(number: int, x: int) -> c.AddClick:
    return c.AddClick(Click(x, 5, True), (), (), False, number, 0.0)


def answer(number: int, size: int) -> c.SetPrediction:
    return c.SetPrediction(number, square_mask(5, 5, size), NO_BOX, (), "net")


@given(command_lists())
@settings(max_examples=80)
def test_undo_to_the_start_and_redo_to_the_end(commands: list[c.Command]) -> None:
    history = run_all(commands)
    while history.redo_code is not None:
        history = history.run(c.Redo())
    last, steps = history, 0
    while history.undo_code is not None:
        history = history.run(c.Undo())
        steps += 1
    assert without_view(history.present) == opened().present
    for _ in range(steps):
        history = history.run(c.Redo())
    assert bare(history) == bare(last)
    assert history.run(c.Redo()) is history


@given(command_lists())
@settings(max_examples=60)
def test_undo_and_redo_are_inverse_anywhere(commands: list[c.Command]) -> None:
    history = run_all(commands)
    if history.undo_code is not None:
        assert bare(history.run(c.Undo()).run(c.Redo())) == bare(history)
    if history.redo_code is not None:
        assert bare(history.run(c.Redo()).run(c.Undo())) == bare(history)


def test_an_answer_joins_the_click_that_asked() -> None:
    history = opened().run(click(1, 5)).run(answer(1, 4))
    assert history.undo_code == "add_click"
    assert history.run(c.Undo()).present.draft is None
    draft = history.present.draft
    assert draft is not None and draft.mask.area == 16 and draft.is_answered


def test_an_answer_reaches_a_document_behind_a_later_step() -> None:
    history = opened().run(click(1, 5)).run(c.AddLabel("dent", "#000000")).run(answer(1, 4))
    undone = history.run(c.Undo()).present
    for document in (history.present, undone):
        assert document.draft is not None and document.draft.mask.area == 16


def test_an_answer_after_undo_is_there_after_redo() -> None:
    history = opened().run(click(1, 5)).run(c.Undo()).run(answer(1, 4))
    assert history.present.draft is None
    draft = history.run(c.Redo()).present.draft
    assert draft is not None and draft.is_answered and draft.mask.area == 16


def test_later_clicks_show_the_answer_of_earlier_ones_until_their_own() -> None:
    history = opened().run(click(1, 5)).run(click(2, 6)).run(click(3, 7))
    assert [draft.prompt for draft in history.waiting()] == [1, 2, 3]
    history = history.run(answer(1, 4))
    assert [draft.prompt for draft in history.waiting()] == [2, 3]
    shown = history.present.draft
    assert shown is not None and shown.mask.area == 16 and not shown.is_answered
    history = history.run(answer(2, 5)).run(answer(3, 6))
    assert history.waiting() == []
    areas = []
    while history.present.draft is not None:
        areas.append(history.present.draft.mask.area)
        history = history.run(c.Undo())
    assert areas == [36, 25, 16]


def test_an_answer_that_nobody_can_reach_any_more_is_dropped() -> None:
    history = opened().run(click(1, 5)).run(c.Undo()).run(click(2, 9))
    assert history.run(answer(1, 4)) is history


def test_a_new_step_ends_redo() -> None:
    history = opened().run(click(1, 5)).run(c.Undo()).run(c.AddLabel("dent", "#000000"))
    assert history.redo_code is None


def test_only_the_newest_steps_are_kept_and_they_undo_as_before() -> None:
    history = opened()
    for number in range(1, MOST_STEPS + 200):
        history = history.run(click(number, number % 20))
        history = history.run(answer(number, 3))
    assert len(history.past) == MOST_STEPS
    last = history
    for _ in range(MOST_STEPS):
        history = history.run(c.Undo())
    assert history.undo_code is None and history.run(c.Undo()) is history
    assert history.present.draft is not None and history.present.draft.is_answered
    for _ in range(MOST_STEPS):
        history = history.run(c.Redo())
    assert bare(history) == bare(last)
