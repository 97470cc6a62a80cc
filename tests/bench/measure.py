"""What is measured in the browser: kernels inside wasm, click to paint, cold and warm start."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tools")]

import inputs  # noqa: E402
from page_object import SegmarkPage  # noqa: E402
from robot import next_click  # noqa: E402

CLICKS = 36
STARTS = 5


def new_app(browser: Browser, url: str, *scripts: str) -> SegmarkPage:
    """Return a page in a fresh context (nothing cached), with the harness's scripts before its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
    context.set_default_timeout(60_000)
    context.add_init_script(path=str(ROOT / "tests/e2e/tap.js"))
    for script in scripts:
        context.add_init_script(path=str(HERE / script))
    return SegmarkPage(context.new_page(), url)


def quartiles(values: list[float]) -> dict[str, float]:
    """Return median, p95, lowest and highest of `values`, rounded to 0.1."""
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    figures = {"p50": statistics.median(ordered), "p95": p95, "low": ordered[0], "high": ordered[-1]}
    return {name: round(value, 1) for name, value in figures.items()} | {"n": len(ordered)}


def kernels_in_browser(browser: Browser, url: str, repeat: int) -> dict[str, Any]:
    """Return `bench.run`'s figures from inside the page's Python worker."""
    app = new_app(browser, url).open("none")
    ask = "([name, repeat]) => window.segmark.debug.bench(name, repeat)"
    app.page.evaluate(ask, ["kernels", 1])  # fetches OpenCV, to compare with
    app.page.wait_for_timeout(2000)
    figures = dict(app.page.evaluate(ask, ["kernels", repeat]))
    app.page.context.close()
    return figures


def kernels_native(repeat: int) -> dict[str, Any]:
    """Return the same figures from this machine's own Python, with the natively built kernels."""
    path = os.environ.get("PYTHONPATH", "")
    env = os.environ | {"PYTHONPATH": f"{ROOT / 'py'}{os.pathsep}{path}" if path else str(ROOT / "py")}
    command = [sys.executable, "-m", "segmark.bench", str(repeat)]
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=True)
    return dict(json.loads(done.stdout))


def click_to_paint(browser: Browser, url: str) -> dict[str, Any]:
    """Return milliseconds from press to painted mask over `CLICKS` clicks on the samples, and the part beyond the net.

    Three clicks to a draft, as in real work: the later ones carry a previous mask and more points. Measured once the first
    visit's own work (keeping every part for offline use) is over: it takes a processor, and comes once.
    """
    app = new_app(browser, url).open("none")
    state = "document.querySelector('[data-testid=status-offline]').dataset.state"
    app.wait(lambda: app.page.evaluate(state) == "ready", "all parts kept", 60)
    rows: list[dict[str, float]] = []
    for name in inputs.SAMPLES:
        _, true = inputs.sample(name)
        app.open(name)
        app.page.wait_for_timeout(4000)
        for _ in range(CLICKS // (3 * len(inputs.SAMPLES))):
            for step in range(3):
                app.click(*next_click(true, app.mask() if step else None, app.clicks()))
            app.key("Escape")
            app.wait(lambda: app.draft() is None, "the draft given up")
        app.page.wait_for_timeout(100)
        runs = app.page.evaluate("window.segmark.timings")
        rows += [{key: value for key, value in row.items() if isinstance(value, int | float)} for row in runs]
    app.page.context.close()
    total = [row["press_ms_to_paint"] for row in rows]
    network = [row.get("network_ms", 0.0) for row in rows]
    return {
        "press_to_paint_ms": quartiles(total),
        "network_ms": quartiles(network),
        "beyond_the_network_ms": quartiles([a - b for a, b in zip(total, network, strict=True)]),
        "rows": rows,
    }


def one_start(app: SegmarkPage, url: str) -> dict[str, float]:
    """Go to the page, click as soon as it answers; return ms from navigation to usable and to the first mask."""
    x, y, _ = next_click(inputs.sample("scratch")[1], None)
    app.page.goto(url + "?sample=scratch")
    app.wait(lambda: app.page.evaluate("window.segmarkReadyAt ?? 0") and app.image(), "a usable page", 120)
    left, top = app.screen(x, y)
    app.page.mouse.click(left, top)
    app.wait(lambda: app.page.evaluate("window.segmark.timings.length"), "the first mask", 120)
    ready = float(app.page.evaluate("window.segmarkReadyAt"))
    first = app.page.evaluate("window.segmark.timings[0]")
    app.key("Escape")  # the journal would bring the draft back, and the next start's click would hit its marker
    app.wait(lambda: app.draft() is None, "the draft given up")
    return {"usable_ms": ready, "first_mask_ms": ready + float(first["press_ms_to_paint"])}


def starts(browser: Browser, url: str) -> dict[str, Any]:
    """Return cold starts (a fresh context each: nothing cached), second visits, and warm ones.

    On the second visit Python's memory and all parts are kept, on later ones the browser has the compiled code too.
    """
    rows: dict[str, list[dict[str, float]]] = {"cold": [], "second": [], "warm": []}
    for _ in range(STARTS):
        app = new_app(browser, url, "ready.js")
        for visit in rows.values():
            visit.append(one_start(app, url))
            app.page.wait_for_timeout(5000)  # the parts, the memory and the code are being kept
        app.page.context.close()
    return {name: summary(visits) for name, visits in rows.items()}


def single_starts(browser: Browser, file: Path) -> dict[str, Any]:
    """Return starts of the saved page from disk, each in a fresh context."""
    rows = []
    for _ in range(STARTS):
        app = new_app(browser, file.as_uri(), "ready.js")
        rows.append(one_start(app, file.as_uri()))
        app.page.context.close()
    return summary(rows)


def summary(visits: list[dict[str, float]]) -> dict[str, Any]:
    """Return the quartiles of each figure of some starts."""
    return {key: quartiles([row[key] for row in visits]) for key in ("usable_ms", "first_mask_ms")}
