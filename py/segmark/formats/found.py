"""What a reader found: annotations by class name, and what it left out and why. Nothing here changes a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from segmark.errors import SegmarkError
from segmark.formats.item import stem_of
from segmark.rle import RleMask

MAX_ANNOTATIONS = 20_000
MAX_PIXELS = 2_000_000_000
T = TypeVar("T")


@dataclass(frozen=True)
class Found:
    """One annotation of a file; ``name`` is its class."""

    name: str
    mask: RleMask
    model_id: str = ""
    clicks: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Target:
    """The open image, and the names of its classes in order (for formats that only number them)."""

    name: str
    width: int
    height: int
    labels: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    def check_size(self, width: int, height: int) -> None:
        """SegmarkError ``import.wrong_size`` if a file speaks of an image of another size."""
        if (width, height) != self.size:
            raise SegmarkError("import.wrong_size", {"width": width, "height": height})

    def matches(self, name: str) -> bool:
        """A file's name means this image: the same name, or the same without folder and ending."""
        return stem_of(name.replace("\\", "/").rsplit("/", 1)[-1]).casefold() == stem_of(self.name).casefold()

    def choose(self, entries: Sequence[T], name_of: Callable[[T], str]) -> T:
        """The entry of this image among a file's images: the only one, or the one that has its name.

        Raises
        ------
        SegmarkError
            ``import.no_match``.
        """
        fitting = entries if len(entries) == 1 else [entry for entry in entries if self.matches(name_of(entry))]
        if not fitting:
            raise SegmarkError("import.no_match", {"images": len(entries)})
        return fitting[0]


@dataclass
class Reading:
    """Fills as a reader goes."""

    target: Target
    found: list[Found] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    other_images: int = 0
    _pixels: int = 0

    def add(self, found: Found) -> None:
        """Keep one; an empty mask is skipped. SegmarkError ``import.too_much`` beyond what is sensible."""
        if found.mask.is_empty:
            self.skip("empty")
            return
        self.spend(found.mask.bbox.area)
        if len(self.found) >= MAX_ANNOTATIONS:
            raise SegmarkError("import.too_much", {"limit": MAX_ANNOTATIONS})
        self.found.append(found)

    def add_parts(self, name: str, masks: Iterable[RleMask]) -> None:
        for mask in masks:
            self.add(Found(name, mask))

    def skip(self, why: str) -> None:
        self.skipped[why] += 1

    def spend(self, pixels: int) -> None:
        """Count pixels that are worked on, so that a small file cannot ask for endless work."""
        self._pixels += pixels
        if self._pixels > MAX_PIXELS:
            raise SegmarkError("import.too_much", {"limit": MAX_ANNOTATIONS})

    def spend_box(self, ring: NDArray[np.float64]) -> None:
        width, height = ring.max(axis=0) - ring.min(axis=0) + 1
        self.spend(int(width * height) + 8 * len(ring) * int(width + height))
