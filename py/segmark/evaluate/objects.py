"""The objects of a data folder, one by one."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from segmark.geometry import Box
from segmark.rle import RleMask

cv: Any = cv2
MIN_AREA = 16
_CLOSING = 5


@dataclass(frozen=True)
class Target:
    """One object in its image.

    Attributes
    ----------
    dataset, stem, number : where it is from; number counts the objects of the image
    truth : its pixels, of the unclosed mask
    """

    dataset: str
    stem: str
    number: int
    truth: RleMask


def read_list(path: Path) -> list[tuple[str, str]]:
    """(dataset, stem) of each line of a CSV list."""
    with path.open(newline="", encoding="utf-8") as handle:
        return [(row["dataset"], row["stem"]) for row in csv.DictReader(handle)]


def read_pair(root: Path, dataset: str, stem: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Image uint8 (H, W, 3) RGB and mask uint8 (H, W) of class indices.

    Raises
    ------
    FileNotFoundError, ValueError
        A file is missing or unreadable; the sizes differ.
    """
    image = cv.imread(str(root / dataset / "images" / f"{stem}.jpg"), cv.IMREAD_COLOR)
    mask = cv.imread(str(root / dataset / "masks" / f"{stem}.png"), cv.IMREAD_GRAYSCALE)
    if image is None or mask is None:
        raise FileNotFoundError(f"{dataset}/{stem}")
    if image.shape[:2] != mask.shape:
        raise ValueError(f"{dataset}/{stem}: image {image.shape[:2]}, mask {mask.shape}")
    return np.ascontiguousarray(image[:, :, ::-1]), mask


def targets(mask: NDArray[np.uint8], dataset: str = "", stem: str = "") -> tuple[list[Target], int]:
    """The objects of a class-index mask, and how many were too small (under 16 pixels)."""
    found: list[Target] = []
    small = 0
    height, width = mask.shape
    for value in np.unique(mask[mask > 0]):
        own = (mask == value).astype(np.uint8)
        framed = np.pad(own, 2 * _CLOSING)
        closed = cv.morphologyEx(framed, cv.MORPH_CLOSE, np.ones((_CLOSING, _CLOSING), np.uint8))
        closed = np.ascontiguousarray(closed[2 * _CLOSING : -2 * _CLOSING, 2 * _CLOSING : -2 * _CLOSING])
        count, labels = cv.connectedComponents(closed, connectivity=8)
        for k in range(1, count):
            one = ((labels == k) & (own > 0)).astype(np.uint8)
            if int(one.sum()) < MIN_AREA:
                small += 1
            else:
                found.append(Target(dataset, stem, len(found), RleMask.from_window(one, (0, 0), (width, height))))
    return found, small


def chosen(root: Path, rows: list[tuple[str, str]], limit: int, seed: int) -> Iterator[tuple[str, str]]:
    """The rows to look at: all, or (a limit given) shuffled by seed and taken from each set in turn."""
    if not limit:
        yield from rows
        return
    rng = np.random.default_rng(seed)
    by_set: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        by_set.setdefault(row[0], []).append(row)
    queues = [[group[k] for k in rng.permutation(len(group))] for group in by_set.values()]
    while any(queues):
        for queue in queues:
            if queue:
                yield queue.pop()


def square_round(box: Box, factor: float = 1.6, least: int = 48) -> Box:
    """A square of `factor` x the box's longer side (at least `least`), centred on it."""
    side = max(round(factor * max(box.width, box.height)), least)
    x0, y0 = round((box.x0 + box.x1 - side) / 2), round((box.y0 + box.y1 - side) / 2)
    return Box(x0, y0, x0 + side, y0 + side)
