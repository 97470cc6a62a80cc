"""Pre-processing: crop, pad by reflection, normalise, resize, HWC to CHW; the mask in the net frame; click maps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_cases import NEAR, agree, crop_oracle, picture, shifted, twins
from segmark import kernels

RNG = np.random.default_rng(3)
Rect = tuple[int, int, int, int]


def square_of(box: Rect) -> tuple[int, int, int]:
    """The square round a box, as the contract makes it."""
    width, height = box[2] - box[0], box[3] - box[1]
    side = max(width, height)
    return box[0] - (side - width) // 2, box[1] - (side - height) // 2, side


def inside(box: Rect, height: int, width: int) -> Rect:
    return max(box[0], 0), max(box[1], 0), min(box[2], width), min(box[3], height)


# box, image (height, width): over each border and corner, image smaller than the box, not square, one pixel
REFLECTIONS = {
    "left": ((-7, 4, 20, 31), (40, 50)),
    "right": ((30, 4, 61, 35), (40, 50)),
    "top": ((5, -9, 25, 11), (40, 50)),
    "bottom": ((5, 25, 25, 45), (40, 50)),
    "corner": ((-9, -5, 21, 25), (40, 50)),
    "all sides": ((-30, -20, 70, 80), (40, 50)),
    "many times": ((-100, -100, 110, 110), (5, 3)),
    "wide": ((0, 10, 50, 13), (40, 50)),
    "tall": ((20, 0, 21, 40), (40, 50)),
    "one pixel of many": ((20, 20, 21, 21), (40, 50)),
    "one pixel": ((-3, -3, 4, 4), (1, 1)),
    "one row": ((-3, -3, 4, 4), (1, 9)),
    "one column": ((-3, -3, 4, 4), (9, 1)),
    "one column left of the image": ((-20, 3, 1, 24), (40, 50)),
}


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", [1, 7, 32, 64])
@pytest.mark.parametrize("name", REFLECTIONS)
def test_reflection_agrees_with_np_pad(name: str, size: int, channels: int) -> None:
    box, (height, width) = REFLECTIONS[name]
    image = picture(RNG, height, width, channels)
    valid, square = inside(box, height, width), square_of(box)
    found = agree(lambda: kernels.crop_resize_chw(image, valid, square, size), NEAR)
    assert found.dtype == np.float32 and found.shape == (3, size, size)
    np.testing.assert_allclose(found, crop_oracle(image, valid, square, size), rtol=0, atol=NEAR)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_all_row_lengths_and_offsets(channels: int) -> None:
    for width in range(1, 68):
        image = shifted(picture(RNG, 9, width, channels), width % 16)
        side = max(width, 9)
        for size in (5, 13):
            agree(lambda i=image, w=width, s=side, n=size: kernels.crop_resize_chw(i, (0, 0, w, 9), (0, 0, s), n), NEAR)  # type: ignore[misc]
            out = shifted(np.empty((3, size, size), np.float32), width % 4)
            agree(
                lambda i=image, w=width, s=side, n=size, o=out: kernels.crop_resize_chw(
                    i, (0, 0, w, 9), (0, 0, s), n, o
                ).copy(),
                NEAR,
            )  # type: ignore[misc]


@pytest.mark.parametrize("height", [255, 256, 257, 300, 700])
def test_many_rows_in_one_average(height: int) -> None:
    """More than 256 full rows leave 16-bit sums; white must stay white, and no sum may wrap."""
    image = np.full((height, 37, 4), 255, np.uint8)
    found = agree(lambda: kernels.crop_resize_chw(image, (0, 0, 37, height), (0, 0, height), 1), 1e-5)
    np.testing.assert_allclose(found, 1, atol=1e-5)
    noise = picture(RNG, height, 37, 4)
    agree(lambda: kernels.crop_resize_chw(noise, (0, 0, 37, height), (0, 0, height), 2), 1e-5)


def test_sums_beyond_31_bits(twin: Any) -> None:
    """9 million white rows sum to more than 2^31 (each reads the one row that there is)."""
    out = np.empty((1, 1), np.float32)
    twin.resample(np.full(1, 255, np.uint8), 1, 1, 1, (0, 0, 1, 1), (0, 0, 9_000_000), 1, 1, False, 1 / 255, out)
    assert abs(float(out[0, 0]) - 1) < 0.15  # the float32 sum of nine million columns is coarse, but never negative


@pytest.mark.parametrize("size", [1, 16, 256])
def test_whole_ratio_is_the_mean(size: int) -> None:
    image = picture(RNG, 4 * size, 4 * size, 4)
    found = twins(lambda: kernels.crop_resize_chw(image, (0, 0, 4 * size, 4 * size), (0, 0, 4 * size), size))
    mean = image.reshape(size, 4, size, 4, 4).mean(axis=(1, 3))[:, :, :3].transpose(2, 0, 1) / 255
    np.testing.assert_allclose(found, mean, rtol=0, atol=3e-7)


def test_same_size_is_the_identity(twin: Any) -> None:
    image = picture(RNG, 64, 64, 3)
    found = kernels.crop_resize_chw(image, (0, 0, 64, 64), (0, 0, 64), 64)
    np.testing.assert_array_equal(found, image.transpose(2, 0, 1).astype(np.float32) * np.float32(1 / 255))


def test_only_valid_pixels_are_read(twin: Any) -> None:
    image = picture(RNG, 40, 50, 4)
    changed = 255 - image
    changed[7:21, 11:33] = image[7:21, 11:33]
    arguments = ((11, 7, 33, 21), (11, 3, 22), 16)
    np.testing.assert_array_equal(
        kernels.crop_resize_chw(image, *arguments), kernels.crop_resize_chw(changed, *arguments)
    )


def test_strided_images_give_the_same(twin: Any) -> None:
    image = picture(RNG, 80, 90, 4)
    for view in (image[::2, ::3], image[:, ::-1], image.transpose(1, 0, 2), image[..., :3], np.asfortranarray(image)):
        height, width = view.shape[:2]
        valid = (3, 2, width - 1, height - 4)
        found = kernels.crop_resize_chw(view, valid, square_of(valid), 24)
        np.testing.assert_array_equal(
            found, kernels.crop_resize_chw(np.ascontiguousarray(view), valid, square_of(valid), 24)
        )


def test_agrees_with_opencv() -> None:
    cv2 = pytest.importorskip("cv2")
    image = picture(RNG, 300, 300, 3)
    for size, how in ((128, "INTER_AREA"), (100, "INTER_AREA")):
        wanted = (
            cv2.resize(image.astype(np.float32), (size, size), interpolation=getattr(cv2, how)).transpose(2, 0, 1) / 255
        )
        found = twins(lambda n=size: kernels.crop_resize_chw(image, (0, 0, 300, 300), (0, 0, 300), n))  # type: ignore[misc]
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5)


@given(st.data())
def test_any_region(data: st.DataObject) -> None:
    height, width = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 40))
    x, y = data.draw(st.integers(-30, width - 1)), data.draw(st.integers(-30, height - 1))
    box = (x, y, max(x, 0) + data.draw(st.integers(1, 60)), max(y, 0) + data.draw(st.integers(1, 60)))
    size, channels = data.draw(st.integers(1, 40)), data.draw(st.sampled_from([1, 3, 4]))
    image = picture(np.random.default_rng(data.draw(st.integers(0, 99))), height, width, channels)
    valid, square = inside(box, height, width), square_of(box)
    found = agree(lambda: kernels.crop_resize_chw(image, valid, square, size), NEAR)
    assert found.min() >= 0 and found.max() <= 1 + NEAR
    np.testing.assert_allclose(found, crop_oracle(image, valid, square, size), rtol=0, atol=NEAR)


@given(st.data())
def test_mask_to_net_is_zero_outside_its_window(data: st.DataObject) -> None:
    height, width = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 40))
    origin = (data.draw(st.integers(-50, 50)), data.draw(st.integers(-50, 50)))
    square = (data.draw(st.integers(-50, 50)), data.draw(st.integers(-50, 50)), data.draw(st.integers(1, 90)))
    size = data.draw(st.integers(1, 40))
    window = (np.random.default_rng(data.draw(st.integers(0, 99))).random((height, width)) < 0.5).astype(np.uint8)
    found = agree(lambda: kernels.mask_to_net(window, origin, square, size), NEAR)
    # the same through a canvas that holds window and square, where outside really is zero
    sx, sy, side = square
    low_x, low_y = min(origin[0], sx) - 2, min(origin[1], sy) - 2
    canvas = np.zeros(
        (max(origin[1] + height, sy + side) + 2 - low_y, max(origin[0] + width, sx + side) + 2 - low_x), np.uint8
    )
    canvas[origin[1] - low_y :, origin[0] - low_x :][:height, :width] = window
    np.testing.assert_allclose(
        found, twins(lambda: kernels.mask_to_net(canvas, (low_x, low_y), square, size)), rtol=0, atol=NEAR
    )


def test_mask_truth_counts_not_its_value(twin: Any) -> None:
    mask = (RNG.random((30, 30)) < 0.5).astype(np.uint8)
    wanted = kernels.mask_to_net(mask, (0, 0), (0, 0, 30), 16)
    np.testing.assert_array_equal(kernels.mask_to_net(mask * 200, (0, 0), (0, 0, 30), 16), wanted)
    np.testing.assert_array_equal(kernels.mask_to_net(mask.astype(bool), (0, 0), (0, 0, 30), 16), wanted)
    np.testing.assert_array_equal(kernels.mask_to_net(np.asfortranarray(mask), (0, 0), (0, 0, 30), 16), wanted)


def test_one_value_beside_0_and_1_is_found_wherever_it_is(twin: Any) -> None:
    """The look for values other than 0 and 1 goes in words of eight bytes and a rest: each position, at any offset."""
    for length in range(1, 35):
        wanted = kernels.mask_to_net(np.ones((1, length), np.uint8), (0, 0), (0, 0, length), 8)
        for at in range(length):
            mask = shifted(np.ones((1, length), np.uint8), length % 8)
            mask[0, at] = 2 << (at % 7)
            before = mask.copy()
            np.testing.assert_array_equal(kernels.mask_to_net(mask, (0, 0), (0, 0, length), 8), wanted)
            np.testing.assert_array_equal(mask, before)


def test_click_maps_at_every_size() -> None:
    for size in range(1, 68):
        clicks = np.concatenate([RNG.uniform(-3, size + 3, (6, 2)), RNG.integers(0, size, (2, 2))]).astype(np.float32)
        signs = RNG.random(8) < 0.5
        found = agree(lambda c=clicks, s=signs, n=size: kernels.click_maps(c, s, n, 4.5))  # type: ignore[misc]
        assert set(np.unique(found)) <= {0.0, 1.0}


def test_click_discs_hold_what_is_near(twin: Any) -> None:
    found = kernels.click_maps(np.array([[10, 20], [63, 0]], np.float32), np.array([True, False]), 64, 5.0)
    y, x = np.mgrid[0:64, 0:64]
    np.testing.assert_array_equal(found[0], (x - 10) ** 2 + (y - 20) ** 2 <= 25)
    np.testing.assert_array_equal(found[1], (x - 63) ** 2 + y**2 <= 25)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 3e38, -3e38, 1e7, -70.0])
def test_clicks_that_are_nowhere_draw_nothing(bad: float) -> None:
    points = np.array([[bad, 5], [5, bad], [bad, bad]], np.float32)
    assert not agree(lambda: kernels.click_maps(points, np.array([True, False, True]), 32)).any()


def test_no_clicks(twin: Any) -> None:
    for empty in (np.zeros((0, 2), np.float32), np.zeros(0, np.float32), []):
        assert kernels.click_maps(empty, np.zeros(0, bool), 8).shape == (2, 8, 8)  # type: ignore[arg-type]
