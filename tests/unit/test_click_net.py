"""Crops grow while the target runs out of them, and never more than twice."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from fakes import BrightNet, FixedNet, run
from segmark.clicks import Click, Prompt
from segmark.geometry import Box, image_box, roi_frame
from segmark.rle import RleMask
from segmark.segment.click_net import ClickNet, _apart
from segmark.segment.predictor import PredictorError


def image(width: int, height: int, *boxes: Box) -> np.ndarray:  # type: ignore[type-arg]
    pixels = np.full((height, width), 40, np.uint8)
    for x0, y0, x1, y1 in boxes:
        pixels[y0:y1, x0:x1] = 220
    return pixels


def ask(click: Click, size: tuple[int, int]) -> Prompt:
    return Prompt((click,), (), RleMask.empty(*size), number=1)


@pytest.mark.parametrize(
    ("target", "runs"),
    [(Box(1000, 1000, 1040, 1040), 1), (Box(900, 1000, 1400, 1200), 2), (Box(100, 1000, 5900, 3000), 3)],
)
def test_runs(target: Box, runs: int) -> None:
    net = BrightNet()
    clicks = ClickNet(image(6000, 4000, target))
    answer = run(clicks.answer(net, ask(Click(target.x0 + 20, target.y0 + 20, True), (6000, 4000))))
    assert len(net.calls) == answer.timing.runs == runs
    truth = RleMask.from_box(target, (6000, 4000))
    both = answer.mask.intersect(truth).area
    assert both / (answer.mask.area + truth.area - both) > 0.97
    assert answer.crop.intersect(target) == target


def test_a_grown_run_sees_the_mask_of_the_run_before() -> None:
    net = BrightNet()
    run(ClickNet(image(2000, 2000, Box(900, 900, 1400, 1400))).answer(net, ask(Click(1000, 1000, True), (2000, 2000))))
    assert net.calls[0][1].max() == 0 and net.calls[1][1].max() == 1


def test_a_network_that_says_yes_everywhere_ends_after_three_runs() -> None:
    net = FixedNet(np.full((256, 256), 9, np.float32))
    answer = run(ClickNet(image(3000, 1000)).answer(net, ask(Click(10, 10, True), (3000, 1000))))
    assert net.runs == 3 and answer.mask.area == 3_000_000


def test_only_pixels_in_the_crop_change() -> None:
    far = RleMask.from_box(Box(0, 0, 30, 30), (1000, 1000))
    prompt = Prompt((Click(700, 700, True),), (Box(600, 600, 800, 800),), far)
    answer = run(ClickNet(image(1000, 1000, Box(690, 690, 720, 720))).answer(BrightNet(), prompt))
    assert answer.mask == far.union(RleMask.from_box(Box(690, 690, 720, 720), (1000, 1000)))


def test_one_pixel_images_and_thin_ones() -> None:
    for width, height in ((1, 1), (1, 500), (500, 1), (3, 2)):
        net = FixedNet(np.full((256, 256), 9, np.float32))
        answer = run(ClickNet(image(width, height)).answer(net, ask(Click(0, 0, True), (width, height))))
        assert answer.mask.area == width * height


def test_an_error_passes_through() -> None:
    net = BrightNet()
    net.failure = PredictorError("inference.failed")
    with pytest.raises(PredictorError):
        run(ClickNet(image(300, 300)).answer(net, ask(Click(10, 10, True), (300, 300))))


def test_neighbours_answer_from_memory_and_from_the_mask_when_it_is_gone() -> None:
    a, b = Box(0, 0, 128, 128), Box(64, 0, 192, 128)
    pixels = image(300, 200, Box(20, 40, 180, 80))
    full = RleMask.empty(300, 200)
    net, clicks = BrightNet(), ClickNet(pixels)
    first = run(clicks.answer(net, Prompt((Click(30, 60, True),), (a,), full, number=1)))
    both = (Click(30, 60, True), Click(150, 60, True))
    second = Prompt(both, (b,), first.mask, neighbours=((a, 1),), number=2)
    remembered = run(clicks.answer(net, second)).mask
    forgotten = run(ClickNet(pixels).answer(net, second)).mask
    truth = RleMask.from_box(Box(20, 40, 180, 80), (300, 200))
    assert remembered == truth
    assert forgotten.intersect(truth).area >= 0.99 * truth.area and forgotten.area <= 1.01 * truth.area


def test_details_keep_a_thin_line_sharp() -> None:
    """One net pixel of the coarse crop is eight image pixels: a line of five is blurred there, and sharp in details."""
    line = Box(100, 998, 1900, 1003)
    size = (2000, 2000)
    net, clicks = BrightNet(), ClickNet(image(*size, line))
    first = run(clicks.answer(net, ask(Click(1000, 1000, True), size)))
    detail = Box(872, 872, 1128, 1128)
    assert first.timing.runs == 3 and first.box_runs[0] == (detail, 1)
    inner = Box(900, 900, 1100, 1100)
    assert np.array_equal(first.mask.to_window(inner), RleMask.from_box(line, size).to_window(inner))

    both = (Click(1000, 1000, True), Click(300, 1000, True))
    second = Prompt(both, (), first.mask, first.crop, first.box_runs, 2)
    net.calls.clear()
    answer = run(clicks.answer(net, second))
    assert len(net.calls) == answer.timing.runs == 2  # the detail round the new click, and the crop
    there = Box(200, 900, 400, 1100)
    for part in (inner, there):
        assert np.array_equal(answer.mask.to_window(part), RleMask.from_box(line, size).to_window(part))
    assert [number for _, number in answer.box_runs].count(2) == 1


def test_a_click_in_a_detail_replaces_it() -> None:
    line, size = Box(100, 998, 1900, 1003), (2000, 2000)
    clicks = ClickNet(image(*size, line))
    first = run(clicks.answer(BrightNet(), ask(Click(1000, 1000, True), size)))
    both = (Click(1000, 1000, True), Click(1050, 1000, True))
    answer = run(clicks.answer(BrightNet(), Prompt(both, (), first.mask, first.crop, first.box_runs, 2)))
    assert all(number == 2 for box, number in answer.box_runs if box.contains(1050, 1000))


def test_no_more_than_three_runs_with_a_detail() -> None:
    size = (4000, 3000)
    mask = RleMask.from_box(Box(1000, 1000, 1500, 1010), size)
    net = FixedNet(np.full((256, 256), 9, np.float32))
    prompt = Prompt((Click(1010, 1005, True), Click(1400, 1005, True)), (), mask, Box(900, 900, 1600, 1600), (), 2)
    run(ClickNet(image(*size)).answer(net, prompt))
    assert net.runs == 3


def test_an_opened_annotation_changes_only_where_the_click_points() -> None:
    """The network sees two bright squares; the old mask has neither, but something else that was painted."""
    size = (200, 200)
    old = RleMask.from_box(Box(20, 150, 60, 190), size)
    clicks = ClickNet(image(200, 200, Box(20, 20, 60, 60), Box(120, 20, 160, 60)))
    asked = Prompt((Click(40, 40, True),), (), old, number=1, corrects=True)
    mask = run(clicks.answer(BrightNet(), asked)).mask
    assert mask.intersect(old) == old and mask.contains(40, 40) and not mask.contains(140, 40)
    free = run(clicks.answer(BrightNet(), ask(Click(40, 40, True), size))).mask
    assert free.contains(140, 40)


def test_boxes_far_apart_in_one_answer_lay_out_only_themselves() -> None:
    """Two that overlap and one in the opposite corner: as if the far one had been asked alone."""
    side = 10_000
    size = (side, side)
    near, beside = Box(50, 50, 306, 306), Box(200, 200, 456, 456)
    far = Box(side - 300, side - 300, side - 44, side - 44)
    bright = Box(100, 100, 400, 400), Box(side - 200, side - 200, side - 150, side - 150)
    clicks = (Click(250, 250, True), Click(side - 180, side - 180, True))
    net = ClickNet(image(*size, *bright))
    tracemalloc.start()
    try:
        answer = run(net.answer(BrightNet(), Prompt(clicks, (near, far, beside), RleMask.empty(*size), number=1)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000
    together = run(net.answer(BrightNet(), Prompt(clicks, (near, beside), RleMask.empty(*size), number=2))).mask
    alone = run(net.answer(BrightNet(), Prompt(clicks, (far,), RleMask.empty(*size), number=3))).mask
    assert answer.mask == together.union(alone)
    assert together.contains(250, 250) and alone.contains(side - 180, side - 180)


def test_groups_grow_together_over_a_box_that_meets_both() -> None:
    whole = image_box(1000, 1000)
    boxes = [Box(0, 0, 100, 100), Box(300, 0, 400, 100), Box(800, 800, 900, 900), Box(50, 50, 350, 350)]
    run_ = [(np.zeros((256, 256), np.float32), roi_frame(box, whole)) for box in boxes]
    groups = [[frame.valid for _, frame in group] for group in _apart(run_)]
    assert sorted(groups) == [[boxes[0], boxes[1], boxes[3]], [boxes[2]]]
