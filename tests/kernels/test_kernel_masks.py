"""Connected components and run lengths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_cases import agree, run, shifted, twins
from segmark import kernels

RNG = np.random.default_rng(5)
MASKS = st.builds(
    lambda seed, height, width, share: (np.random.default_rng(seed).random((height, width)) < share).astype(np.uint8),
    st.integers(0, 9999),
    st.integers(1, 40),
    st.integers(1, 70),
    st.sampled_from([0.0, 0.05, 0.4, 0.6, 0.95, 1.0]),
)


def labelled(mask: np.ndarray, connectivity: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels and stats, the same from both twins and the reference."""
    labels = agree(lambda: kernels.label_components(mask, connectivity)[0])
    stats = agree(lambda: kernels.label_components(mask, connectivity)[1])
    assert labels.dtype == np.int32 and stats.dtype == np.int64
    return labels, stats


def runs_of(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, first and last (half-open) columns of the runs of ones."""
    edges = np.diff(np.pad(mask != 0, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, first = np.nonzero(edges == 1)
    return rows, first, np.nonzero(edges == -1)[1]


def labelled_runs(mask: np.ndarray, connectivity: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels spread over the pixels, and stats; the same from both twins and the reference."""
    rows, first, last = runs_of(mask)
    labels = agree(lambda: kernels.label_runs(rows, first, last, connectivity)[0])
    stats = agree(lambda: kernels.label_runs(rows, first, last, connectivity)[1])
    assert labels.dtype == np.int32 and stats.dtype == np.int64
    whole = np.zeros(mask.shape, np.int32)
    for row, start, stop, label in zip(rows, first, last, labels, strict=True):
        whole[row, start:stop] = label
    return whole, stats


def spiral(side: int) -> np.ndarray:
    """One winding line: its runs are joined very late."""
    mask = np.zeros((side, side), np.uint8)
    x, y, dx, dy = 0, 0, 1, 0
    mask[0, 0] = 1
    while True:
        ahead = (x + 2 * dx, y + 2 * dy)
        free = (
            0 <= x + dx < side
            and 0 <= y + dy < side
            and not (0 <= ahead[0] < side and 0 <= ahead[1] < side and mask[ahead[1], ahead[0]])
        )
        if not free:
            dx, dy = -dy, dx
            ahead = (x + 2 * dx, y + 2 * dy)
            if not (0 <= x + dx < side and 0 <= y + dy < side) or (
                0 <= ahead[0] < side and 0 <= ahead[1] < side and mask[ahead[1], ahead[0]]
            ):
                return mask
        x, y = x + dx, y + dy
        mask[y, x] = 1


SHAPES = {
    "empty": np.zeros((5, 7), np.uint8),
    "full": np.ones((5, 7), np.uint8),
    "one pixel": np.ones((1, 1), np.uint8),
    "checkers": (np.indices((9, 11)).sum(axis=0) % 2).astype(np.uint8),
    "comb": np.vstack([np.tile([1, 0], 20), np.tile([1, 0], 20), np.ones(40)]).astype(np.uint8),
    "comb upside down": np.vstack([np.ones(40), np.tile([1, 0], 20)]).astype(np.uint8),
    "diagonal": np.eye(17, dtype=np.uint8),
    "other diagonal": np.eye(17, dtype=np.uint8)[:, ::-1].copy(),
    "spiral": spiral(31),
    "u": np.array([[1, 0, 0, 1], [1, 0, 0, 1], [1, 1, 1, 1]], np.uint8),
    "stair of gaps": np.array([[1, 1, 0, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 0, 1]], np.uint8),
    "last column to first": np.array([[0, 0, 1], [1, 0, 0]], np.uint8),
}


@pytest.mark.parametrize("connectivity", [4, 8])
@pytest.mark.parametrize("name", SHAPES)
def test_shapes(name: str, connectivity: int) -> None:
    labels, stats = labelled(SHAPES[name], connectivity)
    of_runs = labelled_runs(SHAPES[name], connectivity)
    np.testing.assert_array_equal(of_runs[0], labels)
    np.testing.assert_array_equal(of_runs[1], stats)
    counts = {
        "empty": 0,
        "checkers": {4: 49, 8: 1}[connectivity],
        "diagonal": {4: 17, 8: 1}[connectivity],
        "other diagonal": {4: 17, 8: 1}[connectivity],
    }
    counts |= {"stair of gaps": {4: 3, 8: 1}[connectivity], "last column to first": 2}
    assert len(stats) == counts.get(name, 1)
    assert labels.max(initial=0) == len(stats)


@given(MASKS, st.sampled_from([4, 8]))
def test_labels_cover_the_mask_in_reading_order(mask: np.ndarray, connectivity: int) -> None:
    labels, stats = labelled(mask, connectivity)
    np.testing.assert_array_equal(labels > 0, mask > 0)
    numbers, first = np.unique(labels[labels > 0], return_index=True)
    np.testing.assert_array_equal(numbers, np.arange(1, len(stats) + 1))
    assert (np.diff(first) > 0).all()
    for number, (area, x0, y0, x1, y1) in enumerate(stats, 1):
        rows, columns = np.nonzero(labels == number)
        assert (area, x0, y0, x1, y1) == (len(rows), columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)


@given(MASKS, st.sampled_from([4, 8]))
def test_labels_against_scipy(mask: np.ndarray, connectivity: int) -> None:
    ndimage = pytest.importorskip("scipy.ndimage")
    wanted, count = ndimage.label(mask, np.ones((3, 3)) if connectivity == 8 else None)
    labels, stats = labelled(mask, connectivity)
    assert len(stats) == count
    np.testing.assert_array_equal(labels, wanted)  # scipy, too, numbers by first pixel


@given(MASKS, st.sampled_from([4, 8]))
def test_runs_are_labelled_as_their_pixels(mask: np.ndarray, connectivity: int) -> None:
    labels, stats = labelled_runs(mask, connectivity)
    wanted = run("reference", lambda: kernels.label_components(mask, connectivity))  # floods pixels, knows no runs
    np.testing.assert_array_equal(labels, wanted[0])
    np.testing.assert_array_equal(stats, wanted[1])


def test_runs_far_apart_are_labelled_wherever_they_are() -> None:
    far = kernels.LIMIT - 1
    rows, first, last = np.array([0, far, far]), np.array([0, 5, far]), np.array([1, far - 1, far + 1])
    labels = agree(lambda: kernels.label_runs(rows, first, last)[0])
    stats = agree(lambda: kernels.label_runs(rows, first, last)[1])
    assert labels.tolist() == [1, 2, 3]
    assert stats[1].tolist() == [far - 6, 5, far, far - 1, far + 1]


def test_labels_of_a_large_mask() -> None:
    cv2 = pytest.importorskip("cv2")
    mask = (cv2.GaussianBlur(RNG.random((700, 900)), (0, 0), 3) > 0.5).astype(np.uint8)
    count, _, wanted, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    stats = twins(lambda: kernels.label_components(mask, 8)[1])
    assert len(stats) == count - 1
    assert sorted(stats[:, 0]) == sorted(wanted[1:, 4])
    np.testing.assert_array_equal(twins(lambda: kernels.label_runs(*runs_of(mask), 8)[1]), stats)


def test_every_width_and_offset() -> None:
    for width in range(1, 68):
        mask = shifted((RNG.random((5, width)) < 0.7).astype(np.uint8) * 255, width % 16)
        labelled(mask, 8)
        for order in "CF":
            agree(lambda m=mask, o=order: kernels.rle_encode(m, o))  # type: ignore[misc]


def test_masks_may_be_bool_or_strided() -> None:
    mask = RNG.random((40, 60)) < 0.6
    for view in (mask, mask[::2, ::3], mask.T, mask.view(np.uint8)[:, ::-1]):
        plain = np.ascontiguousarray(view).view(np.uint8)
        np.testing.assert_array_equal(
            twins(lambda v=view: kernels.label_components(v)[0]), twins(lambda p=plain: kernels.label_components(p)[0])
        )  # type: ignore[misc]
        np.testing.assert_array_equal(
            twins(lambda v=view: kernels.rle_encode(v, "F")), twins(lambda p=plain: kernels.rle_encode(p, "F"))
        )  # type: ignore[misc]


@given(MASKS, st.sampled_from("CF"))
def test_rle_round_trip(mask: np.ndarray, order: str) -> None:
    counts = agree(lambda: kernels.rle_encode(mask, order))
    assert counts.dtype == np.uint32 and counts.sum() == mask.size
    assert (counts[1:] > 0).all() and (counts[0] == 0) == bool(mask[0, 0])
    decoded = agree(lambda: kernels.rle_decode(counts, mask.shape, order))
    np.testing.assert_array_equal(decoded, mask)
    out = shifted(np.full(mask.shape, 9, np.uint8), 5)
    assert kernels.rle_decode(counts, mask.shape, order, out) is out
    np.testing.assert_array_equal(out, mask)


@given(st.lists(st.integers(0, 40), max_size=30), st.sampled_from("CF"))
def test_rle_decode_takes_any_counts(counts: list[int], order: str) -> None:
    total = sum(counts)
    if not total:
        return
    found = agree(lambda: kernels.rle_decode(np.array(counts, np.uint32), (1, total), order))
    np.testing.assert_array_equal(found[0], np.repeat(np.arange(len(counts)) % 2, counts))


def test_rle_of_coco() -> None:
    coco = pytest.importorskip("pycocotools.mask")
    mask = (RNG.random((37, 51)) < 0.5).astype(np.uint8)
    counts = twins(lambda: kernels.rle_encode(mask, "F"))
    packed = coco.frPyObjects({"size": [37, 51], "counts": counts.tolist()}, 37, 51)
    np.testing.assert_array_equal(coco.decode(packed), mask)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize(
    "counts", [[], [3], [5, 5], [13], [12, 1], [2**32 - 1, 13], [2**32 - 1, 1, 12], [6, 2**32 - 1]]
)
def test_rle_that_does_not_fill_the_mask(counts: list[int], order: str, twin: Any) -> None:
    runs = np.array(counts, np.uint32)
    with pytest.raises(ValueError, match="do not fill"):
        kernels.rle_decode(runs, (3, 4), order)
    with pytest.raises(ValueError, match="do not fill"):
        twin.rle_decode(runs, np.zeros(12, np.uint8))
    with pytest.raises(ValueError, match="do not fill"):
        run("reference", lambda: kernels.rle_decode(runs, (3, 4), order))
