"""One training step: clicks are simulated on the network's own output; the first and the last are learnt from."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .clicks import Click, centre_click, click_maps, damaged, person_click
from .losses import click_loss, coarse_loss, teacher_loss
from .network import ClickNet, freeze_encoder_norm
from .samples import OUTSIDE

#: Chance of 0, 1, 2 ... more clicks after the first before the second step: a person corrects more often than he begins.
ROUNDS = (0.25, 0.2, 0.17, 0.14, 0.1, 0.08, 0.06)
#: Share of the samples that start from a damaged mask instead of nothing.
DAMAGE = 0.12
#: Extra weight, in the loss of a correction, of the error that the last click is in: a click must mend what it points at.
POINTED = 2.0
#: Weight in the loss of the decoder's levels (deep supervision), and of the teacher where there is one.
COARSE, TAUGHT = 0.3, 0.7


class Episode:
    """A batch of objects, each with its clicks so far and its previous mask.

    Parameters
    ----------
    truth : [B,1,S,S] uint8 0/1 or `OUTSIDE`
    rng : numpy Generator
        Draws where clicks fall and which samples start from a damaged mask.
    damage : float
        Share of the samples that start from a damaged mask instead of nothing.
    """

    def __init__(self, truth: Tensor, rng: np.random.Generator, damage: float) -> None:
        self.truth = truth.numpy()[:, 0] == 1
        self.outside = truth.numpy()[:, 0] == OUTSIDE
        self.rng = rng
        self.clicks: list[list[Click]] = [[] for _ in self.truth]
        self.prev = np.zeros_like(self.truth)
        for i, t in enumerate(self.truth):
            if rng.random() < damage:
                self.prev[i] = damaged(t.astype(np.uint8), rng) > 0
        self.click()

    def click(self) -> None:
        """One more click for every sample that still has an error."""
        for i, t in enumerate(self.truth):
            found = person_click(t, self.prev[i] & ~self.outside[i], self.rng)
            if found is None and not self.clicks[i]:
                found = centre_click(t, np.zeros_like(t))
            if found is not None:
                self.clicks[i].append(found)

    def answer(self, logits: Tensor) -> None:
        """Take the network's mask as the previous mask and click again."""
        self.prev = (logits[:, 0] >= 0).numpy()
        self.click()

    def inputs(self) -> tuple[Tensor, Tensor]:
        """prev_mask [B,1,S,S] and click_maps [B,2,S,S], float32."""
        size = self.truth.shape[1]
        prev = torch.from_numpy(self.prev[:, None].astype(np.float32))
        return prev, torch.from_numpy(np.stack([click_maps(c, size) for c in self.clicks]))

    def focus(self) -> Tensor:
        """Weight of each pixel in the loss, [B,1,S,S] float32: in a correction (there is a previous mask) the connected
        error that the last click points at weighs `1 + POINTED`."""
        weights = np.ones(self.truth.shape, np.float32)
        for i, t in enumerate(self.truth):
            if self.prev[i].any():
                weights[i] += POINTED * pointed_at(t, self.prev[i] & ~self.outside[i], self.clicks[i][-1])
        return torch.from_numpy(weights[:, None])

    def forget_some(self, chance: float) -> None:
        """Sometimes the previous mask is lost (the product starts anew after a move of the crop)."""
        for i in range(len(self.prev)):
            if self.rng.random() < chance:
                self.prev[i] = False


def pointed_at(truth: NDArray[np.bool_], mask: NDArray[np.bool_], click: Click) -> NDArray[np.float32]:
    """Return 1 where the connected error (8 neighbours, one sign) that `click` is in lies, [H,W]."""
    h, w = truth.shape
    error = (truth & ~mask) if click.is_positive else (mask & ~truth)
    _count, labels = cv2.connectedComponents(error.astype(np.uint8), connectivity=8)
    at = labels[min(max(round(click.y), 0), h - 1), min(max(round(click.x), 0), w - 1)]
    return np.asarray((labels == at) & (at > 0), np.float32)


def train_step(
    net: ClickNet,
    image: Tensor,
    truth: Tensor,
    optimiser: torch.optim.Optimizer,
    rng: np.random.Generator,
    half: bool = False,
    deep: bool = False,
    teacher: ClickNet | None = None,
) -> tuple[float, int]:
    """A step on the first click and, after some more clicks, a step on the last; (mean loss, rounds between).

    The first step's own output answers the first click, so a sample that cost time to make teaches twice.

    Parameters
    ----------
    image : [B,3,S,S] uint8
    truth : [B,1,S,S] uint8 0/1 or `OUTSIDE`
    half : bool
        bfloat16 where torch allows it.
    deep : bool
        The decoder's levels learn too.
    teacher : ClickNet, optional
        Its mean answer to the picture and to its mirror image is learnt beside the truth.
    """
    x = (image.float() / 255.0).contiguous(memory_format=torch.channels_last)
    rounds = int(rng.choice(len(ROUNDS), p=ROUNDS))
    episode = Episode(truth, rng, DAMAGE)
    learner = Learner(net, optimiser, half, deep, teacher)
    value, logits = learner.learn(x, truth, episode)
    if not rounds:
        return value, rounds
    episode.answer(logits)
    if rounds > 1:
        net.eval()
        with torch.inference_mode():
            for _ in range(rounds - 1):
                episode.answer(net(x, *episode.inputs()))
    episode.forget_some(0.05)
    last, _ = learner.learn(x, truth, episode)
    return (value + last) / 2, rounds


@dataclass(frozen=True)
class Learner:
    """How one optimiser step is taken; the fields are those of `train_step`."""

    net: ClickNet
    optimiser: torch.optim.Optimizer
    half: bool
    deep: bool
    teacher: ClickNet | None

    def learn(self, x: Tensor, truth: Tensor, episode: Episode) -> tuple[float, Tensor]:
        """One step; the loss and the logits it was taken on."""
        net = self.net
        net.train()
        freeze_encoder_norm(net)
        inputs = episode.inputs()
        with torch.autocast("cpu", torch.bfloat16, enabled=self.half):
            logits, levels = net.deep(x, *inputs) if self.deep else (net(x, *inputs), [])
        logits, target, inside = logits.float(), (truth == 1).float(), (truth != OUTSIDE).float()
        loss = click_loss(logits, target, inside, episode.focus())
        if levels:
            loss = loss + COARSE * coarse_loss(levels, target, inside)
        if self.teacher is not None:
            loss = loss + TAUGHT * teacher_loss(logits, taught(self.teacher, x, *inputs), inside)
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
