"""Losses on logits: normalised focal and soft dice, with a little more weight along the edge."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def edge_weight(truth: Tensor, extra: float = 0.5) -> Tensor:
    """1 everywhere, 1 + `extra` within two pixels of the outline. `truth` [B,1,H,W] float 0/1."""
    grown = F.max_pool2d(truth, 5, 1, 2)
    shrunk = -F.max_pool2d(-truth, 5, 1, 2)
    return 1.0 + extra * (grown - shrunk)


def normalised_focal(logits: Tensor, truth: Tensor, weight: Tensor, gamma: float = 2.0) -> Tensor:
    """Focal loss (Lin et al. 2017) divided by the sum of its own factors (Sofiiuk et al. 2019), a value a sample.

    The division keeps the gradient of a sample from fading while its errors shrink to a few pixels.
    """
    p = torch.sigmoid(logits)
    missed = torch.where(truth > 0.5, 1 - p, p)
    factor = weight * missed.pow(gamma)
    with torch.no_grad():
        scale = weight.sum((1, 2, 3)) / (factor.sum((1, 2, 3)) + 1e-4)
        scale = scale.clamp(max=50.0)
    bce = F.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    return (factor * bce).sum((1, 2, 3)) * scale / weight.sum((1, 2, 3))


def soft_dice(logits: Tensor, truth: Tensor, inside: Tensor) -> Tensor:
    """1 - dice of the probabilities where `inside` is 1, a value a sample."""
    p = torch.sigmoid(logits) * inside
    overlap = (p * truth).sum((1, 2, 3))
    return 1 - (2 * overlap + 1) / (p.sum((1, 2, 3)) + truth.sum((1, 2, 3)) + 1)


def click_loss(logits: Tensor, truth: Tensor, inside: Tensor, focus: Tensor | None = None) -> Tensor:
    """The training loss, a scalar.

    Parameters
    ----------
    logits, truth, inside : [B,1,H,W] float
        `truth` is 0 where `inside` is 0.
    focus : [B,1,H,W] float, optional
        Further weight of each pixel in the focal part.
    """
    weight = edge_weight(truth) * inside
    if focus is not None:
        weight = weight * focus
    return (normalised_focal(logits, truth, weight) + soft_dice(logits, truth, inside)).mean()
