"""Point mode: the finest crop that holds the target, grown in at most two more runs."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from segmark.clicks import Click, Prompt
from segmark.geometry import NO_BOX, Box, image_box, roi_frame
from segmark.rle import RleMask
from segmark.segment.crops import first_crop, grown_crop


def prompt(clicks: tuple[Click, ...], mask: RleMask, crop: Box = NO_BOX) -> Prompt:
    return Prompt(clicks, (), mask, crop)


def disc_logits(x0: int, y0: int, x1: int, y1: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    logits = np.full((256, 256), -5, np.float32)
    logits[y0:y1, x0:x1] = 5
    return logits


def test_the_first_click_is_seen_at_native_scale() -> None:
    crop = first_crop(prompt((Click(3000, 2000, True),), RleMask.empty(6000, 4000)), image_box(6000, 4000))
    assert (crop.width, crop.height) == (256, 256) and crop.contains(3000, 2000)


def test_a_small_image_is_seen_whole() -> None:
    crop = first_crop(prompt((Click(3, 2, True),), RleMask.empty(90, 40)), image_box(90, 40))
    assert crop == Box(0, 0, 90, 40)


@given(
    st.lists(st.builds(Click, st.integers(0, 5999), st.integers(0, 3999), st.booleans()), min_size=1, max_size=6),
    st.integers(256, 6000),
)
def test_the_crop_holds_all_clicks_and_keeps_the_scale(clicks: list[Click], last: int) -> None:
    image = image_box(6000, 4000)
    mask = RleMask.from_box(Box(100, 100, 100 + last // 3, 130), (6000, 4000))
    before = Box(0, 0, min(last, 6000), min(last, 4000))
    crop = first_crop(prompt(tuple(clicks), mask, before), image)
    assert all(crop.contains(c.x, c.y) for c in clicks)
    assert crop.intersect(mask.bbox) == mask.bbox and crop.intersect(image) == crop
    assert max(crop.width, crop.height) >= max(before.width, before.height)


def test_a_small_mask_lets_the_crop_shrink_again() -> None:
    image, mask = image_box(6000, 4000), RleMask.from_box(Box(1000, 1000, 1040, 1040), (6000, 4000))
    crop = first_crop(prompt((Click(1010, 1010, True),), mask, Box(0, 0, 2000, 2000)), image)
    assert crop.width == 256


def test_a_target_inside_does_not_grow() -> None:
    frame = roi_frame(Box(1000, 1000, 1256, 1256), image_box(6000, 4000))
    assert (
        grown_crop(disc_logits(100, 100, 150, 150), frame, (Click(1120, 1120, True),), image_box(6000, 4000), 2) is None
    )


def test_only_clicked_parts_count() -> None:
    frame = roi_frame(Box(1000, 1000, 1256, 1256), image_box(6000, 4000))
    logits = disc_logits(100, 100, 150, 150)
    logits[:, :20] = 5
    image = image_box(6000, 4000)
    assert grown_crop(logits, frame, (Click(1120, 1120, True),), image, 2) is None
    assert grown_crop(logits, frame, (Click(1010, 1120, True),), image, 2) is not None
    assert grown_crop(logits, frame, (Click(1010, 1120, False),), image, 2) is None


def test_the_images_edge_is_no_reason_to_grow() -> None:
    image = image_box(256, 900)
    frame = roi_frame(Box(0, 300, 256, 556), image)
    across, down = disc_logits(0, 100, 256, 150), disc_logits(100, 0, 150, 150)
    assert grown_crop(across, frame, (Click(100, 420, True),), image, 2) is None
    assert grown_crop(down, frame, (Click(120, 400, True),), image, 2) is not None


@given(st.integers(257, 12000), st.integers(257, 12000), st.floats(0, 1), st.floats(0, 1))
def test_two_more_runs_reach_the_whole_image(width: int, height: int, fx: float, fy: float) -> None:
    image = image_box(width, height)
    click = Click(int(fx * (width - 1)), int(fy * (height - 1)), True)
    crop = first_crop(prompt((click,), RleMask.empty(width, height)), image)
    for left in (2, 1):
        grown = grown_crop(np.full((256, 256), 5, np.float32), roi_frame(crop, image), (click,), image, left)
        if grown is None:
            break
        assert grown.intersect(crop) == crop and grown.intersect(image) == grown
        assert max(grown.width, grown.height) >= min(2 * max(crop.width, crop.height), max(width, height))
        crop = grown
    assert crop == image


def test_growth_reaches_to_the_side_where_the_mask_ran_out() -> None:
    image = image_box(6000, 4000)
    box = Box(3000, 2000, 3256, 2256)
    grown = grown_crop(disc_logits(200, 100, 256, 120), roi_frame(box, image), (Click(3220, 2110, True),), image, 2)
    assert grown is not None
    assert grown.x1 - box.x1 > box.x0 - grown.x0
