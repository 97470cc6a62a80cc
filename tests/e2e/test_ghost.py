"""The ghost of a fixed box (R1.3): painted half-transparent round the cursor, and going with it."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image


def seen(app: Any) -> np.ndarray:
    """Return what is painted with the pointer where it is: int (h, w, 3)."""
    app.frames()
    return np.asarray(Image.open(io.BytesIO(app.page.screenshot())).convert("RGB")).astype(int)


@pytest.mark.requirement("R1.3")
def test_the_ghost_is_half_transparent_and_follows(app: Any) -> None:
    app.open("blowhole")
    app.key("f")
    app.wait(lambda: app.state()["mode"]["kind"] == "fixed_box", "fixed-box mode")
    app.page.mouse.move(5, 5)
    app.page.wait_for_timeout(200)
    bare = seen(app)
    half = 128 * app.view()["zoom"]
    for at in ((300, 300), (560, 420)):
        left, top = app.screen(*at)
        app.page.mouse.move(left, top)
        app.page.wait_for_timeout(200)
        changed = np.abs(seen(app) - bare)
        rows, columns = (slice(round(c - half) - 3, round(c + half) + 4) for c in (top, left))
        inside = changed[rows, columns]
        assert (inside.sum(axis=2) > 0).mean() > 0.5, "the whole box is tinted"
        middle = seen(app)[round(top) + 20 : round(top) + 80, round(left) + 20 : round(left) + 80].mean(axis=2)
        below = bare[round(top) + 20 : round(top) + 80, round(left) + 20 : round(left) + 80].mean(axis=2)
        assert np.corrcoef(middle.ravel(), below.ravel())[0, 1] > 0.9, "the image shows through"
        stage = changed.copy()
        stage[rows, columns] = 0
        around = stage[60:760, 200:960]
        assert (around.sum(axis=2) > 30).mean() < 0.002, "and nothing is painted elsewhere: it went along"
