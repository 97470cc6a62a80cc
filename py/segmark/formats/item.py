"""What writers take and give: one image with its document in, named files out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from segmark.document import Annotation, Document, ImageRecord, Label
from segmark.errors import SegmarkError

_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")


class File(NamedTuple):
    """A file of an export; ``path`` is relative, with forward slashes."""

    path: str
    data: bytes


@dataclass(frozen=True)
class Options:
    """What a person may choose.

    Attributes
    ----------
    mm_per_pixel : the scale of measurements; 0 = unknown
    only : ids of the annotations to write; None = all of them
    tiny_px : what the quality report calls tiny: fewer pixels than this
    """

    mm_per_pixel: float = 0.0
    only: frozenset[int] | None = None
    tiny_px: int = 16


@dataclass(frozen=True)
class Item:
    """One image of an export.

    Attributes
    ----------
    stem : its file name without an ending, unique in the export
    file_name : its file name, unique in the export
    has_twin : another image has its name, perhaps with another ending: the two above may not tell it
    """

    stem: str
    image: ImageRecord
    document: Document
    options: Options = field(default_factory=Options)
    file_name: str = ""
    has_twin: bool = False

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """Those to write; one without a pixel (only a foreign project file holds such) is none."""
        return tuple(a for a in self.chosen.annotations if not a.mask.is_empty)

    @property
    def chosen(self) -> Document:
        """The document with the annotations that were chosen, those without a pixel too, and no draft."""
        only = self.options.only
        chosen = tuple(a for a in self.document.annotations if only is None or a.id in only)
        return replace(self.document, annotations=chosen, draft=None)

    def label(self, annotation: Annotation) -> Label:
        label = self.document.label(annotation.label_id)
        assert label is not None  # reduce.py keeps it so
        return label


class Writer(Protocol):
    """Takes the images one after the other; files come as soon as they are whole."""

    def add(self, item: Item) -> Iterable[File]: ...

    def finish(self) -> Iterable[File]: ...


class Classes:
    """The classes of several documents, by name, numbered from 0 in the order of their first appearance."""

    def __init__(self) -> None:
        self.labels: list[Label] = []
        self._index: dict[str, int] = {}

    def add(self, document: Document) -> None:
        for label in document.labels:
            if label.name not in self._index:
                self._index[label.name] = len(self.labels)
                self.labels.append(label)

    def index(self, label: Label) -> int:
        return self._index[label.name]


def base_of(name: str) -> str:
    """A file's name without folders."""
    return name.replace("\\", "/").rpartition("/")[2]


def stem_of(name: str) -> str:
    """A file's name without ending and without characters that a file system or a zip reader may refuse."""
    return safe_stem(_ENDING.sub("", name))


def safe_stem(stem: str) -> str:
    """A name without ending, without characters that a file system or a zip reader may refuse."""
    clean = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]+', "_", stem.encode(errors="replace").decode())
    return clean.strip(" .")[:150] or "segmark"


def items_of(pairs: Sequence[tuple[ImageRecord, Document]], options: Options) -> Iterator[Item]:
    """Items with stems and file names that differ even where case does not count."""
    common = Counter(stem_of(image.name).casefold() for image, _ in pairs)
    stems: set[str] = set()
    names: set[str] = set()
    for image, document in pairs:
        first = stem_of(image.name)
        ending = _ENDING.search(image.name)
        stem = _free(first, "", stems)
        name = _free(_ENDING.sub("", image.name), ending[0] if ending else "", names)
        has_twin = common[first.casefold()] > 1 or (stem, name) != (first, image.name)
        yield Item(stem, image, document, options, name, has_twin)


def _free(first: str, ending: str, taken: set[str]) -> str:
    """The name itself or, if it is taken, with a number; it is taken then."""
    name = first + ending
    number = 1
    while name.casefold() in taken:
        number += 1
        name = f"{first}_{number}{ending}"
    taken.add(name.casefold())
    return name


def item_of(document: Document, options: Options | None = None) -> Item:
    """The one item of a document with an image; SegmarkError ``no_image`` without one."""
    if document.image is None:
        raise SegmarkError("no_image")
    return next(items_of([(document.image, replace(document, draft=None))], options or Options()))


def one_file(writer: Writer, item: Item) -> bytes:
    """The bytes of a format that makes one file of an image."""
    files = [*writer.add(item), *writer.finish()]
    assert len(files) == 1
    return files[0].data
