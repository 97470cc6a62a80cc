"""A Predictor that asks the inference worker over a message channel."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np

from segmark.bridge.protocol import Array, Envelope, Incoming
from segmark.errors import SegmarkError
from segmark.geometry import NET_SIZE
from segmark.segment.predictor import Predictor, PredictorError, Tensor

Post = Callable[[Envelope], None]
_OWN = "own-"  # begins the id of a network that the person brought (site/js/own_model.js)
_HOLD_IMAGES = 4  # 768 KB each


class Channel:
    """Calls to one inference worker: each request gets the reply with its id.

    Parameters
    ----------
    post : sends an envelope to the worker
    """

    def __init__(self, post: Post) -> None:
        self._post = post
        self._ids = count(1)
        self._open: dict[int, asyncio.Future[Incoming]] = {}
        self._is_closed = False

    async def call(self, method: str, params: Mapping[str, Any], arrays: Sequence[Array] = ()) -> Incoming:
        """Ask, and wait for the answer; PredictorError if it is an error or the worker is gone."""
        if self._is_closed:
            raise PredictorError("inference.lost")
        number = next(self._ids)
        future: asyncio.Future[Incoming] = asyncio.get_running_loop().create_future()
        self._open[number] = future
        try:
            self._post(Envelope({"id": number, "method": method, "params": dict(params)}, arrays))
            return await future
        finally:
            self._open.pop(number, None)

    def receive(self, message: Incoming) -> None:
        """Hand an incoming message in; one that nobody waits for is left."""
        future = self._open.get(message.fields.get("id", 0))
        if future is None or future.done():
            return
        if message.fields.get("ok"):
            future.set_result(message)
        else:
            future.set_exception(_error_of(message))

    def close(self) -> None:
        """The worker is gone: whoever waits is told so."""
        self._is_closed = True
        for future in list(self._open.values()):
            if not future.done():
                future.set_exception(PredictorError("inference.lost"))


class RemotePredictor:
    """One model in the inference worker.

    Parameters
    ----------
    channel : to the worker
    key : what the worker calls the model
    model_id : what annotations record: the key, and the beginning of the file's SHA-256

    Attributes
    ----------
    last_run_ms : the network's own time in the last run, as the worker measured it
    """

    def __init__(self, channel: Channel, key: str, model_id: str | None = None) -> None:
        self._channel = channel
        self._key = key
        self.model_id = model_id or key
        self.last_run_ms: float | None = None
        self._keys = count(1)
        self._held: OrderedDict[int, tuple[Tensor, int]] = OrderedDict()

    async def run(self, image: Tensor, prev_mask: Tensor, click_maps: Tensor) -> Tensor:
        """See `Predictor.run`. The worker holds the image tensors used last: a further click in a crop sends none."""
        params: dict[str, Any] = {"id": self._key}
        arrays: tuple[Tensor, ...] = (prev_mask, click_maps)
        held = self._held.get(id(image))
        if held is None:
            if not self._held:
                params["reset"] = True  # whatever the worker still holds for this model is of no use
            held = self._held[id(image)] = (image, next(self._keys))
            if len(self._held) > _HOLD_IMAGES:
                params["drop"] = self._held.popitem(last=False)[1][1]
            arrays = (*arrays, image)
        self._held.move_to_end(id(image))
        try:
            answer = await self._channel.call("model.run", params | {"image": held[1]}, arrays)
        except PredictorError:
            self._held.clear()  # what the worker holds now is not known
            raise
        self.last_run_ms = (answer.fields.get("result") or {}).get("ms")
        if len(answer.buffers) != 1 or answer.buffers[0].nbytes != 4 * NET_SIZE * NET_SIZE:
            raise PredictorError("inference.failed", {"why": "the answer has another size"})
        return answer.buffers[0].view(np.float32).reshape(1, 1, NET_SIZE, NET_SIZE)


class RemoteModels:
    """The models that the page serves (`ModelStore`).

    Parameters
    ----------
    channel : to the inference worker
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._entries: list[dict[str, Any]] = []
        self._base = ""

    def configure(self, models: Any, base: str) -> None:
        """Take the content of models.json; URLs start from ``base`` (the page's folder, with its last slash)."""
        entries = models.get("model", models.get("models", [])) if isinstance(models, Mapping) else models
        self._entries = [dict(entry) for entry in entries or []]
        self._base = base

    def set_own(self, entry: Any) -> None:
        """The person's own network: last of all, in place of an earlier one; None takes it away.

        Raises
        ------
        SegmarkError
            ``bad_params``.
        """
        if entry is not None and not (isinstance(entry, Mapping) and str(entry.get("id", "")).startswith(_OWN)):
            raise SegmarkError("bad_params", {"what": "entry"})
        shipped = [known for known in self._entries if not known["id"].startswith(_OWN)]
        self._entries = shipped if entry is None else [*shipped, dict(entry)]

    def attach(self, channel: Channel) -> None:
        """Use another inference worker from now on."""
        self._channel.close()
        self._channel = channel

    def models(self) -> list[tuple[str, str]]:
        return [(entry["id"], entry.get("name", entry["id"])) for entry in self._entries]

    async def load(self, model_id: str) -> Predictor:
        """Have the worker fetch, check and warm up a model."""
        entry = next(entry for entry in self._entries if entry["id"] == model_id)
        channel = self._channel
        url = entry.get("url") or f"{self._base}models/{entry['file']}"
        asked = {"id": model_id, "url": url}
        asked |= {k: entry[k] for k in ("sha256", "bytes", "contract") if k in entry}
        await channel.call("model.load", asked)
        is_named_by_content = model_id.startswith(_OWN) or not entry.get("sha256")
        return RemotePredictor(channel, model_id, None if is_named_by_content else f"{model_id}@{entry['sha256'][:12]}")


def _error_of(message: Incoming) -> PredictorError:
    told = message.fields.get("error") or {}
    params = dict(told.get("params") or {})
    if told.get("message"):
        params["why"] = told["message"]
    return PredictorError(told.get("code") or "inference.failed", params)
