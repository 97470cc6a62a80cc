"""A thousand annotations as a file to import, and what frames cost while a hand pans and zooms."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

#: Injected before the page: counts what canvases are asked to draw, frame by frame, while `segmarkFrames.on` is set.
COUNTING = """(() => {
  const frames = { on: false, strokes: 0, list: [] };
  window.segmarkFrames = frames;
  for (const kind of [CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D]) {
    const { stroke } = kind.prototype;
    kind.prototype.stroke = function (...path) { frames.strokes += 1; return stroke.apply(this, path); };
  }
  const tick = (time) => {
    if (frames.on) frames.list.push([time, frames.strokes]);
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
})()"""


def coco_of_many(name: str, size: tuple[int, int], count: int) -> bytes:
    """`count` annotations of about 20 pixels across and 24 corners each, in rows over the image."""
    width, height = size
    columns = int(np.ceil(np.sqrt(count * width / height)))
    step, turn = width / columns, np.linspace(0, 2 * np.pi, 24, endpoint=False)
    generator = np.random.default_rng(3)
    annotations = []
    for k in range(count):
        x, y = step * (k % columns + 0.5), step * (k // columns + 0.5)
        radius = generator.uniform(0.3, 0.5, 24) * step
        ring = np.stack((x + radius * np.cos(turn), y + radius * np.sin(turn)), axis=1).clip(0, [width, height])
        ring = ring.round(1).reshape(-1).tolist()
        annotations.append({"id": k + 1, "image_id": 1, "category_id": k % 4 + 1, "segmentation": [ring], "iscrowd": 0})
    images = [{"id": 1, "file_name": name, "width": width, "height": height}]
    names = ["scratch", "crack", "blowhole", "stain"]
    categories = [{"id": k, "name": label} for k, label in enumerate(names, start=1)]
    return json.dumps({"images": images, "annotations": annotations, "categories": categories}).encode()


def frames_of_a_hand(app: Any) -> list[tuple[float, int]]:
    """Zoom in and out and pan with the real wheel and mouse -> (time in ms, strokes so far) of every frame."""
    x, y = app.screen(450, 350)
    app.page.mouse.move(x, y)
    app.page.evaluate("() => { window.segmarkFrames.list = []; window.segmarkFrames.on = true; }")
    for turn in (-1, 1, -1):
        for _ in range(10):
            app.page.mouse.wheel(0, 60 * turn)
    app.page.mouse.down(button="middle")
    for k in range(40):
        app.page.mouse.move(x + 6 * (k % 20), y + 4 * (k % 20))
    app.page.mouse.up(button="middle")
    for _ in range(10):
        app.page.mouse.wheel(0, 60)
    app.page.evaluate("() => { window.segmarkFrames.on = false; }")
    return [(float(time), int(strokes)) for time, strokes in app.page.evaluate("window.segmarkFrames.list")]


def p95(frames: list[tuple[float, int]], column: int) -> float:
    """Of the steps from frame to frame: 0 in milliseconds, 1 in strokes."""
    return float(np.percentile(np.diff([frame[column] for frame in frames]), 95))
