"""What a format cannot hold of a document, said before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from segmark.document import Annotation, Document
from segmark.formats.item import Item
from segmark.formats.png_mask import MAX_CLASSES, MAX_INSTANCES
from segmark.formats.rings import centre_rings
from segmark.formats.voc import MAX_INSTANCES as VOC_INSTANCES
from segmark.formats.voc import map_names
from segmark.quality import touching_boxes
from segmark.rle import RleMask

TRAINERS_KEEP = 1000  # points to which ultralytics resamples a longer outline: what is finer is lost in training
_CORNERS_A_RUN = 8  # four of its own, two of a key-hole there and back


@dataclass(frozen=True)
class Limit:
    """One thing that is lost (``is_fatal``: nothing can be written).

    Codes: ``overlap`` (pixels of ``count`` annotations are covered by later ones), ``hidden`` (``count`` annotations
    are wholly covered, so nothing of them is written), ``vertices`` (``count`` annotations have an outline of more
    corners than trainers keep; the file itself holds them), ``parts`` (``count`` annotations in
    several parts become one a part), ``merged`` (``count`` annotations melt into others of their class), ``instances``
    and ``classes`` (``count`` is more than the format numbers), ``names`` (``count`` class names change), ``details``
    (the model, the clicks and the seconds of ``count`` annotations), ``masks`` (figures only, no masks).
    """

    code: str
    count: int
    is_fatal: bool = False


class Overlaps:
    """Which annotations later ones cover pixels of; looked for once, and only when somebody asks."""

    def __init__(self, annotations: Sequence[Annotation]) -> None:
        self._annotations = annotations

    @cached_property
    def _above(self) -> dict[int, list[Annotation]]:
        """By the id of an annotation the later ones that share pixels with it."""
        found: dict[int, list[Annotation]] = {}
        for below, above in touching_boxes(self._annotations):
            if not below.mask.intersect(above.mask).is_empty:
                found.setdefault(below.id, []).append(above)
        return found

    def covered(self, same_class: bool = True) -> list[bool]:
        """For every annotation of which a later one covers pixels: whether all of its pixels are covered.

        ``same_class`` False: it counts only if one of another class covers some.
        """
        found: list[bool] = []
        for below in self._annotations:
            hits = self._above.get(below.id, [])
            if any(same_class or a.label_id != below.label_id for a in hits):
                cover = RleMask.union_of((a.mask for a in hits), below.mask.size)
                found.append(below.mask.subtract(cover).is_empty)
        return found


def limits(item: Item, format_id: str, overlaps: Overlaps | None = None) -> list[Limit]:
    """What the format with this id loses of the item; empty if nothing. `overlaps`: of its annotations, where known."""
    losses = _losses(item, format_id, overlaps or Overlaps(item.annotations))
    found = [Limit(code, count) for code, count in losses if count]
    most_instances = {"voc": VOC_INSTANCES, "instance_png": MAX_INSTANCES}.get(format_id)
    most_classes = {"voc": VOC_INSTANCES, "class_png": MAX_CLASSES}.get(format_id)
    if most_instances is not None and len(item.annotations) > most_instances:
        found.append(Limit("instances", len(item.annotations), is_fatal=True))
    if most_classes is not None and len(item.document.labels) > most_classes:
        found.append(Limit("classes", len(item.document.labels), is_fatal=True))
    return found


def limits_of_formats(items: Iterable[Item], format_ids: Iterable[str]) -> Iterator[tuple[str, list[Limit]]]:
    """Format after format what it loses of an item, for each item."""
    ids = tuple(format_ids)
    for item in items:
        overlaps = Overlaps(item.annotations)
        for format_id in ids:
            yield format_id, limits(item, format_id, overlaps)


def summed(found: Iterable[Iterable[Limit]]) -> list[Limit]:
    """The limits of several images: each code once, with the sum of its counts."""
    sums: dict[str, Limit] = {}
    for limit in (limit for one in found for limit in one):
        before = sums.get(limit.code)
        is_fatal = limit.is_fatal or (before is not None and before.is_fatal)
        sums[limit.code] = Limit(limit.code, limit.count + (before.count if before else 0), is_fatal)
    return list(sums.values())


def _losses(item: Item, format_id: str, overlaps: Overlaps) -> Iterable[tuple[str, int]]:
    annotations = item.annotations
    if format_id in ("measurements", "quality_csv", "quality_json"):
        yield "masks", len(annotations)
        return
    if format_id in ("voc", "instance_png", "class_png"):
        covered = overlaps.covered(same_class=format_id != "class_png")
        yield "overlap", sum(not is_hidden for is_hidden in covered)
        yield "hidden", sum(covered)
    if format_id in ("class_png", "class_masks"):
        yield "merged", _merged(item.document, annotations)
    if format_id in ("yolo", "class_png", "class_masks"):
        yield "parts", sum(annotation.mask.parts > 1 for annotation in annotations)
    if format_id == "voc":
        yield "names", sum(name != mapped for name, mapped in map_names(k.name for k in item.document.labels).items())
    if format_id == "yolo":
        yield "vertices", sum(map(_is_beyond_trainers, annotations))
    if not format_id.startswith("coco"):
        yield "details", sum(bool(a.model_id or a.clicks or a.seconds) for a in annotations)


def _is_beyond_trainers(annotation: Annotation) -> bool:
    mask = annotation.mask
    most = len(mask.per_row()[0]) * _CORNERS_A_RUN  # few runs cannot have many corners: most masks need no tracing
    return most > TRAINERS_KEEP and any(len(ring) > TRAINERS_KEEP for ring in centre_rings(mask))


def _merged(document: Document, annotations: tuple[Annotation, ...]) -> int:
    """How many annotations cannot be told from a neighbour of their class any more."""
    lost = 0
    for label in document.labels:
        masks = [a.mask for a in annotations if a.label_id == label.id]
        if len(masks) > 1:
            lost += max(0, sum(mask.parts for mask in masks) - RleMask.union_of(masks, masks[0].size).parts)
    return lost
