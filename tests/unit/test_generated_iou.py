"""A regression test of accuracy: both networks on generated defects, through the code that the page runs.

Scratches, blowholes and cracks of the samples' generator, with seeds that neither the samples nor any training used.
The floors lie a little below what was measured with the networks in models/ on 2026-11-23.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fakes import run
from samples.scenes import SEED, make_all
from segmark.evaluate.objects import Target
from segmark.evaluate.play import play
from segmark.rle import RleMask

pytest.importorskip("onnxruntime")
from segmark.evaluate.ours import Player
from segmark.segment.onnx_native import NativeModels

MODELS = Path(__file__).resolve().parents[2] / "models"
SEEDS = range(1, 4)
#: mean IoU over the nine defects after clicks 1 and 3, in a box of 1.6 x the defect
FLOORS = {"precise": (0.87, 0.88), "smooth": (0.78, 0.83)}


@pytest.fixture(scope="module")
def defects() -> list[tuple[np.ndarray, Target]]:
    assert SEED not in SEEDS
    made = []
    for seed in SEEDS:
        for number, sample in enumerate(make_all(seed)):
            truth = RleMask.from_window(sample.mask, (0, 0), (sample.mask.shape[1], sample.mask.shape[0]))
            made.append((sample.pixels, Target("generated", f"{sample.id}-{seed}", number, truth)))
    return made


@pytest.mark.requirement("R4.1")
@pytest.mark.parametrize("model_id", sorted(FLOORS))
def test_generated_defects_are_found(model_id: str, defects: list[tuple[np.ndarray, Target]]) -> None:
    predictor = run(NativeModels(MODELS).load(model_id))
    ious = [run(play(Player(predictor, image), target, "box", False, False, 0)).ious for image, target in defects]
    first, third = (float(np.mean([scores[min(n, len(scores)) - 1] for scores in ious])) for n in (1, 3))
    print(f"{model_id}: mean IoU {first:.3f} after one click, {third:.3f} after three")
    assert first >= FLOORS[model_id][0]
    assert third >= FLOORS[model_id][1]
