"""See to it that the prompts of the document get their answers: one after the other, in a task beside the edits."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any, Protocol

from segmark import commands as c
from segmark.document import Draft
from segmark.errors import SegmarkError
from segmark.history import History
from segmark.models import Models
from segmark.prompts import prompt_of
from segmark.segment.click_net import ClickNet
from segmark.segment.predictor import PredictorError

_log = logging.getLogger(__name__)


class Desk(Protocol):
    """What this needs of the session; each as there."""

    @property
    def history(self) -> History: ...

    @property
    def models(self) -> Models: ...

    @property
    def net(self) -> ClickNet | None: ...

    def run(self, command: c.Command, press_id: int | None = None) -> bool: ...

    def publish(self) -> None: ...

    def notice(self, code: str, params: dict[str, Any] | None = None, level: str = "info") -> None: ...


class Answering:
    """Which prompts wait is the history's to say (`History.waiting`); here is who works on them.

    Attributes
    ----------
    timing : milliseconds of the newest answer (`click_net.Timing.told`); None: there is none for this image
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._failed: set[int] = set()  # prompts that the network could not answer
        self._task: asyncio.Task[None] | None = None
        self.timing: dict[str, Any] | None = None

    @property
    def waits(self) -> bool:
        """A prompt has no answer, and was not given up."""
        return self._next() is not None

    @property
    def can_work(self) -> bool:
        return self._desk.net is not None and self._desk.models.is_ready and self.waits

    @property
    def is_working(self) -> bool:
        """The network is, or will be at once, at work for a prompt of the document."""
        return self.can_work or self._is_running

    @property
    def failures(self) -> int:
        """How many prompts were given up."""
        return len(self._failed)

    def forgive(self) -> None:
        """What could not be answered is tried again: the network is another one, or the document is."""
        self._failed.clear()

    def kick(self) -> None:
        """See to it that somebody works on the prompts that wait."""
        if not self._is_running and self.can_work:
            self._task = asyncio.get_running_loop().create_task(self._answer_all())

    async def settled(self) -> None:
        """Wait until no network is on its way, and no prediction that can still come."""
        while self._desk.models.is_loading or self._is_running:
            await self._desk.models.settled()
            await self._ended()

    async def answered(self) -> None:
        """Wait for the predictions that can still come; a network on its way counts only where a prompt waits for it.

        Raises
        ------
        SegmarkError
            ``edit.other_image``: another image was opened meanwhile.
        """
        image_id = self._desk.history.image_id
        if self._waits_for_network:
            self.tell_why_waiting()
        while self._is_running or self._waits_for_network:
            if not self._is_running:
                await self._desk.models.settled()
            await self._ended()
        now = self._desk.history.present.image
        if self._desk.history.image_id != image_id:
            raise SegmarkError("edit.other_image", {"name": now.name if now else ""})

    def tell_why_waiting(self) -> None:
        """A notice: the network is on its way, or what became of it."""
        state = self._desk.models.describe()
        if state["state"] == "error":
            self._desk.notice("inference_failed", {"code": state.get("code", "")}, "error")
        else:
            self._desk.notice("model_loading")

    # -- inside -----------------------------------------------------------------------------------------------------
    @property
    def _is_running(self) -> bool:
        return self._task is not None and not self._task.done()

    @property
    def _waits_for_network(self) -> bool:
        return self._desk.models.is_loading and self.waits

    async def _ended(self) -> None:
        if self._task is not None:
            await asyncio.wait({self._task})

    def _next(self) -> Draft | None:
        return next((draft for draft in self._desk.history.waiting() if draft.prompt not in self._failed), None)

    async def _answer_all(self) -> None:
        while self.can_work:
            draft, net = self._next(), self._desk.net
            assert draft is not None and net is not None
            try:
                await self._answer_one(draft, net)
            except PredictorError as error:
                self._could_not(draft, error, net)
            except Exception as error:  # a fault of ours must not end the loop, nor touch the document
                _log.exception("answering prompt %d", draft.prompt)
                self._could_not(draft, PredictorError("inference.failed", {"why": repr(error)}), net)

    async def _answer_one(self, draft: Draft, net: ClickNet) -> None:
        begun = time.perf_counter()
        answer = await net.answer(self._desk.models.predictor(), prompt_of(draft))
        if self._desk.net is not net or self._desk.history.find_draft(draft.prompt) is None:
            return  # stale: the image is another (whose prompts have the same numbers), or its click was replaced
        before = self.timing
        self.timing = answer.timing.told(1e3 * (time.perf_counter() - begun))
        command = c.SetPrediction(draft.prompt, answer.mask, answer.crop, answer.box_runs, answer.model_id)
        if not self._desk.run(command, press_id=draft.prompt):
            self.timing = before

    def _could_not(self, draft: Draft, error: PredictorError, net: ClickNet) -> None:
        if error.is_lost:
            self._desk.models.lost(error)
            self._desk.notice("inference_lost", {"code": error.code}, "warn")
        elif self._desk.net is net:
            self._failed.add(draft.prompt)
            self._desk.notice("inference_failed", {"code": error.code, **error.params}, "error")
            self._desk.publish()
