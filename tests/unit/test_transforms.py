"""Pre-processing: the tensors of the model contract."""

from __future__ import annotations

import numpy as np
from segmark.clicks import Click
from segmark.geometry import Box, image_box, roi_frame
from segmark.rle import RleMask
from segmark.segment.transforms import ImageTensors, click_maps_tensor, prev_mask_tensor


def test_native_scale_is_the_pixels_themselves() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (300, 400, 4), dtype=np.uint8)
    tensor = ImageTensors(pixels).get(roi_frame(Box(30, 20, 286, 276), image_box(400, 300)))
    want = pixels[20:276, 30:286, :3].transpose(2, 0, 1)[np.newaxis] / np.float32(255)
    assert tensor.dtype == np.float32
    assert np.allclose(tensor, want, atol=1e-6)


def test_an_unchanged_region_is_cropped_once() -> None:
    tensors = ImageTensors(np.zeros((300, 400), np.uint8), keep=2)
    frames = [roi_frame(Box(k, 0, k + 64, 64), image_box(400, 300)) for k in range(3)]
    first = tensors.get(frames[0])
    assert tensors.get(frames[0]) is first
    tensors.get(frames[1])
    tensors.get(frames[2])
    assert tensors.get(frames[0]) is not first


def test_prev_mask_is_zero_outside_and_the_mask_inside() -> None:
    frame = roi_frame(Box(100, 100, 356, 356), image_box(500, 500))
    mask = RleMask.from_box(Box(90, 90, 120, 110), (500, 500))
    tensor = prev_mask_tensor(mask, frame)[0, 0]
    assert tensor[:10, :20].min() == 1.0 and tensor.sum() == 200.0
    assert prev_mask_tensor(RleMask.empty(500, 500), frame).max() == 0.0


def test_click_maps_hold_the_clicks_of_the_region() -> None:
    frame = roi_frame(Box(0, 0, 256, 256), image_box(500, 500))
    clicks = [Click(50, 60, True), Click(200, 100, False), Click(400, 60, True)]
    maps = click_maps_tensor(clicks, frame)
    assert maps.shape == (1, 2, 256, 256)
    assert maps[0, 0, 60, 50] == 1 and maps[0, 1, 100, 200] == 1
    disc = sum(1 for x in range(-5, 6) for y in range(-5, 6) if x * x + y * y <= 25)
    assert maps[0, 0].sum() == disc and maps[0, 1].sum() == disc


def test_no_click_in_the_region_gives_empty_maps() -> None:
    frame = roi_frame(Box(0, 0, 256, 256), image_box(500, 500))
    assert click_maps_tensor([Click(400, 60, True)], frame).max() == 0
