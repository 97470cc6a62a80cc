"""The document: frozen, shared between the steps of the history, changed only by `reduce.apply`."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from segmark.clicks import Click
from segmark.geometry import NO_BOX, Box
from segmark.modes import Mode, PointMode
from segmark.polygon import Polygon, bounding_box, polygon_contains, polygon_window
from segmark.rle import RleMask

# Okabe and Ito's colours (safe for the colour-blind), without black, in an order that starts well on grey
PALETTE = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#CC79A7", "#D55E00", "#0072B2", "#999999")
_FIRST_LABELS = {
    "en": ("scratch", "crack", "blowhole", "stain"),
    "zh": ("划痕", "裂纹", "气孔", "污渍"),
}


@dataclass(frozen=True)
class ImageRecord:
    """One image of the project.

    ``levels``: the file's values that became 0 and 255 (`images.decode`); ``page`` of the file, from 0.
    """

    id: str
    name: str
    width: int
    height: int
    levels: tuple[float, float] = (0.0, 255.0)
    page: int = 0

    def is_same(self, other: ImageRecord | None) -> bool:
        """Whether both mean the same pixels; a name or levels that are told otherwise make no other image."""
        if other is None:
            return False
        return (self.id, self.width, self.height, self.page) == (other.id, other.width, other.height, other.page)


@dataclass(frozen=True)
class Label:
    """A class: what an annotation shows."""

    id: int
    name: str
    color: str


@dataclass(frozen=True)
class Annotation:
    """One finished, labelled object.

    ``clicks`` and ``seconds`` (time at work, `activity`) are those of the draft it came from; ``model_id`` is "" if no
    network took part. Those with the same ``source`` (0: unknown) come from one draft, whose figures each of them tells.
    """

    id: int
    label_id: int
    mask: RleMask
    model_id: str = ""
    clicks: int = 0
    seconds: float = 0.0
    source: int = field(default=0, compare=False)  # a document of before, which has none, is still the same document


@dataclass(frozen=True)
class Draft:
    """The object being clicked.

    Attributes
    ----------
    mode : the mode it was begun in
    clicks, regions, mask : the prompt so far, and the mask (the last answer's, until the next one is there)
    asked : the boxes that the present prompt wants run; empty means the whole image
    prompt : number of this state of the prompt, new for each click; answers carry it
    parent : the prompt whose answer is the previous mask; 0 if none
    is_answered : the mask is the answer to this prompt
    forget : the answer must not look at the previous mask (a click was taken away)
    crop : what the network saw when it gave the mask in point mode; empty if nothing
    box_runs : (box, prompt) of runs whose logits later answers are joined with: the last one of each box, or the
        details of point mode
    begun : time in seconds of the first click, on the clock of `activity`
    is_drawn : the first of the boxes was drawn by hand, so it stays when its clicks go
    polygon : only pixels inside it can become foreground (R1.6); empty: no such limit
    added, removed : pixels that were painted or erased by hand and stay so, whatever the network says (R6.4)
    base : the mask before any click, of an annotation that was opened again; None: nothing
    editing : id of that annotation; 0 if none
    """

    mode: Mode
    mask: RleMask
    clicks: tuple[Click, ...] = ()
    regions: tuple[Box, ...] = ()
    asked: tuple[Box, ...] = ()
    prompt: int = 0
    parent: int = 0
    is_answered: bool = False
    forget: bool = False
    crop: Box = NO_BOX
    box_runs: tuple[tuple[Box, int], ...] = ()
    model_id: str = ""
    begun: float = 0.0
    polygon: Polygon = ()
    added: RleMask | None = None
    removed: RleMask | None = None
    base: RleMask | None = None
    editing: int = 0
    is_drawn: bool = field(default=False, compare=False)  # as `Annotation.source`

    def allows(self, x: int, y: int) -> bool:
        """Whether a click may be at a pixel: in one of the boxes and in the polygon, if there are any."""
        return not self.regions or (
            any(box.contains(x, y) for box in self.regions) and polygon_contains(self.polygon, x, y)
        )

    @property
    def marking_area(self) -> RleMask | None:
        """The pixels that can become foreground: those of the polygon and of the boxes besides it; None: all."""
        if not self.polygon:
            return None
        size, around = self.mask.size, bounding_box(self.polygon)
        inner = around.intersect(Box(0, 0, *size))
        area = RleMask.from_window(polygon_window(self.polygon, inner), (inner.x0, inner.y0), size)
        for box in self.regions:
            if box != around:
                area = area.union(RleMask.from_box(box, size))
        return area

    def by_hand(self, mask: RleMask) -> RleMask:
        """A mask with what was painted and erased by hand."""
        if self.added is not None:
            mask = mask.union(self.added)
        return mask if self.removed is None else mask.subtract(self.removed)

    @property
    def start(self) -> RleMask:
        """The mask before any click: what was opened again, and the work of the hand."""
        return self.by_hand(RleMask.empty(*self.mask.size) if self.base is None else self.base)

    def reset(self, mask: RleMask, area: RleMask) -> RleMask:
        """A mask with an area of it as it was before any click."""
        return mask.subtract(area).union(self.start.intersect(area))

    @property
    def is_bare(self) -> bool:
        """Nothing but, at most, an empty box."""
        return not self.clicks and self.added is None and self.removed is None and self.base is None


@dataclass(frozen=True)
class Document:
    """All that the person has made on the open image, and the mode they work in.

    ``is_done``: the person has called this image finished; one without annotations then shows no defect. ``hidden`` and
    ``locked`` are ids of annotations; a locked one changes by nothing but being unlocked.
    """

    image: ImageRecord | None = None
    labels: tuple[Label, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    draft: Draft | None = None
    mode: Mode = field(default_factory=PointMode)
    last_label_id: int = 0
    next_id: int = 1
    next_label_id: int = 1
    hidden: frozenset[int] = frozenset()
    locked: frozenset[int] = frozenset()
    is_done: bool = False

    @property
    def state(self) -> str:
        """``none`` (nothing made), ``draft`` (work has begun) or ``done`` (the person said so)."""
        if self.is_done:
            return "done"
        return "none" if self.draft is None and not self.annotations else "draft"

    def label(self, label_id: int) -> Label | None:
        return next((label for label in self.labels if label.id == label_id), None)

    def annotation(self, annotation_id: int) -> Annotation | None:
        return self._by_id.get(annotation_id)

    @cached_property
    def _by_id(self) -> dict[int, Annotation]:
        return {a.id: a for a in self.annotations}


def free_color(labels: tuple[Label, ...]) -> str:
    """The first colour of the palette that no label has; when all are taken, they come round again."""
    taken = {label.color for label in labels}
    return next((color for color in PALETTE if color not in taken), PALETTE[len(labels) % len(PALETTE)])


def new_document(lang: str = "en") -> Document:
    """The document that a person starts with: four labels in their language, no image."""
    names = _FIRST_LABELS.get(lang.split("-", maxsplit=1)[0], _FIRST_LABELS["en"])
    labels = tuple(Label(k, name, PALETTE[k - 1]) for k, name in enumerate(names, start=1))
    return Document(labels=labels, last_label_id=1, next_label_id=len(labels) + 1)
