"""Statistics of annotations, and what looks wrong with them: pure functions over any number of images.

Areas are in pixels of the image, boxes in image coordinates, half-open; seconds are those that a person took.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from segmark.document import Annotation, Document, ImageRecord
from segmark.rle import RleMask

MAX_FINDINGS = 5_000
Pairs = Iterable[tuple[ImageRecord, Document]]


@dataclass(frozen=True)
class Rules:
    """From where on something is a finding.

    Attributes
    ----------
    tiny_px : an annotation of fewer pixels is tiny
    duplicate_iou : two annotations of one image that agree so well are one twice
    """

    tiny_px: int = 16
    duplicate_iou: float = 0.9


@dataclass(frozen=True)
class Finding:
    """One thing to look at.

    Attributes
    ----------
    kind : ``empty``, ``tiny``, ``duplicate``, ``overlap`` or ``border``
    image, name : id and name of the image
    annotation : id of the annotation (of a pair: the later one)
    label : name of its class
    other : id of the pair's earlier annotation; 0 if it is no pair
    value : tiny: its pixels; duplicate: intersection over union; overlap: pixels shared; border: pixels on the image's
        outermost rows and columns
    """

    kind: str
    image: str
    name: str
    annotation: int
    label: str
    other: int
    value: float


@dataclass(frozen=True)
class Tally:
    """Sums over annotations.

    ``objects`` counts those that a person made (imported ones tell no seconds and no clicks); ``clicks`` and
    ``seconds`` are those of all their drafts, each draft once.
    """

    annotations: int = 0
    area: int = 0
    objects: int = 0
    clicks: int = 0
    seconds: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.annotations + other.annotations,
            self.area + other.area,
            self.objects + other.objects,
            self.clicks + other.clicks,
            round(self.seconds + other.seconds, 1),
        )

    @property
    def seconds_per_object(self) -> float:
        """Mean seconds an object; 0.0 if nobody made one."""
        return self.seconds / self.objects if self.objects else 0.0

    @property
    def clicks_per_object(self) -> float:
        """Mean clicks an object; 0.0 if nobody made one."""
        return self.clicks / self.objects if self.objects else 0.0


@dataclass(frozen=True)
class ImageTally:
    """One image: all its annotations, and those of each class by name, in the order of the classes."""

    image: ImageRecord
    whole: Tally
    classes: dict[str, Tally]


@dataclass(frozen=True)
class Report:
    """What `report` found; ``is_cut``: there was more than `MAX_FINDINGS`."""

    images: tuple[ImageTally, ...]
    findings: tuple[Finding, ...]
    is_cut: bool = False

    @property
    def whole(self) -> Tally:
        """The sum over all images."""
        return sum((image.whole for image in self.images), Tally())

    @property
    def classes(self) -> dict[str, Tally]:
        """The sum over all images, by the name of the class."""
        joined: dict[str, Tally] = {}
        for image in self.images:
            for name, tally in image.classes.items():
                joined[name] = joined.get(name, Tally()) + tally
        return joined


def report(pairs: Pairs, rules: Rules | None = None) -> Report:
    """Look at every image with its document; a draft does not count."""
    images: list[ImageTally] = []
    findings: list[Finding] = []
    is_cut = False
    for image, document in pairs:
        images.append(tally_of(image, document))
        for finding in find(image, document, rules or Rules()):
            if len(findings) >= MAX_FINDINGS:
                is_cut = True
                break
            findings.append(finding)
    return Report(tuple(images), tuple(findings), is_cut)


def tally_of(image: ImageRecord, document: Document) -> ImageTally:
    """The sums of one image."""
    tallies = _tallies(document.annotations)
    classes: dict[str, Tally] = {}
    for label in document.labels:
        mine = [t for t, a in zip(tallies, document.annotations, strict=True) if a.label_id == label.id]
        if mine:
            classes[label.name] = sum(mine, Tally())
    return ImageTally(image, sum(tallies, Tally()), classes)


def find(image: ImageRecord, document: Document, rules: Rules) -> Iterator[Finding]:
    """What looks wrong on one image: single annotations in their order, then pairs."""
    names = {label.id: label.name for label in document.labels}
    by_id = {a.id: a for a in document.annotations}

    def made(kind: str, annotation: int, value: float, other: int = 0) -> Finding:
        label = names.get(by_id[annotation].label_id, "")
        return Finding(kind, image.id, image.name, annotation, label, other, value)

    for a in document.annotations:
        if a.mask.is_empty:
            yield made("empty", a.id, 0)
            continue
        if a.mask.area < rules.tiny_px:
            yield made("tiny", a.id, a.mask.area)
        border = border_pixels(a.mask)
        if border:
            yield made("border", a.id, border)
    for earlier, later in touching_boxes(document.annotations):
        shared = earlier.mask.intersect(later.mask).area
        iou = shared / (earlier.mask.area + later.mask.area - shared)
        if iou >= rules.duplicate_iou:
            yield made("duplicate", later.id, round(iou, 4), earlier.id)
        elif shared:
            yield made("overlap", later.id, shared, earlier.id)


def border_pixels(mask: RleMask) -> int:
    """How many pixels of a mask lie on the outermost rows and columns of the image."""
    box, (width, height) = mask.bbox, mask.size
    if min(box.x0, box.y0) > 0 and box.x1 < width and box.y1 < height:
        return 0
    inner = mask.to_window(box)[
        int(box.y0 == 0) : box.height - int(box.y1 == height), int(box.x0 == 0) : box.width - int(box.x1 == width)
    ]
    return mask.area - int(np.count_nonzero(inner))


def touching_boxes(annotations: Sequence[Annotation]) -> Iterator[tuple[Annotation, Annotation]]:
    """Pairs (earlier, later in the list) whose boxes share a pixel: a sweep from top to bottom."""
    solid = [k for k, a in enumerate(annotations) if not a.mask.is_empty]
    if not solid:
        return
    order = np.array(sorted(solid, key=lambda k: annotations[k].mask.bbox.y0))
    x0, y0, x1, y1 = np.array([annotations[k].mask.bbox for k in order]).T
    for at in range(len(order)):
        end = int(np.searchsorted(y0, y1[at]))  # from there on everything begins below
        near = np.arange(at + 1, end)
        for k in order[near[(x0[near] < x1[at]) & (x1[near] > x0[at])]]:
            first, second = sorted((int(order[at]), int(k)))
            yield annotations[first], annotations[second]


def _tallies(annotations: Sequence[Annotation]) -> list[Tally]:
    """One annotation each; those of one draft share its figures (of before it was noted: ids in a row, the same figures)."""
    tallies: list[Tally] = []
    last: Annotation | None = None
    told: set[int] = set()
    drafts: dict[int, tuple[int, float]] = {}  # one part may have been opened again: it has the later, larger figures
    for a in annotations:
        drafts[a.source] = max(drafts.get(a.source, (0, 0.0)), (a.clicks, a.seconds))
    for a in annotations:
        is_made = bool(a.clicks or a.seconds)
        is_part = a.source in told or (
            last is not None
            and a.id == last.id + 1
            and a.source == 0
            and (a.model_id, a.clicks, a.seconds) == (last.model_id, last.clicks, last.seconds)
        )
        own = drafts[a.source] if a.source else (a.clicks, a.seconds)
        clicks, seconds = (0, 0.0) if is_part else own
        tallies.append(Tally(1, a.mask.area, int(is_made), clicks, seconds))
        last = a
        told |= {a.source} - {0}
    return tallies
