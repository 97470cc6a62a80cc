"""What the last click says by where it lies: maps that the network computes of its own input, without a weight.

An annotator clicks the middle of an error. So an error reaches about as far beyond the click as the edge of the previous
mask lies before it, and it lies round the click. Convolutions find that out badly (a distance, said again elsewhere);
here it is drawn. Everything is made of max pooling and sums, which every runtime of ONNX has.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from .clicks import RADIUS_AT_256

#: A mask grows so many times by a pixel and then so many times by two (a pixel of half the resolution).
NEAR, FAR = 4, 10
#: Distances are known up to this many pixels.
REACH = 1 + NEAR + 2 * FAR


def _grown(mask: Tensor, k: int) -> Tensor:
    """One pixel more all round: a cross and a square in turn, which makes an octagon."""
    if k % 2:
        return F.max_pool2d(mask, 3, 1, 1)
    return torch.maximum(F.max_pool2d(mask, (3, 1), 1, (1, 0)), F.max_pool2d(mask, (1, 3), 1, (0, 1)))


def signed_distance(mask: Tensor) -> Tensor:
    """Distance to the edge of a 0/1 mask [B,1,H,W] in pixels, at most `REACH`: positive outside, negative inside.

    What is exported is traced, and pools; otherwise OpenCV does the same quicker.
    """
    if not torch.jit.is_tracing():
        return torch.from_numpy(np.stack([_signed_distance(one) for one in mask[:, 0].numpy().astype(np.uint8)]))[
            :, None
        ]
    both = torch.cat([mask, 1 - mask], 1)
    away = 1 - both
    for k in range(NEAR):
        both = _grown(both, k)
        away = away + 1 - both
    both = F.max_pool2d(both, 2)
    far = both * 0
    for k in range(FAR):
        both = _grown(both, k)
        far = far + 1 - both
    away = away + 2 * F.interpolate(far, scale_factor=2, mode="nearest")
    return away[:, :1] - away[:, 1:]


_CROSS, _SQUARE = (cv2.getStructuringElement(kind, (3, 3)) for kind in (cv2.MORPH_CROSS, cv2.MORPH_RECT))


def _signed_distance(mask: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The same of one mask [H,W], by OpenCV: twenty times as fast as PyTorch's pooling."""
    away = []
    for grown in (mask, 1 - mask):
        near, now = _steps(grown, NEAR)
        rows = np.maximum(now[::2], now[1::2])
        far, _ = _steps(np.maximum(rows[:, ::2], rows[:, 1::2]), FAR)
        away.append((1 - grown + near + 2 * far.repeat(2, 0).repeat(2, 1)).astype(np.float32))
    return np.asarray(away[0] - away[1])


def _steps(mask: NDArray[np.uint8], count: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """How many of `count` steps of growing leave a pixel out, and the mask after the last of them."""
    away = np.zeros_like(mask)
    for k in range(count):
        mask = cv2.dilate(mask, _SQUARE if k % 2 else _CROSS).astype(np.uint8)
        away += 1 - mask
    return away, mask


def _reached(distance: Tensor, discs: Tensor, radius: float) -> tuple[Tensor, Tensor]:
    """How far a click lies on the wrong side of the edge, [B,1,1,1] (0: no click does), and where its disc is farthest.

    A disc's farthest pixel lies its radius beyond its middle.
    """
    beyond = distance * discs
    top = beyond.amax((2, 3), keepdim=True)
    return (top - radius).clamp(min=0), F.relu(beyond - (top - 2 * radius).clamp(min=radius)) * discs


def hints(prev_mask: Tensor, click_maps: Tensor) -> tuple[Tensor, Tensor]:
    """Twice three maps [B,3,H,W] in -1..1 of the previous mask [B,1,H,W] (0..1) and the clicks' discs [B,2,H,W].

    The first, of the edge: signed distance to the edge of the previous mask; how near a pixel is to as far beyond the
    edge as the last positive click says (0 there, 1 at the edge; -1 where there is no such click); the same inside, for
    a negative one. The second, of the place: 1 at that click, 0 as far from it as the error should reach; how far from
    the middle of the square, across and down.
    """
    side = prev_mask.shape[-1]
    radius = RADIUS_AT_256 * side / 256
    mask = (prev_mask >= 0.5).to(prev_mask.dtype)
    distance = signed_distance(mask)
    is_begun = mask.amax((2, 3), keepdim=True)
    missed, where_missed = _reached(distance, click_maps[:, :1], radius)
    false, where_false = _reached(-distance, click_maps[:, 1:], radius)
    missed, false = missed * is_begun, false * is_begun
    line = torch.arange(side, dtype=prev_mask.dtype) - (side - 1) / 2
    across, down = distance * 0 + line, distance * 0 + line[:, None]
    # the last click is the one that lies farthest on the wrong side
    is_missed = (missed >= false).to(prev_mask.dtype)
    weight = where_missed * is_missed + where_false * (1 - is_missed)
    total = weight.sum((2, 3), keepdim=True) + 1e-3
    x, y = (across * weight).sum((2, 3), keepdim=True) / total, (down * weight).sum((2, 3), keepdim=True) / total
    far = torch.sqrt((across - x) ** 2 + (down - y) ** 2 + 1e-3)
    last = torch.maximum(missed, false)
    is_there = (last > 0).to(prev_mask.dtype)

    def band(reached: Tensor, beyond: Tensor) -> Tensor:
        there = (reached > 0).to(prev_mask.dtype)
        return (1 - beyond / (2 * reached + 1)).clamp(-1, 1) * there - (1 - there)

    ball = (1 - far / (2 * last + 2 * radius)).clamp(-1, 1) * is_there - (1 - is_there)
    edge = torch.cat([distance / REACH, band(missed, distance), band(false, -distance)], 1)
    return edge, torch.cat([ball, across.abs() * (2 / side), down.abs() * (2 / side)], 1)
