"""Which image an entry of a file is about: by its name there and, where names collide in an export of ours, by the image's id.

Two images of one project may have the same name, or names that differ in the ending only, but files need names of their
own. `items_of` gives them; what they stand for goes along: in ``segmark_images.jsonl`` beside the files of an archive
(a line an image: stem, name, id), in fields of their own in COCO and CVAT.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from segmark.formats import checks
from segmark.formats.item import File, Item, base_of, safe_stem, stem_of
from segmark.json_guard import read_json

FILE = "segmark_images.jsonl"


class Origin(NamedTuple):
    """The image that an entry is about.

    Attributes
    ----------
    name : its name as the file gives it, perhaps with folders; empty if the file gives none
    stem : the same without folders and ending, fit for files
    id : the `ImageRecord`'s id if the file is ours and names collided, else empty
    has_ending : the name is a whole file name, so another ending means another image
    """

    name: str
    stem: str
    id: str = ""
    has_ending: bool = True


def named(name: str, image_id: str = "") -> Origin:
    """Of an entry that gives the name of its image."""
    name = name.replace("\\", "/")
    return Origin(name, stem_of(base_of(name)), image_id)


def of_path(path: str, known: Mapping[str, Origin]) -> Origin:
    """Of a file that is called like its image but for the ending; ``known``: what `read_origins` found."""
    return of_stem(path.rpartition(".")[0] or path, known)


def of_stem(stem: str, known: Mapping[str, Origin]) -> Origin:
    """Of a folder, or a file without its ending, that is called like its image without ending."""
    base = base_of(stem)
    return known.get(base, Origin(base, safe_stem(base), has_ending=False))


def origins_file(items: Iterable[Item]) -> File:
    """What the stems of an archive stand for."""
    rows = (json.dumps([item.stem, item.image.name, item.image.id], ensure_ascii=False) for item in items)
    return File(FILE, "".join(f"{row}\n" for row in rows).encode(errors="replace"))


def read_origins(files: Mapping[str, bytes]) -> dict[str, Origin]:
    """Stem -> image, of an archive of ours whose names collided; else empty. SegmarkError ``import.damaged``."""
    data = files.get(FILE)
    known: dict[str, Origin] = {}
    with checks.damaged("JSON"):
        for line in (data or b"").decode().splitlines():
            stem, name, image_id = (checks.text(value) for value in checks.sequence(read_json(line, 1)))
            known[stem] = named(name, image_id)
    return known
