"""`apply(document, command)`: the only place where documents change. Pure: no clock, no network, no random numbers."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

from segmark import commands as c
from segmark.clicks import with_click
from segmark.document import Annotation, Document, Draft, ImageRecord, Label
from segmark.errors import SegmarkError
from segmark.geometry import NO_BOX, Box
from segmark.rle import RleMask

MAX_LABELS = 254


def apply(document: Document, command: c.Edit) -> Document:
    """The document after an edit.

    Raises
    ------
    SegmarkError
        If the edit makes no sense on this document, which is then unchanged (documents are frozen).
    """
    return _edit(command, document)


@singledispatch
def _edit(command: object, document: Document) -> Document:
    raise TypeError(f"not an edit: {command!r} on {document!r}")


def carry_view(seen: Document, document: Document) -> Document:
    """What undo and redo leave alone: the mode, and which annotations are hidden."""
    return replace(document, mode=seen.mode, hidden=seen.hidden)


def pass_on(draft: Draft, answered: Draft) -> Draft:
    """Show the answer of an earlier prompt in a later draft that still waits for its own."""
    return replace(
        draft, mask=answered.mask, crop=answered.crop, model_id=answered.model_id, box_runs=answered.box_runs
    )


@_edit.register
def _open_image(command: c.OpenImage, document: Document) -> Document:
    if document.image == command.image:
        return document  # the same opening again: only its pixels came back
    return Document(
        image=command.image,
        labels=command.labels,
        mode=command.mode,
        last_label_id=command.last_label_id,
        next_label_id=command.next_label_id,
    )


@_edit.register
def _add_click(command: c.AddClick, document: Document) -> Document:
    image = _image(document)
    if not (0 <= command.click.x < image.width and 0 <= command.click.y < image.height):
        raise SegmarkError("bad_params", {"what": "click"})
    old = document.draft
    if old is None or command.is_fresh:
        begun = command.at if old is None else old.begun
        old = Draft(document.mode, RleMask.empty(image.width, image.height), begun=begun)
    draft = replace(
        old,
        clicks=with_click(old.clicks, command.click),
        regions=command.regions,
        asked=command.asked,
        prompt=command.prompt,
        parent=old.prompt,
        is_answered=False,
        forget=False,
    )
    return replace(document, draft=draft)


@_edit.register
def _remove_click(command: c.RemoveClick, document: Document) -> Document:
    draft = _draft(document)
    if not 0 <= command.index < len(draft.clicks):
        raise SegmarkError("unknown_click", {"index": command.index})
    gone = draft.clicks[command.index]
    clicks = draft.clicks[: command.index] + draft.clicks[command.index + 1 :]
    if not clicks:
        return replace(document, draft=None)
    positive = [k for k in clicks if k.is_positive]
    kept = tuple(box for box in draft.regions if any(box.contains(k.x, k.y) for k in positive))
    asked = tuple(box for box in kept if box.contains(gone.x, gone.y))
    mask = _without_boxes(draft.mask, draft.regions, kept)
    is_done = not positive or (bool(draft.regions) and not asked)
    if not positive:
        mask = RleMask.empty(*mask.size)
    changed = replace(
        draft,
        clicks=clicks,
        regions=kept,
        asked=asked,
        mask=mask,
        prompt=command.prompt,
        parent=0,
        is_answered=is_done,
        forget=not is_done,
        crop=NO_BOX,
        box_runs=tuple(run for run in draft.box_runs if run[0] in kept),
    )
    return replace(document, draft=changed)


@_edit.register
def _set_prediction(command: c.SetPrediction, document: Document) -> Document:
    draft = document.draft
    if draft is None or draft.prompt != command.prompt:
        return document  # stale: nobody waits for it here
    if command.mask.size != draft.mask.size:
        raise SegmarkError("image.size_mismatch")
    answered = replace(
        draft,
        mask=command.mask,
        crop=command.crop,
        model_id=command.model_id,
        is_answered=True,
        box_runs=command.box_runs,
    )
    return replace(document, draft=answered)


@_edit.register
def _cancel_draft(_command: c.CancelDraft, document: Document) -> Document:
    _draft(document)
    return replace(document, draft=None)


@_edit.register
def _confirm(command: c.Confirm, document: Document) -> Document:
    draft = _draft(document)
    _label(document, command.label_id)
    parts = draft.mask.components(8)
    if not parts:
        raise SegmarkError("draft_empty")
    seconds = round(max(command.at - draft.begun, 0.0), 1)
    created = tuple(
        Annotation(document.next_id + k, command.label_id, part, draft.model_id, len(draft.clicks), seconds)
        for k, part in enumerate(parts)
    )
    return replace(
        document,
        annotations=document.annotations + created,
        draft=None,
        last_label_id=command.label_id,
        next_id=document.next_id + len(created),
    )


@_edit.register
def _delete_annotation(command: c.DeleteAnnotation, document: Document) -> Document:
    _annotation(document, command.id)
    left = tuple(a for a in document.annotations if a.id != command.id)
    return replace(document, annotations=left)


@_edit.register
def _relabel(command: c.Relabel, document: Document) -> Document:
    _annotation(document, command.id)
    _label(document, command.label_id)
    changed = (replace(a, label_id=command.label_id) if a.id == command.id else a for a in document.annotations)
    return replace(document, annotations=tuple(changed))


@_edit.register
def _add_label(command: c.AddLabel, document: Document) -> Document:
    if len(document.labels) >= MAX_LABELS:
        raise SegmarkError("too_many_labels", {"limit": MAX_LABELS})
    label = Label(document.next_label_id, command.name, command.color)
    return replace(document, labels=(*document.labels, label), next_label_id=document.next_label_id + 1)


@_edit.register
def _update_label(command: c.UpdateLabel, document: Document) -> Document:
    _label(document, command.id)
    new = Label(command.id, command.name, command.color)
    return replace(document, labels=tuple(new if k.id == command.id else k for k in document.labels))


@_edit.register
def _remove_label(command: c.RemoveLabel, document: Document) -> Document:
    _label(document, command.id)
    if any(a.label_id == command.id for a in document.annotations):
        raise SegmarkError("label_in_use", {"id": command.id})
    left = tuple(k for k in document.labels if k.id != command.id)
    last = document.last_label_id
    if last == command.id:
        last = left[0].id if left else 0
    return replace(document, labels=left, last_label_id=last)


@_edit.register
def _set_mode(command: c.SetMode, document: Document) -> Document:
    return replace(document, mode=command.mode)


@_edit.register
def _show_annotation(command: c.ShowAnnotation, document: Document) -> Document:
    _annotation(document, command.id)
    hidden = document.hidden - {command.id} if command.visible else document.hidden | {command.id}
    return replace(document, hidden=hidden)


def _without_boxes(mask: RleMask, regions: tuple[Box, ...], kept: tuple[Box, ...]) -> RleMask:
    """The mask without the pixels that only the boxes that went away had given."""
    gone = [box for box in regions if box not in kept]
    if not gone:
        return mask
    hole, rest = RleMask.empty(*mask.size), RleMask.empty(*mask.size)
    for box in gone:
        hole = hole.union(RleMask.from_box(box, mask.size))
    for box in kept:
        rest = rest.union(RleMask.from_box(box, mask.size))
    return mask.subtract(hole.subtract(rest))


def _image(document: Document) -> ImageRecord:
    if document.image is None:
        raise SegmarkError("no_image")
    return document.image


def _draft(document: Document) -> Draft:
    if document.draft is None:
        raise SegmarkError("no_draft")
    return document.draft


def _label(document: Document, label_id: int) -> Label:
    label = document.label(label_id)
    if label is None:
        raise SegmarkError("unknown_label", {"id": label_id})
    return label


def _annotation(document: Document, annotation_id: int) -> Annotation:
    annotation = document.annotation(annotation_id)
    if annotation is None:
        raise SegmarkError("unknown_annotation", {"id": annotation_id})
    return annotation
