"""Pre-processing (R3): region, clicks and previous mask -> the network's tensors. Only the region's pixels are read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segmark import kernels
from segmark.clicks import Click, clicks_in
from segmark.geometry import NET_SIZE, RoiFrame
from segmark.rle import RleMask
from segmark.segment.predictor import Tensor

CLICK_RADIUS = 5.0
Pixels = NDArray[np.uint8]


class ImageTensors:
    """The image tensors of the regions used last: an unchanged region is cropped once, not once a click."""

    def __init__(self, pixels: Pixels, keep: int = 8) -> None:
        self._pixels = pixels
        self._keep = keep
        self._kept: OrderedDict[RoiFrame, Tensor] = OrderedDict()

    def get(self, frame: RoiFrame) -> Tensor:
        """float32 (1, 3, 256, 256), RGB, 0..1; read-only."""
        tensor = self._kept.get(frame)
        if tensor is None:
            chw = kernels.crop_resize_chw(self._pixels, frame.valid, frame.square, NET_SIZE)
            tensor = chw[np.newaxis]
            tensor.setflags(write=False)
            self._kept[frame] = tensor
            if len(self._kept) > self._keep:
                self._kept.popitem(last=False)
        self._kept.move_to_end(frame)
        return tensor


def prev_mask_tensor(mask: RleMask, frame: RoiFrame) -> Tensor:
    """float32 (1, 1, 256, 256): the mask as the network sees it; zero outside the region."""
    box = mask.bbox.intersect(frame.valid)
    if box.is_empty:
        return np.zeros((1, 1, NET_SIZE, NET_SIZE), np.float32)
    net = kernels.mask_to_net(mask.to_window(box), (box.x0, box.y0), frame.square, NET_SIZE)
    return net[np.newaxis, np.newaxis]


def click_maps_tensor(clicks: Sequence[Click], frame: RoiFrame) -> Tensor:
    """float32 (1, 2, 256, 256): discs round the clicks inside the region (R3.5), positive and negative."""
    inside = clicks_in(clicks, frame.box)
    at = np.array([frame.to_net(c.x, c.y) for c in inside], np.float32).reshape(-1, 2)
    signs = np.array([c.is_positive for c in inside], np.bool_)
    return kernels.click_maps(at, signs, NET_SIZE, CLICK_RADIUS)[np.newaxis]
