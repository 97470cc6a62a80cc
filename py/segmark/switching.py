"""From one image of the project to another: each has a journal and a history of its own, the classes are shared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from segmark import commands as c
from segmark.document import Document, ImageRecord, Label
from segmark.errors import SegmarkError
from segmark.history import History
from segmark.journal import Replay, read_back, replay


def returned(record: ImageRecord, entries: Sequence[str]) -> Replay:
    """The history that an image was left with.

    Raises
    ------
    SegmarkError
        ``image.size_mismatch``: the journal is about another image, or one of another size.
        ``journal.newer``: a later version wrote it.
    """
    result = read_back(entries, record.name, record.id)
    image = result.history.present.image
    if image is not None and not record.is_same(image):
        raise SegmarkError("image.size_mismatch")
    return result


def recorded_levels(entries: Sequence[str]) -> tuple[float, float] | None:
    """The levels that an image's journal says it was opened with, so that it looks the same for ever; None: it does not say."""
    image = replay(History(), entries[:1]).history.present.image  # a journal begins with an opening or a snapshot
    return None if image is None else image.levels


def entering(record: ImageRecord, left: History) -> Iterator[c.Edit]:
    """What is done on the way into an image: the classes and the mode come along from the history that is left."""
    come_from = left.present
    if record.is_same(come_from.image):
        return
    following = left.next_label_id
    labels, last = come_from.labels, come_from.last_label_id
    yield c.OpenImage(record, labels, come_from.mode, last, following)  # changes nothing on one that came back
    yield c.ShareLabels(labels, last, following)
    yield c.SetMode(come_from.mode)


def closed(left: History) -> History:
    """A history without an image, with the classes and the mode of the one that is left."""
    present = left.present
    return History(
        Document(
            labels=present.labels,
            mode=present.mode,
            last_label_id=present.last_label_id,
            next_label_id=left.next_label_id,
        )
    )


def copied(source: Document, present: Document) -> c.ImportAnnotations:
    """What brings the annotations of another image of the project into the present document.

    Raises
    ------
    SegmarkError
        ``no_image``; ``copy.size``: the images differ in size.
    """
    here, there = present.image, source.image
    if here is None or there is None:
        raise SegmarkError("no_image")
    if (here.width, here.height) != (there.width, there.height):
        raise SegmarkError("copy.size", {"name": there.name, "width": there.width, "height": there.height})
    theirs = shared(source, present)
    labels, ids = _classes_for(theirs, present)
    # their drafts are the other image's, and have its numbers
    numbered = (
        replace(a, id=number, source=0, label_id=ids.get(a.label_id, a.label_id))
        for number, a in enumerate(theirs.annotations, start=present.next_id)
    )
    return c.ImportAnnotations(labels, tuple(numbered))


def _classes_for(theirs: Document, present: Document) -> tuple[tuple[Label, ...], dict[int, int]]:
    """Classes that annotations of another image use and the present document does not have (their adding was undone here).

    Returns
    -------
    the classes to add, and by their id there the id here; a class of the same name is that class
    """
    here, by_name = {k.id for k in present.labels}, {k.name: k.id for k in present.labels}
    used = {a.label_id for a in theirs.annotations} - here
    ids: dict[int, int] = {}
    fresh: list[Label] = []
    for label in theirs.labels:
        if label.id not in used:
            continue
        ids[label.id] = by_name.get(label.name, present.next_label_id + len(fresh))
        if label.name not in by_name:
            fresh.append(replace(label, id=ids[label.id]))
    return tuple(fresh), ids


def shared(document: Document, present: Document) -> Document:
    """A document of the project with the classes as they are now."""
    command = c.ShareLabels(present.labels, present.last_label_id, present.next_label_id)
    return History(document).run(command).present
