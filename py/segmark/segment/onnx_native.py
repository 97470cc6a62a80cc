"""A Predictor over onnxruntime's Python package, for tests and evaluation outside the browser."""

from __future__ import annotations

import asyncio
import hashlib
import tomllib
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from segmark.geometry import NET_SIZE
from segmark.segment.predictor import PredictorError, Tensor

_SHAPES = {
    "image": [1, 3, NET_SIZE, NET_SIZE],
    "prev_mask": [1, 1, NET_SIZE, NET_SIZE],
    "click_maps": [1, 2, NET_SIZE, NET_SIZE],
}


class OnnxNative:
    """One model file (contract version 1).

    Parameters
    ----------
    path : of the .onnx file
    model_id : told as `model_id`
    threads : of one run; 1 is what the page has without cross-origin isolation

    Raises
    ------
    PredictorError
        ``model.fetch`` (no such file), ``model.corrupt``, ``model.contract`` (other inputs or outputs).
    """

    def __init__(self, path: Path, model_id: str, threads: int = 1) -> None:
        import onnxruntime  # not needed where a browser runs the network

        options: Any = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        try:
            content = path.read_bytes()
        except OSError as error:
            raise PredictorError("model.fetch", {"why": str(error)}) from error
        try:
            self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's exception types are private
            raise PredictorError("model.corrupt", {"why": str(error)}) from error
        found = {k.name: k.shape for k in self._session.get_inputs()}
        if found != _SHAPES or [k.name for k in self._session.get_outputs()] != ["logits"]:
            raise PredictorError("model.contract", {"why": str(found)})
        self.model_id = model_id
        self.last_run_ms: float | None = None

    async def run(self, image: Tensor, prev_mask: Tensor, click_maps: Tensor) -> Tensor:
        """See `Predictor.run`; blocks while it runs."""
        begun = perf_counter()
        feed = {"image": image, "prev_mask": prev_mask, "click_maps": click_maps}
        try:
            (logits,) = self._session.run(["logits"], feed)
        except Exception as error:
            raise PredictorError("inference.failed", {"why": str(error)}) from error
        self.last_run_ms = 1e3 * (perf_counter() - begun)
        await asyncio.sleep(0)  # let others have their turn, as a worker would
        return np.asarray(logits, np.float32)


class NativeModels:
    """The models of a folder with ``models.toml`` (`ModelStore`)."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._folder = folder
        self._threads = threads
        content = tomllib.loads((folder / "models.toml").read_text(encoding="utf-8"))
        self._entries: dict[str, dict[str, Any]] = {entry["id"]: entry for entry in content.get("model", [])}

    def models(self) -> list[tuple[str, str]]:
        return [(k, entry.get("name", k)) for k, entry in self._entries.items()]

    async def load(self, model_id: str) -> OnnxNative:
        """Check the file against its sha256 and load it; PredictorError if that fails."""
        entry = self._entries[model_id]
        path = self._folder / entry["file"]
        if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
            raise PredictorError("model.corrupt", {"why": "sha256 differs"})
        return OnnxNative(path, model_id, self._threads)
