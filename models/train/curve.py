"""Draw a training log (JSON lines) as an SVG curve: `python -m models.train.curve LOG.jsonl` writes LOG.svg."""

from __future__ import annotations

import json
import sys
from pathlib import Path

WIDTH, HEIGHT, EDGE = 720, 320, 48
Row = dict[str, float]


def svg(rows: list[Row]) -> str:
    """Loss over minutes: each line of the log as a dot, a running mean, a rule where the image size changes."""
    if len(rows) < 2:
        raise ValueError("a curve needs two lines of log")
    last = max(r["minutes"] for r in rows)
    low, high = min(r["loss"] for r in rows), max(r["loss"] for r in rows)

    def at(minutes: float, loss: float) -> str:
        x = EDGE + minutes / last * (WIDTH - 2 * EDGE)
        return f"{x:.1f},{HEIGHT - EDGE - (loss - low) / (high - low or 1) * (HEIGHT - 2 * EDGE):.1f}"

    smooth, mean = [], rows[0]["loss"]
    for r in rows:
        mean = 0.85 * mean + 0.15 * r["loss"]
        smooth.append(at(r["minutes"], mean))
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif">']
    out.append(f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>')
    for r in rows:
        x, y = at(r["minutes"], r["loss"]).split(",")
        out.append(f'<circle cx="{x}" cy="{y}" r="1.6" fill="#9bb"/>')
    out.append(f'<polyline points="{" ".join(smooth)}" fill="none" stroke="#06c" stroke-width="2"/>')
    out += _changes(rows, last)
    for value in (low, high):
        y = at(0, value).split(",")[1]
        out.append(f'<text x="4" y="{y}" font-size="12">{value:.2f}</text>')
    out.append(f'<text x="{EDGE}" y="{HEIGHT - 12}" font-size="12">loss over minutes (0 to {last:.0f})</text></svg>')
    return "\n".join(out) + "\n"


def _changes(rows: list[Row], last: float) -> list[str]:
    out = []
    for before, after in zip([None, *rows[:-1]], rows, strict=True):
        if before is None or before["size"] != after["size"]:
            x = EDGE + after["minutes"] / last * (WIDTH - 2 * EDGE)
            out.append(f'<line x1="{x:.1f}" y1="{EDGE}" x2="{x:.1f}" y2="{HEIGHT - EDGE}" stroke="#bbb"/>')
            out.append(f'<text x="{x + 4:.1f}" y="{EDGE - 8}" font-size="12">{after["size"]:.0f} px</text>')
    return out


def main() -> None:
    """Command line."""
    path = Path(sys.argv[1])
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    path.with_suffix(".svg").write_text(svg(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
