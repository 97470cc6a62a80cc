"""A snapshot stands for the journal before it; journals of older schemas go on; damaged ones are refused whole."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from edits import HEIGHT, WIDTH, command_lists, opened, square_mask
from hypothesis import given, settings
from hypothesis import strategies as st
from segmark import commands as c
from segmark.document import Document
from segmark.history import History
from segmark.journal import SCHEMA, command_to_json, history_from_json, history_to_json, replay
from segmark.rle import RleMask
from segmark.snapshot import check
from segmark.values import JournalError

GOLDEN = Path(__file__).resolve().parent / "golden"
ODD: list[Any] = [None, True, -1, 0, 7, 10**9, 0.5, "", "x", [], {}, [[]], [0, 0], {"size": [1, 1], "counts": ""}]


def done(commands: list[c.Command]) -> History:
    history = opened()
    for command in commands:
        history = history.run(command)
    return history


@given(command_lists())
@settings(max_examples=100, deadline=None)
def test_a_snapshot_is_the_history(commands: list[c.Command]) -> None:
    history = done(commands)
    line = history_to_json(history)
    assert "\n" not in line and history_from_json(line) == history


@given(command_lists(), st.integers(0, 25))
@settings(max_examples=100, deadline=None)
def test_a_journal_that_begins_with_a_snapshot_equals_the_whole_one(commands: list[c.Command], at: int) -> None:
    entries = [history_to_json(done(commands[:at])), *map(command_to_json, commands[at:])]
    result = replay(History(), entries)
    assert result.history == done(commands) and result.skipped == 0


def test_what_documents_share_is_written_and_held_once() -> None:
    history = opened().run(c.EditMask("brush", square_mask(2, 2, 9), RleMask.empty(WIDTH, HEIGHT), 1, 0.0))
    history = history.run(c.Confirm(1, 1.0))
    for k in range(100):
        history = history.run(c.AddLabel(f"label {k}", "#112233"))
    line = history_to_json(history)
    assert len(json.loads(line)["tables"]["Annotation"]) == 1
    again = history_from_json(line)
    assert len({id(step.document.annotations[0]) for step in again.past[2:]}) == 1


@given(command_lists(), st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_a_damaged_snapshot_is_refused_or_a_whole_history(commands: list[c.Command], seed: int) -> None:
    """Whatever is read can be worked on: every document keeps the rules of `check`."""
    chance = random.Random(seed)
    content = json.loads(history_to_json(done(commands)))
    spots: list[tuple[Any, Any]] = []
    todo: list[Any] = [content]
    while todo:
        node = todo.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else []
        spots += [(node, key) for key in keys]
        todo += [node[key] for key in keys]
    node, key = chance.choice(spots)
    node[key] = chance.choice(ODD)
    try:
        history = history_from_json(json.dumps(content))
    except JournalError:
        return
    for document in [history.present, *(step.document for step in history.past + history.future)]:
        check(document)


def with_one() -> Document:
    return done(
        [c.EditMask("brush", square_mask(2, 2, 9), RleMask.empty(WIDTH, HEIGHT), 1, 0.0), c.Confirm(1, 1.0)]
    ).present


@pytest.mark.parametrize(
    "changes",
    [
        {"image": None},
        {"annotations": with_one().annotations * 2},
        {"annotations": (replace(with_one().annotations[0], label_id=9),)},
        {"annotations": (replace(with_one().annotations[0], mask=RleMask.empty(9, 9)),)},
        {"labels": with_one().labels * 2},
        {"next_id": 1},
        {"next_label_id": 4},
    ],
)
def test_documents_that_cannot_be_are_refused(changes: dict[str, Any]) -> None:
    check(with_one())
    with pytest.raises(JournalError):
        check(replace(with_one(), **changes))


@pytest.mark.parametrize("schema", range(1, SCHEMA + 1))
def test_journals_of_every_schema_are_read(schema: int) -> None:
    """The files were written by the program of their time and are never written again."""
    entries = (GOLDEN / f"journal_{schema}.jsonl").read_text().splitlines()
    result = replay(History(), entries)
    assert result.skipped == 0 and json.loads(entries[0])["v"] == schema
    document = result.history.present
    assert document.image is not None and document.image.name == "Teil ä 划痕.png"
    assert [(a.id, a.label_id, a.mask.area, a.clicks) for a in document.annotations] == [
        (1, 2, 36, 1),
        (2, 2, 16, 1),
        (3, 1, 52, 2),
    ]
    assert document.draft is not None and document.draft.mask.area == 25 and document.hidden == {1}
    codes = [step.code for step in result.history.past]
    assert len(codes) == (8 if "hide_annotations" in codes else 7) and ("hide_annotations" in codes) == (schema >= 4)


@pytest.mark.parametrize("kept_as", ["entries", "snapshot"])
def test_what_was_no_step_before_schema_4_stays_through_undo(kept_as: str) -> None:
    """Then undo left alone what was hidden, locked and done: a history of that time must not change them now."""
    commands = [
        c.EditMask("brush", square_mask(2, 2, 9), RleMask.empty(WIDTH, HEIGHT), 1, 0.0),
        c.Confirm(1, 1.0),
        c.AddLabel("pore", "#112233"),
    ]
    old = [
        '{"v":3,"kind":"show_annotation","id":1,"visible":false}',
        '{"v":3,"kind":"lock_annotations","ids":[1],"is_locked":true}',
        '{"v":3,"kind":"mark_done","is_done":true}',
    ]
    if kept_as == "entries":
        entries = [*map(command_to_json, commands), *old]
    else:  # as the program of that time kept it: only the present document knew
        before = done(commands)
        seen = replace(before.present, hidden=frozenset({1}), locked=frozenset({1}), is_done=True)
        entries = [history_to_json(replace(before, present=seen)).replace(f'"v":{SCHEMA}', '"v":3')]
    start = opened() if kept_as == "entries" else History()
    history = replay(start, entries).history
    assert [step.code for step in history.past] == ["edit_mask.brush", "confirm", "add_label"]
    undone = history.run(c.Undo())
    for document in (history.present, undone.present, undone.run(c.Redo()).present):
        assert (document.hidden, document.locked, document.is_done) == ({1}, {1}, True)


def test_hiding_locking_and_done_are_steps() -> None:
    history = done([c.EditMask("brush", square_mask(2, 2, 9), RleMask.empty(WIDTH, HEIGHT), 1, 0.0), c.Confirm(1, 1.0)])
    for command in (c.ShowAnnotations((1,), False), c.LockAnnotations((1,), True), c.MarkDone(True)):
        history = history.run(command)
    assert [step.code for step in history.past[2:]] == ["hide_annotations", "lock_annotations", "mark_done"]
    for _ in range(3):
        history = history.run(c.Undo())
    assert (history.present.hidden, history.present.locked, history.present.is_done) == (
        frozenset(),
        frozenset(),
        False,
    )
    for _ in range(3):
        history = history.run(c.Redo())
    assert (history.present.hidden, history.present.locked, history.present.is_done) == ({1}, {1}, True)


def test_a_later_schema_is_refused() -> None:
    line = history_to_json(opened()).replace(f'"v":{SCHEMA}', f'"v":{SCHEMA + 1}')
    with pytest.raises(JournalError):
        history_from_json(line)
    assert replay(History(), [line]).skipped == 1
