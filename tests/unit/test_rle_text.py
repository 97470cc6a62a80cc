"""The text of counts must be the one that pycocotools writes and reads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco
from segmark.rle_text import counts_to_text, text_to_counts


@given(st.lists(st.integers(0, 2**31 - 1), max_size=60))
def test_round_trip(counts: list[int]) -> None:
    text = counts_to_text(np.array(counts, np.int64))
    assert text_to_counts(text).tolist() == counts


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=40))
def test_the_text_is_cocos(runs: list[int]) -> None:
    height, width = sum(runs), 1
    encoded = coco.frPyObjects({"size": [height, width], "counts": runs}, height, width)
    assert counts_to_text(np.array(runs)) == encoded["counts"].decode()


@given(st.text(alphabet=[chr(k) for k in range(33, 127)], max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        counts = text_to_counts(text)
    except ValueError:
        return
    assert counts.dtype == np.int64


@pytest.mark.parametrize("text", ["P", "a", "0\x7f", "é", "o" * 9 + "0"])
def test_broken_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        text_to_counts(text)
