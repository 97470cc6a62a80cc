"""A 40-pixel defect in a 6,000 x 4,000 image, point mode: the network must see it at a scale that shows it."""

from __future__ import annotations

from typing import Any

import inputs
import peers
import pytest
from robot import next_click


@pytest.mark.requirement("R1.2")
def test_small_defect_in_a_large_image(app: Any, scoreboard: list[str]) -> None:
    pixels, true = inputs.large_with_small_defect()
    app.open("none")
    app.open_file("large.jpg", inputs.encoded(pixels, ".jpg", 92), "image/jpeg", patience_s=60)
    x, y, _ = next_click(true, None)
    app.zoom_to(x, y, 1.5)
    scores, runs = [], []
    while len(scores) < 3 and (not scores or scores[-1] < 0.8):
        app.click(*next_click(true, app.mask() if scores else None))
        scores.append(peers.iou(app.mask(), true))
        runs.append(app.state()["timing"]["runs"])
    scoreboard.append(
        f"40 px in 6000 x 4000: IoU after each click {' -> '.join(f'{s:.3f}' for s in scores)}, network runs {runs}"
    )
    assert scores[-1] >= 0.8 and max(runs) <= 3
