"""Commands <-> JSON lines, and replay. A replay needs no network: the answers are in the journal as data."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import MISSING, dataclass, fields
from typing import Any, get_args

from segmark import commands as c
from segmark.clicks import Click
from segmark.document import Annotation, ImageRecord, Label
from segmark.errors import SegmarkError
from segmark.geometry import Box
from segmark.history import History
from segmark.json_guard import refuse_depth
from segmark.modes import Mode, mode_from_json, mode_to_json
from segmark.polygon import Polygon
from segmark.rle import RleMask
from segmark.rle_text import counts_to_text, text_to_counts

SCHEMA = 1
_MAX_DEPTH = 16
_KINDS: dict[str, type] = {kind.kind: kind for kind in (*get_args(c.Edit), c.Undo, c.Redo)}


class JournalError(ValueError):
    """An entry that cannot be read."""


@dataclass(frozen=True)
class Replay:
    """The history after a replay; entries from the first unreadable one on are `skipped`."""

    history: History
    done: int
    skipped: int


def command_to_json(command: c.Command) -> str:
    """One entry: ``{"v": 1, "kind": ..., fields}`` on one line."""
    entry = {"v": SCHEMA, "kind": command.kind}
    entry |= {f.name: _to_json(getattr(command, f.name)) for f in fields(command)}
    return json.dumps(entry, separators=(",", ":"), ensure_ascii=False)


def command_from_json(text: str) -> c.Command:
    """The inverse of `command_to_json`; JournalError if the text is anything else."""
    try:
        refuse_depth(text, _MAX_DEPTH)
        entry = json.loads(text)
        if entry["v"] != SCHEMA:
            raise JournalError(f"journal schema {entry['v']}")
        kind = _KINDS[entry["kind"]]
        present = [f for f in fields(kind) if f.name in entry or f.default is MISSING]  # a newer field has a default
        values = {f.name: _READERS[str(f.type)](entry[f.name]) for f in present}
        command: c.Command = kind(**values)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
        raise JournalError(f"unreadable journal entry: {error!r}") from error
    return command


def replay(history: History, entries: Iterable[str]) -> Replay:
    """Run entries one after the other; a torn tail is left out."""
    lines = list(entries)
    for done, line in enumerate(lines):
        try:
            history = history.run(command_from_json(line))
        except (JournalError, SegmarkError):
            return Replay(history, done, len(lines) - done)
    return Replay(history, len(lines), 0)


def _to_json(value: Any) -> Any:
    if isinstance(value, RleMask):
        return {"size": [value.width, value.height], "counts": counts_to_text(value.to_counts())}
    if isinstance(value, Mode):
        return mode_to_json(value)
    if isinstance(value, ImageRecord | Label | Annotation):
        return {f.name: _to_json(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple):
        return [_to_json(item) for item in value]
    return value


def _mask(data: Any) -> RleMask:
    width, height = data["size"]
    return RleMask.from_counts(text_to_counts(data["counts"]), (_integer(width), _integer(height)))


def _integer(data: Any) -> int:
    if type(data) is not int:  # a bool is an int to isinstance
        raise JournalError(f"not an integer: {data!r}")
    return data


def _truth(data: Any) -> bool:
    if type(data) is not bool:
        raise JournalError(f"not a truth value: {data!r}")
    return data


def _text(data: Any) -> str:
    if not isinstance(data, str):
        raise JournalError(f"not a text: {data!r}")
    return data


def _click(data: Any) -> Click:
    x, y, is_positive = data
    return Click(_integer(x), _integer(y), _truth(is_positive))


def _box(data: Any) -> Box:
    x0, y0, x1, y1 = map(_integer, data)
    return Box(x0, y0, x1, y1)


def _polygon(data: Any) -> Polygon:
    return tuple((_integer(x), _integer(y)) for x, y in data)


def _image(data: Any) -> ImageRecord:
    low, high = data.get("levels", (0.0, 255.0))
    size = _integer(data["width"]), _integer(data["height"])
    page = _integer(data.get("page", 0))
    return ImageRecord(_text(data["id"]), _text(data["name"]), *size, (float(low), float(high)), page)


def _label(data: Any) -> Label:
    return Label(_integer(data["id"]), _text(data["name"]), _text(data["color"]))


def _annotation(data: Any) -> Annotation:
    mask, clicks, seconds = _mask(data["mask"]), _integer(data["clicks"]), float(data["seconds"])
    return Annotation(_integer(data["id"]), _integer(data["label_id"]), mask, _text(data["model_id"]), clicks, seconds)


# by the annotation of the command's field: one more kind of field, one more line
_READERS: dict[str, Callable[[Any], Any]] = {
    "int": _integer,
    "float": float,
    "bool": _truth,
    "str": _text,
    "Click": _click,
    "Box": _box,
    "Mode": mode_from_json,
    "RleMask": _mask,
    "Polygon": _polygon,
    "ImageRecord": _image,
    "tuple[tuple[Box, int], ...]": lambda data: tuple((_box(box), _integer(number)) for box, number in data),
    "tuple[Box, ...]": lambda data: tuple(map(_box, data)),
    "tuple[Label, ...]": lambda data: tuple(map(_label, data)),
    "tuple[Annotation, ...]": lambda data: tuple(map(_annotation, data)),
}
