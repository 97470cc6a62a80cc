"""The same Python session as in the page, natively: kernels built by gcc, the network run by onnxruntime in Python."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from page_object import pixels_of_runs

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT / "py") not in sys.path:
    sys.path.insert(0, str(ROOT / "py"))

Mask = npt.NDArray[np.uint8]


async def _replay(pixels: npt.NDArray[np.uint8], clicks: Sequence[tuple[int, int, bool]]) -> list[Mask]:
    from segmark.document import ImageRecord
    from segmark.segment.onnx_native import NativeModels
    from segmark.session import Session

    height, width = pixels.shape[:2]
    shown = np.zeros((height, width), np.uint8)

    def emit(name: str, params: dict[str, Any], arrays: Sequence[Any]) -> None:
        if params.get("target") != "draft":
            return
        shown[:] = pixels_of_runs(arrays[0] if name == "mask.changed" else np.zeros(0, np.int32), (height, width))

    store = NativeModels(ROOT / "models")
    session = Session(emit, store)
    session.set_model(store.models()[0][0])
    await session.settled()
    session.open_image(ImageRecord("native", "native", width, height), pixels)
    masks = []
    for x, y, is_positive in clicks:
        session.press(x + 0.5, y + 0.5, "primary" if is_positive else "secondary")
        await session.settled()
        masks.append(shown.copy())
    return masks


def replay(pixels: npt.NDArray[np.uint8], clicks: Sequence[tuple[int, int, bool]]) -> list[Mask]:
    """Return the draft's mask, uint8 (height, width) 0/1, after each of `clicks` on `pixels` (RGB), in point mode.

    In a thread of its own: Playwright's synchronous interface keeps an event loop in the caller's.
    """
    made: list[list[Mask]] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            made.append(asyncio.run(_replay(pixels, clicks)))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return made[0]


def polygon(corners: Sequence[tuple[float, float]], size: tuple[int, int]) -> Mask:
    """What a polygon area of these corners holds, over the whole image."""
    from segmark.editing.corners import polygon_area
    from segmark.geometry import Box

    return polygon_area(corners, size).to_window(Box(0, 0, *size))
