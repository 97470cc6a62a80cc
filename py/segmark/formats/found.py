"""What a reader found: annotations by class name, and what it left out and why. Nothing here changes a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from segmark.errors import SegmarkError
from segmark.formats.item import base_of, stem_of
from segmark.formats.origins import Origin
from segmark.rle import RleMask

MAX_ANNOTATIONS = 20_000
MAX_PIXELS = 2_000_000_000
_BY_STEM = 4
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
    """The open image, the names of its classes in order (for formats that only number them), and its id in the project."""

    name: str
    width: int
    height: int
    labels: tuple[str, ...] = ()
    id: str = ""

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    def check_size(self, width: int, height: int) -> None:
        """SegmarkError ``import.wrong_size`` if a file speaks of an image of another size."""
        if (width, height) != self.size:
            raise SegmarkError("import.wrong_size", {"width": width, "height": height})

    def tier(self, origin: Origin) -> int | None:
        """How surely an entry is about this image: 0 by the id, 1 by the whole name, 2 without folders, 3 without case,
        4 without ending; None = not at all."""
        mine = self.name.replace("\\", "/")
        base = base_of(origin.name)
        signs = (
            bool(origin.id) and origin.id == self.id,
            origin.name == mine,
            base == base_of(mine),
            base.casefold() == base_of(mine).casefold(),
            origin.stem.casefold() in (stem_of(mine).casefold(), stem_of(base_of(mine)).casefold()),
        )
        return next((k for k, is_sign in enumerate(signs) if is_sign), None)


@dataclass
class Reading:
    """Fills as a reader goes.

    ``other_name``: what the file calls the image that it was taken to be about, if not like the open one.
    ``is_match``: whether it is about the open image by its name or id; False: a lone image of another name, so a
    guess; None: it names no image.
    """

    target: Target
    found: list[Found] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    other_images: int = 0
    other_name: str = ""
    is_match: bool | None = None
    _pixels: int = 0

    @property
    def is_sure(self) -> bool:
        """Whether the file gives the image's own name, ending and all, or its id."""
        return self.is_match is True and self.other_name == ""

    def choose(self, entries: Sequence[T], origin_of: Callable[[T], Origin]) -> T:
        """The entry of the target among a file's images: the one that is most surely about it, or the only one.

        Raises
        ------
        SegmarkError
            ``import.no_match``; ``import.ambiguous``: several fit equally well, and the first need not be the right one.
        """
        origins = [origin_of(entry) for entry in entries]
        tiers = [self.target.tier(origin) for origin in origins]
        best = min((tier for tier in tiers if tier is not None), default=None)
        fitting = [k for k, tier in enumerate(tiers) if tier == best]
        if best is None and len(entries) != 1:
            raise SegmarkError("import.no_match", {"images": len(entries)})
        if len(fitting) > 1:
            raise SegmarkError("import.ambiguous", {"images": len(fitting)})
        origin = origins[fitting[0]]
        is_other = best is None or (best == _BY_STEM and origin.has_ending)
        self.other_name = origin.name if is_other else ""
        self.is_match = best is not None
        self.other_images = len(entries) - 1
        return entries[fitting[0]]

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
