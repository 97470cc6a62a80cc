"""Training samples: number i is a pure function of (seed, i), so a resumed run sees what it would have seen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from .augment import crop_mask, crop_outside, flip_both, photometric, square_crop
from .data import Pictures, pick_object, read_list
from .hairline import add_hairline
from .synth import add_defect
from .textures import surface

U8 = NDArray[np.uint8]


#: Value of the mask where the crop shows a reflection: never clicked, no part of the loss (the product drops it too).
OUTSIDE = 2


#: Share of the crops laid as a person boxes a defect: about 1.6 times its longer side, nearly centred, half of them with
#: care. A box says how large the object is, and only a network that has seen many of them can hear it.
BOXED = 0.85
#: Spread of the size (of its logarithm) and room for the centre (share of the side) of a careful box, and of a rough one.
CAREFUL, ROUGH = (0.06, 0.05), (0.16, 0.2)
#: Shares of the crops of real defects at the picture's own scale: round the defect by and large, and as a box that
#: follows the clicks along a long one.
NATIVE, STAMPED = 0.12, 0.13
#: Share of the synthetic ones that are hairline cracks in a box that follows the clicks: no set to train on has such.
HAIRLINE = 0.6
#: Chance that, in such a box, the part in the box before it is marked already.
FOLLOWED = 0.7
#: Chance that all of a class is meant and not one object; never where a box or a stamp says which.
WHOLE = 0.2


@dataclass(frozen=True)
class Mix:
    """Shares of real defects and synthetic ones; the rest are general objects."""

    real: float = 0.8
    synthetic: float = 0.16


@dataclass(frozen=True)
class Sources:
    """The pictures a run draws from; either may be missing (tests train on generated data only)."""

    defects: Pictures | None
    general: Pictures | None


def open_sources(root: Path, cache: Path, exclude: tuple[str, ...]) -> Sources:
    """Open `train.csv` and `general.csv` under `root`, without the excluded sets."""
    defects, general = (read_list(root / name, exclude) for name in ("train.csv", "general.csv"))
    return Sources(
        Pictures(root, defects, cache) if defects else None, Pictures(root, general, cache) if general else None
    )


class Sample(NamedTuple):
    """One sample, or a batch of them (a further axis in front).

    Attributes
    ----------
    image : [3,S,S] uint8
    truth : [1,S,S] uint8, 0, 1 or `OUTSIDE`
    before : [1,S,S] uint8 0/1
        What was marked before the first click, by the stamp beside this one.
    side : int64
        Side of the crop in pixels of its picture.
    stamped : bool
        The first click is the object's pixel nearest the middle of the crop, as in a box that follows the clicks.
    """

    image: torch.Tensor
    truth: torch.Tensor
    before: torch.Tensor
    side: torch.Tensor
    stamped: torch.Tensor


class Cut(NamedTuple):
    """A sample while it is made: image [S,S,3], truth and before [S,S], all uint8."""

    image: U8
    truth: U8
    before: U8 | None = None
    side: int = 0
    stamped: bool = False


class Samples(Dataset[Sample]):
    """Endless samples, each with at least six pixels of its object."""

    def __init__(self, sources: Sources, size: int, seed: int, first: int, count: int, mix: Mix | None = None) -> None:
        self.sources, self.size, self.seed, self.first, self.count = sources, size, seed, first, count
        self.mix = mix or Mix()
        self.groups, self.weights = _groups(sources.defects)

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, i: int) -> Sample:
        rng = np.random.default_rng((self.seed, self.first + i))
        while True:
            cut = self._draw(rng)
            if (cut.truth == 1).sum() >= 6:
                break
        before = np.zeros_like(cut.truth) if cut.before is None else cut.before
        image, planes = flip_both(cut.image, np.stack([cut.truth, before], 2), rng)
        image = photometric(image, rng)
        return Sample(
            torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))),
            torch.from_numpy(planes[None, :, :, 0].copy()),
            torch.from_numpy(planes[None, :, :, 1].copy()),
            torch.tensor(cut.side or self.size),
            torch.tensor(cut.stamped),
        )

    def _draw(self, rng: np.random.Generator) -> Cut:
        u = rng.random()
        if u < self.mix.real and self.sources.defects is not None:
            return self._real(rng)
        if u >= self.mix.real + self.mix.synthetic and self.sources.general is not None:
            general = self.sources.general
            return self._crop(general, int(rng.integers(len(general))), rng)
        return self._synthetic(rng)

    def _random_defect(self, rng: np.random.Generator) -> int:
        group = self.groups[int(rng.choice(len(self.groups), p=self.weights))]
        return group[int(rng.integers(len(group)))]

    def _real(self, rng: np.random.Generator) -> Cut:
        assert self.sources.defects is not None
        index, u = self._random_defect(rng), rng.random()
        if u < STAMPED:
            return self._stamp(self.sources.defects, index, rng)
        return self._crop(self.sources.defects, index, rng, native=u < STAMPED + NATIVE)

    def _crop(self, pictures: Pictures, index: int, rng: np.random.Generator, native: bool = False) -> Cut:
        item = pictures.item(index)
        found = pick_object(item.mask, rng)
        if found is None:
            return self._nothing()
        one, whole, (x, y, w, h) = found
        boxed = not native and rng.random() < BOXED
        if native:
            cx, cy, side = self._native_box(one, rng)
        else:
            longer = max(w, h)
            spread, share = CAREFUL if rng.random() < 0.5 else ROUGH
            factor = float(np.exp(rng.normal(np.log(1.6), spread))) if boxed else _factor(rng)
            side = max(longer * factor, float(rng.uniform(40, 64)))
            side = min(side, 2.0 * max(item.mask.shape))
            room = share * side if boxed else max(side - longer, 0.15 * side)
            cx = x + w / 2 + float(rng.uniform(-0.4, 0.4)) * room
            cy = y + h / 2 + float(rng.uniform(-0.4, 0.4)) * room
        angle = float(rng.uniform(-45, 45)) if rng.random() < 0.25 else 0.0
        mask = whole if not boxed and rng.random() < WHOLE else one
        return self._cut(item.image, np.ascontiguousarray(mask), (cx, cy, side), angle)

    def _cut(self, image: U8, mask: U8, square: tuple[float, float, float], angle: float = 0.0) -> Cut:
        truth = crop_mask(mask, *square, self.size, angle)
        truth[crop_outside(mask.shape, *square, self.size, angle)] = OUTSIDE
        return Cut(square_crop(image, *square, self.size, angle), truth, side=max(round(square[2]), 2))

    def _nothing(self) -> Cut:
        empty = np.zeros((self.size, self.size), np.uint8)
        return Cut(np.zeros((self.size, self.size, 3), np.uint8), empty)  # drawn again

    def _stamp(self, pictures: Pictures, index: int, rng: np.random.Generator) -> Cut:
        """A box at native scale round a pixel of the object; mostly the part in the box before it is marked already.

        That box ends near this one's middle, because a click outside a box moves it (R1.5).
        """
        item = pictures.item(index)
        found = pick_object(item.mask, rng)
        if found is None:
            return self._nothing()
        one = found[0]
        ys, xs = np.nonzero(one)
        i = int(rng.integers(len(xs)))
        cut = self._cut(item.image, one, (xs[i] + 0.5, ys[i] + 0.5, float(self.size)))
        return self._followed(cut, rng)

    def _followed(self, cut: Cut, rng: np.random.Generator) -> Cut:
        """The crop as a box that has followed the clicks: see `_stamp`."""
        if rng.random() >= FOLLOWED:
            return cut._replace(stamped=True)
        across = self.size * (1 + abs(float(rng.normal(0, 0.02))))  # the other box's middle
        along = self.size * float(rng.uniform())
        x, y = [(across, along), (self.size - across, along), (along, across), (along, self.size - across)][
            int(rng.integers(4))
        ]
        before, half = np.zeros_like(cut.truth), self.size / 2
        left, top = max(round(x - half), 0), max(round(y - half), 0)
        inside = np.s_[top : max(round(y + half), 0), left : max(round(x + half), 0)]
        before[inside] = cut.truth[inside] == 1
        return cut._replace(before=before, stamped=True)

    def _native_box(self, one: U8, rng: np.random.Generator) -> tuple[float, float, float]:
        """A crop at the picture's own scale, as the fixed box makes it: the defect may run through and out of it."""
        ys, xs = np.nonzero(one)
        i = int(rng.integers(len(xs)))
        side = self.size * float(np.exp(rng.normal(0, 0.15)))
        return xs[i] + 0.5 + float(rng.normal(0, 0.12)) * side, ys[i] + 0.5 + float(rng.normal(0, 0.12)) * side, side

    def _synthetic(self, rng: np.random.Generator) -> Cut:
        ground = None
        if self.sources.defects is not None and rng.random() < 0.4:
            ground = self._clean_patch(rng)
        ground = surface(self.size, rng) if ground is None else ground
        if rng.random() < HAIRLINE:
            return self._followed(Cut(*add_hairline(ground, rng)), rng)
        return Cut(*add_defect(ground, rng))

    def _clean_patch(self, rng: np.random.Generator) -> NDArray[np.float32] | None:
        """A patch of a real surface without a marked defect, at a random scale."""
        assert self.sources.defects is not None
        for _ in range(4):
            item = self.sources.defects.item(self._random_defect(rng))
            h, w = item.mask.shape
            side = float(min(h, w, self.size) * rng.uniform(0.5, 1.0))
            cx, cy = float(rng.uniform(side / 2, w - side / 2)), float(rng.uniform(side / 2, h - side / 2))
            if not square_crop(item.mask, cx, cy, side, 64).any():
                return square_crop(item.image, cx, cy, side, self.size).astype(np.float32)
        return None


def _factor(rng: np.random.Generator) -> float:
    """Crop side over the object's longer side: mostly 1.1 to 3, sometimes cut off, sometimes far out."""
    u = rng.random()
    if u < 0.12:
        return float(rng.uniform(0.45, 1.05))
    if u < 0.85:
        return float(np.exp(rng.uniform(np.log(1.1), np.log(3.0))))
    return float(np.exp(rng.uniform(np.log(3.0), np.log(9.0))))


def _groups(pictures: Pictures | None) -> tuple[list[list[int]], NDArray[np.float64]]:
    """Pictures of each set, and the sets' weights: the square root of their size."""
    if pictures is None:
        return [], np.zeros(0)
    groups = list(pictures.by_set().values())
    weights = np.sqrt([len(g) for g in groups])
    return groups, weights / weights.sum()
