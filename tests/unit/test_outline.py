"""The outline must separate exactly the mask from the background."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from segmark.outline import outline_segments

masks = hnp.arrays(
    np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12), elements=st.integers(0, 1)
)


@given(masks)
def test_every_edge_once_and_none_besides(mask: NDArray[np.uint8]) -> None:
    padded = np.pad(mask, 1).astype(int)
    across = {(x - 1, y - 1) for y, x in zip(*np.nonzero(np.diff(padded, axis=0, prepend=0)), strict=True)}
    down = {(x - 1, y - 1) for y, x in zip(*np.nonzero(np.diff(padded, axis=1, prepend=0)), strict=True)}
    got_across, got_down = [], []
    for x0, y0, x1, y1 in outline_segments(mask, (0, 0)).tolist():
        assert (x0 == x1) != (y0 == y1)
        got_across += [(x, y0) for x in range(x0, x1)]
        got_down += [(x0, y) for y in range(y0, y1)]
    assert sorted(got_across) == sorted(across)
    assert sorted(got_down) == sorted(down)


def test_a_rectangle_has_four_segments_in_image_coordinates() -> None:
    got = outline_segments(np.ones((3, 5), np.uint8), (10, 20))
    assert got.dtype == np.int32
    assert got.tolist() == [[10, 20, 15, 20], [10, 23, 15, 23], [10, 20, 10, 23], [15, 20, 15, 23]]
