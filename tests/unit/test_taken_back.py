"""A point that goes takes its part of the mask with it, whatever mode it was made in; a box drawn by hand stays."""

from __future__ import annotations

import pytest
from edits import opened, square_mask
from fakes import BrightNet, Desk, picture, run
from segmark import commands as c
from segmark.clicks import Click
from segmark.errors import SegmarkError
from segmark.geometry import NO_BOX, Box
from segmark.journal import command_from_json
from segmark.modes import CustomBoxMode, FixedBoxMode, Mode
from segmark.reduce import apply

FIRST, SECOND = (50, 50, 90, 90), (300, 200, 360, 260)


def desk() -> Desk:
    return Desk(BrightNet(), picture(400, 500, (FIRST, SECOND)))


async def both_marked(one: Desk, mode: Mode) -> None:
    """The first defect by a click in point mode, the second in a box."""
    one.session.press(70, 70, "primary")
    await one.session.settled()
    one.session.set_mode(mode)
    if isinstance(mode, CustomBoxMode):
        one.session.drag("", (280, 180), (380, 280))
    one.session.press(330, 230, "primary")
    await one.session.settled()
    assert one.draft.mask.contains(70, 70) and one.draft.mask.contains(330, 230)


@pytest.mark.parametrize("mode", [CustomBoxMode(), CustomBoxMode(follow=True), FixedBoxMode(100, follow=True)])
@pytest.mark.parametrize("is_moved", [False, True])
def test_a_point_of_before_the_box_takes_its_part_with_it(mode: Mode, is_moved: bool) -> None:
    async def work() -> None:
        one = desk()
        await both_marked(one, mode)
        before = one.draft
        if is_moved:
            one.session.move_click(0, 320, 220)
        else:
            one.session.remove_click(0)
        await one.session.settled()
        around = [box for box in (Box(*FIRST), Box(*SECOND)) if box.intersect(one.draft.mask.bbox) == box]
        assert around == [Box(*SECOND)] and one.draft.mask.area == 60 * 60
        one.session.undo()
        assert one.draft == before

    run(work())


def test_what_another_point_holds_stays() -> None:
    async def work() -> None:
        one = desk()
        one.session.press(60, 60, "primary")
        await both_marked(one, CustomBoxMode())
        one.session.remove_click(0)
        await one.session.settled()
        assert one.draft.mask.contains(70, 70), "the click at 70, 70 holds it"
        one.session.remove_click(0)
        await one.session.settled()
        assert one.draft.mask.area == 60 * 60

    run(work())


def test_what_was_painted_stays_when_the_point_in_it_goes() -> None:
    async def work() -> None:
        one = desk()
        one.session.hand.paint([(50.5, 110.5), (90.5, 110.5)], 5, False)
        await both_marked(one, CustomBoxMode())
        one.session.remove_click(0)
        await one.session.settled()
        assert one.draft.mask.contains(70, 110) and not one.draft.mask.contains(70, 70)

    run(work())


@pytest.mark.parametrize("begun_in", [None, FixedBoxMode(64)])
def test_a_box_drawn_in_the_middle_of_a_draft_stays_when_its_points_go(begun_in: Mode | None) -> None:
    async def work() -> None:
        one = desk()
        if begun_in is not None:
            one.session.set_mode(begun_in)
        one.session.press(330, 230, "primary")
        await one.session.settled()
        one.session.set_mode(CustomBoxMode())
        one.session.drag("", (280, 180), (380, 280))
        one.session.press(340, 240, "primary")
        await one.session.settled()
        for _ in one.draft.clicks:
            one.session.remove_click(0)
            await one.session.settled()
        assert one.draft.regions == (Box(280, 180, 380, 280),) and one.draft.mask.is_empty

    run(work())


def test_a_stamp_that_a_click_made_goes_with_its_click() -> None:
    async def work() -> None:
        one = desk()
        one.session.press(330, 230, "primary")
        await one.session.settled()
        one.session.set_mode(FixedBoxMode(64))
        one.session.press(70, 70, "primary")
        await one.session.settled()
        one.session.remove_click(1)
        await one.session.settled()
        assert one.draft.regions == ()

    run(work())


def test_journals_of_before_keep_what_was_made_by_the_old_rules() -> None:
    """A finished annotation must not change because the program did."""
    document = opened().present
    inside, outside = square_mask(20, 10, 4), square_mask(2, 2, 4)
    for command in (
        c.AddClick(Click(3, 3, True), (), (), False, 1, 1.0),
        c.SetPrediction(1, outside, NO_BOX, (), "net"),
        c.PlaceBox(Box(18, 8, 30, 20), (), 2, 2.0),
        c.AddClick(Click(21, 11, True), (Box(18, 8, 30, 20),), (Box(18, 8, 30, 20),), False, 3, 3.0),
        c.SetPrediction(3, outside.union(inside), NO_BOX, (), "net"),
    ):
        document = apply(document, command)
    old = command_from_json('{"v":2,"kind":"remove_click","index":0,"prompt":4}')
    new = command_from_json('{"v":3,"kind":"remove_click","index":0,"prompt":4}')
    assert isinstance(old, c.RemoveClick) and isinstance(new, c.RemoveClick)
    drafts = [apply(document, command).draft for command in (old, new)]
    assert [None if draft is None else draft.mask for draft in drafts] == [outside.union(inside), inside]
    with pytest.raises(SegmarkError):
        apply(document, c.RemoveClick(2, 4))
