"""`apply` must be pure, and each edit must do what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from edits import IMAGE, command_lists, opened, square_mask
from hypothesis import given, settings
from segmark import commands as c
from segmark.clicks import Click
from segmark.document import Document, new_document
from segmark.errors import SegmarkError
from segmark.geometry import NO_BOX, Box
from segmark.history import History
from segmark.journal import command_from_json, command_to_json
from segmark.modes import FixedBoxMode
from segmark.reduce import apply


def clicked(number: int = 1, x: int = 5, y: int = 5, regions: tuple[Box, ...] = ()) -> c.AddClick:
    return c.AddClick(Click(x, y, True), regions, regions, False, number, 100.0)


def with_mask(size: int = 4) -> Document:
    document = apply(opened().present, clicked())
    return apply(document, c.SetPrediction(1, square_mask(5, 5, size), NO_BOX, (), "net"))


@given(command_lists())
@settings(max_examples=60)
def test_apply_is_pure(commands: list[c.Command]) -> None:
    """The same commands, on documents that other runs have used before, give equal documents and change none."""
    first = opened()
    kept = [first]
    for command in commands:
        kept.append(kept[-1].run(command))
    texts = [command_to_json(command) for command in commands]
    again = first
    for command, text, seen in zip(commands, texts, kept[1:], strict=True):
        assert command_to_json(command) == text
        again = again.run(command_from_json(text))
        assert again == seen
    assert first == opened()


def test_confirm_makes_one_annotation_a_part() -> None:
    document = with_mask()
    two = square_mask(5, 5, 3).union(square_mask(20, 20, 2))
    document = apply(document, clicked(2, 21, 21))
    document = apply(document, c.SetPrediction(2, two, NO_BOX, (), "net"))
    document = apply(document, c.Confirm(3, 107.34))
    assert document.draft is None and document.last_label_id == 3 and document.next_id == 3
    assert [(a.id, a.label_id, a.mask.area, a.clicks, a.seconds, a.model_id) for a in document.annotations] == [
        (1, 3, 9, 2, 7.3, "net"),
        (2, 3, 4, 2, 7.3, "net"),
    ]


def test_an_empty_draft_is_not_confirmed() -> None:
    document = apply(opened().present, clicked())
    with pytest.raises(SegmarkError, match="draft_empty"):
        apply(document, c.Confirm(1, 0.0))


def test_removing_one_click_asks_anew_and_the_last_one_ends_the_draft() -> None:
    document = apply(with_mask(), clicked(2, 7, 7))
    document = apply(document, c.RemoveClick(0, 3))
    draft = document.draft
    assert draft is not None
    assert draft.clicks == (Click(7, 7, True),) and draft.forget and not draft.is_answered and draft.prompt == 3
    assert apply(document, c.RemoveClick(0, 4)).draft is None


def test_without_a_positive_click_the_mask_is_empty_at_once() -> None:
    document = apply(with_mask(), c.AddClick(Click(6, 6, False), (), (), False, 2, 0.0))
    document = apply(document, c.RemoveClick(0, 3))
    draft = document.draft
    assert draft is not None and draft.is_answered and draft.mask.is_empty


def test_a_box_goes_with_its_only_click_and_takes_its_own_pixels_along() -> None:
    a, b = Box(0, 0, 16, 16), Box(10, 0, 26, 16)
    document = apply(opened().present, clicked(1, 5, 5, (a,)))
    document = apply(document, c.AddClick(Click(20, 5, True), (a, b), (b,), False, 2, 0.0))
    document = apply(document, c.SetPrediction(2, square_mask(4, 4, 8).union(square_mask(18, 4, 8)), NO_BOX, (), "net"))
    draft = apply(document, c.RemoveClick(1, 3)).draft
    assert draft is not None
    assert draft.regions == (a,) and draft.is_answered
    assert draft.mask == square_mask(4, 4, 8)


def test_a_stale_answer_changes_nothing() -> None:
    document = with_mask()
    assert apply(document, c.SetPrediction(99, square_mask(0, 0, 1), NO_BOX, (), "net")) is document


def test_the_same_opening_again_keeps_the_document_and_another_does_not() -> None:
    document = with_mask()
    again = c.OpenImage(IMAGE, document.labels, document.mode, 1, document.next_label_id)
    assert apply(document, again) is document
    other = replace(again, image=replace(IMAGE, id="other"))
    assert apply(document, other).draft is None


def test_a_label_in_use_stays() -> None:
    document = apply(with_mask(), c.Confirm(2, 0.0))
    with pytest.raises(SegmarkError, match="label_in_use"):
        apply(document, c.RemoveLabel(2))
    assert [label.id for label in apply(document, c.RemoveLabel(1)).labels] == [2, 3, 4]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (clicked(1, 40, 5), "bad_params"),
        (c.RemoveClick(0, 1), "no_draft"),
        (c.CancelDraft(), "no_draft"),
        (c.Confirm(1, 0.0), "no_draft"),
        (c.DeleteAnnotation(1), "unknown_annotation"),
        (c.Relabel(1, 1), "unknown_annotation"),
        (c.UpdateLabel(9, "x", "#000000"), "unknown_label"),
        (c.RemoveLabel(9), "unknown_label"),
        (c.ShowAnnotations((7,), False), "unknown_annotation"),
    ],
)
def test_senseless_edits_are_refused(command: c.Edit, code: str) -> None:
    with pytest.raises(SegmarkError) as error:
        apply(opened().present, command)
    assert error.value.code == code


def test_without_an_image_there_is_nothing_to_click() -> None:
    with pytest.raises(SegmarkError, match="no_image"):
        apply(new_document(), clicked())


def test_the_mode_is_not_an_undo_step_and_survives_undo() -> None:
    history = opened().run(clicked()).run(c.SetMode(FixedBoxMode(64)))
    assert history.undo_code == "add_click"
    assert history.run(c.Undo()).present.mode == FixedBoxMode(64)
    assert History(history.present).run(c.Undo()).present is history.present
