"""The only importer of `js` and `pyodide` (with worker_main): JavaScript messages <-> `protocol` data.

A message crosses in one step each way (`site/workers/wire.js`): every further one costs. Buffers are copied once on the
way in (into an array of the wasm heap) and once on the way out (into an ArrayBuffer of its own, which is then
transferred). A view of the heap is never posted: it would be detached when the memory grows.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from typing import Any

# the page's runtime provides these; there is nothing to type-check against outside of it
import numpy as np
import pyodide_js
from js import segmarkWire as wire
from pyodide.ffi import create_proxy, to_js

from segmark.bridge.protocol import Bytes, Envelope, Incoming
from segmark.bridge.remote_predictor import Channel

_MODULE_OF = {"Pillow": "PIL"}


def post_to_page(envelope: Envelope) -> None:
    wire.toPage(*_told(envelope))


def reader(take: Callable[[Incoming], None]) -> Any:
    """A JS-callable ``receive(text, port, *bytes)`` that hands each message to `take`. Whoever asks for it owns the proxy."""

    def receive(text: str, port: Any, *buffers: Any) -> None:
        take(Incoming(json.loads(text), [_copied(buffer) for buffer in buffers], port))

    return create_proxy(receive)


def make_channel(port: Any) -> Channel:
    """A channel over a MessagePort. Closing it takes the port's listener (our one proxy) away."""
    return PortChannel(port)


class PortChannel(Channel):
    """A `Channel` that owns its port's listener."""

    def __init__(self, port: Any) -> None:
        super().__init__(lambda envelope: wire.toPort(port, *_told(envelope)))
        self._port = port
        self._listener = reader(self.receive)
        wire.listen(port, self._listener)

    def close(self) -> None:
        super().close()
        wire.listen(self._port, None)
        self._port.close()
        self._listener.destroy()


async def ensure_package(name: str) -> None:
    """Load a package of the runtime's folder unless it is there already."""
    if importlib.util.find_spec(_MODULE_OF.get(name, name)) is None:
        await pyodide_js.loadPackage(name)
        importlib.invalidate_caches()


def _told(envelope: Envelope) -> tuple[Any, ...]:
    """JSON text, and a Uint8Array of its own for each array."""
    arrays = [to_js(np.ascontiguousarray(array).reshape(-1).view(np.uint8)) for array in envelope.arrays]
    return json.dumps(envelope.fields, allow_nan=False), *arrays


def _copied(buffer: Any) -> Bytes:
    data = np.empty(buffer.byteLength, np.uint8)
    if data.size:
        buffer.assign_to(data)
    return data
