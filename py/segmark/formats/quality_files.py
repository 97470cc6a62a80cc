"""The quality report as files: a table of what was found (CSV), or that and the statistics (JSON)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from segmark.document import Document, ImageRecord
from segmark.formats.item import File, Item
from segmark.formats.measure import plain
from segmark.quality import Report, Rules, Tally, report

_COLUMNS = ["image", "annotation", "class", "finding", "other", "value"]


class _QualityWriter:
    """Collects the images; looks at them when the last one is there."""

    def __init__(self) -> None:
        self._pairs: list[tuple[ImageRecord, Document]] = []
        self._rules = Rules()

    def add(self, item: Item) -> Iterable[File]:
        self._rules = Rules(tiny_px=item.options.tiny_px)
        self._pairs.append((item.image, item.chosen))
        return ()

    def _report(self) -> Report:
        return report(self._pairs, self._rules)


class QualityCsvWriter(_QualityWriter):
    """``quality.csv``: a row a finding (`quality.Finding` says what ``value`` is)."""

    def finish(self) -> Iterable[File]:
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(_COLUMNS)
        for f in self._report().findings:
            rows.writerow([plain(f.name), f.annotation, plain(f.label), f.kind, f.other or "", f.value])
        yield File("quality.csv", text.getvalue().encode("utf-8-sig", errors="replace"))


class QualityJsonWriter(_QualityWriter):
    """``quality.json``: statistics of the whole, of each class and of each image, the rules, and the findings."""

    def finish(self) -> Iterable[File]:
        text = json.dumps(report_to_json(self._report(), self._rules), ensure_ascii=False, indent=1)
        yield File("quality.json", text.encode(errors="replace"))


def report_to_json(found: Report, rules: Rules) -> dict[str, Any]:
    """A report as plain data."""
    return {
        "rules": asdict(rules),
        "whole": _tally(found.whole),
        "classes": {name: _tally(tally) for name, tally in found.classes.items()},
        "images": [
            {
                "id": image.image.id,
                "name": image.image.name,
                "width": image.image.width,
                "height": image.image.height,
                **_tally(image.whole),
                "classes": {name: _tally(tally) for name, tally in image.classes.items()},
            }
            for image in found.images
        ],
        "findings": [asdict(finding) for finding in found.findings],
        "is_cut": found.is_cut,
    }


def _tally(tally: Tally) -> dict[str, Any]:
    return asdict(tally) | {
        "seconds_per_object": round(tally.seconds_per_object, 2),
        "clicks_per_object": round(tally.clicks_per_object, 2),
    }
