"""A 40-pixel defect in a 6,000 x 4,000 image, point mode: found at native scale, and nothing scales with the image."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from fakes import BrightNet, Desk, run
from numpy.typing import NDArray
from segmark.geometry import Box
from segmark.rle import RleMask


def scene(width: int, height: int) -> NDArray[np.uint8]:
    pixels = np.full((height, width), 60, np.uint8)
    yy, xx = np.mgrid[-20:20, -20:20] + 0.5
    spot = pixels[height // 2 - 20 : height // 2 + 20, width // 2 - 20 : width // 2 + 20]
    spot[np.hypot(xx, yy) < 20] = 220
    return pixels


async def work(desk: Desk) -> int:
    """Click, refine, undo, redo, confirm -> peak of the memory newly allocated, in bytes."""
    image = desk.session.history.present.image
    assert image is not None
    x, y = image.width // 2, image.height // 2
    await desk.session.settled()
    tracemalloc.start()
    try:
        desk.session.press(x, y, "primary")
        desk.session.press(x + 15, y + 30, "secondary")
        await desk.session.settled()
        desk.session.undo()
        desk.session.redo()
        await desk.session.confirm(1)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.requirement("R1.2")
def test_a_small_defect_in_a_large_image() -> None:
    pixels = scene(6000, 4000)
    truth = RleMask.from_window((pixels > 127).astype(np.uint8), (0, 0), (6000, 4000))

    async def story(image: NDArray[np.uint8]) -> tuple[int, int, RleMask]:
        net = BrightNet()
        desk = Desk(net, image)
        peak = await work(desk)
        (annotation,) = desk.session.history.present.annotations
        return peak, len(net.calls), annotation.mask

    small_peak, small_runs, _ = run(story(scene(600, 400)))
    peak, runs, mask = run(story(pixels))
    assert runs == small_runs == 2  # two clicks, one run each: found at native scale, never grown
    assert mask == truth and mask.bbox == Box(2980, 1980, 3020, 2020)
    assert peak < 1.25 * small_peak and peak < pixels.size / 2
