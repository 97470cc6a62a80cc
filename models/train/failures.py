"""Pictures of known failures for the model card, on generated defects (pictures of the data sets are not ours to show).

`python -m models.train.failures --model precise --out models/failures.jpg`: of forty seeded defects of each hard kind the
one at the lower quartile is drawn, so that the picture shows a usual failure and not the worst of luck. Runs through the
product's own code (`segmark.evaluate`); wants the product, OpenCV and onnxruntime, not torch.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from segmark.clicks import Click
from segmark.evaluate.metrics import iou
from segmark.evaluate.objects import Target
from segmark.evaluate.ours import Player
from segmark.evaluate.play import play
from segmark.geometry import Box
from segmark.rle import RleMask
from segmark.segment.onnx_native import NativeModels
from segmark.segment.predictor import Predictor

from . import synth
from .textures import surface

U8 = NDArray[np.uint8]
SIZE = 320
COUNT = 40
SEED = 90_210  # no other code draws from it
AFTER = (1, 5)
INK = {"true": (90, 220, 90), "ours": (255, 170, 40)}


def thin_crack(rng: np.random.Generator) -> tuple[U8, U8]:
    """1.2 px wide, across most of the picture."""
    path = synth.walk(np.array([30.0, SIZE / 2]), float(rng.normal(0, 0.2)), 260, 0.3, 0.0, rng)
    alpha = synth.draw_path(SIZE, path, np.full(len(path), 1.2))
    return synth.blend_known(surface(SIZE, rng), alpha, 1.6, -1)


def faint_stain(rng: np.random.Generator) -> tuple[U8, U8]:
    """Less than one standard deviation of the surface darker, with a wide soft edge."""
    alpha, sign = synth.stain(SIZE, 140, rng)
    return synth.blend_known(surface(SIZE, rng), alpha, 0.8, sign)


def crack_in_pieces(rng: np.random.Generator) -> tuple[U8, U8]:
    """A crack that the annotation knows only in part: the network goes on along it."""
    path = synth.walk(np.array([30.0, SIZE / 2]), float(rng.normal(0, 0.2)), 260, 0.25, 0.0, rng)
    alpha = synth.draw_path(SIZE, path, np.full(len(path), 4.0))
    image, mask = synth.blend_known(surface(SIZE, rng), alpha, 2.0, -1)
    mask[:, SIZE // 2 :] = 0
    return image, mask


KINDS: dict[str, Callable[[np.random.Generator], tuple[U8, U8]]] = {
    "a crack 1.2 px wide": thin_crack,
    "a faint, soft stain": faint_stain,
    "half of a crack is meant": crack_in_pieces,
}


class Watched(Player):
    """Keeps each answer, to be drawn."""

    def __init__(self, predictor: Predictor, pixels: U8) -> None:
        super().__init__(predictor, pixels)
        self.answers: list[RleMask] = []

    async def click(self, click: Click) -> RleMask:
        self.answers.append(await super().click(click))
        return self.answers[-1]


def outlined(image: U8, mask: U8, ink: tuple[int, int, int], words: str) -> U8:
    drawn = image.copy()
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(drawn, contours, -1, ink, 1, cv2.LINE_8)
    cv2.rectangle(drawn, (0, 0), (SIZE, 22), (20, 24, 30), -1)
    cv2.putText(drawn, words, (6, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (235, 235, 235), 1, cv2.LINE_AA)
    return drawn


async def row(kind: str, predictor: Predictor) -> U8:
    """The defect at the lower quartile after five clicks: as it is, as it is meant, and the masks."""
    cases = []
    for number in range(COUNT):
        image, mask = KINDS[kind](np.random.default_rng((SEED, number)))
        truth = RleMask.from_window(mask, (0, 0), (SIZE, SIZE))
        player = Watched(predictor, image)
        await play(player, Target("generated", str(number), number, truth), "box", False, False, 0)
        masks = [player.answers[min(n, len(player.answers)) - 1] for n in AFTER]
        cases.append(([iou(m, truth) for m in masks], number, image, mask, masks))
    cases.sort(key=lambda case: (case[0][-1], case[1]))
    scores, _, image, mask, masks = cases[COUNT // 4]
    print(f"{kind}: lower quartile {scores[-1]:.2f}, median {cases[COUNT // 2][0][-1]:.2f} after {AFTER[-1]} clicks")
    pictures = [
        outlined(image, np.zeros_like(mask), (0, 0, 0), kind),
        outlined(image, mask, INK["true"], "what is meant"),
    ]
    for clicks, score, ours in zip(AFTER, scores, masks, strict=True):
        words = f"{clicks} click{'s' if clicks > 1 else ''}: IoU {score:.2f}"
        pictures.append(outlined(image, ours.to_window(Box(0, 0, SIZE, SIZE)), INK["ours"], words))
    return np.concatenate(pictures, axis=1)


async def draw(args: argparse.Namespace) -> None:
    predictor = await NativeModels(args.models_dir).load(args.model)
    rows = [await row(kind, predictor) for kind in KINDS]
    cv2.imwrite(str(args.out), np.concatenate(rows)[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 82])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="precise")
    parser.add_argument("--models-dir", type=Path, default=Path(__file__).resolve().parents[1])
    parser.add_argument("--out", type=Path, required=True)
    asyncio.run(draw(parser.parse_args()))


if __name__ == "__main__":
    main()
