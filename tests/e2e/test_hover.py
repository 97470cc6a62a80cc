"""Hover preview (R2.2): before a click, faintly, what it would give; it is gone at once and leaves nothing behind."""

from __future__ import annotations

import io
from typing import Any

import inputs
import numpy as np
import pytest
from page_object import pixels_of_runs
from PIL import Image
from robot import next_click

READ = "() => { const p = window.segmark.preview(); return p && { runs: Array.from(p.runs) }; }"

MODE_AND_KEYS = """() => {
  const canvas = document.querySelector('[data-testid="canvas"]');
  document.querySelector('[data-testid="mode-point"]').click();
  canvas.focus();
  for (let i = 0; i < 2; i += 1) canvas.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", code: "ArrowRight", bubbles: true }));
}"""


def preview(app: Any) -> np.ndarray | None:
    """The preview over the whole image, uint8 (height, width); None if none is shown."""
    shown = app.page.evaluate(READ)
    if shown is None:
        return None
    image = app.image()
    return pixels_of_runs(np.array(shown["runs"], np.int32), (image["height"], image["width"]))


def switch(app: Any, on: bool) -> None:
    if (app.id("preview-toggle").get_attribute("aria-checked") == "true") != on:
        app.key("v")
    app.wait(lambda: app.id("preview-toggle").get_attribute("aria-checked") == str(on).lower(), f"preview {on}")


def rest(app: Any, x: float, y: float) -> np.ndarray:
    """Let the pointer rest on an image pixel until the preview is there."""
    app.page.mouse.move(*app.screen(x, y))
    (shown,) = app.wait(lambda: [found] if (found := preview(app)) is not None else [], "a preview")
    return shown


def use_smooth(app: Any) -> None:
    """The network that previews come from on slow machines too: there, only with it are preview and click the same."""
    app.id("model-select").select_option("smooth")
    app.wait(lambda: app.state()["model"]["id"] == "smooth" and app.state()["model"]["state"] == "ready", "smooth")


def painted(app: Any) -> np.ndarray:
    app.frames()
    return np.asarray(Image.open(io.BytesIO(app.id("canvas").screenshot())).convert("RGB")).astype(int)


@pytest.mark.requirement("R2.2")
@pytest.mark.requirement("R8.2")
def test_the_preview_is_faint_true_and_leaves_nothing(app: Any) -> None:
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.open("blowhole")
    use_smooth(app)
    switch(app, True)
    before, revision = painted(app), app.state()["revision"]
    shown = rest(app, x, y)
    assert shown[y, x] and (shown & true).sum() / (shown | true).sum() > 0.7
    change = np.abs(painted(app) - before).max(axis=2)
    assert (change > 8).sum() > 0.3 * shown.sum() * app.view()["zoom"] ** 2, "it is painted"
    state = app.state()
    assert (state["revision"], state["draft"], state["history"]["undo"]) == (revision, None, None)
    app.key("Escape")
    app.wait(lambda: preview(app) is None, "Esc to take it away")
    app.page.mouse.move(*app.screen(x - 150, y - 120))
    shown = rest(app, x, y)
    app.page.mouse.move(5, 5)
    assert preview(app) is None, "it goes as soon as the pointer does"
    app.settle()
    assert np.array_equal(painted(app), before)
    shown = rest(app, x, y)
    app.click(x, y)
    assert preview(app) is None and np.array_equal(app.mask(), shown)


@pytest.mark.requirement("R8.2")
def test_the_preview_follows_the_crosshair_and_the_ghost_box(app: Any) -> None:
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.open("blowhole")
    use_smooth(app)
    switch(app, True)
    app.id("mode-fixed-box").click()
    app.wait(lambda: app.state()["mode"]["kind"] == "fixed_box", "fixed-box mode")
    shown = rest(app, x, y)
    rows, columns = np.nonzero(shown)
    assert abs(columns - x).max() <= 128 and abs(rows - y).max() <= 128
    app.page.mouse.move(5, 5)
    app.page.evaluate(MODE_AND_KEYS)  # the keys are there before Python has heard of the mode
    app.wait(lambda: preview(app) is not None, "a preview at the crosshair")
    shown = preview(app)
    app.key("Space")
    app.wait(lambda: len(app.clicks()) == 1, "a click at the crosshair")
    app.settle()
    assert np.array_equal(app.mask(), shown)


@pytest.mark.requirement("R2.2")
def test_the_choice_is_kept_and_a_slow_network_begins_without(app: Any) -> None:
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.open("blowhole")
    for ms, on in ((900, "false"), (20, "true")):
        script = "(ms) => localStorage.setItem('segmark.settings', JSON.stringify({ modelMsByThreads: "
        script += "Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((n) => [n, { precise: ms, smooth: ms }])) }))"
        app.page.evaluate(script, ms)
        app.open("blowhole")
        app.wait(lambda on=on: app.id("preview-toggle").get_attribute("aria-checked") == on, f"{ms} ms a run: {on}")
    app.id("preview-toggle").click()
    app.open("blowhole")
    assert app.id("preview-toggle").get_attribute("aria-checked") == "false"
    app.page.mouse.move(*app.screen(x, y))
    app.page.wait_for_timeout(400)
    app.settle()
    assert preview(app) is None
