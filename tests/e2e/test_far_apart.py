"""A mask whose parts are far apart on a large image: told and drawn piece by piece, yet painted where its pixels are."""

from __future__ import annotations

import base64
from typing import Any

import inputs
import numpy as np
import numpy.typing as npt
import pytest

WIDTH, HEIGHT = 4000, 3000
READ = """() => {
  const { width, height } = document.getElementById("layer-masks");
  const context = document.getElementById("layer-masks").getContext("2d");
  const alpha = context.getImageData(0, 0, width, height).data.filter((_, k) => k % 4 === 3);
  let text = "";
  for (let i = 0; i < alpha.length; i += 32768) text += String.fromCharCode(...alpha.subarray(i, i + 32768));
  return { width, height, alpha: btoa(text) };
}"""


def stroke(app: Any, *path: tuple[int, int]) -> None:
    """Draw with the left button down from pixel to pixel; wait until Python has answered."""
    before = app.state()["revision"]
    app.page.mouse.move(*app.screen(*path[0]))
    app.page.mouse.down()
    for place in path:
        app.page.mouse.move(*app.screen(*place))
    app.page.mouse.up()
    app.wait(lambda: app.state()["revision"] > before, "any answer to the stroke")
    app.settle()


def seen_rightly(app: Any, sums: npt.NDArray[np.int64]) -> tuple[int, int]:
    """Check the layer of masks against the mask's running sums -> how many device pixels were surely in, surely out.

    Device pixels too near the mask's edge to say are left out: there zoom and smoothing decide.
    """
    app.frames()
    layer, view = app.page.evaluate(READ), app.view()
    alpha = np.frombuffer(base64.b64decode(layer["alpha"]), np.uint8).reshape(layer["height"], layer["width"])
    reach = (3 if view["zoom"] < 1 else 1) / view["zoom"]

    def span(count: int, pan: float, most: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        middle = (np.arange(count) + 0.5 - pan) / view["zoom"]
        ends = np.floor(middle - reach), np.ceil(middle + reach)
        return ends[0].clip(0, most).astype(np.int64), ends[1].clip(0, most).astype(np.int64)

    x0, x1 = span(layer["width"], view["panX"], WIDTH)
    y0, y1 = (ends[:, np.newaxis] for ends in span(layer["height"], view["panY"], HEIGHT))
    inside = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
    full = (x1 - x0) * (y1 - y0)
    beyond = (x0 == 0) | (y0 == 0) | (x1 == WIDTH) | (y1 == HEIGHT)  # the image's border cuts the neighbourhood off
    is_in, is_out = (inside == full) & ~beyond, (inside == 0) & ~beyond
    assert np.abs(alpha[is_in].astype(int) - 97).max(initial=0) <= 3, f"a gap in the mask at {view}"
    assert alpha[is_out].max(initial=0) == 0, f"something beside the mask at {view}"
    return int(is_in.sum()), int(is_out.sum())


@pytest.mark.requirement("R5.3")
def test_parts_far_apart_are_painted_where_their_pixels_are(app: Any) -> None:
    """Two dabs in opposite corners and a line across, at every zoom and while the view moves on."""
    app.open("none")
    app.open_file("grey.png", inputs.encoded(np.full((HEIGHT, WIDTH, 3), 120, np.uint8), ".png"), patience_s=60)
    app.page.locator("#show-outline").uncheck()
    app.key("b")
    app.id("brush-size").fill("160")
    app.key("Enter")
    for dab in ((200, 200), (3800, 2800)):
        stroke(app, dab)
    stroke(app, (700, 600), (3300, 2400))
    mask = app.mask()
    assert mask[200, 200] and mask[2800, 3800] and mask[1500, 2000] and mask.sum() < 0.1 * mask.size
    sums = np.pad(mask.cumsum(axis=0, dtype=np.int64).cumsum(axis=1), ((1, 0), (1, 0)))
    assert min(seen_rightly(app, sums)) > 500, "the whole image in view"
    for place in ((279, 200), (2045, 1434), (3721, 2800)):  # on the edge of each
        app.id("zoom-fit").click()
        for least in (0.3, 0.45, 0.8, 1.0, 1.7, 5.0, 14.0):
            app.zoom_to(*place, least)
            assert min(seen_rightly(app, sums)) > 500, (place, least)
    app.id("zoom-fit").click()
    app.zoom_to(2000, 1500, 0.8)
    left, top = app.screen(2000, 1500)
    for _ in range(6):  # along the line, further each time than what was laid out reaches
        app.page.mouse.move(left, top)
        app.page.mouse.down(button="middle")
        app.page.mouse.move(left - 130, top - 90, steps=3)
        app.page.mouse.up(button="middle")
        assert min(seen_rightly(app, sums)) > 500, "while panning"
