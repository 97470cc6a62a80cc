"""Pascal VOC: SegmentationClass and SegmentationObject as palette PNG, boxes as XML, labelmap.txt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import numpy as np

from segmark.errors import SegmarkError
from segmark.formats import checks
from segmark.formats.found import Found, Reading, Target
from segmark.formats.item import Classes, File, Item
from segmark.formats.origins import of_path, read_origins
from segmark.formats.png import read_grey, write_palette
from segmark.formats.png_mask import BACKGROUND, instance_indices, masks_of_values
from segmark.formats.xml_guard import clean
from segmark.rle import RleMask

MAX_INSTANCES = 254  # 255 means "unknown" in both PNGs
_VOID = 255
_BACKGROUND = "background"


def voc_palette() -> list[str]:
    """The 256 colours of the VOC devkit: the bits of the number dealt to red, green and blue in turn."""
    colors = []
    for number in range(256):
        rgb = [0, 0, 0]
        for bit in range(8):
            for channel in range(3):
                rgb[channel] |= (number >> (3 * bit + channel) & 1) << (7 - bit)
        colors.append("#{:02x}{:02x}{:02x}".format(*rgb))
    return colors


class VocWriter:
    """The folders of the VOC devkit; a class has the same number in every image."""

    def __init__(self) -> None:
        self._classes = Classes()
        self._names: dict[str, str] = {}
        self._stems: list[str] = []

    def add(self, item: Item) -> Iterable[File]:
        objects = instance_indices(item, MAX_INSTANCES, np.uint8)
        self._classes.add(item.document)
        if len(self._classes.labels) > MAX_INSTANCES:
            raise SegmarkError("too_many_labels", {"limit": MAX_INSTANCES})
        self._names = map_names((label.name for label in self._classes.labels), self._names)
        numbers = [0, *(self._classes.index(item.label(a)) + 1 for a in item.annotations)]
        classes = np.array(numbers, np.uint8)[objects]
        self._stems.append(item.stem)
        yield File(f"SegmentationClass/{item.stem}.png", write_palette(classes, self._colors()))
        yield File(f"SegmentationObject/{item.stem}.png", write_palette(objects, voc_palette()))
        yield File(f"Annotations/{item.stem}.xml", _boxes(item, self._names))

    def finish(self) -> Iterable[File]:
        yield File(
            "ImageSets/Segmentation/default.txt", "".join(f"{stem}\n" for stem in self._stems).encode(errors="replace")
        )
        rows = ["# label:color_rgb:parts:actions", f"{_BACKGROUND}:0,0,0::"]
        colors = self._colors()[1:]
        rows += [
            f"{self._names[label.name]}:{','.join(str(k) for k in bytes.fromhex(color[1:]))}::"
            for label, color in zip(self._classes.labels, colors, strict=False)
        ]
        yield File("labelmap.txt", ("\n".join(rows) + "\n").encode(errors="replace"))

    def _colors(self) -> list[str]:
        """By the devkit's palette: readers find a class by its colour, so no two may share one."""
        return [BACKGROUND, *voc_palette()[1:]]


def map_names(names: Iterable[str], known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Class name -> the name that labelmap.txt can hold: its colons part the fields, a # begins a comment.

    No two are alike, and none is called like the background; names that can stay as they are do. ``known``: those of
    earlier images, which stay too.
    """
    held = dict(known or {})
    taken = {_BACKGROUND, *held.values()}
    fresh = [name for name in dict.fromkeys(names) if name not in held]
    for name in sorted(fresh, key=lambda name: _fit(name) != name):
        mapped = first = _fit(name)
        number = 1
        while mapped in taken:
            number += 1
            mapped = f"{first}_{number}"
        taken.add(mapped)
        held[name] = mapped
    return held


def _fit(name: str) -> str:
    return name.replace(":", "_").replace("#", "_")


def _boxes(item: Item, names: Mapping[str, str]) -> bytes:
    root = Element("annotation")
    SubElement(root, "folder").text = "JPEGImages"
    SubElement(root, "filename").text = clean(item.file_name)
    size = SubElement(root, "size")
    for key, value in (("width", item.image.width), ("height", item.image.height), ("depth", 3)):
        SubElement(size, key).text = str(value)
    SubElement(root, "segmented").text = "1"
    for annotation in item.annotations:
        box = annotation.mask.bbox
        entry = SubElement(root, "object")
        SubElement(entry, "name").text = clean(names[item.label(annotation).name])
        for key in ("truncated", "difficult"):
            SubElement(entry, key).text = "0"
        bounds = SubElement(entry, "bndbox")  # counted from 1, both ends belong
        for key, value in (("xmin", box.x0 + 1), ("ymin", box.y0 + 1), ("xmax", box.x1), ("ymax", box.y1)):
            SubElement(bounds, key).text = str(value)
    indent(root)
    encoded: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return encoded


def read_labelmap(text: str) -> list[str]:
    """The names of labelmap.txt in the order of their numbers, the background first."""
    rows = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [checks.name(row.split(":")[0]) for row in rows]


def read_voc(files: Mapping[str, bytes], target: Target) -> Reading:
    """The objects of the target's image in the files of a VOC folder, as name in the archive -> bytes (needs Pillow).

    An object's class is what most of its pixels are in SegmentationClass.

    Raises
    ------
    SegmarkError
        ``import.damaged``, ``import.wrong_size``, ``import.no_match``, ``import.ambiguous``, ``import.too_much``.
    """
    reading = Reading(target)
    paths = [path for path in files if path.endswith(".png") and path.rpartition("/")[0].endswith("SegmentationObject")]
    with checks.damaged("VOC"):
        known = read_origins(files)
        path = reading.choose(sorted(paths), lambda entry: of_path(entry, known))
        objects = read_grey(files[path], target=target)
        classes = read_grey(files[path.replace("SegmentationObject", "SegmentationClass")], target=target)
        listed = next((files[name] for name in files if name.rpartition("/")[2] == "labelmap.txt"), None)
        names = read_labelmap(listed.decode()) if listed is not None else [_BACKGROUND, *target.labels]
        for value, mask in masks_of_values(objects, reading):
            if value == _VOID:
                reading.skip("void")
                continue
            reading.spend(mask.bbox.area)
            number = _most_frequent(classes, mask)
            if number == 0 or number >= len(names):
                reading.skip("unknown_class")
            else:
                reading.add(Found(names[number], mask))
    return reading


def _most_frequent(classes: np.ndarray, mask: RleMask) -> int:  # type: ignore[type-arg]
    box = mask.bbox
    values = classes[box.y0 : box.y1, box.x0 : box.x1][mask.to_window(box) != 0]
    return int(np.bincount(values).argmax())
