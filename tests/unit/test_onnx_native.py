"""The product's own model files through the whole core, natively: generated content only."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from fakes import run
from numpy.typing import NDArray
from segmark.document import ImageRecord
from segmark.evaluate.metrics import iou
from segmark.rle import RleMask
from segmark.segment.predictor import PredictorError
from segmark.session import Session

pytest.importorskip("onnxruntime")
from segmark.segment.onnx_native import NativeModels, OnnxNative

MODELS = Path(__file__).resolve().parents[2] / "models"


def spot(width: int, height: int, x: int, y: int, seed: int = 3) -> tuple[NDArray[np.uint8], RleMask]:
    """A dark round pit of 40 pixels on a noisy grey surface, and its true mask."""
    rng = np.random.default_rng(seed)
    tile = rng.normal(150, 8, (500, 500))
    image = np.tile(tile, (height // 500 + 1, width // 500 + 1))[:height, :width]
    yy, xx = np.mgrid[-30:30, -30:30] + 0.5
    inside = np.hypot(xx, yy) < 20
    image[y - 30 : y + 30, x - 30 : x + 30] -= 70 * np.clip((21 - np.hypot(xx, yy)) / 2, 0, 1)
    grey = np.clip(image, 0, 255).astype(np.uint8)
    return grey, RleMask.from_window(inside.astype(np.uint8), (x - 30, y - 30), (width, height))


def test_the_table_of_models_is_true() -> None:
    store = NativeModels(MODELS)
    assert store.models()
    for model_id, _ in store.models():
        assert run(store.load(model_id)).model_id == model_id


@pytest.mark.requirement("R1.2")
def test_a_small_defect_in_a_large_image_is_found_at_native_scale() -> None:
    pixels, truth = spot(6000, 4000, 4321, 2345)
    states = []

    async def story() -> Session:
        session = Session(
            lambda name, params, _: states.append(params) if name == "state.changed" else None, NativeModels(MODELS)
        )
        session.models.start()
        session.open_image(ImageRecord("i", "large.png", 6000, 4000), np.stack([pixels] * 3, axis=2))
        session.press(4321, 2345, "primary")
        await session.settled()
        return session

    session = run(story())
    draft = session.history.present.draft
    assert draft is not None
    assert states[-1]["timing"]["runs"] <= 3
    assert iou(draft.mask, truth) >= 0.7
    assert draft.crop.width == 256  # seen pixel by pixel


@pytest.mark.parametrize("name", ["precise", "smooth"])
def test_no_convolution_looks_at_more_than_three_channels_of_the_input(name: str) -> None:
    """onnxruntime-web adds such a one up wrongly on a graphics card (microsoft/onnxruntime issue 29651)."""
    onnx = pytest.importorskip("onnx")
    graph = onnx.shape_inference.infer_shapes(onnx.load(str(MODELS / f"{name}.onnx"))).graph
    made_by = {output: node for node in graph.node for output in node.output}
    shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in [*graph.value_info, *graph.input]}
    given = {one.name for one in graph.input}

    def is_input(value: str) -> bool:
        """Whether no convolution lies between the graph's inputs and this value."""
        if value in given:
            return True
        node = made_by.get(value)
        return node is not None and node.op_type != "Conv" and any(is_input(one) for one in node.input)

    first = [node for node in graph.node if node.op_type == "Conv" and is_input(node.input[0])]
    assert len(first) >= 2  # of the image and of the prompt
    assert {shapes[node.input[0]][1] for node in first} == {3}


def test_files_that_are_no_models(tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"not a model")
    for name, code in (("missing.onnx", "model.fetch"), ("broken.onnx", "model.corrupt")):
        with pytest.raises(PredictorError) as error:
            OnnxNative(tmp_path / name, "m")
        assert error.value.code == code
    toml = '[[model]]\nid="m"\nfile="broken.onnx"\nsha256="00"\n'
    (tmp_path / "models.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(PredictorError, match="sha256"):
        asyncio.run(NativeModels(tmp_path).load("m"))
