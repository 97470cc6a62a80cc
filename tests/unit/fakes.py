"""Fake networks, and a session with the events that it sent."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from segmark.document import Draft, ImageRecord
from segmark.segment.predictor import Predictor, PredictorError, Tensor
from segmark.session import Session

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run async code of a test; a hang fails instead of blocking."""

    async def limited() -> T:
        return await asyncio.wait_for(main, 30)

    return asyncio.run(limited())


class BrightNet:
    """Says that bright pixels belong. With a `gate` it waits before it answers, so tests can act in the middle."""

    def __init__(self, gate: asyncio.Event | None = None) -> None:
        self.gate = gate
        self.calls: list[tuple[Tensor, Tensor, Tensor]] = []
        self.failure: PredictorError | None = None
        self.model_id = "bright"
        self.last_run_ms: float | None = None

    async def run(self, image: Tensor, prev_mask: Tensor, click_maps: Tensor) -> Tensor:
        self.calls.append((image.copy(), prev_mask.copy(), click_maps.copy()))
        await asyncio.sleep(0)
        if self.gate is not None:
            await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return ((image.mean(axis=1, keepdims=True) - np.float32(0.5)) * np.float32(20)).astype(np.float32)


class FixedNet:
    """Always answers the same logits, whatever it is asked."""

    model_id = "fixed"

    def __init__(self, logits: NDArray[np.float32]) -> None:
        self.logits = logits
        self.runs = 0

    async def run(self, image: Tensor, prev_mask: Tensor, click_maps: Tensor) -> Tensor:
        self.runs += 1
        return self.logits.reshape(1, 1, 256, 256).copy()


class Store:
    """A `ModelStore` of one predictor; `failure` is raised by `load` as long as it is set."""

    def __init__(self, predictor: Predictor) -> None:
        self.predictor = predictor
        self.failure: PredictorError | None = None

    def models(self) -> list[tuple[str, str]]:
        return [(self.predictor.model_id, "A fake"), ("other", "Another")]

    async def load(self, model_id: str) -> Predictor:
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        return self.predictor


class Desk:
    """A session on an image, with what it told the page."""

    def __init__(self, predictor: Predictor, pixels: NDArray[np.uint8] | None = None, image_id: str = "one") -> None:
        self.events: list[tuple[str, dict[str, Any], list[NDArray[Any]]]] = []
        self.store = Store(predictor)
        self.session = Session(self._emit, self.store)
        self.session.models.start()
        if pixels is not None:
            self.open(pixels, image_id)

    def open(self, pixels: NDArray[np.uint8], image_id: str = "one") -> None:
        height, width = pixels.shape[:2]
        self.session.open_image(ImageRecord(image_id, "a.png", width, height), pixels)

    def _emit(self, name: str, params: dict[str, Any], arrays: Sequence[NDArray[Any]]) -> None:
        self.events.append((name, params, list(arrays)))

    @property
    def draft(self) -> Draft:
        """The draft, which must be there."""
        found = self.session.history.present.draft
        assert found is not None
        return found

    def names(self) -> list[str]:
        return [name for name, _, _ in self.events]

    def entries(self) -> list[str]:
        """The journal so far."""
        return [params["entry"] for name, params, _ in self.events if name == "journal.append"]

    def notices(self) -> list[str]:
        return [params["code"] for name, params, _ in self.events if name == "notice"]

    def state(self) -> dict[str, Any]:
        """The last state told."""
        return next(params for name, params, _ in reversed(self.events) if name == "state.changed")


def picture(height: int = 400, width: int = 500, boxes: Sequence[tuple[int, int, int, int]] = ()) -> NDArray[np.uint8]:
    """Dark RGBA with bright boxes (x0, y0, x1, y1)."""
    pixels = np.full((height, width, 4), 30, np.uint8)
    pixels[..., 3] = 255
    for x0, y0, x1, y1 in boxes:
        pixels[y0:y1, x0:x1, :3] = 230
    return pixels
