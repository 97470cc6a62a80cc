"""Window, level, gamma and local contrast: the screen changes as stated, the network's input does not."""

from __future__ import annotations

import io
from typing import Any

import inputs
import numpy as np
from PIL import Image
from robot import next_click
from test_kept import saved


def shown(app: Any) -> Any:
    """Return the grey of the stage's middle as a person sees it, uint8 (height, width)."""
    app.frames()
    x, y = app.screen(300, 200)
    clip = {"x": round(x), "y": round(y), "width": 200, "height": 150}
    return np.asarray(Image.open(io.BytesIO(app.page.screenshot(clip=clip))).convert("L")).astype(int)


def slide(app: Any, name: str, value: float) -> None:
    app.id(f"tone-{name}").evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input', { bubbles: true })); }", value
    )


def test_the_display_changes_and_the_answer_does_not(app: Any) -> None:
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.open("blowhole")
    app.page.mouse.move(5, 400)
    plain = shown(app)
    app.click(x, y)
    mask = app.mask()
    app.step()
    app.wait(lambda: app.draft() is None, "undo")
    app.id("tone").locator("summary").click()
    app.id("tone-auto").click()
    app.page.mouse.move(5, 400)
    assert shown(app).std() > 1.3 * plain.std(), "more contrast"
    app.id("tone-reset").click()
    slide(app, "level", 150)
    slide(app, "window", 100)
    expected = np.clip((plain - 100) / 100, 0, 1) * 255
    assert np.abs(shown(app) - expected).max() <= 4, "the stated line, to a rounding step of 100 levels"
    slide(app, "local", 100)
    slide(app, "gamma", 30)
    app.click(x, y)
    assert np.array_equal(app.mask(), mask), "the network sees the image as it is"
    saved(app)
    app.page.reload()
    app.wait(app.is_ready, "ready", 60)
    assert app.page.evaluate("document.getElementById('layer-image').style.filter").count("url(") == 2, "kept"
    assert np.array_equal(app.mask(), mask)
