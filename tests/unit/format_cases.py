"""Documents that are hard to export: holes, one-pixel lines and parts, border pixels, overlaps, names of all kinds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from segmark.commands import ImportAnnotations
from segmark.document import Annotation, Document, ImageRecord, Label, new_document
from segmark.formats.found import Target
from segmark.formats.item import File, Item, Writer, item_of
from segmark.formats.reading import ImportReport, plan, read_file
from segmark.rle import RleMask

IMAGE_NAME = "Kratzer 划痕 é.png"
NAMES = [
    "scratch",
    "划痕",
    "Riß & <b>Delle</b>",
    "\"quoted\" 'name' \\",
    "a: b, c; #1",
    "a_ b, c; _1",
    "background",
    "=1+1",
    "-",
    "null",
]


def document_of(*pixels: NDArray[np.uint8], label_ids: tuple[int, ...] = (), name: str = IMAGE_NAME) -> Document:
    """A document with one annotation a window; all windows have the image's size."""
    height, width = pixels[0].shape
    ids = label_ids or tuple(1 + k % 4 for k in range(len(pixels)))
    annotations = tuple(
        Annotation(k, label_id, RleMask.from_window(mask, (0, 0), (width, height)))
        for k, (mask, label_id) in enumerate(zip(pixels, ids, strict=True), start=1)
    )
    image = ImageRecord("i", name, width, height)
    return replace(new_document(), image=image, annotations=annotations, next_id=len(annotations) + 1)


def hard_masks() -> dict[str, NDArray[np.uint8]]:
    """Masks of 40 x 30 pixels on which exporters fail."""
    empty = np.zeros((30, 40), np.uint8)
    ring, line, dot, frame, slant, nested, corners, noise = (empty.copy() for _ in range(8))
    ring[5:20, 5:25], ring[8:12, 9:15], ring[14, 20] = 1, 0, 0
    line[13, 2:38] = 1
    dot[29, 39] = 1
    frame[:] = 1
    frame[1:-1, 1:-1] = 0
    slant[np.arange(30), np.arange(30)] = 1
    nested[2:28, 2:38], nested[5:25, 5:35], nested[8:22, 8:32], nested[11:19, 11:29] = 1, 0, 1, 0
    corners[0, 0] = corners[0, 39] = corners[29, 0] = corners[29, 39] = 1
    noise[:] = np.random.default_rng(7).random(noise.shape) < 0.5
    full = np.ones_like(empty)
    names = ("ring", "line", "dot", "frame", "slant", "nested", "corners", "noise", "full")
    return dict(zip(names, (ring, line, dot, frame, slant, nested, corners, noise, full), strict=True))


def pixel_masks(side: int = 24) -> st.SearchStrategy[NDArray[np.uint8]]:
    shapes = hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=side)
    return hnp.arrays(np.uint8, shapes, elements=st.integers(0, 1)).filter(lambda mask: bool(mask.any()))


@st.composite
def documents(draw: st.DrawFn, is_flat: bool = False) -> Document:
    """Up to four annotations with names of all kinds; ``is_flat``: none overlaps another."""
    shape = draw(st.tuples(st.integers(1, 20), st.integers(1, 20)))
    rough = draw(st.lists(hnp.arrays(np.uint8, shape, elements=st.integers(0, 1)), min_size=1, max_size=4))
    if is_flat:
        for k, mask in enumerate(rough):
            for earlier in rough[:k]:
                mask[earlier != 0] = 0
    pixels = [mask for mask in rough if mask.any()] or [np.ones(shape, np.uint8)]
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    labels = tuple(Label(k, name, f"#0000{k:02X}") for k, name in enumerate(names, start=1))
    ids = tuple(draw(st.integers(1, len(names))) for _ in pixels)
    return replace(document_of(*pixels, label_ids=ids), labels=labels, next_label_id=len(labels) + 1)


def written(writer: Writer, document: Document) -> list[File]:
    item: Item = item_of(document)
    return [*writer.add(item), *writer.finish()]


def target_of(document: Document) -> Target:
    assert document.image is not None
    image = document.image
    return Target(image.name, image.width, image.height, tuple(label.name for label in document.labels), image.id)


def pixels_of(mask: RleMask) -> NDArray[np.uint8]:
    whole = RleMask.from_window(np.ones((mask.height, mask.width), np.uint8), (0, 0), mask.size)
    return mask.to_window(whole.bbox)


def plan_one(data: bytes, name: str, document: Document) -> tuple[ImportAnnotations, ImportReport]:
    """The import of a file that comes alone."""
    command, (report,) = plan([read_file(name, data, target_of(document))], document)
    return command, report
