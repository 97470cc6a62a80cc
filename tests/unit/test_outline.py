"""The outline must separate exactly the mask from the background."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from segmark.geometry import Box
from segmark.outline import outline_segments
from segmark.rle import RleMask

masks = hnp.arrays(
    np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12), elements=st.integers(0, 1)
)


@given(masks)
def test_every_edge_once_and_none_besides(mask: NDArray[np.uint8]) -> None:
    padded = np.pad(mask, 1).astype(int)
    across = {(x - 1, y - 1) for y, x in zip(*np.nonzero(np.diff(padded, axis=0, prepend=0)), strict=True)}
    down = {(x - 1, y - 1) for y, x in zip(*np.nonzero(np.diff(padded, axis=1, prepend=0)), strict=True)}
    got_across, got_down = [], []
    found = outline_segments(RleMask.from_window(mask, (0, 0), (mask.shape[1], mask.shape[0]))).tolist()
    for x0, y0, x1, y1 in found:
        assert (x0 == x1 and y0 < y1) or (y0 == y1 and x0 < x1)
        got_across += [(x, y0) for x in range(x0, x1)]
        got_down += [(x0, y) for y in range(y0, y1)]
    assert sorted(got_across) == sorted(across)
    assert sorted(got_down) == sorted(down)
    lying, standing = [s for s in found if s[1] == s[3]], [s for s in found if s[0] == s[2]]
    assert found == lying + standing, "horizontal ones first"
    assert lying == sorted(lying, key=lambda s: (s[1], s[0])) and standing == sorted(standing)
    for one, next_one in (*pairwise(lying), *pairwise(standing)):
        assert one[2:] != next_one[:2], "neighbours in one line are one segment"


def test_a_rectangle_has_four_segments_in_image_coordinates() -> None:
    got = outline_segments(RleMask.from_box(Box(10, 20, 15, 23), (100, 50)))
    assert got.dtype == np.int32
    assert got.tolist() == [[10, 20, 15, 20], [10, 23, 15, 23], [10, 20, 10, 23], [15, 20, 15, 23]]
