"""CVAT for images 1.1: annotations.xml with masks as row-major run lengths in their box."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np

from segmark.document import Annotation, Document
from segmark.errors import SegmarkError
from segmark.formats import checks
from segmark.formats.found import Found, Reading, Target
from segmark.formats.item import Classes, File, Item, item_of, one_file
from segmark.formats.origins import Origin, named
from segmark.formats.rings import fill_corners
from segmark.formats.xml_guard import clean
from segmark.geometry import Box
from segmark.rle import RleMask


class CvatWriter:
    """One ``annotations.xml`` for all images."""

    def __init__(self) -> None:
        self._classes = Classes()
        self._images: list[Element] = []

    def add(self, item: Item) -> Iterable[File]:
        self._classes.add(item.document)
        image = item.image
        element = Element(
            "image",
            id=str(len(self._images)),
            name=clean(item.file_name),
            width=str(image.width),
            height=str(image.height),
        )
        if item.has_twin:
            element.set("segmark_name", clean(image.name))
            element.set("segmark_id", clean(image.id))
        for order, annotation in enumerate(item.annotations):
            element.append(_mask_element(annotation, item.label(annotation).name, order))
        self._images.append(element)
        return ()

    def finish(self) -> Iterable[File]:
        root = Element("annotations")
        SubElement(root, "version").text = "1.1"
        task = SubElement(SubElement(root, "meta"), "task")
        SubElement(task, "size").text = str(len(self._images))
        labels = SubElement(task, "labels")
        for label in self._classes.labels:
            element = SubElement(labels, "label")
            SubElement(element, "name").text = clean(label.name)
            SubElement(element, "color").text = label.color
            SubElement(element, "type").text = "mask"
            SubElement(element, "attributes")
        root.extend(self._images)
        yield File("annotations.xml", tostring(root, encoding="utf-8", xml_declaration=True))


def _mask_element(annotation: Annotation, name: str, order: int) -> Element:
    box = annotation.mask.bbox
    counts = RleMask.from_window(annotation.mask.to_window(box), (0, 0), (box.width, box.height)).to_counts()
    return Element(
        "mask",
        label=clean(name),
        source="manual",
        occluded="0",
        rle=", ".join(map(str, counts.tolist())),
        left=str(box.x0),
        top=str(box.y0),
        width=str(box.width),
        height=str(box.height),
        z_order=str(order),
    )


def write_cvat(document: Document) -> bytes:
    """The document as CVAT XML; SegmarkError ``no_image``."""
    return one_file(CvatWriter(), item_of(document))


def read_cvat(root: Element, target: Target) -> Reading:
    """The masks and polygons of the target's image (polygons by COCO's rule, as CVAT itself turns them into masks).

    Raises
    ------
    SegmarkError
        ``import.damaged``, ``import.wrong_size``, ``import.no_match``, ``import.bad_coordinates``, ``import.bad_runs``,
        ``import.too_much``.
    """
    reading = Reading(target)
    with checks.damaged("CVAT"):
        images = root.findall("image")
        image = reading.choose(images, _origin)
        target.check_size(checks.integer_text(image.get("width")), checks.integer_text(image.get("height")))
        for element in image:
            if element.tag == "mask":
                reading.add(Found(checks.name(element.get("label")), _mask_of(element, target.size)))
            elif element.tag == "polygon":
                pairs = [pair.split(",") for pair in checks.text(element.get("points")).split(";")]
                ring = checks.points([float(value) for pair in pairs for value in pair], target.size)
                reading.spend_box(ring)
                reading.add(Found(checks.name(element.get("label")), fill_corners([ring], target.size)))
            else:
                reading.skip("no_mask")
    return reading


def _origin(image: Element) -> Origin:
    return named(image.get("segmark_name", image.get("name", "")), image.get("segmark_id", ""))


def _mask_of(element: Element, size: tuple[int, int]) -> RleMask:
    x, y, width, height = (checks.integer_text(element.get(key)) for key in ("left", "top", "width", "height"))
    box = Box(x, y, x + width, y + height)
    if width <= 0 or height <= 0 or box.intersect(Box(0, 0, *size)) != box:
        raise SegmarkError("import.bad_coordinates")
    counts = np.array([checks.integer_text(k) for k in checks.text(element.get("rle")).split(",")], np.int64)
    missing = width * height - int(counts.sum())
    if missing > 0:  # some writers leave the last zeros out
        counts = np.append(counts, [missing] if len(counts) % 2 == 0 else [0, missing])
    try:
        window = RleMask.from_counts(counts, (width, height))
    except ValueError as error:
        raise SegmarkError("import.bad_runs") from error
    return RleMask.from_window(window.to_window(Box(0, 0, width, height)), (x, y), size)
