"""Losses on logits: normalised focal and soft dice; what teaches the decoder's levels, and what a teacher adds."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


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


def coarse_loss(levels: list[Tensor], truth: Tensor, inside: Tensor) -> Tensor:
    """Mean cross-entropy of the decoder's levels against the share of the object in each of their pixels, a scalar."""
    total = truth.new_zeros(())
    for level in levels:
        side = truth.shape[-1] // level.shape[-1]
        seen = F.avg_pool2d(inside, side)
        share = F.avg_pool2d(truth, side) / seen.clamp(min=1e-6)
        bce = F.binary_cross_entropy_with_logits(level.float(), share.clamp(max=1.0), reduction="none")
        total = total + (bce * seen).sum() / seen.sum()
    return total / len(levels)


def teacher_loss(logits: Tensor, taught: Tensor, inside: Tensor) -> Tensor:
    """Cross-entropy with a teacher's probabilities, a scalar (Hinton et al. 2015).

    Weighted towards pixels where the two disagree, as the focal part is towards errors: else the easy background rules.
    """
    wanted = torch.sigmoid(taught)
    with torch.no_grad():
        weight = inside * (0.02 + (torch.sigmoid(logits) - wanted).abs())
    bce = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    return ((bce * weight).sum((1, 2, 3)) / weight.sum((1, 2, 3))).mean()


def click_loss(logits: Tensor, truth: Tensor, inside: Tensor, focus: Tensor) -> Tensor:
    """The training loss, a scalar.

    Parameters
    ----------
    logits, truth, inside : [B,1,H,W] float
        `truth` is 0 where `inside` is 0.
    focus : [B,1,H,W] float
        Weight of each pixel in the focal part.
    """
    weight = focus * inside
    return (normalised_focal(logits, truth, weight) + soft_dice(logits, truth, inside)).mean()
