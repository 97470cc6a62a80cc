"""A quick look at a checkpoint: IoU after 1, 3 and 5 clicks on validation crops and held-out generated defects.

Not the product's evaluation (that is `segmark-eval`, which runs the page's own code): a short loop for use by hand
while a network is trained.
`python -m models.train.quick_eval --checkpoint last.pt --data DIR --cache DIR --json figures.json`
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from .augment import crop_outside, square_crop
from .clicks import Click, centre_click, click_maps
from .data import Pictures, objects, read_list
from .export import load_average
from .network import ClickNet
from .synth import blend_known, draw_known
from .textures import surface

U8 = NDArray[np.uint8]
Bool = NDArray[np.bool_]
NET = 256
HELD_OUT_SEED = 90_000_001  # far from every training seed


@dataclass(frozen=True)
class Case:
    """A square crop in image pixels: image [S,S,3], truth [S,S] bool, valid [S,S] bool (False: reflection)."""

    group: str
    image: U8
    truth: Bool
    valid: Bool


def _case(group: str, image: U8, one: U8, cx: float, cy: float, side: int) -> Case:
    cut = square_crop(image, cx, cy, side, side)
    outside = crop_outside(one.shape, *_snapped(cx, cy, side), side)
    truth = (square_crop(one, cx, cy, side, side) > 0) & ~outside
    return Case(group, cut, truth, ~outside)


def _snapped(cx: float, cy: float, side: int) -> tuple[float, float, float]:
    """The centre that `square_crop` really uses (it starts on a whole pixel)."""
    return round(cx - side / 2) + side / 2, round(cy - side / 2) + side / 2, side


def dataset_cases(pictures: Pictures, count: int, native: bool, seed: int) -> Iterator[Case]:
    """`count` objects spread evenly over the sets, each in its own crop (1.6 x) or in 256 native pixels."""
    rng = np.random.default_rng(seed)
    queues = {name: list(rng.permutation(ids)) for name, ids in pictures.by_set().items()}
    given = 0
    while given < count and any(queues.values()):
        for name, queue in queues.items():
            if not queue or given >= count:
                continue
            item = pictures.item(int(queue.pop()))
            found = objects(item.mask)
            if not found:
                continue
            one, (x, y, w, h), _ = found[int(rng.integers(len(found)))]
            given += 1
            if native:
                first = centre_click(one > 0, np.zeros(one.shape, bool))
                assert first is not None
                yield _case(name, item.image, one, first.x + 0.5, first.y + 0.5, NET)
            else:
                yield _case(name, item.image, one, x + w / 2, y + h / 2, max(round(1.6 * max(w, h)), 48))


def generated_cases(count: int, seed: int = HELD_OUT_SEED) -> Iterator[Case]:
    """Held-out defects of the kind of the product's samples: lines of 5 px and more, contrast 1.5 to 3 deviations."""
    for i in range(count):
        rng = np.random.default_rng((seed, i))
        size = 448
        ground = surface(size, rng)
        kind = ("scratch", "blowhole", "crack")[i % 3]
        alpha = draw_known(kind, size, rng)
        image, mask = blend_known(ground, alpha, float(rng.uniform(1.5, 3.0)), float(rng.choice([-1, 1])))
        x, y, w, h = cv2.boundingRect(mask)
        side = min(max(round(1.6 * max(w, h)), 48), size)
        yield _case("generated_" + kind, image, mask, x + w / 2, y + h / 2, side)


def predict(net: ClickNet, case: Case, clicks: list[Click], prev: Bool) -> Bool:
    """One run of the network on a crop, as the product does it; clicks and masks in crop pixels."""
    side = case.truth.shape[0]
    zoom = NET / side
    image = square_crop(case.image, side / 2, side / 2, side, NET).astype(np.float32).transpose(2, 0, 1) / 255.0
    down = cv2.INTER_AREA if side > NET else cv2.INTER_LINEAR
    small = cv2.resize(prev.astype(np.float32), (NET, NET), interpolation=down)
    in_net = [Click((c.x + 0.5) * zoom - 0.5, (c.y + 0.5) * zoom - 0.5, c.is_positive) for c in clicks]
    with torch.inference_mode():
        logits = net(
            torch.from_numpy(image)[None],
            torch.from_numpy(small)[None, None],
            torch.from_numpy(click_maps(in_net, NET))[None],
        )
    full = cv2.resize(logits[0, 0].numpy(), (side, side), interpolation=cv2.INTER_LINEAR)
    return np.asarray((full >= 0) & case.valid)


def iou(a: Bool, b: Bool) -> float:
    """Intersection over union of two masks; 1 when both are empty."""
    union = int((a | b).sum())
    return float((a & b).sum() / union) if union else 1.0


def play(net: ClickNet, case: Case, rounds: int = 5) -> tuple[list[float], list[Bool], list[Click]]:
    """Click the centre of the largest error `rounds` times: IoU after each click, the masks, the clicks."""
    prev = np.zeros_like(case.truth)
    clicks: list[Click] = []
    scores: list[float] = []
    masks: list[Bool] = []
    for _ in range(rounds):
        click = centre_click(case.truth, prev, _taken(clicks, prev.shape))
        if click is not None:
            clicks.append(click)
            prev = predict(net, case, clicks, prev)
        scores.append(iou(prev, case.truth))
        masks.append(prev)
    return scores, masks, clicks


def _taken(clicks: list[Click], shape: tuple[int, ...]) -> Bool:
    taken = np.zeros(shape, bool)
    for c in clicks:
        taken[int(c.y), int(c.x)] = True
    return taken


def summary(scores: list[tuple[str, list[float]]]) -> dict[str, list[float]]:
    """Mean IoU@1/3/5 over all and by group, and the share that reaches 0.8 within three clicks."""

    def one(rows: list[list[float]]) -> list[float]:
        a = np.array(rows)
        return [round(float(a[:, k].mean()), 3) for k in (0, 2, 4)] + [
            round(float((a[:, :3].max(1) >= 0.8).mean()), 2),
            len(rows),
        ]

    groups = sorted({g for g, _ in scores})
    return {"all": one([s for _, s in scores])} | {g: one([s for n, s in scores if n == g]) for g in groups}


def obeyed(played: list[tuple[Case, list[float], list[Bool], list[Click]]]) -> float:
    """Share of all clicks that the last mask agrees with, before the product enforces them."""
    right = [bool(masks[-1][int(c.y), int(c.x)]) == c.is_positive for _, _, masks, clicks in played for c in clicks]
    return round(float(np.mean(right)), 3)


def contact_sheet(
    played: list[tuple[Case, list[Bool], list[float]]], path: Path, columns: int = 6, tile: int = 160
) -> None:
    """A picture: crop | truth in green, mask after 1 click in red | after 3 clicks; IoUs in the corner."""
    tiles = []
    for case, masks, scores in played:
        parts = [case.image[:, :, ::-1], _outlined(case, masks[0], scores[0]), _outlined(case, masks[2], scores[2])]
        tiles.append(np.concatenate([cv2.resize(np.ascontiguousarray(p), (tile, tile)) for p in parts], 1))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.concatenate(tiles[i : i + columns], 1) for i in range(0, len(tiles), columns)]
    cv2.imwrite(str(path), np.concatenate(rows, 0))


def _outlined(case: Case, mask: Bool, score: float) -> U8:
    out = cv2.resize(np.ascontiguousarray(case.image[:, :, ::-1]), (320, 320))
    for m, colour in ((case.truth, (0, 220, 0)), (mask, (40, 40, 255))):
        big = cv2.resize(m.astype(np.uint8), (320, 320), interpolation=cv2.INTER_NEAREST)
        lines, _ = cv2.findContours(big, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(out, lines, -1, colour, 1)
    cv2.putText(out, f"{score:.2f}", (6, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 255, 255), 2)
    return np.asarray(out, np.uint8)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--count", type=int, default=48, help="objects of each list")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sheet", type=Path, help="folder for contact sheets")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    net = load_average(args.checkpoint)
    jobs: list[tuple[str, Iterator[Case]]] = [("generated", generated_cases(args.count))]
    if args.data and args.cache:
        for name in ("val_seen", "val_unseen"):
            pictures = Pictures(args.data, read_list(args.data / f"{name}.csv"), args.cache)
            jobs += [(f"{name}_box", dataset_cases(pictures, args.count, False, args.seed))]
            jobs += [(f"{name}_native", dataset_cases(pictures, args.count, True, args.seed))]
    result: dict[str, object] = {"columns": ["iou@1", "iou@3", "iou@5", "share of 0.8 within 3", "objects"]}
    for name, cases in jobs:
        played = [(case, *play(net, case)) for case in cases]
        result[name] = summary([(case.group, scores) for case, scores, _, _ in played])
        result[name + "_clicks_obeyed"] = obeyed(played)
        print(name, json.dumps(result[name]), result[name + "_clicks_obeyed"], flush=True)
        if args.sheet:
            contact_sheet([(c, m, s) for c, s, m, _ in played[:36]], args.sheet / f"{name}.png")
    if args.json:
        args.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
