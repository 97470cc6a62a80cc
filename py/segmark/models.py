"""Which model is in use, and how far it is: none, loading, ready or error. A failure is a state, not an end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from segmark.errors import SegmarkError
from segmark.geometry import NET_SIZE
from segmark.segment.predictor import ModelStore, Predictor, PredictorError

LIGHT = "smooth"  # id of the network that costs least
#: A run that takes longer than these milliseconds is too slow for a preview where there is a lighter network.
QUICK_MS = 150.0
_log = logging.getLogger(__name__)


class Models:
    """The predictor in use.

    Parameters
    ----------
    store : where predictors come from
    changed : called after each change of the state
    """

    def __init__(self, store: ModelStore, changed: Callable[[], None]) -> None:
        self._store = store
        self._changed = changed
        self._id = ""
        self._state = "none"
        self._code: str | None = None
        self._predictor: Predictor | None = None
        self._loaded: dict[str, Predictor] = {}  # what the present worker holds: all that was in use so far
        self._task: asyncio.Task[None] | None = None
        self._light: asyncio.Task[None] | None = None  # one try a worker

    @property
    def is_ready(self) -> bool:
        return self._state == "ready"

    @property
    def is_loading(self) -> bool:
        return self._state == "loading"

    def predictor(self) -> Predictor:
        """The predictor in use; PredictorError if none is ready."""
        if self._predictor is None:
            raise PredictorError("inference.lost")
        return self._predictor

    def for_preview(self) -> Predictor:
        """The network in use while it is quick, for then a preview is the very mask that a click gives; else the light one.

        The first preview of a slow network has the light one loaded: by then a pointer rests, so nobody waits for the only
        thread, and who has switched previews off never pays for it. Until it is there the one in use answers.
        PredictorError if none is ready.
        """
        predictor = self.predictor()
        if (getattr(predictor, "last_run_ms", None) or 0.0) <= QUICK_MS:
            return predictor
        if LIGHT not in self._loaded and self._light is None and LIGHT in dict(self._store.models()):
            self._light = asyncio.get_running_loop().create_task(self._load_light(self._loaded))
        return self._loaded.get(LIGHT, predictor)

    def describe(self) -> dict[str, Any]:
        """{id, name, state, code?} for the page."""
        names = dict(self._store.models())
        told: dict[str, Any] = {"id": self._id, "name": names.get(self._id, ""), "state": self._state}
        return told | {"code": self._code} if self._code else told

    def start(self, model_id: str | None = None) -> None:
        """Load a model (the one in use, or the first, if none is named); whatever was loading is given up.

        Raises
        ------
        SegmarkError
            ``unknown_model``.
        """
        known = [k for k, _ in self._store.models()]
        wanted = model_id or self._id or (known[0] if known else "")
        if wanted not in known:
            raise SegmarkError("unknown_model", {"id": wanted})
        if self._task is not None:
            self._task.cancel()
        if model_id is None:
            self._forget_worker()  # another one holds nothing yet
        self._id, self._state, self._code, self._predictor = wanted, "loading", None, None
        self._task = asyncio.get_running_loop().create_task(self._load(wanted))
        self._changed()

    def lost(self, error: PredictorError) -> None:
        """The worker behind the predictor is gone; `start` tries again."""
        if self.is_ready:
            self._state, self._code, self._predictor = "error", error.code, None
            self._forget_worker()
        self._changed()

    async def measure(self) -> float:
        """Milliseconds of one run of the model in use on this machine: the faster of two, on nothing.

        Raises
        ------
        PredictorError
            No model is ready, or it fails.
        """
        predictor = self.predictor()
        nothing = [np.zeros((1, channels, NET_SIZE, NET_SIZE), np.float32) for channels in (3, 1, 2)]
        took = []
        for _ in range(2):
            begun = time.perf_counter()
            await predictor.run(*nothing)
            took.append(getattr(predictor, "last_run_ms", None) or 1e3 * (time.perf_counter() - begun))
        return min(took)

    async def settled(self) -> None:
        """Wait while a model is loading."""
        while self.is_loading and self._task is not None:
            await asyncio.wait({self._task})

    def _forget_worker(self) -> None:
        self._loaded, self._light = {}, None

    async def _load_light(self, loaded: dict[str, Predictor]) -> None:
        """Into what the worker of this moment holds; a failure leaves previews to the network in use."""
        try:
            loaded[LIGHT] = await self._store.load(LIGHT)
        except Exception as error:
            _log.warning("no light network for previews: %r", error)

    async def _load(self, model_id: str) -> None:
        try:
            predictor = await self._store.load(model_id)
        except PredictorError as error:
            self._state, self._code = "error", error.code
        except Exception:  # a fault of ours: the state must still leave "loading"
            _log.exception("loading model %s", model_id)
            self._state, self._code = "error", "internal"
        else:
            self._state, self._predictor = "ready", predictor
            self._loaded[model_id] = predictor
        self._changed()
