"""Composition root inside Pyodide: `site/workers/python_worker.js` calls `start` once (see bridge/README.md)."""

from __future__ import annotations

from typing import Any

from segmark.bridge.dispatcher import Dispatcher
from segmark.bridge.pyodide_port import ensure_package, make_channel, post_to_page, reader
from segmark.bridge.remote_predictor import RemoteModels


def start(inference_port: Any) -> Any:
    """Join the parts.

    Parameters
    ----------
    inference_port : JS MessagePort to the inference worker

    Returns
    -------
    A JS-callable ``receive(text, port, *bytes)`` for every message of the page; it lives as long as the worker.
    """
    models = RemoteModels(make_channel(inference_port))
    return reader(Dispatcher(post_to_page, models, make_channel, ensure_package).handle)
