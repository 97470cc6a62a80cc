"""Finished annotations: several at once, locked, merged, and confirmed so that overlaps and specks go."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from edits import IMAGE, opened, square_mask
from segmark import commands as c
from segmark.document import Annotation, Document, ImageRecord
from segmark.errors import SegmarkError
from segmark.history import History
from segmark.journal import command_from_json, command_to_json
from segmark.publish import Status, state_of
from segmark.reduce import apply
from segmark.rle import RleMask
from segmark.switching import copied


def three() -> Document:
    """Annotations 1 to 3 of 4 x 4 pixels side by side, 2 px apart; 3 has no network."""
    made = tuple(
        Annotation(k, 1, square_mask(6 * k, 5, 4), "net" if k < 3 else "", clicks=k, seconds=1.5) for k in (1, 2, 3)
    )
    return replace(opened().present, annotations=made, next_id=4)


def drafted(document: Document, mask: RleMask) -> Document:
    return apply(document, c.EditMask("brush", mask, RleMask.empty(*mask.size), 1, 10.0))


def code_of(document: Document, command: c.Edit) -> str:
    with pytest.raises(SegmarkError) as error:
        apply(document, command)
    return error.value.code


def test_merging_keeps_every_pixel_and_every_click() -> None:
    merged = apply(three(), c.MergeAnnotations((3, 1)))
    assert [a.id for a in merged.annotations] == [2, 3]
    last = merged.annotations[-1]
    assert last.mask == square_mask(6, 5, 4).union(square_mask(18, 5, 4))
    assert (last.clicks, last.seconds, last.model_id, last.label_id) == (4, 3.0, "net", 1)
    for ids in ((), (1,), (1, 1), (1, 9)):
        assert code_of(three(), c.MergeAnnotations(ids)) in ("bad_params", "unknown_annotation")


def test_what_is_locked_changes_by_nothing_but_being_unlocked() -> None:
    document = apply(three(), c.LockAnnotations((2,), True))
    refused = [
        c.DeleteAnnotation(2),
        c.DeleteAnnotations((1, 2)),
        c.MergeAnnotations((1, 2)),
        c.SplitAnnotation(2),
        c.Relabel(2, 2),
        c.RelabelAnnotations((1, 2), 2),
        c.ReopenAnnotation(2, 1, 1.0),
    ]
    assert [code_of(document, command) for command in refused] == ["locked"] * len(refused)
    taking = apply(drafted(document, square_mask(6, 5, 30)), c.Confirm(1, 12.0, takes=True))
    assert (taking.annotations[0].id, taking.annotations[0].mask.area) == (2, 16), "1 and 3 lost all, 2 nothing"
    freed = apply(document, c.LockAnnotations((2,), False))
    assert [a.id for a in apply(freed, c.DeleteAnnotation(2)).annotations] == [1, 3]


def test_several_are_deleted_or_renamed_in_one_step() -> None:
    history = opened()
    history = replace(history, present=three())
    after = history.run(c.RelabelAnnotations((1, 3), 2)).run(c.DeleteAnnotations((2, 3)))
    assert [(a.id, a.label_id) for a in after.present.annotations] == [(1, 2)]
    assert after.run(c.Undo()).run(c.Undo()).present.annotations == three().annotations


def test_a_confirm_may_take_the_pixels_that_overlap() -> None:
    over = square_mask(8, 5, 6)  # 2 columns of 1, 2 columns of 2
    kept = apply(drafted(three(), over), c.Confirm(2, 12.0))
    assert [a.mask.area for a in kept.annotations] == [16, 16, 16, 36]
    taken = apply(drafted(three(), over), c.Confirm(2, 12.0, takes=True))
    assert [(a.id, a.mask.area) for a in taken.annotations] == [(1, 8), (2, 8), (3, 16), (4, 36)]
    union = RleMask.empty(*over.size)
    for a in taken.annotations:
        assert union.intersect(a.mask).is_empty
        union = union.union(a.mask)


def test_specks_are_dropped_on_request() -> None:
    mask = square_mask(2, 2, 6).union(square_mask(20, 20, 1)).union(square_mask(25, 20, 2))
    assert mask.part_areas == (36, 1, 4)
    document = drafted(opened().present, mask)
    for min_px, as_one, areas in ((0, False, [36, 1, 4]), (2, False, [36, 4]), (2, True, [40]), (5, True, [36])):
        confirmed = apply(document, c.Confirm(1, 12.0, as_one, min_px))
        assert [a.mask.area for a in confirmed.annotations] == areas
    assert code_of(document, c.Confirm(1, 12.0, min_px=37)) == "draft_empty"


def test_a_number_that_undo_has_freed_comes_without_its_past() -> None:
    history = opened()
    for command in (
        c.EditMask("brush", square_mask(2, 2, 6), square_mask(0, 0, 0), 1, 10.0),
        c.Confirm(1, 11.0),
        c.ShowAnnotations((1,), False, without_step=True),
        c.LockAnnotations((1,), True, without_step=True),
        c.Undo(),
        c.Confirm(1, 12.0),
    ):
        history = history.run(command)
    assert not history.present.hidden and not history.present.locked


def test_the_journal_knows_the_new_edits() -> None:
    for command in (
        c.MergeAnnotations((3, 1)),
        c.DeleteAnnotations((1, 2)),
        c.RelabelAnnotations((2,), 3),
        c.LockAnnotations((1,), True),
        c.Confirm(1, 2.0, True, 5, True),
    ):
        assert command_from_json(command_to_json(command)) == command
    old = '{"v": 2, "kind": "confirm", "label_id": 1, "at": 2.0, "as_one": false}'
    assert command_from_json(old) == c.Confirm(1, 2.0)


def test_annotations_come_along_from_an_image_of_the_same_size() -> None:
    source = three()
    here = replace(opened().present, image=ImageRecord("other", "b.png", IMAGE.width, IMAGE.height), next_id=7)
    after = apply(here, copied(source, here))
    assert [(a.id, a.mask) for a in after.annotations] == [(k + 6, a.mask) for k, a in enumerate(source.annotations, 1)]
    larger = replace(here, image=ImageRecord("large", "c.png", 80, 60))
    with pytest.raises(SegmarkError) as error:
        copied(source, larger)
    assert error.value.code == "copy.size"


def test_the_page_can_count_specks_however_many_there_are() -> None:
    """3,600 parts of one pixel and 2 of four: what the page says Enter makes is what it makes."""
    size = (200, 200)
    window = np.zeros((200, 200), np.uint8)
    window[:120:2, :120:2] = 1
    window[150:152, 150:152] = window[160:162, 150:152] = 1
    mask = RleMask.from_window(window, (0, 0), size)
    document = replace(opened().present, image=replace(IMAGE, width=200, height=200), draft=None)
    told = state_of(History(drafted(document, mask)), Status(), 1)["draft"]
    assert told["specks"] == [[1, 3600], [4, 2]] and told["parts"] == 3602
    made = apply(drafted(document, mask), c.Confirm(1, 12.0, min_px=2)).annotations
    assert len(made) == told["parts"] - sum(count for area, count in told["specks"] if area < 2)
