"""What must not grow with the work: side by side in one run, as ratios. `python tests/bench/must_hold.py [frames|size|apart]`."""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from measure import ROOT, inputs, new_app  # first: it says where the next ones are
from playwright.sync_api import Browser, sync_playwright

import numpy as np  # isort: skip
from launch import FLAGS  # isort: skip
from many import COUNTING, coco_of_many, frames_of_a_hand, p95  # isort: skip
from serve import serve  # isort: skip

ROUNDS = 3
CLICKS = 9
COUNT = 1000


def frames(browser: Browser, url: str) -> None:
    """p95 of a frame of pan and zoom with 1,000 annotations and with none, rounds interleaved."""
    picture = inputs.encoded(inputs.sample("blowhole")[0], ".png")
    apps = []
    for count in (0, COUNT):
        app = new_app(browser, url)
        app.page.add_init_script(COUNTING)
        app.open("none")
        app.open_file("many.png", picture)
        image = app.image() or {}
        if count:
            app.import_file("many.json", coco_of_many("many.png", (image["width"], image["height"]), count))
            app.wait(lambda app=app: len(app.annotations()) == COUNT, "all annotations", 120)
        app.settle(120)
        apps.append(app)
    took: list[list[float]] = [[], []]
    for _ in range(ROUNDS):
        for app, kept in zip(apps, took, strict=True):
            app.page.bring_to_front()
            app.id("zoom-fit").click()
            kept.append(p95(frames_of_a_hand(app), 0))
    none, many = map(statistics.median, took)
    print(f"p95 of a frame: {none:.1f} ms with none, {many:.1f} ms with {COUNT}: ratio {many / none:.2f} (goal 1.5)")


def size(browser: Browser, url: str, is_far: bool = False) -> None:
    """Click to painted mask in a fixed box, on 1 and on 100 megapixels, clicks interleaved; medians.

    With `is_far` the mask has a part in the image's corner already, and each click adds a box to it.
    """
    tile = inputs.sample("blowhole")[0][:500, :500]
    apps: list[Any] = []
    with tempfile.TemporaryDirectory() as folder:
        for side in (1000, 10_000):
            path = Path(folder) / f"{side}.jpg"
            path.write_bytes(inputs.encoded(np.tile(tile, (side // 500, side // 500, 1)), ".jpg", 80))
            app = new_app(browser, url).open("none")
            app.id("file-input").set_input_files(path)
            app.wait(lambda app=app, side=side: (app.image() or {}).get("width") == side, "the image", 120)
            app.settle(120)
            app.key("f")
            app.wait(lambda app=app: app.state()["mode"]["kind"] == "fixed_box", "fixed-box mode")
            if is_far:
                app.key("t")
                app.wait(lambda app=app: app.state()["mode"]["follow"], "boxes that follow")
                app.click(side // 10, side // 10)
            app.zoom_to(side // 2 + 60, side // 2 + 60, 1.0)
            apps.append((app, side))
        for k in range(CLICKS + 1):
            for app, side in apps:
                app.page.bring_to_front()
                app.click(side // 2 + 40 + 7 * k, side // 2 + 40 + 5 * k)
    told = [
        [row["press_ms_to_paint"] for row in app.page.evaluate("window.segmark.timings")][-CLICKS:] for app, _ in apps
    ]
    small, large = map(statistics.median, told)
    ratio = large / small
    what = "click to mask in a box" + (", the mask's first part far away" if is_far else "")
    print(f"{what}: {small:.0f} ms on 1 MP, {large:.0f} ms on 100 MP: ratio {ratio:.2f} (goal 1.2)")


def apart(browser: Browser, url: str) -> None:
    """The same with a part of the mask far away: the box round both is half as high and wide as the image."""
    size(browser, url, is_far=True)


def main() -> None:
    jobs = {"frames": frames, "size": size, "apart": apart}
    with serve(ROOT / "dist") as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name in sys.argv[1:] or list(jobs):
            jobs[name](browser, url.rstrip("/") + "/")
        browser.close()


if __name__ == "__main__":
    main()
