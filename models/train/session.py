"""One training step: clicks are simulated on the network's own output; the first and the last are learnt from."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .clicks import Click, centre_click, damaged, draw_click, middle_click, missed, person_click
from .losses import click_loss, coarse_loss, teacher_loss
from .network import ClickNet, freeze_norms
from .samples import OUTSIDE, Sample

#: Chance of 0, 1, 2 ... more clicks after the first before the second step: a person corrects more often than he begins.
ROUNDS = (0.12, 0.25, 0.2, 0.16, 0.12, 0.09, 0.06)
#: Share of the samples that start from a damaged mask instead of nothing.
DAMAGE = 0.2
#: Extra weight, in the loss, of the pixels within two of the outline.
EDGE = 0.5
#: Extra weight, in the loss of a correction, of the error that the last click is in, and of everything within `NEAR` (net
#: pixels at 256) of it: a click must mend what it points at, and not overshoot. Were the error alone to weigh more, all its
#: pixels being of one label, the network would learn to overshoot (`models/tried.md`).
POINTED, NEAR = 5.0, 12.0
#: Weight in the loss of the decoder's levels (deep supervision), and of the teacher where there is one.
COARSE, TAUGHT = 0.3, 0.7


class Episode:
    """A batch of objects, each with its clicks so far and its previous mask.

    Parameters
    ----------
    batch : Sample
        A mask is made of the picture's pixels (`side` tells their size), and the product shows it so to the network.
    rng : numpy Generator
        Draws where clicks fall and which samples start from a damaged mask.
    damage : float
        Share of the samples that start from a damaged mask instead of nothing.
    """

    def __init__(self, batch: Sample, rng: np.random.Generator, damage: float) -> None:
        codes = batch.truth.numpy()[:, 0]
        self.truth, self.outside = codes == 1, codes == OUTSIDE
        self.sides = [int(side) for side in batch.side]
        self.rng = rng
        self.clicks: list[list[Click]] = [[] for _ in self.truth]
        self.maps = np.zeros((len(self.truth), 2, *self.truth.shape[1:]), np.float32)
        self.edge = np.stack([1 + EDGE * outline(t) for t in self.truth])
        self.prev = np.zeros(self.truth.shape, np.float32)
        for i, t in enumerate(self.truth):
            if batch.stamped[i]:
                before = batch.before[i, 0].numpy() > 0
                self._show(i, before.astype(np.float32))
                self._add(i, middle_click(t & ~before if (t & ~before).any() else t))
                continue
            if rng.random() < damage:
                self._show(i, damaged(t.astype(np.uint8), rng).astype(np.float32))
            self._click(i)

    def _add(self, i: int, click: Click) -> None:
        click = missed(click, self.truth[i], self.rng)
        self.clicks[i].append(click)
        draw_click(self.maps[i], click)

    def _click(self, i: int) -> None:
        """One more click, if there is still an error."""
        found = person_click(self.truth[i], self.prev[i] >= 0.5, self.rng)
        if found is None and not self.clicks[i]:
            found = centre_click(self.truth[i], np.zeros_like(self.truth[i]))
        if found is not None:
            self._add(i, found)

    def _show(self, i: int, chance: NDArray[np.float32]) -> None:
        self.prev[i] = as_shown(chance, self.sides[i])
        self.prev[i][self.outside[i]] = 0  # there is no mask beyond the picture

    def answer(self, logits: Tensor) -> None:
        """Take the network's mask as the previous mask and click again."""
        for i, one in enumerate(torch.sigmoid(logits[:, 0]).numpy()):
            self._show(i, one)
            self._click(i)

    def inputs(self) -> tuple[Tensor, Tensor]:
        """prev_mask [B,1,S,S] and click_maps [B,2,S,S], float32."""
        return torch.from_numpy(self.prev[:, None]), torch.from_numpy(self.maps)

    def focus(self) -> Tensor:
        """Weight of each pixel in the loss, [B,1,S,S] float32: more at the outline, and in a correction (there is a
        previous mask) `1 + POINTED` times as much in and round the connected error that the last click points at."""
        weights = self.edge.copy()
        for i, t in enumerate(self.truth):
            if self.prev[i].any():
                weights[i] *= 1 + POINTED * round_of(pointed_at(t, self.prev[i] >= 0.5, self.clicks[i][-1]))
        return torch.from_numpy(weights[:, None])

    def forget_some(self, chance: float) -> None:
        """Sometimes the previous mask is lost (the product starts anew after a move of the crop)."""
        for i in range(len(self.prev)):
            if self.rng.random() < chance:
                self.prev[i] = 0


def as_shown(chance: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """The mask of an answer as the product hands it back to the network, [S,S] in 0..1.

    The product samples the probabilities `chance` [S,S] at the pixels of the picture, cuts them at a half, and resamples
    that mask: a crop that was enlarged gets steps with soft edges, one that was shrunk has pixels that are covered in
    part (here from at most twice the network's resolution).
    """
    size = chance.shape[0]
    if side == size:
        return (chance >= 0.5).astype(np.float32)
    grid = min(side, 2 * size)
    mask = (cv2.resize(chance, (grid, grid), interpolation=cv2.INTER_LINEAR) >= 0.5).astype(np.float32)
    kind = cv2.INTER_LINEAR if grid < size else cv2.INTER_AREA
    return np.asarray(cv2.resize(mask, (size, size), interpolation=kind), np.float32)


def outline(truth: NDArray[np.bool_]) -> NDArray[np.float32]:
    """1 within two pixels of the outline of a mask, 0 elsewhere, [H,W]."""
    square, code = np.ones((5, 5), np.uint8), truth.astype(np.uint8)
    return np.asarray(cv2.dilate(code, square) - cv2.erode(code, square), np.float32)


def pointed_at(truth: NDArray[np.bool_], mask: NDArray[np.bool_], click: Click) -> NDArray[np.float32]:
    """Return 1 where the connected error (8 neighbours, one sign) that `click` is in lies, [H,W]."""
    h, w = truth.shape
    error = (truth & ~mask) if click.is_positive else (mask & ~truth)
    _count, labels = cv2.connectedComponents(error.astype(np.uint8), connectivity=8)
    at = labels[min(max(round(click.y), 0), h - 1), min(max(round(click.x), 0), w - 1)]
    return np.asarray((labels == at) & (at > 0), np.float32)


def round_of(part: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 on a part [S,S] and within `NEAR` (in proportion to the size) of it, 0 elsewhere; nothing of an empty one."""
    if not part.any():
        return part
    far = cv2.distanceTransform((part == 0).astype(np.uint8), cv2.DIST_L2, 3)
    return np.asarray(far <= NEAR * part.shape[0] / 256, np.float32)


@dataclass(frozen=True)
class Teaching:
    """How a network is taught.

    Attributes
    ----------
    deep : bool
        The decoder's levels learn too.
    settled : bool
        The decoder's batch-norm statistics are those of a trained network and stay, as the encoder's always do.
    teacher : ClickNet, optional
        Its mean answer to the picture and to its mirror image is learnt beside the truth.
    """

    deep: bool = False
    settled: bool = False
    teacher: ClickNet | None = None


PLAIN = Teaching()


def train_step(
    net: ClickNet,
    batch: Sample,
    optimiser: torch.optim.Optimizer,
    rng: np.random.Generator,
    teaching: Teaching = PLAIN,
) -> tuple[float, int]:
    """A step on the first click and, after some more clicks, a step on the last; (mean loss, rounds between).

    The first step's own output answers the first click, so a sample that cost time to make teaches twice.
    """
    x = (batch.image.float() / 255.0).contiguous(memory_format=torch.channels_last)
    rounds = int(rng.choice(len(ROUNDS), p=ROUNDS))
    episode = Episode(batch, rng, DAMAGE)
    learner = Learner(net, optimiser, teaching)
    value, logits = learner.learn(x, batch.truth, episode)
    if not rounds:
        return value, rounds
    episode.answer(logits)
    if rounds > 1:
        net.eval()
        with torch.inference_mode():
            for _ in range(rounds - 1):
                episode.answer(net(x, *episode.inputs()))
    episode.forget_some(0.05)
    last, _ = learner.learn(x, batch.truth, episode)
    return (value + last) / 2, rounds


@dataclass(frozen=True)
class Learner:
    """Takes one optimiser step at a time."""

    net: ClickNet
    optimiser: torch.optim.Optimizer
    teaching: Teaching

    def learn(self, x: Tensor, truth: Tensor, episode: Episode) -> tuple[float, Tensor]:
        """One step; the loss and the logits it was taken on."""
        net, how = self.net, self.teaching
        net.train()
        freeze_norms(net if how.settled else net.encoder)
        inputs = episode.inputs()
        logits, levels = net.deep(x, *inputs) if how.deep else (net(x, *inputs), [])
        target, inside = (truth == 1).float(), (truth != OUTSIDE).float()
        loss = click_loss(logits, target, inside, episode.focus())
        if levels:
            loss = loss + COARSE * coarse_loss(levels, target, inside)
        if how.teacher is not None:
            loss = loss + TAUGHT * teacher_loss(logits, taught(how.teacher, x, *inputs), inside)
        if not torch.isfinite(loss):
            raise FloatingPointError("the loss is not a number")
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        self.optimiser.step()
        return float(loss.detach()), logits.detach()


def taught(teacher: ClickNet, *inputs: Tensor) -> Tensor:
    """The teacher's mean logits for the inputs and their mirror image, [B,1,S,S]."""
    with torch.inference_mode():
        mirrored = teacher(*(one.flip(-1) for one in inputs)).flip(-1)
        return ((teacher(*inputs) + mirrored) / 2).clone()
