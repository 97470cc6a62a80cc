"""What the core asks of a network, wherever it runs."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segmark.errors import SegmarkError

Tensor = NDArray[np.float32]


class PredictorError(SegmarkError):
    """The network gave no answer. Codes: ``inference.failed`` (this run), ``inference.lost`` (the worker is gone:
    the same run may be asked again of its successor), ``model.fetch``, ``model.corrupt``, ``model.contract``."""

    @property
    def is_lost(self) -> bool:
        return self.code == "inference.lost"


class Predictor(Protocol):
    """A click network (contract version 1: models/README.md)."""

    @property
    def model_id(self) -> str: ...

    async def run(self, image: Tensor, prev_mask: Tensor, click_maps: Tensor) -> Tensor:
        """One run.

        Parameters
        ----------
        image : float32 (1, 3, 256, 256), RGB, 0..1
        prev_mask : float32 (1, 1, 256, 256), 0..1
        click_maps : float32 (1, 2, 256, 256), 0 or 1; channel 0 positive, 1 negative

        Returns
        -------
        logits : float32 (1, 1, 256, 256)

        Raises
        ------
        PredictorError
        """
        ...


class ModelStore(Protocol):
    """Where predictors come from."""

    def models(self) -> list[tuple[str, str]]:
        """(id, name) of each model, the preferred one first."""
        ...

    async def load(self, model_id: str) -> Predictor:
        """The predictor of a model; PredictorError if it cannot be had."""
        ...
