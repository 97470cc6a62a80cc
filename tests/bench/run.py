"""`./build.sh bench`: kernels side by side in one run, click to painted mask, cold and warm start.

Prints medians and ratios, writes everything to `tests/bench/last.json`. Figures mean something on a quiet machine only.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent))

from measure import ROOT, click_to_paint, kernels_in_browser, kernels_native, single_starts, starts

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
COLUMNS = ("kernels", "scalar", "numpy", "cv2")


def median(figures: dict[str, Any], step: str, name: str) -> float | None:
    """Return a step's median in ms, or None if `name` cannot do that step."""
    entry = figures["steps"].get(step, {}).get(name)
    return None if entry is None else float(entry["median_ms"])


def kernel_rows(wasm: dict[str, Any], native: dict[str, Any]) -> list[list[str]]:
    """Return the table: one row a step, medians of each implementation in wasm and of our kernels native."""
    rows = [
        ["step (1024 x 1024 region), ms", *COLUMNS, "native", "numpy/ours", "cv2/ours", "scalar/ours", "native/ours"]
    ]
    for step in wasm["steps"]:
        times = {name: median(wasm, step, name) for name in COLUMNS} | {"native": median(native, step, "kernels")}
        rows.append([step, *_cells(times)])
    both = {name: _sum(median(wasm, "pre", name), median(wasm, "post", name)) for name in COLUMNS}
    both["native"] = _sum(median(native, "pre", "kernels"), median(native, "post", "kernels"))
    rows.append(["pre + post", *_cells(both)])
    return rows


def _sum(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a + b


def _cells(times: dict[str, float | None]) -> list[str]:
    ours = times["kernels"]
    cells = ["-" if times[name] is None else f"{times[name]:.3f}" for name in (*COLUMNS, "native")]
    for other in ("numpy", "cv2", "scalar", "native"):
        value = times[other]
        cells.append("-" if value is None or not ours else f"{value / ours:.2f}")
    return cells


def print_table(rows: list[list[str]]) -> None:
    """Print rows in aligned columns, the first one to the left."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(widths[0]) if i == 0 else cell.rjust(widths[i]) for i, cell in enumerate(row)))


def report(result: dict[str, Any]) -> None:
    """Print what was measured."""
    wasm, native = result["wasm"], result["native"]
    print(f"\nkernels in the browser: {wasm['backend']}, medians of {wasm['repeat']} interleaved rounds")
    print(f"kernels native: {native['backend']}")
    rows = kernel_rows(wasm, native)
    print_table(rows)
    print("goals for pre + post: numpy/ours >= 10, cv2/ours >= 3, native/ours >= 0.6")
    print(f"differences from our kernels: {wasm['differences']}")
    print("\nclick to painted mask, ms             p50     p95     low    high     n")
    for name in ("press_to_paint_ms", "network_ms", "beyond_the_network_ms"):
        _line(name, result["clicks"][name])
    print("\nstart, ms since navigation            p50     p95     low    high     n")
    for kind in result["starts"]:
        for name, figures in result["starts"][kind].items():
            _line(f"{kind} {name}", figures)


def _line(name: str, figures: dict[str, float]) -> None:
    cells = "".join(f"{figures[key]:8.1f}" for key in ("p50", "p95", "low", "high"))
    print(f"{name:34s}{cells}{figures['n']:6d}")


def measure_all(dist: Path, repeat: int) -> dict[str, Any]:
    """Run every measurement, one after the other, and return the figures."""
    from serve import serve
    from single import write_single

    executable = shutil.which("chromium")
    if executable is None:
        raise SystemExit("chromium is not on PATH: run ./build.sh setup first")
    result: dict[str, Any] = {"when": time.strftime("%Y-%m-%d %H:%M:%S"), "cpus": os.cpu_count()}
    result["load_before"] = os.getloadavg()[0]
    with serve(dist) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        result["browser"] = browser.version
        base = url.rstrip("/") + "/"
        for name, job in (
            ("wasm", lambda: kernels_in_browser(browser, base, repeat)),
            ("clicks", lambda: click_to_paint(browser, base)),
            ("starts", lambda: starts(browser, base)),
        ):
            print(f"measuring: {name} ...", flush=True)
            result[name] = job()
        print("measuring: the saved page ...", flush=True)
        result["starts"]["file"] = single_starts(browser, write_single(dist))  # goal: 8 s to a usable page
        browser.close()
    print("measuring: native ...", flush=True)
    result["native"] = kernels_native(repeat)
    return result


def main() -> int:
    """Measure, print, write; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", help="the built site")
    parser.add_argument("--repeat", type=int, default=31, help="rounds of each kernel step")
    parser.add_argument("--out", type=Path, default=ROOT / "tests/bench/last.json")
    args = parser.parse_args()
    if not (args.dist / "index.html").exists():
        print("there is no built site in dist/: run ./build.sh build first", file=sys.stderr)
        return 1
    result = measure_all(args.dist, args.repeat)
    args.out.write_text(json.dumps(result, indent=1) + "\n")
    report(result)
    print(f"\nload average before: {result['load_before']:.2f} on {result['cpus']} processors; all: {args.out.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
