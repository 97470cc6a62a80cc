"""The three samples. Each is a texture, a defect in units of the texture's standard deviation, and a tint."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import defects, textures
from .textures import Grey

SEED = 20240607
"""One seed for all; each scene takes its own stream from it. Not used by any training code."""


@dataclass(frozen=True)
class Sample:
    """A finished sample: `pixels` uint8 (height, width, 3) RGB, `mask` uint8 (height, width) 0/1, the page's hint."""

    id: str
    hint: str
    pixels: npt.NDArray[np.uint8]
    mask: npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Finish:
    """How grey becomes colour: `level` mean grey, `spread` grey levels per texture std, `tint` RGB factors."""

    level: float
    spread: float
    tint: tuple[float, float, float]


def _develop(
    texture: Grey, light: Grey, painted: defects.Painted, finish: Finish, calm: float
) -> npt.NDArray[np.uint8]:
    """Return the RGB image: texture (damped by `calm` inside the defect) + profile, in texture stds, plus `light`."""
    inside = defects.coverage(painted.depth)
    surface = texture * (1 - (1 - calm) * inside) + inside * painted.profile
    grey = finish.level + finish.spread * surface + light
    return np.clip(np.rint(grey[..., None] * np.array(finish.tint)), 0, 255).astype(np.uint8)


def _slope(shape: tuple[int, int], across: float, down: float) -> Grey:
    """Return a plane of light, `across` and `down` grey levels from edge to edge, 0 in the middle."""
    y = np.linspace(-0.5, 0.5, shape[0])[:, None]
    x = np.linspace(-0.5, 0.5, shape[1])[None, :]
    return across * x + down * y


def scratch(rng: np.random.Generator) -> Sample:
    """Return brushed steel with one curved bright scratch, ploughed along its length, ragged at the edges."""
    shape = (800, 1200)
    texture = textures.brushed(rng, shape)
    path = defects.arc((500, 520), (600, 322), (742, 280), 60)
    ends = np.minimum(np.linspace(0, 6, 60), np.linspace(6, 0, 60)).clip(0, 1)
    radius = 3.5 + defects.wobble(rng, 60, 1.4, 3.2, 4) * ends
    depth = defects.roughen(rng, defects.line_depth([defects.Line(path, radius)], shape), 0.5)
    ploughed = defects.ridges(depth, 2.6) * 0.35
    groove = 2.35 + ploughed + 0.2 * textures.noise(rng, shape, 1.2, 1.2).clip(-1, 1)
    light = _slope(shape, 14, -30)
    pixels = _develop(texture, light, defects.Painted(depth, groove), Finish(126, 13, (0.985, 1.0, 1.02)), 0.55)
    return Sample("scratch", "Click on the scratch", pixels, (depth >= 0).astype(np.uint8))


def blowhole(rng: np.random.Generator) -> Sample:
    """Return a cast skin with a blowhole: its upper wall in shadow, its lower wall lit, as light from above gives."""
    shape = (700, 900)
    texture = textures.cast(rng, shape)
    centre, radii = (537, 322), (60, 50)
    depth = defects.roughen(rng, defects.pit_depth(rng, shape, centre, radii), 1.1)
    yy, xx = np.mgrid[0 : shape[0], 0 : shape[1]] + 0.5
    lean = ((yy - centre[1]) / radii[1] * 0.86 + (xx - centre[0]) / radii[0] * 0.51).clip(-1, 1)
    wall = np.exp(-np.maximum(depth, 0) / 9)
    profile = -2.45 + 0.3 * lean + 4.7 * wall * np.clip(lean, 0, 1) ** 1.5
    rough = 0.25 * textures.noise(rng, shape, 3, 3).clip(-1, 1)
    light = _slope(shape, -26, 18)
    painted = defects.Painted(depth, np.clip(profile + rough, -2.9, 2.9))
    pixels = _develop(texture, light, painted, Finish(122, 15, (1.02, 1.0, 0.965)), 0.6)
    return Sample("blowhole", "Click in the blowhole", pixels, (depth >= 0).astype(np.uint8))


def crack(rng: np.random.Generator) -> Sample:
    """Return concrete with a jagged crack that branches once."""
    shape = (768, 1024)
    texture = textures.concrete(rng, shape)
    trunk = defects.jagged(rng, (395, 470), -0.42, 15, 17, 0.42)
    branch = defects.jagged(rng, tuple(trunk[9]), 0.5, 12, 6, 0.4)
    tapered = np.minimum(np.linspace(0, 4, 18), np.linspace(4, 0, 18)).clip(0, 1)
    lines = [
        defects.Line(trunk, 3.3 + tapered * defects.wobble(rng, len(trunk), 0.8, 3.2, 1)),
        defects.Line(branch, np.linspace(4.4, 3.3, len(branch))),
    ]
    depth = defects.roughen(rng, defects.line_depth(lines, shape), 0.6)
    shade = -2.5 + 0.25 * textures.noise(rng, shape, 2, 2).clip(-1, 1)
    light = _slope(shape, 80, 48)
    pixels = _develop(texture, light, defects.Painted(depth, shade), Finish(146, 14, (1.01, 1.0, 0.975)), 0.85)
    return Sample("crack", "Click on the crack", pixels, (depth >= 0).astype(np.uint8))


def make_all(seed: int = SEED) -> list[Sample]:
    """Return the three samples; the same `seed` gives the same pixels."""
    streams = np.random.SeedSequence(seed).spawn(3)
    makers = (scratch, blowhole, crack)
    return [make(np.random.default_rng(stream)) for make, stream in zip(makers, streams, strict=True)]
