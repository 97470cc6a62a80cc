"""`apply(document, command)`: the only place where documents change. Pure: no clock, no network, no random numbers."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce, singledispatch

from segmark import commands as c
from segmark import finished
from segmark.clicks import Click, with_click
from segmark.document import Document, Draft, ImageRecord, Label
from segmark.editing.areas import island_at
from segmark.errors import SegmarkError
from segmark.geometry import NO_BOX, Box, image_box
from segmark.modes import CustomBoxMode, PolygonMode
from segmark.polygon import bounding_box
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


def carry_mode(seen: Document, document: Document) -> Document:
    """The mode is how a person works: undo and redo leave it alone."""
    return replace(document, mode=seen.mode)


def carry_state(seen: Document, document: Document) -> Document:
    """What undo and redo left alone before schema 4: which annotations are hidden or locked, whether the image is done."""
    return replace(document, hidden=seen.hidden, locked=seen.locked, is_done=seen.is_done)


def pass_on(draft: Draft, answered: Draft) -> Draft:
    """Show the answer of an earlier prompt in a later draft that still waits for its own."""
    return replace(
        draft,
        mask=draft.by_hand(answered.mask),
        crop=answered.crop,
        model_id=answered.model_id,
        box_runs=answered.box_runs,
    )


@_edit.register
def _open_image(command: c.OpenImage, document: Document) -> Document:
    if command.image.is_same(document.image):
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
        old = _begun_anew(document, command.at)
    old = _without_patch(old, command.click)
    draft = replace(
        old,
        clicks=with_click(old.clicks, command.click),
        regions=command.regions,
        polygon=old.polygon if old.polygon and bounding_box(old.polygon) in command.regions else (),
        is_drawn=old.is_drawn and old.regions[:1] == command.regions[:1],
        asked=command.asked,
        prompt=command.prompt,
        parent=old.prompt,
        is_answered=False,
        forget=False,
    )
    return replace(document, draft=draft)


def _begun_anew(document: Document, at: float) -> Draft:
    """An empty draft; one that is there only lends its time, and the annotation that it goes on with."""
    image, old = _image(document), document.draft
    mask = RleMask.empty(image.width, image.height)
    if old is None:
        return Draft(document.mode, mask, begun=at)
    return Draft(
        document.mode, mask if old.base is None else old.base, begun=old.begun, base=old.base, editing=old.editing
    )


def _without_patch(draft: Draft, click: Click) -> Draft:
    """The latest act wins: a click on painted or erased pixels gives their connected patch back to the network."""
    changes: dict[str, RleMask | None] = {}
    for name in ("added", "removed"):
        patch: RleMask | None = getattr(draft, name)
        if patch is not None and patch.contains(click.x, click.y):
            left = patch.subtract(island_at(patch, click.x, click.y))
            changes[name] = None if left.is_empty else left
    return replace(draft, **changes) if changes else draft  # type: ignore[arg-type]


@_edit.register
def _place_box(command: c.PlaceBox, document: Document) -> Document:
    if command.box.intersect(image_box(_image(document).width, _image(document).height)).is_empty:
        raise SegmarkError("box_outside")
    old = document.draft
    if old is not None and not old.regions and not old.is_bare:
        # without a box so far (the mode was changed in the middle of a draft) there is nothing that goes away
        placed = replace(old, regions=(command.box,), polygon=command.polygon, is_drawn=True)
        return replace(document, draft=placed)
    fresh = replace(
        _begun_anew(document, command.at),
        regions=(command.box,),
        polygon=command.polygon,
        prompt=command.prompt,
        is_answered=True,
        is_drawn=True,
    )
    return replace(document, draft=fresh)


@_edit.register
def _edit_mask(command: c.EditMask, document: Document) -> Document:
    draft = document.draft or replace(_begun_anew(document, command.at), prompt=command.prompt, is_answered=True)
    if draft.mask.size != command.added.size or draft.mask.size != command.removed.size:
        raise SegmarkError("image.size_mismatch")
    empty = RleMask.empty(*draft.mask.size)
    added, removed = draft.added or empty, draft.removed or empty
    added = added.subtract(command.removed).union(command.added)
    removed = removed.subtract(command.added).union(command.removed)
    changed = replace(
        draft,
        mask=draft.mask.union(command.added).subtract(command.removed),
        added=None if added.is_empty else added,
        removed=None if removed.is_empty else removed,
    )
    return replace(document, draft=changed)


for _kind, _meaning in finished.EDITS.items():
    _edit.register(_kind)(_meaning)


@_edit.register
def _reopen_annotation(command: c.ReopenAnnotation, document: Document) -> Document:
    annotation = finished.unlocked(document, command.id)
    if document.draft is not None and not document.draft.is_bare:
        raise SegmarkError("draft_first")
    draft = Draft(
        document.mode,
        annotation.mask,
        prompt=command.prompt,
        is_answered=True,
        model_id=annotation.model_id,
        begun=command.at,
        base=annotation.mask,
        editing=annotation.id,
    )
    return replace(document, draft=draft, last_label_id=annotation.label_id, hidden=document.hidden - {annotation.id})


@_edit.register
def _remove_click(command: c.RemoveClick, document: Document) -> Document:
    draft = _draft(document)
    gone = _click(draft, command.index)
    clicks = draft.clicks[: command.index] + draft.clicks[command.index + 1 :]
    return _with_other_clicks(document, draft, clicks, (gone,), command)


@_edit.register
def _move_click(command: c.MoveClick, document: Document) -> Document:
    draft, image = _draft(document), _image(document)
    old = _click(draft, command.index)
    new = Click(command.x, command.y, old.is_positive)
    if new == old:
        return document
    if not (0 <= new.x < image.width and 0 <= new.y < image.height):
        raise SegmarkError("bad_params", {"what": "click"})
    if not draft.allows(new.x, new.y):
        raise SegmarkError("move_outside")
    moved = (new if k == old else k for k in draft.clicks)
    clicks = tuple(k for k in moved if k is new or (k.x, k.y) != (new.x, new.y))  # the latest act wins
    return _with_other_clicks(document, _without_patch(draft, new), clicks, (old, new), command)


def _with_other_clicks(
    document: Document,
    draft: Draft,
    clicks: tuple[Click, ...],
    touched: tuple[Click, ...],
    command: c.RemoveClick | c.MoveClick,
) -> Document:
    """The draft with clicks taken away or moved (`touched`: where they were and are): what they did is asked anew."""
    positive = [k for k in clicks if k.is_positive]
    live = tuple(box for box in draft.regions if any(box.contains(k.x, k.y) for k in positive))
    # a draft of before schema 3 does not know how its box came about: the mode it was begun in tells
    is_drawn = isinstance(draft.mode, CustomBoxMode | PolygonMode) or (draft.is_drawn and not command.keeps_rest)
    drawn = draft.regions[:1] if is_drawn else ()
    kept = tuple(box for box in draft.regions if box in live or box in drawn)
    if not clicks and not kept and replace(draft, clicks=()).is_bare:
        return replace(document, draft=None)
    near = tuple(box for box in draft.regions if any(box.contains(k.x, k.y) for k in touched))
    # while an answer is on its way nobody knows which boxes it was to fill: all of them are asked
    asked = tuple(box for box in live if box in near or not draft.is_answered)
    # a box drawn by hand that is empty of positive points now stays, but what it gave goes
    gone = tuple(box for box in draft.regions if box not in kept or (box in near and box not in live))
    is_done = not positive or (bool(draft.regions) and not asked)
    mask = _without_boxes(draft, gone, live) if positive else draft.start
    if positive and not command.keeps_rest:
        mask = _without_lost(draft, mask, positive, touched)
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
        mask=draft.by_hand(command.mask),
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
def _import_annotations(command: c.ImportAnnotations, document: Document) -> Document:
    image = _image(document)
    labels = document.labels + command.labels
    if len(labels) > MAX_LABELS:
        raise SegmarkError("too_many_labels", {"limit": MAX_LABELS})
    first_label, first = document.next_label_id, document.next_id
    if [k.id for k in command.labels] != list(range(first_label, first_label + len(command.labels))):
        raise SegmarkError("bad_params", {"what": "labels"})
    if [a.id for a in command.annotations] != list(range(first, first + len(command.annotations))):
        raise SegmarkError("bad_params", {"what": "annotations"})
    known = {k.id for k in labels}
    for a in command.annotations:
        if a.label_id not in known:
            raise SegmarkError("unknown_label", {"id": a.label_id})
        if a.mask.size != (image.width, image.height) or a.mask.is_empty:
            raise SegmarkError("image.size_mismatch")
    return replace(
        document,
        labels=labels,
        annotations=document.annotations + command.annotations,
        next_id=first + len(command.annotations),
        next_label_id=first_label + len(command.labels),
    )


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
    return document if document.mode == command.mode else replace(document, mode=command.mode)


@_edit.register
def _mark_done(command: c.MarkDone, document: Document) -> Document:
    _image(document)
    if command.is_done and document.draft is not None:
        raise SegmarkError("draft_first")
    return document if document.is_done == command.is_done else replace(document, is_done=command.is_done)


def _without_boxes(draft: Draft, gone: tuple[Box, ...], rest: tuple[Box, ...]) -> RleMask:
    """The mask without the pixels that only the boxes that went away had given."""
    mask = draft.mask
    if not gone:
        return mask
    hole, kept = RleMask.empty(*mask.size), RleMask.empty(*mask.size)
    for box in gone:
        hole = hole.union(RleMask.from_box(box, mask.size))
    for box in rest:
        kept = kept.union(RleMask.from_box(box, mask.size))
    return draft.reset(mask, hole.subtract(kept))


def _without_lost(draft: Draft, mask: RleMask, positive: list[Click], touched: tuple[Click, ...]) -> RleMask:
    """The mask without the parts beside all boxes that no positive click holds any more.

    They come from clicks made before there was a box; no box is run for them, so nothing else takes them back.
    """
    if not draft.regions:
        return mask
    size = mask.size
    boxes = reduce(RleMask.union, (RleMask.from_box(box, size) for box in draft.regions))
    beside = mask.subtract(boxes)
    if beside.is_empty:
        return mask
    # a click that went beside the boxes takes its part up to their frames; one in a box only what hangs on nothing else
    is_beside = any(not any(box.contains(k.x, k.y) for box in draft.regions) for k in touched)
    parts = (beside if is_beside else mask).components(8)
    held = [part for part in parts if any(part.contains(k.x, k.y) for k in positive)]
    lost = beside.subtract(reduce(RleMask.union, held, RleMask.empty(*size)))
    return draft.reset(mask, lost)


def _click(draft: Draft, index: int) -> Click:
    if not 0 <= index < len(draft.clicks):
        raise SegmarkError("unknown_click", {"index": index})
    return draft.clicks[index]


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
