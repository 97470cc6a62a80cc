"""The figures as a table and as JSON."""

from __future__ import annotations

from typing import Any

from segmark.evaluate.scores import Played, summary

COLUMNS = (
    "objects",
    "iou@1",
    "iou@2",
    "iou@3",
    "iou@5",
    "noc@80",
    "noc@85",
    "noc@90",
    "failures@90",
    "boundary_f@1",
    "seconds_a_click",
)


def report_of(played: list[tuple[str, Played]]) -> dict[str, Any]:
    """{"all": means over objects, "sets": by set, "mean_of_sets": of IoU}."""
    names = sorted({name for name, _ in played})
    sets = {name: summary([p for other, p in played if other == name]) for name in names}
    means = {
        key: round(sum(float(s[key]) for s in sets.values()) / len(sets), 4)
        for key in ("iou@1", "iou@2", "iou@3", "iou@5", "boundary_f@1")
        if sets
    }
    return {"all": summary([p for _, p in played]), "mean_of_sets": means, "sets": sets}


def table(title: str, report: dict[str, Any]) -> str:
    """A text table, the sets first, all objects last."""
    rows = [[title, *COLUMNS]]
    for name, figures in [*report["sets"].items(), ("all", report["all"])]:
        rows.append([name, *(_cell(figures.get(key, "")) for key in COLUMNS)])
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return "\n".join(
        "  ".join(c.ljust(w) if k == 0 else c.rjust(w) for k, (c, w) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    )


def _cell(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
