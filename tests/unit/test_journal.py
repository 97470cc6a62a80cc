"""What the journal holds must bring back the same history; what it cannot read must change nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from edits import command_lists, opened, square_mask
from hypothesis import given, settings
from hypothesis import strategies as st
from segmark import commands as c
from segmark.clicks import Click
from segmark.document import Label
from segmark.geometry import NO_BOX
from segmark.journal import command_from_json, command_to_json, replay
from segmark.values import JournalError


@given(command_lists())
@settings(max_examples=100)
def test_round_trip_and_replay(commands: list[c.Command]) -> None:
    history = opened()
    for command in commands:
        history = history.run(command)
    lines = [command_to_json(command) for command in commands]
    assert [command_from_json(line) for line in lines] == commands
    assert all("\n" not in line for line in lines)
    result = replay(opened(), lines)
    assert result.history == history and (result.done, result.skipped) == (len(lines), 0)


def lines() -> list[str]:
    click = c.AddClick(Click(5, 5, True), (), (), False, 1, 0.0)
    return [command_to_json(k) for k in (click, c.SetPrediction(1, square_mask(5, 5, 3), NO_BOX, (), "net"))]


def test_a_torn_tail_is_left_out() -> None:
    whole = lines()
    result = replay(opened(), [whole[0], whole[1][:-7]])
    assert (result.done, result.skipped) == (1, 1)
    assert result.history == replay(opened(), whole[:1]).history


def test_an_entry_that_makes_no_sense_ends_the_replay() -> None:
    result = replay(opened(), [command_to_json(c.DeleteAnnotation(4)), *lines()])
    assert (result.done, result.skipped) == (0, 3) and result.history == opened()


def spoilt(index: int, **changes: object) -> str:
    return json.dumps(json.loads(lines()[index]) | changes)


ODD_NUMBERS = ["NaN", "Infinity", "-1e999", "1" + "0" * 400, "true", '"1"', "null"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "7",
        "{}",
        '{"v":1}',
        '{"v":5,"kind":"undo"}',
        '{"v":1,"kind":"format_disk"}',
        '{"v":1,"kind":"confirm","label_id":"1","at":0}',
        '{"v":1,"kind":"confirm","label_id":true,"at":0}',
        "[" * 100_000,
        '{"a":' * 100_000,
        spoilt(0, click=[1, 2]),
        spoilt(0, click=[1, 2, 3]),
        spoilt(0, regions=[[0, 0, 1]]),
        spoilt(0, prompt=None),
        spoilt(1, mask={"size": [40, 30], "counts": "P"}),
        spoilt(1, mask={"size": [40, 30], "counts": "5"}),
        spoilt(1, mask={"size": [-40, -30], "counts": "`0"}),
        spoilt(1, mask={"size": ["a", 30], "counts": ""}),
        spoilt(1, mask={"size": [4 * 10**50, 30], "counts": ""}),
        spoilt(1, mask={"size": [0, 30], "counts": ""}),
        spoilt(1, mask="all"),
        spoilt(1, crop=[0, 0]),
        *(f'{{"v":2,"kind":"confirm","label_id":1,"at":{at},"as_one":true}}' for at in ODD_NUMBERS),
    ],
)
def test_broken_entries_are_refused(text: str) -> None:
    with pytest.raises(JournalError):
        command_from_json(text)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(JournalError):
        command_from_json(text)


def test_a_mask_of_another_image_is_refused_on_replay() -> None:
    line = spoilt(1, mask={"size": [2, 2], "counts": "4"})
    result = replay(opened(), [lines()[0], line])
    assert (result.done, result.skipped) == (1, 1)


@pytest.mark.parametrize("kind", ["open_image", "share_labels"])
@pytest.mark.parametrize("fault", ["twice", "to come"])
def test_classes_that_no_snapshot_could_hold_are_refused_on_replay(kind: str, fault: str) -> None:
    """Else the work would go on, and be lost with the first snapshot."""
    document = opened().present
    assert document.image is not None
    labels = (*document.labels, Label(1 if fault == "twice" else 99, "dent", "#000000"))
    command: c.Command = c.OpenImage(replace(document.image, id="next"), labels, document.mode, 1, 5)
    if kind == "share_labels":
        labels = (Label(7, "a", "#000000"), Label(7 if fault == "twice" else 99, "dent", "#000000"))
        command = c.ShareLabels(labels, 1, 8)
    result = replay(opened(), [command_to_json(command)])
    assert (result.done, result.skipped) == (0, 1) and result.history.present == document
