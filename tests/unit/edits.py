"""Random histories for property tests: commands that fit the document at hand, answers and moves included."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from segmark import commands as c
from segmark.clicks import Click
from segmark.document import Annotation, Document, Draft, ImageRecord, Label, new_document
from segmark.geometry import NO_BOX, Box
from segmark.history import History
from segmark.modes import CustomBoxMode, FixedBoxMode, Mode, Nothing, Place, PointMode, PolygonMode, read_press
from segmark.rle import RleMask

WIDTH, HEIGHT = 40, 30
IMAGE = ImageRecord("image", "a.png", WIDTH, HEIGHT)


def opened() -> History:
    """A history with an image open and nothing done."""
    document = new_document()
    return History(document).run(c.OpenImage(IMAGE, document.labels, document.mode, 1, document.next_label_id))


@st.composite
def masks(draw: st.DrawFn) -> RleMask:
    """A few rectangles."""
    mask = RleMask.empty(WIDTH, HEIGHT)
    for _ in range(draw(st.integers(0, 3))):
        x, y = draw(st.integers(0, WIDTH - 1)), draw(st.integers(0, HEIGHT - 1))
        box = Box(x, y, x + draw(st.integers(1, 12)), y + draw(st.integers(1, 12)))
        mask = mask.union(RleMask.from_box(box, (WIDTH, HEIGHT)))
    return mask


@st.composite
def _by_hand(draw: st.DrawFn, history: History, number: int) -> c.Command | None:
    """A box, a polygon, a stroke or an annotation opened again."""
    document = history.present
    kind = draw(st.sampled_from(["box", "polygon", "edit", "reopen"]))
    if kind == "edit":
        mask = RleMask.empty(WIDTH, HEIGHT) if document.draft is None else document.draft.mask
        added, removed = draw(masks()).subtract(mask), draw(masks()).intersect(mask)
        return c.EditMask("brush", added, removed, number, float(number))
    if kind == "reopen":
        bare = document.draft is None or document.draft.is_bare
        ids = [a.id for a in document.annotations if a.id not in document.locked]
        return c.ReopenAnnotation(draw(st.sampled_from(ids)), number, float(number)) if ids and bare else None
    x, y = draw(st.integers(-5, WIDTH - 1)), draw(st.integers(-5, HEIGHT - 1))
    box = Box(x, y, max(x + draw(st.integers(4, 30)), 1), max(y + draw(st.integers(4, 30)), 1))
    corners = ((box.x0, box.y0), (box.x1, box.y0), (box.x0, box.y1)) if kind == "polygon" else ()
    return c.PlaceBox(box, corners, number, float(number))


@st.composite
def _press(draw: st.DrawFn, document: Document, number: int) -> c.Command | None:
    draft = document.draft
    click = Click(draw(st.integers(0, WIDTH - 1)), draw(st.integers(0, HEIGHT - 1)), draw(st.booleans()))
    place = Place(draft.regions, draft.clicks, draft.polygon, not draft.mask.is_empty) if draft else Place()
    meaning = read_press(document.mode, place, click)
    if isinstance(meaning, Nothing):
        return None
    return c.AddClick(click, meaning.regions, meaning.asked, meaning.is_fresh, number, float(number))


@st.composite
def _remove(draw: st.DrawFn, draft: Draft, number: int) -> c.Command:
    return c.RemoveClick(draw(st.integers(0, len(draft.clicks) - 1)), number)


@st.composite
def _move(draw: st.DrawFn, draft: Draft, number: int) -> c.Command | None:
    x, y = draw(st.integers(0, WIDTH - 1)), draw(st.integers(0, HEIGHT - 1))
    if not draft.allows(x, y):
        return None
    return c.MoveClick(draw(st.integers(0, len(draft.clicks) - 1)), x, y, number)


@st.composite
def next_command(draw: st.DrawFn, history: History, number: int) -> c.Command | None:
    """A command that makes sense now; None if the one drawn does not."""
    document, draft = history.present, history.present.draft
    kind = draw(
        st.sampled_from(
            ["press"] * 4
            + ["answer"] * 4
            + ["undo", "redo", "confirm", "remove", "move", "hand", "hand", "import", "other"]
        )
    )
    moves: dict[str, c.Command] = {"undo": c.Undo(), "redo": c.Redo()}
    if kind == "hand":
        return draw(_by_hand(history, number))
    if kind == "press":
        return draw(_press(document, number))
    if kind == "answer":
        prompt = draw(st.integers(1, max(number, 1)))
        crop, runs = draw(st.sampled_from([(NO_BOX, ()), (Box(0, 0, 30, 30), ((Box(0, 0, 16, 16), prompt),))]))
        return c.SetPrediction(prompt, draw(masks()), crop, runs, "net")
    if kind == "confirm":
        is_ready = draft is not None and not draft.mask.is_empty and document.labels
        how = draw(st.booleans()), draw(st.sampled_from([0, 0, 1])), draw(st.booleans())
        return c.Confirm(document.labels[-1].id, float(number) + 0.25, *how) if is_ready else None
    if kind in ("remove", "move"):
        change = _remove if kind == "remove" else _move
        return draw(change(draft, number)) if draft and draft.clicks else None
    return moves.get(kind) or draw(_import(history) if kind == "import" else _other(history))


@st.composite
def _import(draw: st.DrawFn, history: History) -> c.Command:
    document = history.present
    labels = tuple(
        Label(document.next_label_id + k, f"imported {k}", "#778899") for k in range(draw(st.integers(0, 2)))
    )
    choices = [label.id for label in (*document.labels, *labels)]
    found = [mask for mask in draw(st.lists(masks(), max_size=2)) if not mask.is_empty]
    annotations = tuple(
        Annotation(document.next_id + k, draw(st.sampled_from(choices)), mask, "net", 2, 1.5)
        for k, mask in enumerate(found if choices else [])
    )
    return c.ImportAnnotations(labels, annotations)


@st.composite
def _other(draw: st.DrawFn, history: History) -> c.Command | None:
    document = history.present
    modes: list[Mode] = [PointMode(), FixedBoxMode(16), FixedBoxMode(16, True), CustomBoxMode(True), PolygonMode()]
    choices: list[c.Command] = [c.SetMode(mode) for mode in modes]
    choices.append(c.AddLabel(f"label {document.next_label_id}", "#112233"))
    if document.draft is not None:
        choices.append(c.CancelDraft())
    used = {a.label_id for a in document.annotations}
    for label in document.labels:
        choices.append(c.UpdateLabel(label.id, label.name + "'", "#445566"))
        if label.id not in used:
            choices.append(c.RemoveLabel(label.id))
        choices += [c.Relabel(a.id, label.id) for a in document.annotations if a.id not in document.locked]
    free: list[int] = []
    for a in document.annotations:
        if document.draft is None or document.draft.editing != a.id:
            choices += [c.LockAnnotations((a.id,), True), c.LockAnnotations((a.id,), False)]
            if a.id not in document.locked:
                choices += [c.DeleteAnnotation(a.id), c.SplitAnnotation(a.id)]
                free.append(a.id)
        choices += [c.ShowAnnotations((a.id,), False), c.ShowAnnotations((a.id,), True)]
    if len(free) > 1:
        choices += [c.MergeAnnotations((free[-1], free[0])), c.DeleteAnnotations(tuple(free[:2]))]
    return draw(st.sampled_from(choices)) if choices else None


@st.composite
def command_lists(draw: st.DrawFn, length: int = 25) -> list[c.Command]:
    """Commands that can be run one after the other from `opened()`."""
    history, done = opened(), []
    for number in range(1, draw(st.integers(0, length)) + 1):
        command = draw(next_command(history, number))
        if command is not None:
            history = history.run(command)
            done.append(command)
    return done


def square_mask(x: int, y: int, size: int) -> RleMask:
    return RleMask.from_window(np.ones((size, size), np.uint8), (x, y), (WIDTH, HEIGHT))
