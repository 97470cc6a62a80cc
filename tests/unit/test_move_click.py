"""Dragging a point (R2.2): it keeps its sign and its place in the order, and the mask is worked out anew."""

from __future__ import annotations

import asyncio

import pytest
from fakes import BrightNet, Desk, picture, run
from segmark.clicks import Click
from segmark.errors import SegmarkError
from segmark.evaluate.metrics import iou
from segmark.geometry import Box
from segmark.modes import CustomBoxMode, FixedBoxMode
from segmark.rle import RleMask

SIZE = (500, 400)
FIRST, SECOND = (100, 100, 140, 130), (320, 260, 350, 290)


def desk() -> Desk:
    return Desk(BrightNet(), picture(400, 500, [FIRST, SECOND]))


def box_mask(*boxes: tuple[int, int, int, int]) -> RleMask:
    mask = RleMask.empty(*SIZE)
    for box in boxes:
        mask = mask.union(RleMask.from_box(Box(*box), SIZE))
    return mask


def test_a_moved_point_marks_what_is_there_and_one_undo_brings_it_back() -> None:
    async def work() -> None:
        one = desk()
        one.session.press(110, 110, "primary")
        one.session.press(125, 120, "primary")
        await one.session.settled()
        before = one.draft
        one.session.move_click(0, 330.7, 270.2)
        await one.session.settled()
        assert one.draft.clicks == (Click(330, 270, True), Click(125, 120, True))
        assert iou(one.draft.mask, box_mask(FIRST, SECOND)) > 0.99  # a crop of both is seen at a smaller scale
        one.session.move_click(1, 340, 280)
        await one.session.settled()
        assert iou(one.draft.mask, box_mask(SECOND)) > 0.99
        assert one.state()["history"]["undo"] == "move_click"
        one.session.undo()
        one.session.undo()
        await one.session.settled()
        assert one.draft == before

    run(work())


def test_a_point_stays_in_the_image_and_in_its_boxes() -> None:
    async def work() -> None:
        one = desk()
        one.session.set_mode(FixedBoxMode(64, True))
        one.session.press(120, 115, "primary")
        await one.session.settled()
        entries = one.entries()
        one.session.move_click(0, 330, 270)
        one.session.move_click(0, -3, 110)
        assert one.notices()[-2:] == ["move_outside", "click_outside"]
        one.session.move_click(0, 120.9, 115.9)  # the same pixel
        assert one.entries() == entries and one.draft.clicks == (Click(120, 115, True),)
        with pytest.raises(SegmarkError, match="unknown_click"):
            one.session.move_click(1, 120, 110)

    run(work())


def test_a_stamp_that_loses_its_only_positive_point_goes_with_what_it_gave() -> None:
    async def work() -> None:
        one = desk()
        one.session.set_mode(FixedBoxMode(64, True))
        one.session.press(120, 115, "primary")
        one.session.press(335, 275, "primary")
        await one.session.settled()
        assert one.draft.mask == box_mask(FIRST, SECOND)
        one.session.move_click(0, 340, 280)
        await one.session.settled()
        assert len(one.draft.regions) == 1 and one.draft.mask == box_mask(SECOND)

    run(work())


def test_the_latest_act_wins_over_another_point_and_over_the_brush() -> None:
    async def work() -> None:
        one = desk()
        one.session.set_mode(CustomBoxMode())
        one.session.drag("", (80, 80), (180, 160))
        one.session.press(110, 110, "primary")
        one.session.press(130, 120, "secondary")
        await one.session.settled()
        one.session.move_click(1, 110, 110)  # a negative point on the only positive one: nothing is left but the box
        await one.session.settled()
        assert one.draft.clicks == (Click(110, 110, False),) and one.draft.mask.is_empty
        assert len(one.draft.regions) == 1 and not one.state()["busy"]
        one.session.undo()
        one.session.hand.paint([(160, 150)], 9, erase=False)
        one.session.move_click(1, 160, 150)
        await one.session.settled()
        assert one.draft.added is None and not one.draft.mask.contains(160, 150)

    run(work())


def test_a_point_taken_away_while_another_box_still_waits_for_its_answer() -> None:
    """Two boxes stamped faster than the network answers; the second one's point goes: the first one is still answered."""

    async def work() -> None:
        gate = asyncio.Event()
        one = Desk(BrightNet(gate), picture(400, 500, [FIRST, SECOND]))
        one.session.set_mode(FixedBoxMode(64, follow=True))
        one.session.press(120, 115, "primary")
        one.session.press(335, 275, "primary")
        one.session.remove_click(1)
        assert one.state()["busy"] and len(one.draft.regions) == 1
        gate.set()
        await one.session.settled()
        assert one.draft.is_answered and iou(one.draft.mask, box_mask(FIRST)) > 0.99

    run(work())
