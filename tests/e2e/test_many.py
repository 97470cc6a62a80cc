"""A thousand annotations on one image: a frame of pan and zoom draws a bounded number of outlines, and rest is exact."""

from __future__ import annotations

import io
from typing import Any

import inputs
import numpy as np
import pytest
from many import COUNTING, coco_of_many, frames_of_a_hand, p95
from PIL import Image

COUNT = 1000


def painted(app: Any) -> np.ndarray:
    app.page.mouse.move(5, 5)
    app.frames()
    return np.asarray(Image.open(io.BytesIO(app.page.screenshot(clip=CLIP))).convert("RGB")).astype(int)


CLIP = {"x": 300, "y": 200, "width": 500, "height": 400}


@pytest.mark.requirement("R8.1")
def test_a_thousand_annotations_cost_a_frame_no_more_than_a_few(new_page: Any, scoreboard: list[str]) -> None:
    app = new_page(fresh=True)
    app.page.add_init_script(COUNTING)
    app.open("none")
    app.open_file("many.png", inputs.encoded(inputs.sample("blowhole")[0], ".png"))
    empty = frames_of_a_hand(app)
    app.id("zoom-fit").click()
    image = app.image()
    app.import_file("many.json", coco_of_many("many.png", (image["width"], image["height"]), COUNT))
    app.wait(lambda: len(app.annotations()) == COUNT, "all annotations", 120)
    app.settle(120)
    before = painted(app)
    frames = frames_of_a_hand(app)
    most = max(np.diff([strokes for _, strokes in frames]))
    assert most < COUNT / 3, f"{most} outlines in one frame: it should not follow the number of annotations"
    assert any(np.diff([strokes for _, strokes in frames])), "nothing was counted: this test would show nothing"
    ratio = p95(frames, 0) / p95(empty, 0)
    scoreboard.append(
        f"pan and zoom, p95 of a frame: {p95(frames, 0):.0f} ms with {COUNT} annotations, {ratio:.2f} times that with none"
    )
    app.id("zoom-fit").click()
    app.wait(lambda: np.array_equal(painted(app), before), "what is shown at rest to be exact again")
