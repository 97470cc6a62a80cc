"""Opening an image: picker, drop, paste, the sample buttons; and every file that must be refused."""

from __future__ import annotations

import base64
import re
from typing import Any

import inputs

DROP = """([name, kind, text]) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type: kind }));
  const target = document.querySelector("[data-testid=canvas]");
  const box = target.getBoundingClientRect();
  const at = { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 };
  for (const type of ["dragenter", "dragover", "drop"])
    target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data, ...at }));
}"""
TO_CLIPBOARD = """async (text) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  await navigator.clipboard.write([new ClipboardItem({ "image/png": new Blob([bytes], { type: "image/png" }) })]);
}"""


def small_photo(width: int = 320, height: int = 240) -> Any:
    """Return a piece of the blowhole sample with the pit in it, RGB."""
    pixels, _ = inputs.sample("blowhole")
    return pixels[200 : 200 + height, 400 : 400 + width]


def click_middle(app: Any) -> None:
    """Click the middle of the open image and see a mask."""
    image = app.image()
    app.click(image["width"] // 2, image["height"] // 2)
    assert app.mask().sum() > 0 and len(app.clicks()) == 1


def test_picker_drop_and_paste(new_page: Any) -> None:
    """Each way opens the very image that was given, and it answers clicks."""
    app = new_page(permissions=["clipboard-read", "clipboard-write"]).open("none")
    assert app.image() is None
    app.open_file("photo.jpg", inputs.encoded(small_photo(), ".jpg"), "image/jpeg")
    assert (app.image()["width"], app.image()["height"]) == (320, 240)
    click_middle(app)
    app.key("Escape")
    app.wait(lambda: app.draft() is None, "the draft given up")

    data = base64.b64encode(inputs.encoded(small_photo(300, 200), ".png")).decode()
    app.page.evaluate(DROP, ["dropped.png", "image/png", data])
    app.wait(lambda: app.image()["name"] == "dropped.png", "the dropped image")
    app.settle()
    assert (app.image()["width"], app.image()["height"]) == (300, 200)
    click_middle(app)
    app.key("Escape")
    app.wait(lambda: app.draft() is None, "the draft given up")

    app.page.evaluate(TO_CLIPBOARD, base64.b64encode(inputs.encoded(small_photo(280, 210), ".png")).decode())
    app.key("Control+v")
    app.wait(lambda: app.image()["width"] == 280, "the pasted image")
    app.settle()
    click_middle(app)


def test_sample_buttons(app: Any) -> None:
    """The first visit shows the scratch with one sentence; the other samples are a click away."""
    app.open()
    app.wait(lambda: app.image() is not None, "the scratch at first visit")
    pixels, _ = inputs.sample("scratch")
    assert (app.image()["height"], app.image()["width"]) == pixels.shape[:2]
    assert "scratch" in app.page.locator("body").inner_text().lower()
    other = app.id("sample-crack")
    if not other.is_visible():
        app.id("open-button").click()
    other.click()
    app.wait(lambda: app.image()["width"] == 1024, "the crack sample")


BAD = {
    "truncated.jpg": ("image/jpeg", inputs.truncated_jpeg),
    "empty.png": ("image/png", lambda: b""),
    "words.png": ("image/png", lambda: b"These are words, and no picture at all.\n" * 40),
    "huge.png": ("image/png", inputs.huge_png),
}


def test_bad_files_are_refused_in_words(app: Any) -> None:
    """A clear message each time; the open image, its draft and its annotations stay and go on working."""
    _, true = inputs.sample("blowhole")
    app.open("blowhole")
    middle = int(true.nonzero()[1].mean()), int(true.nonzero()[0].mean())
    app.click(*middle)
    app.confirm(3)
    app.click(*middle)
    before, image, finished = app.mask(), app.image(), app.annotations()
    assert len(finished) == 1
    messages = {}
    for name, (kind, make) in BAD.items():
        app.choose_file(name, make(), kind)
        app.id("error-banner").wait_for(state="visible", timeout=30_000)
        text = app.id("error-banner").inner_text().strip()
        assert len(text) > 15 and not re.search(r"error\.|image\.|undefined|null|Traceback|[{}]", text), text
        messages[name] = text
        assert app.image() == image and (app.mask() == before).all() and app.annotations() == finished, name
        app.id("error-dismiss").click()
        app.id("error-banner").wait_for(state="hidden")
    print(messages)
    assert len({text.replace(name, "") for name, text in messages.items()}) >= 3, "the messages tell the faults apart"
    app.click(middle[0] - 30, middle[1], positive=False)
    assert len(app.clicks()) == 2 and not (app.mask() == before).all()
