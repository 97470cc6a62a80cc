"""Post-processing: sigmoid, enlarge, threshold, paste; several regions joined; probabilities at clicks."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_cases import NEAR, TWINS, agree, blobs, run, shifted, twins
from segmark import kernels

RNG = np.random.default_rng(4)
Square = tuple[int, int, int]
Rect = tuple[int, int, int, int]


def probabilities(logits: np.ndarray, square: Square, xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
    """The enlarged probabilities in float64: sigmoid, then np.interp along both axes (it clamps at the ends)."""
    sx, sy, side = square
    size = len(logits)
    prob = 1 / (1 + np.exp(-np.clip(logits.astype(np.float64), -87, 87)))
    at = np.arange(size)
    u, v = ((xs + 0.5 - sx) * size / side - 0.5, (ys + 0.5 - sy) * size / side - 0.5)
    rows = np.stack([np.interp(v, at, column) for column in prob.T], axis=1)
    return np.stack([np.interp(u, at, row) for row in rows], axis=0)


def pasted(
    logits: np.ndarray,
    square: Square,
    box: Rect,
    shape: tuple[int, int],
    origin: tuple[int, int],
    threshold: float = 0.5,
) -> np.ndarray:
    """A window full of sevens after a paste."""
    mask = np.full(shape, 7, np.uint8)
    kernels.paste_mask(logits, square, box, mask, origin, threshold)
    return mask


def check_paste(
    logits: np.ndarray,
    square: Square,
    box: Rect,
    shape: tuple[int, int],
    origin: tuple[int, int],
    threshold: float = 0.5,
) -> None:
    """Both twins agree; every pixel of box ∩ window is right unless its probability is at the threshold; no other is touched."""
    found = twins(lambda: pasted(logits, square, box, shape, origin, threshold))
    wanted = run("reference", lambda: pasted(logits, square, box, shape, origin, threshold))
    x = np.arange(origin[0], origin[0] + shape[1])
    y = np.arange(origin[1], origin[1] + shape[0])
    within = ((y >= box[1]) & (y < box[3]))[:, None] & ((x >= box[0]) & (x < box[2]))[None, :]
    assert (found[~within] == 7).all()
    prob = probabilities(logits, square, x, y)
    clear = within & (np.abs(prob - threshold) > NEAR)
    np.testing.assert_array_equal(found[clear], (prob >= threshold)[clear])
    np.testing.assert_array_equal(wanted[clear], found[clear])
    assert set(np.unique(found[within])) <= {0, 1}


@pytest.mark.parametrize("scale", [0.5, 8.0, 80.0])
@pytest.mark.parametrize(
    ("size", "side"), [(1, 5), (2, 64), (3, 1), (16, 16), (16, 100), (64, 9), (64, 63), (64, 65), (256, 300)]
)
def test_enlarge_and_shrink(size: int, side: int, scale: float) -> None:
    check_paste(blobs(RNG, size, scale), (-3, 5, side), (-3, 5, side - 3, side + 5), (side + 9, side + 4), (-5, 1))


def test_every_net_size_and_window_width() -> None:
    for n in range(1, 68):
        logits = shifted((RNG.normal(size=(n, n)) * 3).astype(np.float32), n % 4)
        check_paste(logits, (0, 0, 97), (0, 0, n, 31), (31, 67), (0, 0))
        check_paste(logits[:5, :5], (2, 1, 40), (1, 1, n + 1, 6), (6, n + 2), (0, 0))


def test_unaligned_masks(twin: Any) -> None:
    logits = blobs(RNG, 32)
    wanted = pasted(logits, (0, 0, 80), (3, 2, 70, 60), (64, 75), (0, 0))
    for offset in range(17):
        mask = shifted(np.full((64, 75), 7, np.uint8), offset)
        kernels.paste_mask(logits, (0, 0, 80), (3, 2, 70, 60), mask)
        np.testing.assert_array_equal(mask, wanted)


@given(st.data())
def test_paste_writes_only_inside_box_and_window(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 40))
    square = (data.draw(st.integers(-40, 40)), data.draw(st.integers(-40, 40)), data.draw(st.integers(1, 120)))
    x0, y0 = data.draw(st.integers(-60, 60)), data.draw(st.integers(-60, 60))
    box = (x0, y0, x0 + data.draw(st.integers(1, 90)), y0 + data.draw(st.integers(1, 90)))
    shape = (data.draw(st.integers(1, 70)), data.draw(st.integers(1, 70)))
    origin = (data.draw(st.integers(-60, 60)), data.draw(st.integers(-60, 60)))
    threshold = data.draw(st.sampled_from([0.5, 0.1, 0.9, 0.0, 1.0, 1.5, -1.0]))
    logits = (np.random.default_rng(data.draw(st.integers(0, 99))).normal(size=(size, size)) * 4).astype(np.float32)
    check_paste(logits, square, box, shape, origin, threshold)


def test_special_logits() -> None:
    logits = np.full((8, 8), -5, np.float32)
    for k, value in enumerate([np.nan, np.inf, -np.inf, 3.4e38, -3.4e38, 1e-45, 0.0, -0.0]):
        logits[k, k] = value
    found = agree(lambda: pasted(logits, (0, 0, 8), (0, 0, 8, 8), (8, 8), (0, 0)))
    np.testing.assert_array_equal(np.diagonal(found), [0, 1, 0, 1, 0, 1, 1, 1])
    assert not found[~np.eye(8, dtype=bool)].any()
    assert not agree(
        lambda: pasted(np.full((8, 8), np.nan, np.float32), (0, 0, 20), (0, 0, 20, 20), (20, 20), (0, 0))
    ).any()


def test_threshold_that_is_no_number(twin: Any) -> None:
    assert not pasted(np.full((4, 4), 9, np.float32), (0, 0, 9), (0, 0, 9, 9), (9, 9), (0, 0), float("nan")).any()


def test_a_higher_threshold_never_adds(twin: Any) -> None:
    logits = blobs(RNG, 64)
    masks = [pasted(logits, (0, 0, 200), (0, 0, 200, 200), (200, 200), (0, 0), t) for t in (0.1, 0.3, 0.5, 0.7, 0.9)]
    assert masks[0].sum() > masks[-1].sum() > 0
    assert all((low >= high).all() for low, high in itertools.pairwise(masks))


def test_sigmoid_at_every_length_and_offset() -> None:
    values = np.concatenate([np.linspace(-100, 100, 61), [np.nan, np.inf, -np.inf, 0, -87, 87]]).astype(np.float32)
    for length in range(68):
        for offset in range(4):
            x = shifted(values[:length], offset)
            outs = []
            for name in ("simd", "scalar"):
                out = shifted(np.full(length + 2, 7, np.float32), (offset + 1) % 4)
                TWINS[name].sigmoid(x, out[1 : length + 1])
                assert out[0] == out[-1] == 7
                outs.append(out[1 : length + 1])
            np.testing.assert_array_equal(outs[0], outs[1])
            with np.errstate(over="ignore"):
                wanted = 1 / (
                    1 + np.exp(-np.clip(np.nan_to_num(x.astype(np.float64), nan=-87, posinf=87, neginf=-87), -87, 87))
                )
            np.testing.assert_allclose(outs[0], wanted, rtol=1e-6, atol=0)


def test_prob_at_is_what_paste_compares(twin: Any) -> None:
    """The click guarantee relies on it: the same bits at the threshold."""
    logits, square = blobs(RNG, 48, 2.0), (-5, 3, 131)
    ys, xs = np.mgrid[0:60, 0:70]
    prob = kernels.prob_at(logits, square, xs.ravel(), ys.ravel()).reshape(ys.shape)
    assert prob.dtype == np.float32
    np.testing.assert_allclose(prob, probabilities(logits, square, xs[0], ys[:, 0]), rtol=0, atol=NEAR)
    for y, x in RNG.integers(0, 60, (150, 2)):
        at = float(prob[y, x])
        box = (int(x), int(y), int(x) + 1, int(y) + 1)
        assert pasted(logits, square, box, (60, 70), (0, 0), at)[y, x] == 1
        assert (
            pasted(logits, square, box, (60, 70), (0, 0), float(np.nextafter(np.float32(at), np.float32(2))))[y, x] == 0
        )
    mask = pasted(logits, square, (0, 0, 70, 60), (60, 70), (0, 0))
    np.testing.assert_array_equal(mask, prob >= np.float32(0.5))


@pytest.mark.parametrize("backend", ["simd", "scalar", "reference"])
def test_prob_at_agrees_with_paste_where_rounding_could_part_them(backend: str) -> None:
    """At the net's last column the share of the right pixel is 1, yet ``l + 1 * (r - l)`` is not always r in float32.

    A right pixel one step beside the threshold (here: halfway between two rows, 0.5 and the next sigmoid below it) must
    not be carried over it, whatever its left neighbour is.
    """
    square, ys, xs = (0, 0, 5), np.repeat(np.arange(5), 5), np.tile(np.arange(5), 5)

    def parted(left: float, below: float) -> bool:
        logits = np.array([[left, 0], [left, below]], np.float32)
        prob = kernels.prob_at(logits, square, xs, ys).reshape(5, 5)
        return bool((pasted(logits, square, (0, 0, 5, 5), (5, 5), (0, 0)) != (prob >= 0.5)).any())

    cases = [(left, below) for left in np.linspace(-6, 6, 200) for below in (-4e-7, -2e-7, 2e-7, 4e-7)]
    assert not run(backend, lambda: [case for case in cases if parted(*case)][:3])


def test_prob_at_on_every_backend() -> None:
    logits = blobs(RNG, 32)
    found = agree(lambda: kernels.prob_at(logits, (0, 0, 77), [0, 76, 500, -500], [76, 0, 3, -3]), NEAR)
    assert found.shape == (4,)
    assert agree(lambda: kernels.prob_at(logits, (0, 0, 77), [], [])).shape == (0,)


def accumulated(
    logits: np.ndarray, square: Square, box: Rect, shape: tuple[int, int], origin: tuple[int, int]
) -> np.ndarray:
    """num and den, stacked, after one region was added to windows of ones."""
    both = np.ones((2, *shape), np.float32)
    kernels.accumulate_region(logits, square, box, both[0], both[1], origin)
    return both


def test_accumulate_at_every_width_and_size() -> None:
    for width in range(1, 68):
        logits = shifted(RNG.normal(size=(width, width)).astype(np.float32), width % 4)
        box = (2, 1, 2 + width, 9)
        found = agree(lambda n=logits, b=box, w=width: accumulated(n, (2, 1, 70), b, (12, w + 5), (0, 0)), NEAR)  # type: ignore[misc]
        outside = np.ones((12, width + 5), bool)
        outside[1:9, 2 : 2 + width] = False
        assert (found[:, outside] == 1).all() and (found[1][~outside] > 1).all()


@given(st.data())
def test_accumulate_anywhere(data: st.DataObject) -> None:
    square = (data.draw(st.integers(-40, 40)), data.draw(st.integers(-40, 40)), data.draw(st.integers(1, 99)))
    x0, y0 = data.draw(st.integers(-50, 50)), data.draw(st.integers(-50, 50))
    box = (x0, y0, x0 + data.draw(st.integers(1, 80)), y0 + data.draw(st.integers(1, 80)))
    shape = (data.draw(st.integers(1, 60)), data.draw(st.integers(1, 60)))
    origin = (data.draw(st.integers(-50, 50)), data.draw(st.integers(-50, 50)))
    found = agree(lambda: accumulated(blobs(np.random.default_rng(1), 17), square, box, shape, origin), NEAR)
    x, y = np.arange(origin[0], origin[0] + shape[1]), np.arange(origin[1], origin[1] + shape[0])
    tent = [
        np.maximum(0, 1 - np.abs(p + 0.5 - (a + b) / 2) / ((b - a) / 2))
        for p, a, b in ((x, box[0], box[2]), (y, box[1], box[3]))
    ]
    np.testing.assert_allclose(found[1] - 1, tent[1][:, None] * tent[0][None, :], rtol=0, atol=NEAR)


def test_threshold_join_at_every_length_and_offset() -> None:
    for length in range(1, 68):
        num = shifted(RNG.random((1, length)).astype(np.float32), length % 4)
        den = shifted((RNG.random((1, length)) * (RNG.random((1, length)) < 0.6)).astype(np.float32), (length + 1) % 4)

        def join(num: np.ndarray = num, den: np.ndarray = den) -> np.ndarray:
            mask = shifted(np.full(num.shape, 7, np.uint8), 3)
            kernels.threshold_join(num, den, mask)
            return mask

        found = agree(join)
        np.testing.assert_array_equal(found, np.where(den > 0, num >= np.float32(0.5) * den, 7))


def test_join_with_special_values() -> None:
    num = np.array([[np.nan, 1, np.inf, -np.inf, 1, 0, 1, 1, 0.5] * 4], np.float32)  # longer than a vector of bytes
    den = np.array([[1, np.nan, 1, 1, 0, 1, -1, 1e-38, 1] * 4], np.float32)

    def join() -> np.ndarray:
        mask = np.full(num.shape, 7, np.uint8)
        kernels.threshold_join(num, den, mask)
        return mask

    np.testing.assert_array_equal(agree(join), [[0, 7, 1, 0, 7, 0, 7, 1, 1] * 4])


def test_one_region_joined_is_the_region_pasted(twin: Any) -> None:
    logits, square, box = blobs(RNG, 64), (10, 20, 150), (10, 30, 160, 150)
    num, den = np.zeros((2, 200, 200), np.float32)
    kernels.accumulate_region(logits, square, box, num, den)
    joined = np.full((200, 200), 7, np.uint8)
    kernels.threshold_join(num, den, joined)
    wanted = pasted(logits, square, box, (200, 200), (0, 0))
    clear = (np.abs(num - 0.5 * den) > NEAR * den) | (den == 0)
    assert clear.mean() > 0.999
    np.testing.assert_array_equal(joined[clear], wanted[clear])


def test_where_regions_overlap_the_nearer_centre_weighs_more(twin: Any) -> None:
    yes, no = np.full((16, 16), 9, np.float32), np.full((16, 16), -9, np.float32)
    num, den = np.zeros((2, 20, 60), np.float32)
    kernels.accumulate_region(yes, (0, -10, 40), (0, 0, 40, 20), num, den)
    kernels.accumulate_region(no, (20, -10, 40), (20, 0, 60, 20), num, den)
    mask = np.zeros((20, 60), np.uint8)
    kernels.threshold_join(num, den, mask)
    assert mask[:, :29].all() and not mask[:, 31:].any()
