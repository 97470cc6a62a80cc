"""Where things are on the screen: zoom at the cursor, pan, fit, a screen with two pixels to one."""

from __future__ import annotations

import io
from typing import Any

import inputs
import numpy as np
import pytest
from PIL import Image
from robot import next_click


def screenshot(app: Any, centre: tuple[int, int], reach: float) -> np.ndarray:
    """Return what is painted in a square round image pixel `centre`, `reach` CSS pixels to each side: int (h, w, 3)."""
    app.page.mouse.move(5, 5)
    app.page.wait_for_timeout(200)
    app.frames()
    left, top = app.screen(*centre)
    clip = {"x": round(left) - reach, "y": round(top) - reach, "width": 2 * reach, "height": 2 * reach}
    return np.asarray(Image.open(io.BytesIO(app.page.screenshot(clip=clip))).convert("RGB")).astype(int)


def test_wheel_keeps_the_image_point_under_the_cursor(app: Any) -> None:
    """At whole screen pixels, as a mouse has them: the point stays within one screen pixel, there and back."""
    app.open("crack")
    for x, y in ((300, 200), (700, 600)):
        at = tuple(round(v) for v in app.screen(x, y))
        point, start = app.under(*at), app.view()["zoom"]
        app.page.mouse.move(*at)
        for turn in (-120, 120):
            for _ in range(6):
                app.page.mouse.wheel(0, turn)
                app.page.wait_for_timeout(40)
            now, zoom = app.under(*at), app.view()["zoom"]
            assert abs(now[0] - point[0]) * zoom <= 1 and abs(now[1] - point[1]) * zoom <= 1
            assert zoom > 1.3 * start if turn < 0 else abs(zoom / start - 1) < 0.01


def test_pan_fit_and_actual_size(app: Any) -> None:
    """A middle drag moves the picture with the cursor and is no click; 100 % is one to one; fit shows all."""
    app.open("crack")
    app.id("zoom-actual").click()
    app.wait(lambda: abs(app.view()["zoom"] - 1) < 1e-6, "100 %")
    before = app.screen(512, 384)
    app.page.mouse.move(*before)
    app.page.mouse.down(button="middle")
    app.page.mouse.move(before[0] + 60, before[1] - 40, steps=5)
    app.page.mouse.up(button="middle")
    after = app.screen(512, 384)
    assert abs(after[0] - before[0] - 60) <= 1 and abs(after[1] - before[1] + 40) <= 1
    app.page.mouse.move(*after)
    app.page.keyboard.down("Space")
    app.page.mouse.down()
    app.page.mouse.move(after[0] - 30, after[1] + 20, steps=5)
    app.page.mouse.up()
    app.page.keyboard.up("Space")
    third = app.screen(512, 384)
    assert abs(third[0] - after[0] + 30) <= 1 and abs(third[1] - after[1] - 20) <= 1
    app.settle()
    assert app.draft() is None, "panning is not clicking"
    app.id("zoom-fit").click()
    app.page.wait_for_timeout(100)
    box = app.id("canvas").bounding_box()
    for x, y in ((0, 0), (1023, 767)):
        left, top = app.screen(x, y)
        assert (
            box["x"] - 1 <= left <= box["x"] + box["width"] + 1 and box["y"] - 1 <= top <= box["y"] + box["height"] + 1
        )


@pytest.mark.requirement("R5.3")
@pytest.mark.parametrize(("ratio", "least"), [(1, 14.0), (1.5, 14.0), (2, 14.0), (1, 5.0), (1.5, 26.0)])
def test_the_painted_mask_is_where_the_pixels_are(new_page: Any, ratio: float, least: float) -> None:
    """Zoomed in, the middle of every mask pixel is tinted and the middle of every other one is untouched."""
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app = new_page(device_scale_factor=ratio).open("blowhole")
    edge = x - 57 if least > 20 else x - 50, y
    app.zoom_to(*edge, least)
    bare = screenshot(app, edge, 160)
    zoom = app.view()["zoom"]
    span = min(10, int(150 / zoom))
    app.click(edge[0] + 8, edge[1])
    painted, mask = screenshot(app, edge, 160), app.mask()
    origin = app.screen(*edge)
    wrong = seen = 0
    for py in range(edge[1] - span, edge[1] + span + 1):
        for px in range(edge[0] - span, edge[0] + span + 1):
            around = mask[py - 1 : py + 2, px - 1 : px + 2]
            near_click = abs(px - edge[0] - 8) <= 3 and abs(py - edge[1]) <= 3
            if near_click or (0 < around.sum() < 9 and zoom < 12):
                continue
            left, top = app.screen(px, py)
            column = round((left - round(origin[0]) + 160) * ratio)
            row = round((top - round(origin[1]) + 160) * ratio)
            tinted = np.abs(painted[row, column] - bare[row, column]).max() > 8
            wrong += tinted != bool(mask[py, px])
            seen += 1
    whole = (2 * span + 1) ** 2
    shown = mask[edge[1] - span : edge[1] + span + 1, edge[0] - span : edge[0] + span + 1]
    assert 0 < shown.sum() < whole, "both kinds are in view"
    assert seen > 300 / 441 * whole and wrong <= 0.01 * seen, f"{wrong} of {seen} pixels painted wrongly"


def test_two_sizes_of_window_have_nothing_cut_off(new_page: Any) -> None:
    """At 1280 x 800 and 1920 x 1080 the page does not scroll and every control is inside the window."""
    for width, height in ((1280, 800), (1920, 1080)):
        app = new_page(viewport={"width": width, "height": height}).open("scratch")
        size = app.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        assert size[0] <= width and size[1] <= height
        for name in (
            "canvas",
            "mode-point",
            "mode-fixed-box",
            "undo",
            "redo",
            "export-button",
            "zoom-fit",
            "status-ms",
        ):
            box = app.id(name).bounding_box()
            assert box is not None and box["x"] >= 0 and box["y"] >= 0, name
            assert box["x"] + box["width"] <= width and box["y"] + box["height"] <= height, name
        app.page.close()
