"""The sample images are what the seed makes, and as hard as the issue asks: thick enough, faint enough."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ("scratch", "blowhole", "crack")


def load(sample: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.uint8]]:
    """Return the sample as grey float64 (mean of RGB) and its true mask, uint8 0/1."""
    pixels = cv2.imread(str(ROOT / f"site/samples/{sample}.png"), cv2.IMREAD_UNCHANGED)
    mask = cv2.imread(str(ROOT / f"tests/samples/{sample}.mask.png"), cv2.IMREAD_UNCHANGED)
    assert pixels.ndim == 3 and pixels.shape[2] == 3, "RGB PNG"
    return pixels.mean(axis=2), (mask > 127).astype(np.uint8)


def texture_round(grey: npt.NDArray[np.float64], mask: npt.NDArray[np.uint8]) -> tuple[float, npt.NDArray[np.float64]]:
    """Return the texture's std in a band 3..40 px off the defect, and the image less its light (a plane fitted)."""
    near = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)))
    far = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (81, 81)))
    ys, xs = np.nonzero((far > 0) & (near == 0))
    plane, *_ = np.linalg.lstsq(np.stack([xs, ys, np.ones_like(xs)], axis=1).astype(float), grey[ys, xs], rcond=None)
    yy, xx = np.mgrid[0 : grey.shape[0], 0 : grey.shape[1]]
    flat = grey - (plane[0] * xx + plane[1] * yy + plane[2])
    return float(flat[ys, xs].std()), flat


def test_the_seed_makes_the_same_bytes() -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "tools/make_samples.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_index_names_the_files() -> None:
    rows = json.loads((ROOT / "site/samples/samples.json").read_text())
    assert [row["id"] for row in rows] == list(SAMPLES)
    for row in rows:
        grey, mask = load(row["id"])
        assert grey.shape == mask.shape == (row["height"], row["width"])
        assert 900 <= row["width"] <= 1280 and 700 <= row["height"] <= 960


@pytest.mark.parametrize("sample", SAMPLES)
def test_defect_is_at_least_5_px_wide_everywhere(sample: str) -> None:
    """Opening by a disc of 5 px leaves the defect whole: only single pixels of its ragged edge may go."""
    _, mask = load(sample)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, disc)
    assert opened.sum() >= 0.99 * mask.sum()
    assert cv2.connectedComponents(opened, connectivity=4)[0] == 2, "one defect in one piece"
    lost = mask - opened
    assert cv2.connectedComponentsWithStats(lost, connectivity=8)[2][1:, cv2.CC_STAT_AREA].max(initial=0) <= 6


@pytest.mark.parametrize("sample", SAMPLES)
def test_contrast_is_at_most_3_times_the_texture(sample: str) -> None:
    """Mean distance of the defect's grey from the surface round it, in stds of that surface: visible, never stark."""
    grey, mask = load(sample)
    std, flat = texture_round(grey, mask)
    contrast = float(np.abs(flat[mask > 0]).mean()) / std
    print(f"{sample}: contrast {contrast:.2f} x texture std {std:.1f}")
    assert 1.5 <= contrast <= 3.0
    assert abs(float(flat[mask > 0].mean())) / std <= 3.0
