"""Commands <-> JSON lines, and replay. A replay needs no network: the answers are in the journal as data.

Schema 4 (older ones: `_MIGRATIONS`). A line may also be a snapshot of the whole history (`snapshot.py`), which stands for
every line before it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any, get_args

from segmark import commands as c
from segmark.errors import SegmarkError
from segmark.history import History
from segmark.json_guard import MAX_PARTS, MAX_VALUES, refuse_absurd
from segmark.snapshot import check, snapshot_from_json, snapshot_to_json
from segmark.values import READERS, JournalError, fields_from_json, value_to_json

SCHEMA = 4
_MAX_DEPTH = 16
_SURROGATE = re.compile("[\ud800-\udfff]")
_SNAPSHOT = "snapshot"
_KINDS: dict[str, type] = {kind.kind: kind for kind in (*get_args(c.Edit), c.Undo, c.Redo)}


@dataclass(frozen=True)
class Replay:
    """The history after a replay; entries from the first unreadable one on are `skipped`.

    ``is_newer``: that one is of a later schema, so the entries are whole, and must be kept for the version that reads them.
    ``at``: the last moment that they tell, on the clock of `activity`; 0.0 if none does.
    """

    history: History
    done: int
    skipped: int
    is_newer: bool = False
    at: float = 0.0


class NewerJournalError(JournalError):
    """An entry of a schema that this version does not know yet."""


def command_to_json(command: c.Command) -> str:
    """One entry: ``{"v": 3, "kind": ..., fields}`` on one line."""
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


def history_to_json(history: History, at: float = 0.0) -> str:
    """The whole history as one entry, on one line; `at`: the clock of `activity` when it was written."""
    return _line({"v": SCHEMA, "kind": _SNAPSHOT, "at": round(at, 3)} | snapshot_to_json(history))


def history_from_json(text: str) -> History:
    """The inverse of `history_to_json`; JournalError if the text is anything else."""
    return _snapshot(text)[0]


def _snapshot(text: str) -> tuple[History, float]:
    """A snapshot's history, and the last moment on the clock of `activity` that it tells."""
    entry = _entry(text)
    if entry.get("kind") != _SNAPSHOT:
        raise JournalError("not a snapshot")
    history = snapshot_from_json(entry)
    at = entry.get("at", 0.0)  # snapshots of earlier builds do not tell it
    said = float(at) if type(at) in (int, float) and math.isfinite(at) else 0.0
    history = history.with_one_state() if entry.get("without_step") is True else history
    return history, max(said, history.last_begun)


def replay(history: History, entries: Iterable[str]) -> Replay:
    """Run entries one after the other; a torn tail is left out."""
    lines, at = list(entries), 0.0
    for done, line in enumerate(lines):
        try:
            if f'"kind":"{_SNAPSHOT}"' in line[:40]:
                history, at = _snapshot(line)
            else:
                command = command_from_json(line)
                after = history.run(command)
                if isinstance(command, c.OpenImage | c.ShareLabels):  # they bring classes as they are
                    check(after.present)  # what breaks a rule could not be kept as a snapshot
                history, at = after, getattr(command, "at", at)
        except (JournalError, SegmarkError) as error:
            return Replay(history, done, len(lines) - done, isinstance(error, NewerJournalError), at)
    return Replay(history, len(lines), 0, at=at)


def read_back(entries: Iterable[str], name: str, image_id: str) -> Replay:
    """A replay from nothing; SegmarkError ``journal.newer`` (of this image) when a later version wrote the entries."""
    result = replay(History(), entries)
    if result.is_newer:
        raise SegmarkError("journal.newer", {"name": name, "image": image_id})
    return result


def _line(entry: dict[str, Any]) -> str:
    return encodable(json.dumps(entry, separators=(",", ":"), ensure_ascii=False))


def encodable(line: str) -> str:
    """JSON that means the same and can be written as UTF-8: lone surrogates, which came in with a foreign file, as escapes."""
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def _entry(text: str) -> dict[str, Any]:
    """An entry of the present schema."""
    try:
        # a snapshot of a long day holds more than any file that is imported, and is the person's own work
        refuse_absurd(text, _MAX_DEPTH, 4 * MAX_PARTS, 4 * MAX_VALUES)
        entry: dict[str, Any] = json.loads(text)
        version = entry["v"]
        if type(version) is not int or version < 1:
            raise JournalError(f"journal schema {version}")
        if version > SCHEMA:
            raise NewerJournalError(f"journal schema {version}")
        for migrate in _MIGRATIONS[version - 1 :]:
            entry = migrate(entry)
    except JournalError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
        raise JournalError(f"unreadable journal entry: {error!r}") from error
    return entry


def _one_to_two(entry: dict[str, Any]) -> dict[str, Any]:
    """Schema 1 had no snapshots, and a `confirm` that did not say so made one annotation a part."""
    if entry["kind"] == _SNAPSHOT:
        raise JournalError("schema 1 has no snapshots")
    return {"as_one": False} | entry | {"v": 2} if entry["kind"] == c.Confirm.kind else entry | {"v": 2}


def _two_to_three(entry: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 had other rules for clicks that go and for figures that are merged: what was made by them stays."""
    old_rules = {
        c.RemoveClick.kind: {"keeps_rest": True},
        c.MoveClick.kind: {"keeps_rest": True},
        c.MergeAnnotations.kind: {"adds_up": True},
    }
    return entry | old_rules.get(entry["kind"], {}) | {"v": 3}


def _three_to_four(entry: dict[str, Any]) -> dict[str, Any]:
    """In schema 3 hiding (one at a time), locking and calling an image done were no steps; nor are they when read."""
    kind = entry["kind"]
    if kind == "show_annotation":
        entry = entry | {"kind": c.ShowAnnotations.kind, "ids": [entry["id"]]}
    if entry["kind"] in (c.ShowAnnotations.kind, c.LockAnnotations.kind, c.MarkDone.kind, _SNAPSHOT):
        entry = entry | {"without_step": True}
    return entry | {"v": 4}


_MIGRATIONS: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = (_one_to_two, _two_to_three, _three_to_four)
