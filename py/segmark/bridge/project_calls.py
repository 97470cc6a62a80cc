"""What the page asks about the images of the project that are not open: their documents for an export, and archives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from segmark.bridge.protocol import Request, Result
from segmark.document import Document, ImageRecord
from segmark.errors import SegmarkError
from segmark.journal import read_back
from segmark.switching import shared

if TYPE_CHECKING:
    from segmark.bridge.dispatcher import Dispatcher

MAX_UNZIPPED = 768 << 20  # bytes of all images of one archive: they are in memory at once


class Taken:
    """Documents of images that are not open, as their journals say, held for an export."""

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}

    def take(self, document: Document) -> None:
        if document.image is not None:
            self._documents[document.image.id] = document

    def documents(self, image_ids: Sequence[str], present: Document) -> list[Document]:
        """The documents of these images in this order, with the present classes; the open one alone without ids.

        Raises
        ------
        SegmarkError
            ``bad_params``: the image is neither open nor taken.
        """
        known = self._documents | ({present.image.id: present} if present.image else {})
        if not image_ids:
            return [present]
        if not set(image_ids) <= set(known):
            raise SegmarkError("bad_params", {"what": "images"})
        return [shared(known[image_id], present) for image_id in image_ids]


def project_take(dispatcher: Dispatcher, request: Request) -> Result:
    """Hold the document of a journal for the next export; ``skipped``: entries that could not be read.

    ``id`` and ``name`` of the image; without ``entries`` but with ``width``, ``height`` and ``page``: one that was never opened.

    Raises
    ------
    SegmarkError
        ``journal.newer``: a later version wrote the journal, and what it holds would be missing.
    """
    image_id, name = request.get_text("id"), request.get_text("name")
    if "entries" not in request.params:
        width, height, page = (request.get_int(name) for name in ("width", "height", "page"))
        if min(width, height) <= 0 or page < 0:
            raise SegmarkError("bad_params", {"what": "size"})
        record = ImageRecord(image_id, name, width, height, page=page)
        dispatcher.taken.take(Document(image=record))
        return Result({"skipped": 0})
    result = read_back(request.get_texts("entries"), name, image_id)
    dispatcher.taken.take(replace(result.history.present, draft=None))
    return Result({"skipped": result.skipped})


def label_remove(dispatcher: Dispatcher, request: Request) -> Result:
    """Remove a class that no image of the project uses; ``images``: ids of those that were opened, taken before.

    Raises
    ------
    SegmarkError
        ``label_in_use``: by the open image. ``label_in_use_elsewhere``: by others.
    """
    session, label_id = dispatcher.session, request.get_int("id")
    present = session.history.present
    counts = {
        document.image.name: sum(a.label_id == label_id for a in document.annotations)
        for document in dispatcher.taken.documents(request.get_texts("images"), present)
        if document.image is not None and not document.image.is_same(present.image)
    }
    users = [name for name, count in counts.items() if count]
    if users:
        told = {"n": sum(counts.values()), "images": len(users), "name": users[0]}
        raise SegmarkError("label_in_use_elsewhere", told)
    session.labels.remove(label_id)
    return Result()


def annotations_copy(dispatcher: Dispatcher, request: Request) -> Result:
    """The annotations of another image, whose journal is given, come into the open one."""
    name, image_id = request.get_text("name"), request.get_text("id")
    source = read_back(request.get_texts("entries"), name, image_id).history.present
    return Result({"copied": dispatcher.session.copy_annotations(source)})


def project_unzip(_dispatcher: Dispatcher, request: Request) -> Result:
    """The files of an archive: their names, and their bytes as buffers; what is no image by its name is left out.

    ``annotations``: whether the archive has a file that is of an annotation format by its content.
    """
    from segmark.formats.recognise import has_annotations  # not needed at start
    from segmark.formats.zip_guard import read_zip

    files = read_zip(request.get_bytes().tobytes(), MAX_UNZIPPED)
    names = sorted(name for name in files if is_image_name(name))
    arrays = [np.frombuffer(files[name], np.uint8) for name in names]
    told = {"names": names, "others": len(files) - len(names), "annotations": has_annotations(files)}
    return Result(told, arrays)


def is_image_name(name: str) -> bool:
    """Whether a path in an archive is called like an image; what systems put beside files is not."""
    parts = name.split("/")
    is_hidden = any(part.startswith(".") for part in parts) or "__MACOSX" in parts
    return not is_hidden and name.lower().endswith((".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"))
