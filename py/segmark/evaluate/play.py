"""One object's clicks, from the first to the last that can change a figure."""

from __future__ import annotations

from time import perf_counter
from typing import Protocol

import numpy as np

from segmark.clicks import Click
from segmark.evaluate.annotator import next_click
from segmark.evaluate.damage import damaged
from segmark.evaluate.metrics import iou
from segmark.evaluate.objects import Target, square_round
from segmark.evaluate.regions import STAMP, stamp_clicks
from segmark.evaluate.scores import LIMIT, WANTED, Played, boundary_f
from segmark.geometry import Box, box_around
from segmark.rle import RleMask


class Answers(Protocol):
    """Ours or a peer's: begin an object, then answer click after click."""

    async def begin(self, mode: str, box: Box | None, start: RleMask | None) -> None: ...

    async def click(self, click: Click) -> RleMask: ...

    @property
    def mask(self) -> RleMask: ...


async def play(answers: Answers, target: Target, regions: str, jitter: bool, damage: bool, seed: int) -> Played:
    """Play one object.

    Parameters
    ----------
    regions : "box", "fixed" or "stamps"
    jitter : clicks fall off the centre
    damage : begin with a seeded wrong mask
    seed : of the jitter and the damage; the object's place in its image is mixed in
    """
    whole = (*seed_of(target), seed)
    rng = np.random.default_rng(whole) if jitter else None
    if regions == "stamps":
        return await _stamps(answers, target)
    truth = target.truth
    empty = RleMask.empty(*truth.size)
    first = next_click(empty, truth, truth.bbox, set(), rng)
    assert first is not None
    box = square_round(truth.bbox) if regions == "box" else box_around(first.x, first.y, STAMP)
    inside = truth.intersect(RleMask.from_box(box, truth.size))
    start = damaged(inside, box, int(np.random.default_rng(whole).integers(2**31))) if damage else None
    await answers.begin("custom" if regions == "box" else "fixed", box, start)
    return await _clicks(answers, inside, box, rng, first if regions == "fixed" else None)


async def _clicks(
    answers: Answers, truth: RleMask, box: Box, rng: np.random.Generator | None, first: Click | None
) -> Played:
    played, taken = Played(), set[tuple[int, int]]()
    clip = RleMask.from_box(box, truth.size)
    mask = answers.mask
    while len(played.ious) < LIMIT:
        click = first or next_click(mask.intersect(clip), truth, box.intersect(Box(0, 0, *truth.size)), taken, rng)
        first = None
        if click is None:
            break
        taken.add((click.x, click.y))
        begun = perf_counter()
        mask = await answers.click(click)
        played.seconds.append(perf_counter() - begun)
        seen = mask.intersect(clip)
        played.ious.append(iou(seen, truth))
        played.boundary.append(boundary_f(seen, truth, box))
        if len(played.ious) >= 5 and max(played.ious) >= max(WANTED):
            break
    return played


async def _stamps(answers: Answers, target: Target) -> Played:
    """One click a stamp; the union is scored once, after the last."""
    await answers.begin("stamps", None, None)
    played = Played()
    hull = target.truth.bbox
    for click, box in stamp_clicks(target.truth):
        begun = perf_counter()
        await answers.click(click)
        played.seconds.append(perf_counter() - begun)
        hull = hull.hull(box)
    played.ious.append(iou(answers.mask, target.truth))
    played.boundary.append(boundary_f(answers.mask, target.truth, hull))
    return played


def seed_of(target: Target) -> tuple[int, ...]:
    """Numbers that are this object's own, whatever the list."""
    return (*f"{target.dataset}/{target.stem}".encode(), target.number)
