"""Composition root inside Pyodide: `site/workers/python_worker.js` calls `start` once (see bridge/README.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyodide.ffi import create_proxy

from segmark.bridge.dispatcher import Dispatcher
from segmark.bridge.protocol import Envelope
from segmark.bridge.pyodide_port import ensure_package, envelope_to_js, incoming_from_js, make_channel
from segmark.bridge.remote_predictor import RemoteModels


def start(post: Callable[[Any, Any], None], inference_port: Any) -> Any:
    """Join the parts.

    Parameters
    ----------
    post : JS function (envelope, transfer list): posts to the page
    inference_port : JS MessagePort to the inference worker

    Returns
    -------
    A JS-callable ``handle(message)`` for every message of the page; it lives as long as the worker.
    """

    def send(envelope: Envelope) -> None:
        post(*envelope_to_js(envelope))

    models = RemoteModels(make_channel(inference_port))
    dispatcher = Dispatcher(send, models, make_channel, ensure_package)

    def handle(message: Any) -> None:
        dispatcher.handle(incoming_from_js(message))

    return create_proxy(handle)
