"""What a test does with the page, in a person's words: click this image pixel, press Enter, read the mask.

Everything a person does is a real mouse or keyboard event. Only reading goes through `window.segmark`, the
exported files, and the copy of the worker's masks that `tap.js` keeps.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from playwright.sync_api import FilePayload, Locator, Page

Mask = npt.NDArray[np.uint8]
PATIENCE_S = 30.0
READ_MASK = """(which) => {
  const tap = window.segmarkTap;
  const entry = which === null ? tap.draft : tap.annotations[which];
  if (!entry) return null;
  const bytes = new Uint8Array(entry.runs.buffer);
  let text = "";
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return btoa(text);
}"""

WORDS = """() => {
  const { phase, ready } = document.documentElement.dataset;
  const text = (id) => document.querySelector(`[data-testid=${id}]`)?.textContent;
  const said = [text("status-message"), text("error-banner")];
  return { phase, ready, said, state: window.segmark?.state?.() };
}"""


def pixels_of_runs(runs: npt.NDArray[np.int32], shape: tuple[int, int]) -> Mask:
    """A mask as the page gets it, int32 (n * 3) of y, x0, x1, laid out: uint8 (height, width) 0/1."""
    whole = np.zeros(shape, np.uint8)
    for y, x0, x1 in runs.reshape(-1, 3).tolist():
        whole[y, x0:x1] = 1
    return whole


@dataclass(frozen=True)
class Download:
    """A file the page gave to save."""

    name: str
    data: bytes


class SegmarkPage:
    """One open page of the built `dist/`."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    # -- opening ---------------------------------------------------------------------------------------------------

    def open(self, sample: str | None = None, *, patience_s: float = 60.0) -> SegmarkPage:
        """Go to the page (with `?sample=` if given) and wait until the first click can be answered."""
        self.page.goto(self.url + (f"?sample={sample}" if sample else ""))
        self.wait(self.is_ready, "ready", patience_s)
        if sample and sample != "none":
            # a sample that came only after Python was ready is in Python's state before it is on the page
            self.wait(lambda: self.image() is not None and self.is_ready(), f"the sample {sample} to be open")
        return self

    def is_ready(self) -> bool:
        """Python and the network are there, and no image is on its way in."""
        return bool(self.page.evaluate("document.documentElement.dataset.ready") == "true")

    def choose_file(self, name: str, data: bytes, kind: str = "image/png") -> None:
        """Give a file to the picker."""
        payload: FilePayload = {"name": name, "mimeType": kind, "buffer": data}
        self.id("file-input").set_input_files(payload)

    def open_file(self, name: str, data: bytes, kind: str = "image/png", *, patience_s: float = PATIENCE_S) -> None:
        """Give a file to the picker and wait until that image is open."""
        self.choose_file(name, data, kind)
        # Python's state names the image before the page shows it: a key or a press between the two would be lost
        self.wait(
            lambda: (self.image() or {}).get("name") == name and self.unanswered() == 0,
            f"{name} to be open",
            patience_s,
        )

    # -- reading ---------------------------------------------------------------------------------------------------

    def id(self, test_id: str) -> Locator:
        return self.page.get_by_test_id(test_id)

    def state(self) -> dict[str, Any]:
        """Return the page's read-only mirror of the document."""
        return dict(self.page.evaluate("window.segmark.state()"))

    def image(self) -> dict[str, Any] | None:
        return self.page.evaluate("(window.segmark?.state?.() ?? {}).image ?? null")

    def draft(self) -> dict[str, Any] | None:
        return self.page.evaluate("window.segmark.state().draft ?? null")

    def annotations(self) -> list[dict[str, Any]]:
        return list(self.state()["annotations"])

    def clicks(self) -> list[tuple[int, int, bool]]:
        """Return the draft's clicks as the document holds them: (x, y, is_positive)."""
        draft = self.draft()
        return [(c["x"], c["y"], c["is_positive"]) for c in draft["clicks"]] if draft else []

    def notices(self) -> list[str]:
        """Return the codes of the notices that came from Python, oldest first."""
        return [notice["code"] for notice in self.page.evaluate("window.segmarkTap.notices")]

    def mask(self, annotation: int | None = None) -> Mask:
        """Return the draft's (or an annotation's) mask over the whole image, uint8 (height, width) 0/1."""
        image = self.image()
        assert image is not None
        runs = base64.b64decode(self.page.evaluate(READ_MASK, annotation) or "")
        return pixels_of_runs(np.frombuffer(runs, np.int32), (image["height"], image["width"]))

    def unanswered(self) -> int:
        """How many requests Python has not answered yet."""
        return int(self.page.evaluate("window.segmark.unanswered()"))

    def wait(self, ready: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
        """Ask `ready` until it says something true; return that. (The CSP forbids Playwright's wait_for_function.)"""
        end = time.monotonic() + patience_s
        while True:
            answer = ready()
            if answer:
                return answer
            if time.monotonic() > end:
                raise AssertionError(f"waited {patience_s:.0f} s in vain for {what}; state: {self.page_words()}")
            self.page.wait_for_timeout(25)

    def page_words(self) -> str:
        """Return what the page says at this moment, for a failure's message."""
        return json.dumps(self.page.evaluate(WORDS))[:1500]

    def model_choices(self) -> list[str]:
        """The values of the model menu, in its order."""
        return list(
            self.page.evaluate("[...document.querySelector('#model-select').options].map(({ value }) => value)")
        )

    def settle(self, patience_s: float = PATIENCE_S) -> None:
        """Wait until every message sent has been answered and no inference is under way."""
        quiet = {"count": 0, "revision": -1}

        def is_quiet() -> bool:
            state = self.state()
            same = state["revision"] == quiet["revision"] and not state["busy"]
            same = same and self.unanswered() == 0
            quiet["count"] = quiet["count"] + 1 if same else 0
            quiet["revision"] = state["revision"]
            return quiet["count"] >= 3

        self.wait(is_quiet, "quiet", patience_s)

    def frames(self) -> None:
        """Wait until the page has drawn, with what it does in a frame that was asked for already."""
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    # -- acting ----------------------------------------------------------------------------------------------------

    def screen(self, x: float, y: float) -> tuple[float, float]:
        """Return where the centre of image pixel (x, y) is on the screen, in CSS pixels."""
        script = "([x, y]) => { const p = window.segmark.toScreen(x, y); return [p.x, p.y]; }"
        left, top = self.page.evaluate(script, [x + 0.5, y + 0.5])
        return float(left), float(top)

    def under(self, left: float, top: float) -> tuple[float, float]:
        """Return the image position (continuous) under a screen position: toScreen turned round."""
        (x0, y0), (x1, y1) = self.screen(-0.5, -0.5), self.screen(0.5, 0.5)
        return (left - x0) / (x1 - x0), (top - y0) / (y1 - y0)

    def view(self) -> dict[str, float]:
        return dict(self.page.evaluate("window.segmark.imageView()"))

    def click(self, x: int, y: int, positive: bool = True, *, wait: bool = True) -> None:
        """Click image pixel (x, y): left button for positive, right for negative; wait for the answer."""
        before = self.state()["revision"]
        left, top = self.screen(x, y)
        self.page.mouse.move(left, top)
        self.page.mouse.click(left, top, button="left" if positive else "right")
        if wait:
            self.wait(lambda: self.state()["revision"] > before, f"any answer to the click at {x}, {y}")
            self.settle()

    def zoom_to(self, x: int, y: int, least: float) -> None:
        """Turn the wheel at image pixel (x, y) until one image pixel is at least `least` CSS pixels wide."""
        for _ in range(80):
            if self.view()["zoom"] >= least:
                return
            self.page.mouse.move(*self.screen(x, y))
            self.page.mouse.wheel(0, -120)
            self.page.wait_for_timeout(30)
        raise AssertionError(f"the wheel does not reach a zoom of {least}: {self.view()}")

    def key(self, keys: str) -> None:
        self.page.keyboard.press(keys)

    def step(self, keys: str = "Control+z") -> None:
        """Press keys that change the document (undo, unless others are given) and wait until the change is whole."""
        before = self.state()["revision"]
        self.key(keys)
        self.wait(lambda: self.state()["revision"] > before, f"any answer to {keys}")
        self.settle()

    def confirm(self, digit: int | None = None) -> None:
        """Finish the draft from the keyboard: Enter, then the class by its digit or Enter for the one selected."""
        self.key("Enter")
        self.id("class-palette").wait_for(state="visible")
        self.key(str(digit) if digit else "Enter")
        self.wait(lambda: self.draft() is None, "the draft to become annotations")

    def open_export(self) -> None:
        """Open the export dialog by its menu."""
        self.id("export-button").click()
        self.id("export-open").click()
        self.id("export-dialog").wait_for(state="visible")

    def export(self, format_id: str) -> Download:
        """Choose a format in the export dialog and save."""
        self.open_export()
        self.id(f"export-{format_id}").click()
        with self.page.expect_download() as waiting:
            self.id("export-write").click()
        download = waiting.value
        self.id("export-dialog").wait_for(state="hidden")
        return Download(download.suggested_filename, download.path().read_bytes())

    def export_coco(self) -> dict[str, Any]:
        """Save the COCO JSON and return it read."""
        return dict(json.loads(self.export("coco").data))

    def export_png(self) -> bytes:
        """Save the PNG of class numbers and return its bytes."""
        return self.export("class_png").data

    def choose_import(self, name: str, data: bytes) -> None:
        """Give a file to the import menu."""
        self.choose_imports({name: data})

    def choose_imports(self, files: dict[str, bytes]) -> None:
        """Give several files to the import menu."""
        self.id("export-button").click()
        with self.page.expect_file_chooser() as chooser:
            self.id("import-open").click()
        chooser.value.set_files(
            [{"name": k, "mimeType": "application/octet-stream", "buffer": data} for k, data in files.items()]
        )

    def import_file(self, name: str, data: bytes) -> list[str]:
        """Import a file by the menu, read the report and close it."""
        self.choose_import(name, data)
        return self.read_report()

    def read_report(self) -> list[str]:
        """Return the lines of the import report and close it."""
        self.id("report").wait_for(state="visible")
        lines = self.id("report").locator("li").all_inner_texts()
        self.id("report-close").click()
        return lines
