"""Classes belong to the project, undo to the image: what was done to the classes elsewhere comes into a document."""

from __future__ import annotations

from dataclasses import replace

from segmark.commands import ShareLabels
from segmark.document import Document, Label


def share(document: Document, base: tuple[Label, ...], command: ShareLabels) -> Document:
    """A document with the classes' changes from ``base`` to the command's.

    Like a three-way merge: what differs between ``base`` (the classes when the image was left) and the command's is
    done to the document's own, so that the steps of its history still undo what they did. A class that its annotations
    use stays. Two classes of one name (one added here and undone, the other added elsewhere) become one.
    """
    before = {label.id: label for label in base}
    after = {label.id: label for label in command.labels}
    used = {annotation.label_id for annotation in document.annotations}
    kept: list[Label] = []
    for own in document.labels:
        theirs = after.get(own.id)
        if theirs is None and own.id in before and own.id not in used:
            continue  # removed elsewhere
        kept.append(own if theirs is None or theirs == before.get(own.id) else theirs)
    mine = {label.id for label in document.labels}
    fresh = [label for label in command.labels if label.id not in before and label.id not in mine]
    return _united(
        replace(document, next_label_id=max(document.next_label_id, command.next_label_id)),
        (*kept, *fresh),
        {label.name: label.id for label in fresh},
        command.last_label_id,
    )


def _united(document: Document, labels: tuple[Label, ...], names: dict[str, int], last: int) -> Document:
    """The document with these classes; those that are called like one of `names` give way to it."""
    gone = {k.id: names[k.name] for k in labels if names.get(k.name, k.id) != k.id}
    left = tuple(label for label in labels if label.id not in gone)
    annotations = tuple(
        replace(a, label_id=gone[a.label_id]) if a.label_id in gone else a for a in document.annotations
    )
    ids = [label.id for label in left]
    wanted = (last, gone.get(document.last_label_id, document.last_label_id), *ids)
    return replace(
        document,
        labels=left,
        annotations=document.annotations if not gone else annotations,
        last_label_id=next((k for k in wanted if k in ids), 0),
    )
