"""Training samples: number i is a pure function of (seed, i), so a resumed run sees what it would have seen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from .augment import crop_mask, crop_outside, flip_both, photometric, square_crop
from .data import Pictures, pick_object, read_list
from .synth import add_defect
from .textures import surface

U8 = NDArray[np.uint8]


#: Value of the mask where the crop shows a reflection: never clicked, no part of the loss (the product drops it too).
OUTSIDE = 2


#: Share of the crops laid as a person boxes a defect: about 1.6 times its longer side, nearly centred. A box says how
#: large the object is, and only a network that has seen many of them can hear it.
BOXED = 0.62


@dataclass(frozen=True)
class Mix:
    """Shares of real defects and synthetic ones; the rest are general objects."""

    real: float = 0.7
    synthetic: float = 0.2


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


class Samples(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """Endless samples: image [3,S,S] uint8 and mask [1,S,S] uint8 (0, 1, `OUTSIDE`), never without a 1."""

    def __init__(self, sources: Sources, size: int, seed: int, first: int, count: int, mix: Mix | None = None) -> None:
        self.sources, self.size, self.seed, self.first, self.count = sources, size, seed, first, count
        self.mix = mix or Mix()
        self.groups, self.weights = _groups(sources.defects)

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, i: int) -> tuple[torch.Tensor, torch.Tensor]:
        rng = np.random.default_rng((self.seed, self.first + i))
        while True:
            image, mask = self._draw(rng)
            if (mask == 1).sum() >= 6:
                break
        image, mask = flip_both(image, mask, rng)
        image = photometric(image, rng)
        return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))), torch.from_numpy(mask[None].copy())

    def _draw(self, rng: np.random.Generator) -> tuple[U8, U8]:
        u = rng.random()
        if u < self.mix.real and self.sources.defects is not None:
            return self._real(rng)
        if u >= self.mix.real + self.mix.synthetic and self.sources.general is not None:
            general = self.sources.general
            return self._crop(general, int(rng.integers(len(general))), rng, native=False)
        return self._synthetic(rng)

    def _random_defect(self, rng: np.random.Generator) -> int:
        group = self.groups[int(rng.choice(len(self.groups), p=self.weights))]
        return group[int(rng.integers(len(group)))]

    def _real(self, rng: np.random.Generator) -> tuple[U8, U8]:
        assert self.sources.defects is not None
        return self._crop(self.sources.defects, self._random_defect(rng), rng, native=rng.random() < 0.28)

    def _crop(self, pictures: Pictures, index: int, rng: np.random.Generator, native: bool) -> tuple[U8, U8]:
        item = pictures.item(index)
        empty = np.zeros((self.size, self.size), np.uint8)
        found = pick_object(item.mask, rng)
        if found is None:
            return np.zeros((self.size, self.size, 3), np.uint8), empty  # drawn again
        one, whole, (x, y, w, h) = found
        if native:
            cx, cy, side = self._native_box(one, rng)
        else:
            longer = max(w, h)
            boxed = rng.random() < BOXED
            factor = float(np.exp(rng.normal(np.log(1.6), 0.13))) if boxed else _factor(rng)
            side = max(longer * factor, float(rng.uniform(40, 64)))
            side = min(side, 2.0 * max(item.mask.shape))
            room = 0.15 * side if boxed else max(side - longer, 0.15 * side)
            cx = x + w / 2 + float(rng.uniform(-0.4, 0.4)) * room
            cy = y + h / 2 + float(rng.uniform(-0.4, 0.4)) * room
        angle = float(rng.uniform(-45, 45)) if rng.random() < 0.25 else 0.0
        mask = one if rng.random() < 0.85 else whole
        image = square_crop(item.image, cx, cy, side, self.size, angle)
        target = crop_mask(np.ascontiguousarray(mask), cx, cy, side, self.size, angle)
        target[crop_outside(mask.shape, cx, cy, side, self.size, angle)] = OUTSIDE
        return image, target

    def _native_box(self, one: U8, rng: np.random.Generator) -> tuple[float, float, float]:
        """A crop at the picture's own scale, as the fixed box makes it: the defect may run through and out of it."""
        ys, xs = np.nonzero(one)
        i = int(rng.integers(len(xs)))
        side = self.size * float(np.exp(rng.normal(0, 0.15)))
        return xs[i] + 0.5 + float(rng.normal(0, 0.12)) * side, ys[i] + 0.5 + float(rng.normal(0, 0.12)) * side, side

    def _synthetic(self, rng: np.random.Generator) -> tuple[U8, U8]:
        ground = None
        if self.sources.defects is not None and rng.random() < 0.4:
            ground = self._clean_patch(rng)
        return add_defect(surface(self.size, rng) if ground is None else ground, rng)

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
