"""The click guarantee, and that a prediction changes only the regions that it was run on."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from segmark import kernels
from segmark.clicks import Click, with_click
from segmark.geometry import Box, image_box, roi_frame
from segmark.rle import RleMask
from segmark.segment.postprocess import drop_specks, keep_pointed, keep_promise, lift_logits, paste_regions

IMAGE = image_box(300, 240)
boxes = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h),
    st.integers(-60, 280),
    st.integers(-60, 220),
    st.integers(20, 300),
    st.integers(20, 300),
).filter(lambda box: not box.intersect(IMAGE).is_empty)


def relief(seed: int, bias: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Logits with hills of all sizes, as steep as networks make them."""
    rng = np.random.default_rng(seed)
    field = np.zeros((256, 256))
    for size in (4, 16, 64):
        coarse = rng.normal(size=(size, size)) * 6
        field += np.kron(coarse, np.ones((256 // size, 256 // size)))
    return (field + bias).astype(np.float32)


@st.composite
def prompts(draw: st.DrawFn) -> tuple[list[Box], tuple[Click, ...]]:
    regions = draw(st.lists(boxes, min_size=1, max_size=3))
    clicks: tuple[Click, ...] = ()
    for _ in range(draw(st.integers(1, 12))):
        inside = draw(st.sampled_from(regions)).intersect(IMAGE)
        x, y = draw(st.integers(inside.x0, inside.x1 - 1)), draw(st.integers(inside.y0, inside.y1 - 1))
        if clicks and draw(st.booleans()):  # close to the last one: the hard case
            x = min(max(clicks[-1].x + draw(st.integers(-2, 2)), inside.x0), inside.x1 - 1)
            y = min(max(clicks[-1].y + draw(st.integers(-2, 2)), inside.y0), inside.y1 - 1)
        clicks = with_click(clicks, Click(x, y, draw(st.booleans())))
    return regions, clicks


@given(prompts(), st.integers(0, 2**32 - 1), st.sampled_from([-40.0, -8.0, 0.0, 8.0, 40.0]), st.booleans())
@settings(max_examples=60)
def test_the_promise(prompt: tuple[list[Box], tuple[Click, ...]], seed: int, bias: float, with_other: bool) -> None:
    regions, clicks = prompt
    before = np.random.default_rng(seed).integers(0, 2, (IMAGE.height, IMAGE.width), dtype=np.uint8)
    window = before.copy()
    run = []
    for k, box in enumerate(regions):
        frame = roi_frame(box, IMAGE)
        run.append((lift_logits(relief(seed + k, bias), frame, clicks), frame))
    others = [(relief(seed + 9, -bias), roi_frame(Box(40, 40, 200, 200), IMAGE))] if with_other else []
    paste_regions(window, (0, 0), run, others)
    keep_promise(window, (0, 0), [frame.valid for _, frame in run], clicks)
    allowed = np.zeros_like(before)
    for box in regions:
        inner = box.intersect(IMAGE)
        allowed[inner.y0 : inner.y1, inner.x0 : inner.x1] = 1
    assert np.array_equal(window[allowed == 0], before[allowed == 0])
    for click in clicks:
        assert bool(window[click.y, click.x]) == click.is_positive, click


@given(st.integers(0, 299), st.integers(0, 239), st.booleans(), boxes, st.sampled_from([-30.0, -3.0, 3.0, 30.0]))
@settings(max_examples=60)
def test_never_a_lone_pixel(x: int, y: int, is_positive: bool, box: Box, level: float) -> None:
    """Without another click near by, what joins or leaves is connected and at least a disc of 3 x 3, cut by the box."""
    inner = box.intersect(IMAGE)
    x, y = min(max(x, inner.x0), inner.x1 - 1), min(max(y, inner.y0), inner.y1 - 1)
    clicks = (Click(x, y, is_positive),)
    frame = roi_frame(box, IMAGE)
    window = np.full((IMAGE.height, IMAGE.width), not is_positive, np.uint8)
    paste_regions(window, (0, 0), [(lift_logits(np.full((256, 256), level, np.float32), frame, clicks), frame)], [])
    keep_promise(window, (0, 0), [inner], clicks)
    patch = RleMask.from_window((window == is_positive).astype(np.uint8), (0, 0), (IMAGE.width, IMAGE.height))
    part = next(part for part in patch.components() if part.contains(x, y))
    assert part.area >= Box(x - 1, y - 1, x + 2, y + 2).intersect(inner).area


@given(
    st.integers(0, 19), st.integers(0, 19), st.booleans(), st.integers(0, 2**32 - 1), st.sampled_from([0.05, 0.3, 0.9])
)
def test_the_last_resort_is_a_whole_disc(x: int, y: int, is_positive: bool, seed: int, share: float) -> None:
    """A patch of fewer pixels is not enough; only the box and clicks of the other kind cut the disc of the newest click."""
    box = Box(2, 3, 18, 17)
    x, y = min(max(x, box.x0), box.x1 - 1), min(max(y, box.y0), box.y1 - 1)
    rng = np.random.default_rng(seed)
    before = (rng.random((20, 20)) < share).astype(np.uint8)
    window = before.copy()
    at = (x + int(rng.integers(-1, 2)), y + int(rng.integers(-1, 2)))
    others = [Click(*at, not is_positive)] if at != (x, y) and box.contains(*at) else []
    keep_promise(window, (0, 0), [box], (*others, Click(x, y, is_positive)))
    patch = RleMask.from_window((window == is_positive).astype(np.uint8), (0, 0), (20, 20))
    part = next(part for part in patch.components() if part.contains(x, y))
    assert part.area >= Box(x - 1, y - 1, x + 2, y + 2).intersect(box).area - len(others)
    changed = np.argwhere(window != before)
    assert all(box.contains(column, row) for row, column in changed.tolist())


def test_a_thin_line_holds_without_a_disc() -> None:
    """A clicked line of one pixel's width is a patch that is large enough: it is not made thicker."""
    window = np.zeros((20, 20), np.uint8)
    window[10, 4:14] = 1
    before = window.copy()
    keep_promise(window, (0, 0), [Box(0, 0, 20, 20)], (Click(8, 10, True),))
    assert np.array_equal(window, before)


def test_a_lift_moves_only_the_neighbourhood() -> None:
    logits = relief(3, -30.0)
    frame = roi_frame(Box(0, 0, 256, 240), IMAGE)
    click = Click(100, 100, True)
    lifted = lift_logits(logits, frame, (click,))
    changed = np.argwhere(lifted != logits)
    assert len(changed)
    u, v = frame.to_net(click.x, click.y)
    assert np.hypot(changed[:, 1] - u, changed[:, 0] - v).max() <= 8.0
    assert kernels.prob_at(lifted, frame.square, np.array([100]), np.array([100]))[0] >= 0.5


def test_right_answers_are_left_alone() -> None:
    logits = np.full((256, 256), 3.0, np.float32)
    frame = roi_frame(Box(0, 0, 256, 240), IMAGE)
    assert lift_logits(logits, frame, (Click(5, 5, True),)) is logits


def test_overlapping_regions_join_by_probability_weighted_to_the_middles() -> None:
    a, b = roi_frame(Box(0, 0, 100, 100), IMAGE), roi_frame(Box(50, 0, 150, 100), IMAGE)
    yes, no = np.full((256, 256), 2.0, np.float32), np.full((256, 256), -2.0, np.float32)
    window = np.zeros((240, 300), np.uint8)
    paste_regions(window, (0, 0), [(yes, a), (no, b)], [])
    assert window[50, :75].all() and not window[50, 75:].any()  # equal weights in the middle of the overlap


def test_a_neighbour_speaks_only_inside_what_was_run() -> None:
    a, b = roi_frame(Box(0, 0, 100, 100), IMAGE), roi_frame(Box(50, 0, 150, 100), IMAGE)
    yes = np.full((256, 256), 2.0, np.float32)
    window = np.zeros((240, 300), np.uint8)
    paste_regions(window, (0, 0), [(-yes, a)], [(yes, b)])
    assert not window[:, 100:].any()
    assert window[50, 80:100].all() and not window[50, :70].any()


def test_specks_go_unless_clicked_or_at_the_edge_or_outside() -> None:
    window = np.zeros((240, 300), np.uint8)
    window[50:90, 50:90] = 1  # the object
    keep = [(100, 100), (150, 120), (20, 200)]  # clicked; at the region's edge; outside
    for x, y in [*keep, (60, 100), (120, 60)]:
        window[y : y + 2, x : x + 2] = 1
    want = window.copy()
    want[100:102, 60:62] = want[60:62, 120:122] = 0
    frame = roi_frame(Box(40, 40, 152, 152), IMAGE)
    drop_specks(window, (0, 0), [frame], IMAGE, (Click(100, 100, True), Click(60, 100, False)))
    assert np.array_equal(window, want)


def test_a_speck_that_is_all_there_is_stays() -> None:
    window = np.zeros((240, 300), np.uint8)
    window[100:102, 100:102] = 1
    drop_specks(window, (0, 0), [roi_frame(Box(0, 0, 300, 240), IMAGE)], IMAGE, ())
    assert window.sum() == 4


def test_finished_work_changes_only_where_a_click_points() -> None:
    before, window = np.zeros((240, 300), np.uint8), np.zeros((240, 300), np.uint8)
    before[50:90, 50:90] = 1
    window[50:90, 60:110] = 1  # a strip lost on the left, a strip won on the right
    grown = before | window
    keep_pointed(before, window, (0, 0), (Click(100, 70, True),))
    assert np.array_equal(window, grown)


def test_a_click_that_names_no_error_asks_for_a_better_mask() -> None:
    before, window = np.zeros((240, 300), np.uint8), np.zeros((240, 300), np.uint8)
    before[50:90, 50:90] = 1
    window[50:90, 60:110] = 1
    want = window.copy()
    keep_pointed(before, window, (0, 0), (Click(70, 70, True),))
    assert np.array_equal(window, want)


@given(st.integers(0, 2**32 - 1), prompts())
@settings(max_examples=40)
def test_what_is_taken_back_was_never_pointed_at(seed: int, prompt: tuple[list[Box], tuple[Click, ...]]) -> None:
    _, clicks = prompt
    rng = np.random.default_rng(seed)
    before, answer = (np.kron(rng.integers(0, 2, (24, 30), dtype=np.uint8), np.ones((10, 10), np.uint8)) for _ in "ab")
    window = answer.copy()
    keep_pointed(before, window, (0, 0), clicks)
    assert not np.any((window != before) & (window != answer))  # every pixel is the old one or the new one
    for click in clicks:
        assert window[click.y, click.x] == answer[click.y, click.x]
