"""The only importer of `js` and `pyodide` (with worker_main): JavaScript messages <-> `protocol` data.

Buffers are copied once on the way in (into an array of the wasm heap) and once on the way out (into an ArrayBuffer of
its own, which is then transferred). A view of the heap is never posted: it would be detached when the memory grows.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from typing import Any

# the page's runtime provides these; there is nothing to type-check against outside of it
import js
import numpy as np
import pyodide_js
from pyodide.ffi import create_proxy

from segmark.bridge.protocol import Array, Bytes, Envelope, Incoming
from segmark.bridge.remote_predictor import Channel

_MODULE_OF = {"Pillow": "PIL"}


def envelope_to_js(envelope: Envelope) -> tuple[Any, Any]:
    """-> (plain JS object with `buffers`, JS array of the ArrayBuffers to transfer). No proxies in either."""
    message = js.JSON.parse(json.dumps(envelope.fields, allow_nan=False))
    buffers = js.Array.new()
    for array in envelope.arrays:
        buffers.push(_to_array_buffer(array))
    message.buffers = buffers
    return message, buffers


def incoming_from_js(message: Any) -> Incoming:
    """A message's data (plain JS object) -> Python data; its buffers are copied."""
    bare = js.Object.assign(js.Object.new(), message)
    port = getattr(bare, "port", None)
    buffers = getattr(bare, "buffers", None)
    for name in ("port", "buffers"):
        if hasattr(bare, name):
            delattr(bare, name)
    fields = json.loads(js.JSON.stringify(bare))
    copied = [_to_bytes(buffers[k]) for k in range(buffers.length)] if buffers else []
    return Incoming(fields, copied, port or None)


def make_channel(port: Any) -> Channel:
    """A channel over a MessagePort. Closing it takes the port's listener (our one proxy) away."""

    def post(envelope: Envelope) -> None:
        port.postMessage(*envelope_to_js(envelope))

    channel = PortChannel(post, port)
    return channel


class PortChannel(Channel):
    """A `Channel` that owns its port's listener."""

    def __init__(self, post: Callable[[Envelope], None], port: Any) -> None:
        super().__init__(post)
        self._port = port
        self._listener = create_proxy(lambda event: self.receive(incoming_from_js(event.data)))
        port.onmessage = self._listener  # this also starts the port

    def close(self) -> None:
        super().close()
        self._port.onmessage = None
        self._port.close()
        self._listener.destroy()


async def ensure_package(name: str) -> None:
    """Load a package of the runtime's folder unless it is there already."""
    if importlib.util.find_spec(_MODULE_OF.get(name, name)) is None:
        await pyodide_js.loadPackage(name)
        importlib.invalidate_caches()


def _to_array_buffer(array: Array) -> Any:
    data = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    target = js.Uint8Array.new(data.size)
    if data.size:
        target.assign(data)
    return target.buffer


def _to_bytes(buffer: Any) -> Bytes:
    is_view = js.ArrayBuffer.isView(buffer)
    source = (
        js.Uint8Array.new(buffer.buffer, buffer.byteOffset, buffer.byteLength) if is_view else js.Uint8Array.new(buffer)
    )
    data = np.empty(source.length, np.uint8)
    if data.size:
        source.assign_to(data)
    return data
