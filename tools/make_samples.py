"""Make the three sample images of the page and their true masks: `python tools/make_samples.py`.

Writes `site/samples/<id>.png` and `site/samples/samples.json` (shipped) and `tests/samples/<id>.mask.png`
(0 and 255; never shipped). The bytes depend on the seed alone; a test makes them again and compares.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from samples.png import encode_png
from samples.scenes import SEED, Sample, make_all

ROOT = Path(__file__).resolve().parent.parent


def index(samples: list[Sample]) -> str:
    """Return the text of samples.json: what the page needs to offer each sample."""
    rows = [
        {"id": s.id, "file": f"{s.id}.png", "width": s.pixels.shape[1], "height": s.pixels.shape[0], "hint": s.hint}
        for s in samples
    ]
    return json.dumps(rows, indent=2) + "\n"


def files(seed: int = SEED) -> dict[str, bytes]:
    """Return every file to write, by its path relative to the repository's root."""
    samples = make_all(seed)
    made = {"site/samples/samples.json": index(samples).encode()}
    for sample in samples:
        made[f"site/samples/{sample.id}.png"] = encode_png(sample.pixels)
        made[f"tests/samples/{sample.id}.mask.png"] = encode_png(sample.mask * 255)
    return made


def main() -> int:
    """Write the files, or with --check say which differ; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file differs")
    parser.add_argument("--root", type=Path, default=ROOT, help="where to write")
    args = parser.parse_args()
    stale = []
    for name, data in files().items():
        path = args.root / name
        if args.check:
            if not path.exists() or path.read_bytes() != data:
                stale.append(name)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        print(f"{name}: {len(data):,} bytes")
    for name in stale:
        print(f"differs from what the seed makes: {name}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
