"""A whole history as plain JSON data: what documents share (masks, annotations, drafts) stands there once.

Reading it costs a fraction of a replay: no set algebra, only the masks' texts. `check` says what a document from outside
must be; `reduce.apply` keeps every document so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from segmark.document import Annotation, Document, Draft, ImageRecord, Label
from segmark.history import History, Step
from segmark.rle import RleMask
from segmark.values import READERS, JournalError, fields_from_json, value_to_json

T = TypeVar("T")
_TABLES: tuple[type, ...] = (RleMask, ImageRecord, Label, Annotation, Draft)


class _Tables:
    """Values that occur once, by identity, each kind in a list of its own."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Any]] = {kind.__name__: [] for kind in _TABLES} | {"annotations": [], "labels": []}
        self._known: dict[int, tuple[int, Any]] = {}  # the value is held, so that its id stays its own

    def refer(self, value: Any) -> Any:
        """A value's place in its table, or itself as plain data."""
        if isinstance(value, _TABLES):
            plain = value_to_json if isinstance(value, RleMask) else self.plain
            return self._place(type(value).__name__, value, plain)
        if isinstance(value, tuple) and value and isinstance(value[0], Annotation | Label):
            table = "annotations" if isinstance(value[0], Annotation) else "labels"
            return self._place(table, value, lambda items: [self.refer(item) for item in items])
        return sorted(value) if isinstance(value, frozenset) else value_to_json(value)

    def plain(self, value: Any) -> dict[str, Any]:
        """A dataclass with references in the places of shared values."""
        return {f.name: self.refer(getattr(value, f.name)) for f in fields(value)}

    def _place(self, table: str, value: Any, plain: Callable[[Any], Any]) -> int:
        if id(value) not in self._known:
            data = plain(value)
            self.rows[table].append(data)
            self._known[id(value)] = len(self.rows[table]) - 1, value
        return self._known[id(value)][0]


def snapshot_to_json(history: History) -> dict[str, Any]:
    """Plain data that `snapshot_from_json` reads back to an equal history."""
    tables = _Tables()
    past = [[step.code, tables.plain(step.document)] for step in history.past]
    present = tables.plain(history.present)
    future = [[step.code, tables.plain(step.document)] for step in history.future]
    return {"tables": tables.rows, "past": past, "present": present, "future": future}


def snapshot_from_json(data: dict[str, Any]) -> History:
    """The inverse of `snapshot_to_json`; JournalError if the data are anything else."""
    try:
        return _history(data)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise JournalError(f"unreadable snapshot: {error!r}") from error


def check(document: Document) -> None:
    """JournalError if a document is not as `reduce.apply` keeps it: sizes, ids and classes."""
    _Checker().check(document)


class _Checker:
    """Checks documents; what they share is looked at once."""

    def __init__(self) -> None:
        self._ids: dict[tuple[int, int, int], frozenset[int]] = {}

    def check(self, document: Document) -> None:
        """Documents must be held by the caller as long as the checker is (they are told apart by identity)."""
        draft, labels = document.draft, document.labels
        key = (id(document.image), id(labels), id(document.annotations))
        if key not in self._ids:
            self._ids[key] = _checked_ids(document)
        ids = self._ids[key]
        if draft is not None:
            masks = [mask for mask in (draft.mask, draft.added, draft.removed, draft.base) if mask is not None]
            if any(mask.size != _size(document) for mask in masks) or (draft.editing and draft.editing not in ids):
                raise JournalError("a draft of another image")
        if max(ids, default=0) >= document.next_id or max((k.id for k in labels), default=0) >= document.next_label_id:
            raise JournalError("an id that is still to come")


def _checked_ids(document: Document) -> frozenset[int]:
    """The annotations' ids, if they, the classes and the image fit each other."""
    size = _size(document)
    if size is not None and min(size) <= 0:
        raise JournalError("an image without pixels")
    labels = {label.id for label in document.labels}
    ids = frozenset(a.id for a in document.annotations)
    if len(labels) < len(document.labels) or len(ids) < len(document.annotations):
        raise JournalError("an id twice")
    if any(a.label_id not in labels or a.mask.size != size for a in document.annotations):
        raise JournalError("an annotation of another image or class")
    return ids


def _size(document: Document) -> tuple[int, int] | None:
    return None if document.image is None else (document.image.width, document.image.height)


def _history(data: dict[str, Any]) -> History:
    rows = data["tables"]
    masks = [READERS["RleMask"](row) for row in rows["RleMask"]]
    images = [READERS["ImageRecord"](row) for row in rows["ImageRecord"]]
    labels = [READERS["tuple[Label, ...]"]([row])[0] for row in rows["Label"]]
    readers: dict[str, Callable[[Any], Any]] = READERS | {"RleMask": _of(masks), "RleMask | None": _or_none(_of(masks))}
    readers["tuple[Click, ...]"] = lambda row: tuple(map(READERS["Click"], row))
    readers["frozenset[int]"] = lambda row: frozenset(map(READERS["int"], row))
    annotations = [Annotation(**fields_from_json(Annotation, row, readers)) for row in rows["Annotation"]]
    drafts = [Draft(**fields_from_json(Draft, row, readers)) for row in rows["Draft"]]
    all_annotations = [tuple(map(_of(annotations), row)) for row in rows["annotations"]]
    all_labels = [tuple(map(_of(labels), row)) for row in rows["labels"]]
    readers |= {
        "ImageRecord | None": _or_none(_of(images)),
        "Draft | None": _or_none(_of(drafts)),
        "tuple[Label, ...]": lambda row: () if row == [] else _of(all_labels)(row),
        "tuple[Annotation, ...]": lambda row: () if row == [] else _of(all_annotations)(row),
    }

    checker = _Checker()

    def document(row: dict[str, Any]) -> Document:
        made = Document(**fields_from_json(Document, row, readers))
        checker.check(made)
        return made

    def steps(entries: list[Any]) -> tuple[Step, ...]:
        return tuple(Step(READERS["str"](code), document(row)) for code, row in entries)

    return History(document(data["present"]), steps(data["past"]), steps(data["future"]))


def _of(table: Sequence[T]) -> Callable[[Any], T]:
    """A reader of references into a table."""

    def read(place: Any) -> T:
        if type(place) is not int or not 0 <= place < len(table):
            raise JournalError(f"no such row: {place!r:.20}")
        return table[place]

    return read


def _or_none(read: Callable[[Any], T]) -> Callable[[Any], T | None]:
    return lambda place: None if place is None else read(place)
