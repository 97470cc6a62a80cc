"""Reading a folder laid out like the project's training data: CSV lists, `<set>/images`, `<set>/masks`.

Decoded pixels are kept in one flat cache file that is memory-mapped, so that a restart costs nothing and worker
processes share the pages. The cache lives outside the repository: nothing of the data is ever committed.
"""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
BORDER = 5  # closing size (pixels) that makes one object of a crack with small gaps

#: Sets by what their source says about the licence, for `--exclude gpl` and `--exclude unstated`.
LICENCE_GROUPS = {
    "gpl": ("masonry_crack", "uav75_concrete"),
    "unstated": (
        "sd_saliency_900",
        "leather_custom",
        "crackmap",
        "nha12d_pavement",
        "duts",
        "deeppcb_derived",
        "magnetic_tile",
    ),
}


@dataclass(frozen=True)
class Row:
    """One line of a CSV list; only `dataset` and `stem` are relied on."""

    dataset: str
    stem: str


@dataclass(frozen=True)
class Item:
    """One decoded picture: `image` [H,W,3] uint8 RGB and `mask` [H,W] uint8 class indices (0 background)."""

    row: Row
    image: U8
    mask: U8


def read_list(path: Path, exclude: tuple[str, ...] = ()) -> list[Row]:
    """Rows of a CSV list without the excluded sets (set names, or the groups of `LICENCE_GROUPS`)."""
    banned = {name for e in exclude for name in LICENCE_GROUPS.get(e, (e,))}
    with path.open(newline="", encoding="utf-8") as handle:
        rows = [Row(r["dataset"], r["stem"]) for r in csv.DictReader(handle)]
    return [r for r in rows if r.dataset not in banned]


def decode(root: Path, row: Row) -> Item:
    """Read one image and its mask from disk.

    Raises
    ------
    FileNotFoundError
        If either file is missing or unreadable.
    ValueError
        If their sizes differ.
    """
    image = cv2.imread(str(root / row.dataset / "images" / f"{row.stem}.jpg"), cv2.IMREAD_COLOR)
    mask = cv2.imread(str(root / row.dataset / "masks" / f"{row.stem}.png"), cv2.IMREAD_GRAYSCALE)
    if image is None or mask is None:
        raise FileNotFoundError(f"{row.dataset}/{row.stem}")
    if image.shape[:2] != mask.shape:
        raise ValueError(f"{row.dataset}/{row.stem}: image {image.shape[:2]}, mask {mask.shape}")
    return Item(row, np.ascontiguousarray(image[:, :, ::-1]), mask.astype(np.uint8))


class Pictures:
    """A list of pictures behind one memory-mapped cache file.

    Parameters
    ----------
    root : Path
        Data folder.
    rows : list of Row
        What to read.
    cache : Path
        Folder for the cache; made if missing. Its file is named by a hash of the list.
    """

    def __init__(self, root: Path, rows: list[Row], cache: Path) -> None:
        if not rows:
            raise ValueError("an empty list of pictures")
        self.rows = rows
        key = hashlib.sha256("\n".join(f"{r.dataset}/{r.stem}" for r in rows).encode()).hexdigest()[:16]
        index, blob = cache / f"{key}.json", cache / f"{key}.bin"
        if not index.exists():
            cache.mkdir(parents=True, exist_ok=True)
            _build_cache(root, rows, index, blob)
        self.table: list[list[int]] = json.loads(index.read_text())
        self.blob = np.memmap(blob, np.uint8, "r")

    def __len__(self) -> int:
        return len(self.rows)

    def item(self, i: int) -> Item:
        """The i-th picture, as views of the cache (do not write into them)."""
        start, h, w = self.table[i]
        image = self.blob[start : start + h * w * 3].reshape(h, w, 3)
        mask = self.blob[start + h * w * 3 : start + h * w * 4].reshape(h, w)
        return Item(self.rows[i], image, mask)

    def by_set(self) -> dict[str, list[int]]:
        """Indices of the pictures of each set."""
        out: dict[str, list[int]] = {}
        for i, row in enumerate(self.rows):
            out.setdefault(row.dataset, []).append(i)
        return out


def _build_cache(root: Path, rows: list[Row], index: Path, blob: Path) -> None:
    table, start = [], 0
    part = blob.with_suffix(".part")
    with part.open("wb") as handle:
        for row in rows:
            item = decode(root, row)
            h, w = item.mask.shape
            handle.write(np.ascontiguousarray(item.image).tobytes())
            handle.write(item.mask.tobytes())
            table.append([start, h, w])
            start += h * w * 4
    part.replace(blob)
    index.write_text(json.dumps(table))  # last: its presence says the cache is whole


def objects(mask: U8, min_area: int = 16) -> list[tuple[U8, tuple[int, int, int, int], int]]:
    """Every object of a class-index mask.

    An object is one 8-connected component of one class after a 5-pixel closing (which joins the pieces of a broken
    crack); its pixels are those of the unclosed mask.

    Returns
    -------
    list of (object mask [H,W] uint8 0/1, box (x, y, w, h) in pixels, area in pixels)
    """
    found = []
    kernel = np.ones((BORDER, BORDER), np.uint8)
    for value in np.unique(mask):
        if value == 0:
            continue
        own = (mask == value).astype(np.uint8)
        closed = cv2.morphologyEx(cv2.copyMakeBorder(own, 8, 8, 8, 8, cv2.BORDER_CONSTANT), cv2.MORPH_CLOSE, kernel)[
            8:-8, 8:-8
        ]
        count, labels = cv2.connectedComponents(closed, connectivity=8)
        for k in range(1, count):
            one = ((labels == k) & (own > 0)).astype(np.uint8)
            area = int(one.sum())
            if area >= min_area:
                x, y, w, h = cv2.boundingRect(one)
                found.append((one, (x, y, w, h), area))
    return found


def pick_object(
    mask: U8, rng: np.random.Generator, min_area: int = 16
) -> tuple[U8, U8, tuple[int, int, int, int]] | None:
    """One random object: its mask, all of its class, its box; None when the mask has none.

    One connected-component pass over one class only, because this runs for every training sample. Half of the objects
    are drawn evenly, half with the square root of their area, so that neither specks nor blots rule.
    """
    values = np.flatnonzero(np.bincount(mask.ravel(), minlength=256)[1:]) + 1
    if len(values) == 0:
        return None
    own = (mask == rng.choice(values)).astype(np.uint8)
    closed = cv2.dilate(own, np.ones((BORDER, BORDER), np.uint8))  # joins at least what the closing joins
    count, labels, _stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    areas = np.bincount(labels[own > 0], minlength=count).astype(np.float64)
    weight = np.where(areas >= min_area, areas ** (0.5 if rng.random() < 0.5 else 0.0), 0.0)
    weight[0] = 0.0
    if weight.sum() == 0:
        return None
    k = int(rng.choice(count, p=weight / weight.sum()))
    one = ((labels == k) & (own > 0)).astype(np.uint8)
    x, y, w, h = cv2.boundingRect(one)
    return one, own, (x, y, w, h)
