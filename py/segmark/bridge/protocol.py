"""Envelopes: what travels between the page, this worker and the inference worker. Plain data and arrays only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmark.errors import SegmarkError

Array = NDArray[Any]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Envelope:
    """JSON fields and the arrays that travel as buffers beside them (their bytes are copied out once)."""

    fields: dict[str, Any]
    arrays: Sequence[Array] = ()


@dataclass(frozen=True)
class Incoming:
    """A message as it arrived: its fields, its buffers' bytes, and a message port if there was one."""

    fields: Mapping[str, Any]
    buffers: Sequence[Bytes] = ()
    port: Any = None


@dataclass(frozen=True)
class Request:
    """One call. `params` were not looked at yet: read them with `get_int` and its like."""

    id: Any
    method: str
    params: Mapping[str, Any]
    buffers: Sequence[Bytes] = ()
    port: Any = None

    @classmethod
    def of(cls, message: Incoming) -> Request:
        """Raises SegmarkError ``bad_params`` if the message is not a request."""
        method, params = message.fields.get("method"), message.fields.get("params") or {}
        if not isinstance(method, str) or not isinstance(params, Mapping):
            raise SegmarkError("bad_params", {"what": "method"})
        return cls(message.fields.get("id"), method, params, message.buffers, message.port)

    def get_int(self, name: str) -> int:
        value = self.params.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
            raise SegmarkError("bad_params", {"what": name})
        return int(value)

    def get_float(self, name: str) -> float:
        value = self.params.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise SegmarkError("bad_params", {"what": name})
        return float(value)

    def get_text(self, name: str) -> str:
        value = self.params.get(name)
        if not isinstance(value, str):
            raise SegmarkError("bad_params", {"what": name})
        return value

    def get_text_or_none(self, name: str) -> str | None:
        return None if self.params.get(name) is None else self.get_text(name)

    def get_truth(self, name: str) -> bool:
        value = self.params.get(name)
        if not isinstance(value, bool):
            raise SegmarkError("bad_params", {"what": name})
        return value

    def get_ints(self, name: str) -> list[int]:
        """A list of integers."""
        value = self.params.get(name)
        if not isinstance(value, list) or not all(type(k) in (int, float) and k == int(k) for k in value):
            raise SegmarkError("bad_params", {"what": name})
        return [int(k) for k in value]

    def get_texts(self, name: str) -> list[str]:
        """A list of texts; none if it is left out."""
        value = self.params.get(name, [])
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise SegmarkError("bad_params", {"what": name})
        return value

    def get_points(self, name: str) -> list[tuple[float, float]]:
        """A flat list of numbers x, y, x, y ..."""
        value = self.params.get(name)
        if not isinstance(value, list) or len(value) % 2 or not all(type(k) in (int, float) for k in value):
            raise SegmarkError("bad_params", {"what": name})
        return [(float(x), float(y)) for x, y in zip(value[::2], value[1::2], strict=True)]

    def get_bytes(self) -> Bytes:
        """The one buffer of the request."""
        if len(self.buffers) != 1:
            raise SegmarkError("bad_params", {"what": "buffers"})
        return self.buffers[0]


@dataclass(frozen=True)
class Result:
    """What a method gives back."""

    value: dict[str, Any] = field(default_factory=dict)
    arrays: Sequence[Array] = ()


def reply(request_id: Any, result: Result) -> Envelope:
    return Envelope({"id": request_id, "ok": True, "result": result.value}, result.arrays)


def failure(request_id: Any, error: Exception) -> Envelope:
    """Errors that have a code tell it; anything else is ``internal`` and tells what it was."""
    if isinstance(error, SegmarkError):
        told = {"code": error.code, "message": str(error), "params": error.params}
    else:
        told = {"code": "internal", "message": f"{type(error).__name__}: {error}", "params": {}}
    return Envelope({"id": request_id, "ok": False, "error": told})


def event(name: str, params: Mapping[str, Any], arrays: Sequence[Array] = ()) -> Envelope:
    return Envelope({"event": name, "params": dict(params)}, arrays)
