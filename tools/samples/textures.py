"""Defect-free surfaces, grey float64 (height, width) round 0 with a standard deviation near 1.

Everything is made from seeded white noise shaped in the frequency domain: no loop over pixels, and the
same numbers on every machine up to rounding errors far below one grey level.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.float64]


def standardise(field: Grey) -> Grey:
    """Return `field` shifted and scaled to mean 0 and standard deviation 1."""
    return (field - field.mean()) / field.std()


def noise(rng: np.random.Generator, shape: tuple[int, int], sigma_x: float, sigma_y: float) -> Grey:
    """Return Gaussian noise smoothed by `sigma_x`, `sigma_y` pixels, mean 0, standard deviation 1."""
    white = rng.standard_normal(shape)
    fy = np.fft.fftfreq(shape[0])[:, None]
    fx = np.fft.rfftfreq(shape[1])[None, :]
    gain = np.exp(-2 * np.pi**2 * ((fx * sigma_x) ** 2 + (fy * sigma_y) ** 2))
    return standardise(np.fft.irfft2(np.fft.rfft2(white) * gain, s=shape))


def fractal(rng: np.random.Generator, shape: tuple[int, int], finest: float, octaves: int, gain: float) -> Grey:
    """Return a sum of `octaves` noises, the first `finest` pixels wide, each next twice as wide, `gain` as strong."""
    total = np.zeros(shape)
    for octave in range(octaves):
        sigma = finest * 2.0**octave
        total += gain**octave * noise(rng, shape, sigma, sigma)
    return standardise(total)


def brushed(rng: np.random.Generator, shape: tuple[int, int]) -> Grey:
    """Return brushed steel: streaks along x of three lengths, stronger hairlines here and there, a fine grain."""
    streaks = noise(rng, shape, 90, 0.6) + 0.8 * noise(rng, shape, 28, 0.8) + 0.5 * noise(rng, shape, 160, 2.5)
    hairlines = np.clip(noise(rng, shape, 45, 0.7) - 2.2, 0, None) * rng.choice([-1.0, 1.0], size=(shape[0], 1))
    return standardise(streaks + 1.6 * hairlines + 0.55 * noise(rng, shape, 0.6, 0.6))


def cast(rng: np.random.Generator, shape: tuple[int, int]) -> Grey:
    """Return a cast surface: pebbled skin lit from above, with a slow unevenness and a sandy grain."""
    height = noise(rng, shape, 3.2, 3.2) + 0.9 * noise(rng, shape, 6.5, 6.5)
    lit = np.gradient(height, axis=0) + 0.6 * np.gradient(height, axis=1)
    return standardise(standardise(lit) + 0.35 * fractal(rng, shape, 10, 3, 1.2) + 0.5 * noise(rng, shape, 0.7, 0.7))


def concrete(rng: np.random.Generator, shape: tuple[int, int]) -> Grey:
    """Return ground concrete: blotches, sand of two sizes, small dark pores, and dark and light stones cut open."""
    blotches = fractal(rng, shape, 9, 4, 0.8)
    sand = noise(rng, shape, 0.7, 0.7) + 0.9 * noise(rng, shape, 1.8, 1.8)
    pores = np.clip(noise(rng, shape, 1.6, 1.6) - 2.4, 0, None)
    lumps = noise(rng, shape, 5, 5)
    stones = np.clip((np.abs(lumps) - 1.25) / 0.12, 0, 1) * np.where(lumps < 0, -1.9, 1.3)
    return standardise(0.6 * blotches + 0.8 * standardise(sand) - 2.2 * pores + stones)
