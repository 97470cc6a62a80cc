"""Splitting an annotation into its connected parts: the inverse of confirming them as one."""

from __future__ import annotations

import pytest
from fakes import BrightNet, Desk, picture, run
from segmark.errors import SegmarkError
from segmark.geometry import Box
from segmark.rle import RleMask

PARTS = ((10, 10, 20, 20), (20, 20, 30, 30), (60, 60, 70, 75))  # the first two touch at a corner: one part


def test_each_part_becomes_an_annotation_and_undo_joins_them_again() -> None:
    async def work() -> None:
        one = Desk(BrightNet(), picture(200, 200, list(PARTS)))
        for x, y in ((15, 15), (25, 25), (65, 65)):
            one.session.hand.wand(x, y, 10, 4, False)
        (number,) = await one.session.confirm(2, as_one=True)
        before = one.session.history.present.annotations
        one.session.split_annotation(number)
        found = one.session.history.present.annotations
        corner = RleMask.from_box(Box(*PARTS[0]), (200, 200)).union(RleMask.from_box(Box(*PARTS[1]), (200, 200)))
        assert [a.mask for a in found] == [corner, RleMask.from_box(Box(*PARTS[2]), (200, 200))]
        assert [a.id for a in found] == [number, number + 1] and {a.label_id for a in found} == {2}
        one.session.split_annotation(number)
        assert one.notices()[-1:] == ["split_one"]
        one.session.undo()
        assert one.session.history.present.annotations == before
        one.session.redo()
        one.session.reopen(number)
        with pytest.raises(SegmarkError, match="draft_first"):
            one.session.split_annotation(number)
        with pytest.raises(SegmarkError, match="unknown_annotation"):
            one.session.split_annotation(99)

    run(work())
