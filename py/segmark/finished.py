"""What edits do to finished annotations: how a draft becomes them, and everything that is done with them afterwards.

Each function is one entry of `reduce.apply`'s table (`EDITS`) and has its contract: a frozen document in, another out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from segmark import commands as c
from segmark.document import Annotation, Document
from segmark.errors import SegmarkError
from segmark.rle import RleMask


def named(document: Document, annotation_id: int) -> Annotation:
    """An annotation; SegmarkError ``unknown_annotation``."""
    annotation = document.annotation(annotation_id)
    if annotation is None:
        raise SegmarkError("unknown_annotation", {"id": annotation_id})
    return annotation


def unlocked(document: Document, annotation_id: int) -> Annotation:
    """An annotation that may be changed; SegmarkError ``unknown_annotation``, ``locked``."""
    annotation = named(document, annotation_id)
    if annotation_id in document.locked:
        raise SegmarkError("locked", {"id": annotation_id})
    return annotation


def _free(document: Document, annotation_id: int) -> Annotation:
    """One that may be changed and is not being worked on; also ``draft_first``."""
    if document.draft is not None and document.draft.editing == annotation_id:
        raise SegmarkError("draft_first")
    return unlocked(document, annotation_id)


def _all_free(document: Document, ids: tuple[int, ...]) -> list[Annotation]:
    if not ids or len(set(ids)) < len(ids):
        raise SegmarkError("bad_params", {"what": "ids"})
    return [_free(document, annotation_id) for annotation_id in ids]


def _check_label(document: Document, label_id: int) -> None:
    if document.label(label_id) is None:
        raise SegmarkError("unknown_label", {"id": label_id})


def confirm(command: c.Confirm, document: Document) -> Document:
    """See `commands.Confirm`; ``draft_empty`` if nothing of the draft is left to be annotated."""
    draft = document.draft
    if draft is None:
        raise SegmarkError("no_draft")
    _check_label(document, command.label_id)
    parts = draft.mask.components(8)
    if command.min_px > 0:
        parts = tuple(part for part in parts if part.area >= command.min_px)
    if not parts:
        raise SegmarkError("draft_empty")
    if command.as_one:
        parts = (RleMask.union_of(parts, draft.mask.size),)
    old = document.annotation(draft.editing)
    ids = [*([old.id] if old else []), *range(document.next_id, document.next_id + len(parts))][: len(parts)]
    seconds = round(max(command.at - draft.begun, 0.0) + (old.seconds if old else 0.0), 1)
    clicks = len(draft.clicks) + (old.clicks if old else 0)
    source = (old.source if old else 0) or ids[0]
    created = tuple(
        Annotation(number, command.label_id, part, draft.model_id, clicks, seconds, source)
        for number, part in zip(ids, parts, strict=True)
    )
    at = document.annotations.index(old) if old else len(document.annotations)
    below, above = document.annotations[:at], document.annotations[at + (old is not None) :]
    if command.takes:
        taken = RleMask.union_of(parts, draft.mask.size)
        below, above = (_without(annotations, taken, document.locked) for annotations in (below, above))
    new = frozenset(ids) - ({old.id} if old else set())  # an id that undo has freed comes without its past
    return replace(
        document,
        annotations=below + created + above,
        draft=None,
        last_label_id=command.label_id,
        next_id=document.next_id + len(created) - (old is not None),
        hidden=document.hidden - new,
        locked=document.locked - new,
    )


def _without(annotations: Iterable[Annotation], taken: RleMask, locked: frozenset[int]) -> tuple[Annotation, ...]:
    """The annotations without the pixels of a mask; those that lose all of theirs are gone, locked ones lose none."""
    left = []
    for a in annotations:
        if a.id in locked or a.mask.intersect(taken).is_empty:
            left.append(a)
        elif not (mask := a.mask.subtract(taken)).is_empty:
            left.append(replace(a, mask=mask))
    return tuple(left)


def delete(command: c.DeleteAnnotation, document: Document) -> Document:
    return delete_all(c.DeleteAnnotations((command.id,)), document)


def delete_all(command: c.DeleteAnnotations, document: Document) -> Document:
    _all_free(document, command.ids)
    gone = set(command.ids)
    return replace(document, annotations=tuple(a for a in document.annotations if a.id not in gone))


def split(command: c.SplitAnnotation, document: Document) -> Document:
    old = _free(document, command.id)
    parts = old.mask.components(8)
    if len(parts) < 2:
        return document
    ids = [old.id, *range(document.next_id, document.next_id + len(parts) - 1)]
    source = old.source or old.id  # no other draft's: that of a confirm is the id of its first annotation
    created = tuple(replace(old, id=number, mask=part, source=source) for number, part in zip(ids, parts, strict=True))
    at = document.annotations.index(old)
    return replace(
        document,
        annotations=document.annotations[:at] + created + document.annotations[at + 1 :],
        next_id=document.next_id + len(parts) - 1,
        hidden=document.hidden - frozenset(ids[1:]),
        locked=document.locked - frozenset(ids[1:]),
    )


def merge(command: c.MergeAnnotations, document: Document) -> Document:
    """The union of the masks; clicks and seconds of their drafts are added up, the first network that took part is told."""
    merged = _all_free(document, command.ids)
    if len(merged) < 2:
        raise SegmarkError("bad_params", {"what": "ids"})
    drafts: dict[int, list[Annotation]] = {}
    for a in merged:
        drafts.setdefault(-a.id if command.adds_up or not a.source else a.source, []).append(a)
    first = replace(
        merged[0],
        mask=RleMask.union_of((a.mask for a in merged), merged[0].mask.size),
        model_id=next((a.model_id for a in merged if a.model_id), ""),
        clicks=sum(max(a.clicks for a in parts) for parts in drafts.values()),
        seconds=round(sum(max(a.seconds for a in parts) for parts in drafts.values()), 1),
        source=merged[0].source or merged[0].id,
    )
    gone = set(command.ids[1:])
    left = (first if a.id == first.id else a for a in document.annotations if a.id not in gone)
    return replace(document, annotations=tuple(left))


def relabel(command: c.Relabel, document: Document) -> Document:
    return relabel_all(c.RelabelAnnotations((command.id,), command.label_id), document)


def relabel_all(command: c.RelabelAnnotations, document: Document) -> Document:
    _check_label(document, command.label_id)
    ids = {unlocked(document, annotation_id).id for annotation_id in command.ids}
    changed = (replace(a, label_id=command.label_id) if a.id in ids else a for a in document.annotations)
    return replace(document, annotations=tuple(changed))


def show(command: c.ShowAnnotations, document: Document) -> Document:
    for annotation_id in command.ids:
        named(document, annotation_id)
    ids = frozenset(command.ids)
    hidden = document.hidden - ids if command.visible else document.hidden | ids
    return document if hidden == document.hidden else replace(document, hidden=hidden)


def lock(command: c.LockAnnotations, document: Document) -> Document:
    for annotation_id in command.ids:
        named(document, annotation_id)
        if document.draft is not None and document.draft.editing == annotation_id:
            raise SegmarkError("draft_first")
    ids = frozenset(command.ids)
    locked = document.locked | ids if command.is_locked else document.locked - ids
    return document if locked == document.locked else replace(document, locked=locked)


EDITS: dict[type, Callable[[Any, Document], Document]] = {
    c.Confirm: confirm,
    c.DeleteAnnotation: delete,
    c.DeleteAnnotations: delete_all,
    c.SplitAnnotation: split,
    c.MergeAnnotations: merge,
    c.Relabel: relabel,
    c.RelabelAnnotations: relabel_all,
    c.ShowAnnotations: show,
    c.LockAnnotations: lock,
}
