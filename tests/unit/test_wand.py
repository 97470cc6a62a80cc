"""The magic wand: what one click takes, and what it becomes as an edit."""

from __future__ import annotations

import numpy as np
import pytest
from fakes import BrightNet, Desk, picture, run
from segmark.editing.wand import REACH, is_cut, similar_area
from segmark.errors import SegmarkError
from segmark.geometry import Box
from segmark.rle import RleMask


def ramp() -> np.ndarray:
    """Grey 0, 10, 20 ... from left to right, in columns of ten pixels."""
    return np.repeat(np.repeat(np.arange(0, 250, 10, np.uint8), 10)[np.newaxis], 40, axis=0)


def test_the_tolerance_counts_from_the_clicked_pixel() -> None:
    image = ramp()
    for tolerance, columns in ((0, 1), (9, 1), (10, 3), (25, 5)):
        area = similar_area(image, 105, 20, tolerance)
        assert area.area == 40 * 10 * columns and area.bbox == Box(
            100 - 5 * (columns - 1), 0, 110 + 5 * (columns - 1), 40
        )


def test_every_channel_must_be_alike_and_alpha_does_not_count() -> None:
    image = np.full((20, 30, 4), 100, np.uint8)
    image[:, 10:, 2] = 140
    image[:, 5:, 3] = 0
    assert similar_area(image, 0, 0, 39).bbox == Box(0, 0, 10, 20)
    assert similar_area(image, 0, 0, 40).area == 600


def test_neighbours() -> None:
    image = np.zeros((10, 10), np.uint8)
    image[2:4, 2:4] = image[4:6, 4:6] = 200
    assert similar_area(image, 2, 2, 10, 4).area == 4
    assert similar_area(image, 2, 2, 10, 8).area == 8


def test_one_click_reaches_only_so_far_on_a_large_image() -> None:
    huge = np.lib.stride_tricks.as_strided(np.full((1, 1), 9, np.uint8), (40_000, 40_000), (0, 0))
    area = similar_area(huge, 20_000, 20_000, 0)
    assert area.bbox == Box(20_000 - REACH, 20_000 - REACH, 20_001 + REACH, 20_001 + REACH)
    assert area.area == (2 * REACH + 1) ** 2


@pytest.mark.parametrize("bad", [(-1, 0, 5, 4), (30, 0, 5, 4), (0, 0, -1, 4), (0, 0, 256, 4), (0, 0, 5, 6)])
def test_what_is_out_of_range_is_refused(bad: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="wand"):
        similar_area(np.zeros((20, 30), np.uint8), *bad)


def test_it_adds_and_takes_away_each_as_a_step() -> None:
    async def work() -> None:
        one = Desk(BrightNet(), picture(300, 400, [(100, 100, 140, 130), (200, 200, 220, 220)]))

        one.session.hand.wand(120.5, 110.5, 20, 4, False)
        one.session.hand.wand(210.5, 210.5, 20, 4, False)
        assert one.draft.mask.area == 40 * 30 + 20 * 20 and one.state()["history"]["undo"] == "edit_mask.wand"
        one.session.hand.wand(120.5, 110.5, 20, 4, True)
        assert one.draft.mask == RleMask.from_box(Box(200, 200, 220, 220), (400, 300))
        assert one.state()["history"]["undo"] == "edit_mask.wand_erase"
        one.session.hand.wand(210.5, 210.5, 20, 4, False)
        one.session.hand.wand(-1, 5, 20, 4, False)
        assert one.notices()[-2:] == ["edit_nothing", "click_outside"]
        with pytest.raises(SegmarkError, match="bad_params"):
            one.session.hand.wand(210.5, 210.5, 300, 4, False)
        one.session.press(211, 211, "primary")  # the latest act wins: the patch is the network's again
        await one.session.settled()
        assert one.draft.added is None

    run(work())


def test_an_area_that_goes_on_beyond_the_reach_is_told() -> None:
    async def work() -> None:
        plain = np.full((40, 2 * REACH + 200, 4), 90, np.uint8)
        one = Desk(BrightNet(), plain)
        one.session.hand.wand(20.5, 20.5, 5, 4, False)
        assert one.notices() == ["wand_cut"] and one.draft.mask.bbox == Box(0, 0, 21 + REACH, 40)
        one.session.undo()
        plain[:, 300:310] = 200
        one.session.hand.wand(20.5, 20.5, 5, 4, False)
        assert one.notices() == ["wand_cut"], "a line that ends the area ends it: nothing was cut"

    run(work())


@pytest.mark.parametrize("at", [(0, 0), (REACH, 5), (29, 5)])
def test_the_border_of_the_image_cuts_nothing(at: tuple[int, int]) -> None:
    image = np.zeros((20, REACH + 30), np.uint8)
    area = similar_area(image, at[0], at[1], 0)
    assert is_cut(area, *at) == (area.area < image.size)
