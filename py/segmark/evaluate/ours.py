"""Our own answers: a `Session` as in the page, natively, with one network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmark import commands as c
from segmark.clicks import Click
from segmark.document import ImageRecord, new_document
from segmark.geometry import Box
from segmark.journal import command_to_json
from segmark.modes import CustomBoxMode, FixedBoxMode, PointMode
from segmark.rle import RleMask
from segmark.segment.predictor import Predictor
from segmark.session import Session


class OneModel:
    """A `ModelStore` of one predictor."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor

    def models(self) -> list[tuple[str, str]]:
        return [(self._predictor.model_id, self._predictor.model_id)]

    async def load(self, model_id: str) -> Predictor:
        return self._predictor


class Player:
    """One image, one network; every object is begun anew with `begin`."""

    def __init__(self, predictor: Predictor, pixels: NDArray[np.uint8]) -> None:
        self._store = OneModel(predictor)
        self._pixels = pixels
        self._session: Session | None = None

    async def begin(self, mode: str, box: Box | None, start: RleMask | None) -> None:
        """A new draft: "custom" draws `box`, "fixed" and "stamps" are the fixed box of 256; `start` is a mask to correct."""
        height, width = self._pixels.shape[:2]
        record = ImageRecord("eval", "eval", width, height)
        session = self._session = Session(_silent, self._store)
        session.models.start()
        await session.settled()
        if start is not None:
            session.restore(_opened_again(record, start))
        session.open_image(record, self._pixels)
        if mode == "custom":
            assert box is not None
            session.set_mode(CustomBoxMode())
            session.drag("", (box.x0, box.y0), (box.x1, box.y1))
        else:
            session.set_mode(FixedBoxMode(256, follow=mode == "stamps"))

    async def click(self, click: Click) -> RleMask:
        """The whole draft's mask after one more click."""
        assert self._session is not None
        self._session.press(click.x + 0.5, click.y + 0.5, "primary" if click.is_positive else "secondary")
        await self._session.settled()
        return self.mask

    @property
    def mask(self) -> RleMask:
        assert self._session is not None
        draft = self._session.history.present.draft
        return RleMask.empty(*self._pixels.shape[1::-1]) if draft is None else draft.mask


def _silent(_name: str, _params: dict[str, Any], _arrays: Sequence[Any]) -> None:
    """Nobody listens."""


def _opened_again(record: ImageRecord, mask: RleMask) -> list[str]:
    """The journal of a person who painted a mask, confirmed it and opened it again to correct it."""
    document = new_document()
    none = RleMask.empty(*mask.size)
    commands: list[c.Command] = [
        c.OpenImage(record, document.labels, PointMode(), 1, document.next_label_id),
        c.EditMask("brush", mask, none, 1, 0.0),
        c.Confirm(1, 0.0, as_one=True),
        c.ReopenAnnotation(1, 2, 0.0),
    ]
    return [command_to_json(command) for command in commands]
