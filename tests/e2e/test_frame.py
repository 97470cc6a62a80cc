"""What stands round the image: the status line, the diagnostics, nothing that jumps; and the image's pixels, crisp."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import inputs
from robot import next_click

PLACES = """() => Object.fromEntries([...document.querySelectorAll("header, aside, main, footer, #stage, [data-testid^=status-]")]
  .filter((node) => node.checkVisibility() && node.id !== "status-message")
  .map((node, index) => {
    const { x, y, width, height } = node.getBoundingClientRect();
    return [`${index} ${node.tagName} ${node.id}`, node.matches(".status-item") ? [y, height] : [x, y, width, height]];
  }))"""
# Places in one row of the image's canvas, a whole number of its pixels to each of the image, where the colour changes.
CHANGES = """() => {
  const canvas = document.getElementById("layer-image");
  const row = canvas.getContext("2d").getImageData(0, canvas.height >> 1, canvas.width, 1).data;
  const changes = [];
  for (let x = 1; x < canvas.width; x += 1) if ([0, 1, 2].some((c) => row[4 * x + c] !== row[4 * x - 4 + c])) changes.push(x);
  return changes;
}"""


def test_diagnostics_are_in_the_clipboard(new_page: Any, dist: Path) -> None:
    """Build, browser and the last error, as text for a bug report."""
    app = new_page(permissions=["clipboard-read", "clipboard-write"]).open("blowhole")
    app.choose_file("empty.png", b"")
    app.id("error-banner").wait_for(state="visible")
    app.id("diagnostics-copy").click()
    app.wait(lambda: app.id("status-message").inner_text(), "the page to say that it is copied")
    text = app.page.evaluate("navigator.clipboard.readText()")
    assert json.loads((dist / "build.json").read_text())["build"] in text
    assert app.page.evaluate("navigator.userAgent") in text
    assert "image.empty" in text.split("errors:")[1]


def test_nothing_jumps(app: Any) -> None:
    """Toolbar, panels and status line stay where they are through a click, a confirm and a change of language."""
    _, true = inputs.sample("blowhole")
    app.open("blowhole")
    before = app.page.evaluate(PLACES)
    assert len(before) > 8
    app.click(*next_click(true, None))
    assert app.page.evaluate(PLACES) == before, "a click"
    app.confirm(digit=3)
    app.settle()
    assert app.page.evaluate(PLACES) == before, "a confirm"
    app.id("language").click()
    app.wait(lambda: app.page.evaluate("document.documentElement.lang") == "zh-CN", "Chinese")
    assert app.page.evaluate(PLACES) == before, "another language"


def test_the_status_line_names_network_and_size(app: Any) -> None:
    app.open("blowhole")
    image, model = app.image(), app.state()["model"]
    assert app.id("status-size").inner_text() == f"{image['width']} × {image['height']} px"
    shown = app.id("status-model")
    assert shown.inner_text() and model["name"].lower() in (shown.get_attribute("title") or "").lower()


def test_image_pixels_are_crisp(app: Any) -> None:
    """At 8 times and more every pixel of the image is one square of one colour: the colour changes only at its edges."""
    app.open("blowhole")
    app.zoom_to(450, 350, 8.0)
    app.frames()
    view = app.view()
    changes = app.page.evaluate(CHANGES)
    assert len(changes) > 20, "there is something to see"
    off = [(x - view["panX"]) / view["zoom"] for x in changes]
    assert all(abs(at - round(at)) * view["zoom"] <= 1 for at in off), "a colour between two pixels"
