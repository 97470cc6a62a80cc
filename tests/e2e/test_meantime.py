"""What is done in the moment in which another image is being opened means the image that is still shown, or nothing (R8.3)."""

from __future__ import annotations

from typing import Any

import inputs
import pytest
from test_kept import area, plate_with_strokes, saved, stroke

#: As soon as Python has been asked to open an image, and before it answers, a key is pressed.
UNDO_IN_THE_MEANTIME = """() => {
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...rest) {
    post.call(this, message, ...rest);
    if (message?.method !== "image.open") return;
    Worker.prototype.postMessage = post;
    const key = { key: "z", code: "KeyZ", ctrlKey: true, bubbles: true };
    document.querySelector('[data-testid="canvas"]').dispatchEvent(new KeyboardEvent("keydown", key));
  };
}"""


@pytest.mark.requirement("R8.3")
def test_an_undo_while_another_image_opens_takes_nothing_from_it(app: Any) -> None:
    plate_with_strokes(app)
    app.open_file("zwei.png", inputs.encoded(inputs.sample("crack")[0], ".png"))
    for k in (1, 2):
        stroke(app, k)
    saved(app)
    painted = area(app)
    app.id("image-tile").first.click()
    app.wait(lambda: (app.image() or {}).get("name") == "plate.png", "the other image")
    app.settle()
    assert area(app) > 0 and app.state()["history"]["undo"] is not None
    app.page.evaluate(UNDO_IN_THE_MEANTIME)
    app.id("image-tile").nth(1).click()
    app.wait(lambda: (app.image() or {}).get("name") == "zwei.png", "the image with two strokes")
    app.settle()
    assert area(app) == painted
    assert "zwei.png was opened in the meantime" in app.id("status-message").inner_text()
