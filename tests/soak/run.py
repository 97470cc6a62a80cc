"""./build.sh soak NAME [COUNT [SEED]]: long runs that are too much for every day."""

from __future__ import annotations

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "py"), str(ROOT / "tests" / "soak")]

import fuzz_files  # noqa: E402

EVERY = 5_000


def fuzz(count: int = 100_000, seed: int = 1) -> None:
    """Read broken files; prints how each ended, fails at the first that ends in anything but a clear error."""
    begun = time.monotonic()

    def tell(done: int, _code: str) -> None:
        if done % EVERY == 0:
            print(f"[soak] fuzz: {done} of {count}, {time.monotonic() - begun:.0f} s", flush=True)

    met = fuzz_files.run(count, seed, tell)
    for code, times in sorted(met.items(), key=lambda entry: -entry[1]):
        print(f"[soak] {times:8d}  {code}")


RUNS = {"fuzz": fuzz}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in RUNS:
        sys.exit(f"[soak] which one? {', '.join(RUNS)}")
    RUNS[sys.argv[1]](*map(int, sys.argv[2:]))
