"""Commands <-> JSON lines, and replay. A replay needs no network: the answers are in the journal as data.

Schema 2 (schema 1: `_one_to_two`). A line may also be a snapshot of the whole history (`snapshot.py`), which stands for
every line before it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any, get_args

from segmark import commands as c
from segmark.errors import SegmarkError
from segmark.history import History
from segmark.json_guard import MAX_PARTS, MAX_VALUES, refuse_absurd
from segmark.snapshot import check, snapshot_from_json, snapshot_to_json
from segmark.values import READERS, JournalError, fields_from_json, value_to_json

SCHEMA = 2
_MAX_DEPTH = 16
_SNAPSHOT = "snapshot"
_KINDS: dict[str, type] = {kind.kind: kind for kind in (*get_args(c.Edit), c.Undo, c.Redo)}


@dataclass(frozen=True)
class Replay:
    """The history after a replay; entries from the first unreadable one on are `skipped`."""

    history: History
    done: int
    skipped: int


def command_to_json(command: c.Command) -> str:
    """One entry: ``{"v": 2, "kind": ..., fields}`` on one line."""
    entry = {"v": SCHEMA, "kind": command.kind}
    entry |= {f.name: value_to_json(getattr(command, f.name)) for f in fields(command)}
    return _line(entry)


def command_from_json(text: str) -> c.Command:
    """The inverse of `command_to_json`, of older schemas too; JournalError if the text is anything else."""
    entry = _entry(text)
    try:
        kind = _KINDS[entry["kind"]]
        command: c.Command = kind(**fields_from_json(kind, entry, READERS))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise JournalError(f"unreadable journal entry: {error!r}") from error
    return command


def history_to_json(history: History) -> str:
    """The whole history as one entry, on one line."""
    return _line({"v": SCHEMA, "kind": _SNAPSHOT} | snapshot_to_json(history))


def history_from_json(text: str) -> History:
    """The inverse of `history_to_json`; JournalError if the text is anything else."""
    entry = _entry(text)
    if entry.get("kind") != _SNAPSHOT:
        raise JournalError("not a snapshot")
    return snapshot_from_json(entry)


def replay(history: History, entries: Iterable[str]) -> Replay:
    """Run entries one after the other; a torn tail is left out."""
    lines = list(entries)
    for done, line in enumerate(lines):
        try:
            is_snapshot = f'"kind":"{_SNAPSHOT}"' in line[:40]
            if is_snapshot:
                history = history_from_json(line)
                continue
            command = command_from_json(line)
            after = history.run(command)
            if isinstance(command, c.OpenImage | c.ShareLabels):
                check(
                    after.present
                )  # they bring classes as they are; what breaks a rule could not be kept as a snapshot
            history = after
        except (JournalError, SegmarkError):
            return Replay(history, done, len(lines) - done)
    return Replay(history, len(lines), 0)


def _line(entry: dict[str, Any]) -> str:
    return json.dumps(entry, separators=(",", ":"), ensure_ascii=False)


def _entry(text: str) -> dict[str, Any]:
    """An entry of the present schema."""
    try:
        # a snapshot of a long day holds more than any file that is imported, and is the person's own work
        refuse_absurd(text, _MAX_DEPTH, 4 * MAX_PARTS, 4 * MAX_VALUES)
        entry: dict[str, Any] = json.loads(text)
        version = entry["v"]
        if type(version) is not int or not 1 <= version <= SCHEMA:
            raise JournalError(f"journal schema {version}")
        for migrate in _MIGRATIONS[version - 1 :]:
            entry = migrate(entry)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
        raise JournalError(f"unreadable journal entry: {error!r}") from error
    return entry


def _one_to_two(entry: dict[str, Any]) -> dict[str, Any]:
    """Schema 1 had no snapshots, and a `confirm` that did not say so made one annotation a part."""
    if entry["kind"] == _SNAPSHOT:
        raise JournalError("schema 1 has no snapshots")
    return {"as_one": False} | entry | {"v": 2} if entry["kind"] == c.Confirm.kind else entry | {"v": 2}


_MIGRATIONS: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = (_one_to_two,)
