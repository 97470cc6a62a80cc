"""Parts far apart on a large image: what is sent and laid out follows the pixels of the mask, not the box round them."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from fakes import BrightNet, Desk, run
from segmark.editing.areas import REFINEMENTS
from segmark.geometry import Box
from segmark.rle import RleMask

SIDE = 10_000
MB = 1_000_000


def at_desk(work: Callable[[Desk], None]) -> None:
    """Do it at a session on 100 megapixels (which wants a running loop)."""

    async def story() -> None:
        work(Desk(BrightNet(), np.full((SIDE, SIDE), 30, np.uint8)))

    run(story())


def dab_in_two_corners(desk: Desk) -> None:
    desk.session.hand.paint([(20.0, 20.0)], 16, False)
    desk.session.hand.paint([(SIDE - 20.0, SIDE - 20.0)], 16, False)


def told_and_peak(desk: Desk, act: Callable[[], Any]) -> tuple[int, int]:
    """Bytes of the masks sent to the page, and the most memory newly allocated on the way."""
    heard = len(desk.events)
    tracemalloc.start()
    try:
        act()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    sent = [arrays for name, _, arrays in desk.events[heard:] if name == "mask.changed"]
    assert len(sent) == 1
    return sum(array.nbytes for array in sent[0]), peak


def test_a_dab_beside_one_far_away() -> None:
    def work(desk: Desk) -> None:
        dab_in_two_corners(desk)
        before = desk.draft.mask
        assert before.bbox == Box(12, 12, SIDE - 12, SIDE - 12) and before.parts == 2
        told, peak = told_and_peak(desk, lambda: desk.session.hand.paint([(60.0, 20.0)], 16, False))
        assert desk.draft.mask.part_areas == (before.area // 2,) * 3
        assert told < 10_000 and peak < MB
        told, peak = told_and_peak(desk, desk.session.undo)
        assert desk.draft.mask == before and told < 10_000 and peak < MB

    at_desk(work)


@pytest.mark.parametrize("how", sorted(set(REFINEMENTS) - {"fill_holes"}))
def test_the_whole_mask_changed(how: str) -> None:
    def work(desk: Desk) -> None:
        dab_in_two_corners(desk)
        desk.session.hand.paint([(20.0, 20.0), (60.0, 20.0)], 1, False)  # a spike, for "smooth" to take away
        before = desk.draft.mask
        told, peak = told_and_peak(desk, lambda: desk.session.hand.refine(how))
        assert desk.draft.mask != before and told < 10_000 and peak < 10 * MB

    at_desk(work)


def test_a_hole_beside_a_part_far_away() -> None:
    """The rows between the two are looked at, not the pixels in them."""

    def work(desk: Desk) -> None:
        dab_in_two_corners(desk)
        desk.session.hand.paint([(100.0, 60.0), (140.0, 60.0), (120.0, 90.0), (100.0, 60.0)], 8, False)
        with_hole = desk.draft.mask
        assert with_hole.parts == 3 and not with_hole.contains(120, 70)
        told, peak = told_and_peak(desk, lambda: desk.session.hand.fill(120.0, 70.0, False))
        filled = desk.draft.mask
        assert filled.contains(120, 70) and told < 20_000 and peak < 5 * MB
        desk.session.undo()
        told, peak = told_and_peak(desk, lambda: desk.session.hand.refine("fill_holes"))
        assert desk.draft.mask == filled and told < 20_000 and peak < 5 * MB
        told, peak = told_and_peak(desk, lambda: desk.session.hand.fill(120.0, 70.0, True))
        assert desk.draft.mask.parts == 2 and told < 20_000 and peak < 5 * MB

    at_desk(work)


def test_a_scratch_from_corner_to_corner() -> None:
    def work(desk: Desk) -> None:
        ends = [(5.0, 5.0), (SIDE - 5.0, SIDE - 5.0)]
        told, peak = told_and_peak(desk, lambda: desk.session.hand.paint(ends, 3, False))
        mask = desk.draft.mask
        assert mask.parts == 1 and mask.bbox.width > SIDE - 20
        # a run (12 bytes) and at most four segments of outline (16 bytes) a row
        assert told < SIDE * (12 + 4 * 16) and peak < 20 * MB
        for how in ("grow", "smooth"):
            told, peak = told_and_peak(desk, lambda how=how: desk.session.hand.refine(how))  # type: ignore[misc]
            assert told < SIDE * (12 + 4 * 16) and peak < 40 * MB
            desk.session.undo()

    at_desk(work)


def test_parts_far_apart_are_annotations_of_their_own() -> None:
    def work(desk: Desk) -> None:
        dab_in_two_corners(desk)
        tracemalloc.start()
        try:
            parts = desk.draft.mask.components(8)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert [part.bbox for part in parts] == [Box(12, 12, 28, 28), Box(SIDE - 28, SIDE - 28, SIDE - 12, SIDE - 12)]
        assert RleMask.union_of(parts, (SIDE, SIDE)) == desk.draft.mask and peak < MB

    at_desk(work)
