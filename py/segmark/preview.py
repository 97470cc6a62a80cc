"""What a positive click at a place would give, worked out beforehand (hover preview). Nothing of it enters the document.

The latest place wins, and a real click goes first: at most one run of the network is under way for a preview, and before
each run it is asked anew whether anybody still wants it. So a click waits for the run already begun, never for a second.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Protocol

from segmark import commands as c
from segmark.clicks import Click
from segmark.history import History
from segmark.models import Models
from segmark.modes import Nothing, read_press
from segmark.prompts import place_of, prompt_of
from segmark.reduce import apply
from segmark.rle import RleMask
from segmark.segment.click_net import ClickNet
from segmark.segment.predictor import Predictor, PredictorError, Tensor


class Desk(Protocol):
    """What a preview needs of the session; each as there."""

    @property
    def history(self) -> History: ...

    @property
    def models(self) -> Models: ...

    @property
    def net(self) -> ClickNet | None: ...

    @property
    def is_answering(self) -> bool: ...


class _NotWanted(Exception):
    """Somebody else comes first; a preview never outlives the state that it was asked in."""


class Preview:
    """Answers "what would a click here give" for one place at a time."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._newest = 0
        self._turn: asyncio.Lock | None = None

    def drop(self) -> None:
        """The pointer is elsewhere: nobody waits for the mask asked for last."""
        self._newest += 1

    async def ask(self, x: float, y: float) -> RleMask | None:
        """The draft's mask after a positive click at an image position.

        Returns
        -------
        RleMask or None
            None if such a click would be no point, if the network is at work for real clicks, or if another question,
            a click or any other change of the document came before the answer.
        """
        self._newest += 1
        number = self._newest
        if self._turn is None:
            self._turn = asyncio.Lock()  # made inside the loop that it belongs to
        async with self._turn:
            try:
                return await self._answer(x, y, number)
            except (_NotWanted, PredictorError):  # a network that fails is told when a real click asks it
                return None

    async def _answer(self, x: float, y: float, number: int) -> RleMask | None:
        desk, before = self._desk, self._desk.history.present
        net, image = desk.net, before.image

        def is_wanted() -> bool:
            same = desk.history.present is before and desk.net is net
            return number == self._newest and same and not desk.is_answering

        if net is None or image is None or not desk.models.is_ready or not is_wanted():
            return None
        if not (math.isfinite(x) and math.isfinite(y)):
            return None
        click = Click(math.floor(x), math.floor(y), True)
        if not (0 <= click.x < image.width and 0 <= click.y < image.height):
            return None
        meaning = read_press(before.mode, place_of(before.draft), click)
        if isinstance(meaning, Nothing):
            return None
        prompt = desk.history.last_prompt + 1  # a number that no draft has; it is given to nobody
        clicked = apply(before, c.AddClick(click, meaning.regions, meaning.asked, meaning.is_fresh, prompt, 0.0))
        assert clicked.draft is not None
        predictor = _Polite(desk.models.for_preview(), is_wanted)
        answer = await net.aside().answer(predictor, prompt_of(clicked.draft))
        if not is_wanted():
            return None
        return clicked.draft.by_hand(answer.mask)


class _Polite:
    """A predictor that runs only while its answer is wanted."""

    def __init__(self, predictor: Predictor, is_wanted: Callable[[], bool]) -> None:
        self._predictor = predictor
        self._is_wanted = is_wanted

    @property
    def model_id(self) -> str:
        return self._predictor.model_id

    async def run(self, image: Tensor, prev_mask: Tensor, click_maps: Tensor) -> Tensor:
        if not self._is_wanted():
            raise _NotWanted
        return await self._predictor.run(image, prev_mask, click_maps)
