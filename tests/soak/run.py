"""./build.sh soak NAME [COUNT [SEED]]: long runs that are too much for every day."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / folder) for folder in ("py", "tools", "tests/soak", "tests/e2e")]

import fuzz_files  # noqa: E402

EVERY = 5_000
KILLS_A_PROFILE = 50


def fuzz(count: int = 100_000, seed: int = 1) -> None:
    """Read broken files; prints how each ended, fails at the first that ends in anything but a clear error."""
    begun = time.monotonic()

    def tell(done: int, _code: str) -> None:
        if done % EVERY == 0:
            print(f"[soak] fuzz: {done} of {count}, {time.monotonic() - begun:.0f} s", flush=True)

    met = fuzz_files.run(count, seed, tell)
    for code, times in sorted(met.items(), key=lambda entry: -entry[1]):
        print(f"[soak] {times:8d}  {code}")


def kill(count: int = 1_000, seed: int = 1) -> None:
    """Kill page and browser in the middle of random work; fails at the first that loses what was acknowledged."""
    from kills import Killer  # needs a browser; the others do not
    from playwright.sync_api import sync_playwright
    from serve import serve

    begun = time.monotonic()
    done = 0
    with serve(ROOT / "dist") as url, sync_playwright() as playwright:
        while done < count:  # a new profile now and then: a journal of one image grows without end
            batch = min(KILLS_A_PROFILE, count - done)
            with tempfile.TemporaryDirectory(prefix="segmark-kill-") as folder:
                killer = Killer(playwright.chromium, url.rstrip("/") + "/", Path(folder), seed + done)
                killer.run(batch)
            done += batch
            told = f"{done} of {count}, a journal of {killer.most} entries"
            print(f"[soak] kill: {told}, {time.monotonic() - begun:.0f} s", flush=True)


def clicks(count: int = 10_000) -> None:
    """Click and give up, `count` times: the test of the page's memory, longer."""
    command = [sys.executable, "-m", "pytest", "-q", "tests/e2e/test_memory.py"]
    sys.exit(subprocess.run(command, cwd=ROOT, env=os.environ | {"SEGMARK_CLICKS": str(count)}, check=False).returncode)


RUNS = {"fuzz": fuzz, "kill": kill, "clicks": clicks}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in RUNS:
        sys.exit(f"[soak] which one? {', '.join(RUNS)}")
    RUNS[sys.argv[1]](*map(int, sys.argv[2:]))
