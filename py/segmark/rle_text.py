"""Counts <-> the short text that COCO uses: five bits a character, each count as the change from two before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
_MAX_GROUPS = 8  # 40 bits: images of up to a tera-pixel


def counts_to_text(counts: Counts) -> str:
    """Encode alternating counts (int64, zeros first).

    Source of the method: the string form of pycocotools' ``rleToString``, written here over whole arrays.
    """
    left = np.asarray(counts, np.int64).copy()
    left[3:] -= np.asarray(counts, np.int64)[1:-2]
    table = np.zeros((len(left), _MAX_GROUPS), np.uint8)
    used = np.zeros(table.shape, np.bool_)
    going = np.ones(len(left), np.bool_)
    for k in range(_MAX_GROUPS):
        used[:, k] = going
        group = left & 0x1F
        left >>= 5
        # the last group's fifth bit is the sign: stop once the rest says nothing more than that
        going = going & np.where(group & 0x10, left != -1, left != 0)
        table[:, k] = group + 48 + 32 * going
        if not going.any():
            return table[used].tobytes().decode("ascii")
    raise ValueError("count too large")


def text_to_counts(text: str) -> Counts:
    """Decode; the inverse of `counts_to_text`.

    Raises
    ------
    ValueError
        If the text has foreign characters, ends in the middle of a number, or holds a number over 40 bits.
    """
    raw = np.frombuffer(text.encode("ascii"), np.uint8).astype(np.int64) - 48
    if len(raw) == 0:
        return np.zeros(0, np.int64)
    is_last = (raw & 0x20) == 0
    if (raw < 0).any() or (raw > 63).any() or not is_last[-1]:
        raise ValueError("not a run-length text")
    ends = np.flatnonzero(is_last)
    begins = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - begins + 1
    if int(lengths.max()) > _MAX_GROUPS:
        raise ValueError("count too large")
    place = np.arange(len(raw)) - np.repeat(begins, lengths)
    values = np.add.reduceat((raw & 0x1F) << (5 * place), begins)
    values -= np.where(raw[ends] & 0x10, np.int64(1) << (5 * lengths), 0)
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values
