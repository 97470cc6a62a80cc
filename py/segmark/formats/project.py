"""The project file: a zip with every image's journal and document, and its file if the person wants it.

``project.json`` (schema, images in their order, which one is open) and for each image a folder ``images/<id>/`` with
``journal.jsonl`` (`segmark.journal`, so every step can be undone again), ``document.json`` (what the journal leads to,
for other programs and as a check); ``files/<file id>/file`` are the bytes that were opened. Nothing of a file that breaks a rule is kept.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import segmark
from segmark.document import Document
from segmark.errors import SegmarkError
from segmark.formats import checks
from segmark.formats.item import File
from segmark.formats.zip_guard import read_zip, write_zip
from segmark.history import History
from segmark.images.probe import LIMIT_PIXELS
from segmark.journal import history_from_json, history_to_json, read_back, replay
from segmark.json_guard import read_json
from segmark.labels import checked_color, checked_name

SCHEMA = 1
ENDING = ".segmark"
MAX_BYTES = 768 << 20  # of all files together: they are in memory at once
MAX_IMAGES = 5_000
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_STATES = ("none", "draft", "done")


@dataclass(frozen=True)
class StoredImage:
    """One image of a project.

    Attributes
    ----------
    width, height : 0 until it was opened
    sample : id of the sample that it is; None for a person's own file
    state : ``none``, ``draft`` or ``done``
    entries : its journal; empty until it was opened
    data : the bytes of its file; None: the project has it without
    file_id, page : name of its file in the project, which several images may share, and the page of it, from 0
    size, sha256 : bytes and digest of the file ("" where it is not known), also of one that the project has not
    """

    id: str
    name: str
    width: int
    height: int
    sample: str | None
    state: str
    file_id: str
    page: int
    size: int
    sha256: str = ""
    entries: tuple[str, ...] = ()
    data: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class StoredProject:
    """All images in their order; ``current``: id of the open one."""

    images: tuple[StoredImage, ...]
    current: str | None


def write_project(project: StoredProject) -> bytes:
    """The project as a zip; the same project gives the same bytes.

    Raises
    ------
    SegmarkError
        ``project.too_large``: the files together are more than `MAX_BYTES`. ``journal.newer``: a later version wrote
        one of the journals, which this one would cut off.
    """
    if (
        sum(map(len, {image.file_id: image.data for image in project.images if image.data is not None}.values()))
        > MAX_BYTES
    ):
        raise SegmarkError("project.too_large", {"limit": MAX_BYTES >> 20})
    return write_zip(_files(project))


def read_project(data: bytes) -> StoredProject:
    """The inverse of `write_project`, everything checked before anything is given back.

    Raises
    ------
    SegmarkError
        ``project.newer`` (a later schema), ``project.damaged``, and ``import.zip_bomb``, ``zip_path``, ``damaged``.
    """
    files = read_zip(data, MAX_BYTES)
    try:
        with checks.damaged("segmark"):
            return _project(files)
    except SegmarkError as error:
        if error.code in ("import.damaged", "bad_params"):
            raise SegmarkError("project.damaged", {"why": str(error.params.get("why", error))[:200]}) from error
        raise


def _files(project: StoredProject) -> Iterator[File]:
    head = {"schema": SCHEMA, "program": f"segmark {segmark.__version__}", "current": project.current}
    images = []
    for image in project.images:
        told = asdict(image)
        del told["entries"], told["data"]
        told["name"] = checks.kept_name(image.name)
        if image.data is not None:
            told |= {"size": len(image.data), "sha256": hashlib.sha256(image.data).hexdigest()}
        images.append(told | {"has_file": image.data is not None})
    yield _json("project.json", head | {"images": images})
    for image in project.images:
        folder = f"images/{image.id}"
        if image.entries:
            result = read_back(image.entries, image.name, image.id)  # without a tail that cannot be read
            yield File(f"{folder}/journal.jsonl", "".join(f"{k}\n" for k in image.entries[: result.done]).encode())
            yield File(f"{folder}/document.json", history_to_json(History(result.history.present)).encode())
    for file_id, data in {image.file_id: image.data for image in project.images if image.data is not None}.items():
        yield File(f"files/{file_id}/file", data)


def _json(path: str, content: dict[str, Any]) -> File:
    return File(path, json.dumps(content, ensure_ascii=False, indent=1).encode())


def _project(files: dict[str, bytes]) -> StoredProject:
    head = checks.mapping(read_json(files["project.json"].decode(), 8))
    schema = checks.integer(head["schema"])
    if schema > SCHEMA:
        raise SegmarkError("project.newer")
    if schema < 1:
        raise checks.Damaged("no such schema")
    rows = checks.sequence(head["images"])
    if len(rows) > MAX_IMAGES:
        raise checks.Damaged("too many images")
    images = tuple(_image(checks.mapping(row), files) for row in rows)
    ids = [image.id for image in images]
    if len(set(ids)) < len(ids):
        raise checks.Damaged("an image twice")
    current = head["current"]
    if current is not None and current not in ids:
        raise checks.Damaged("the open image is missing")
    return StoredProject(images, current)


def _image(row: dict[str, Any], files: dict[str, bytes]) -> StoredImage:
    image_id, state, sample = checks.text(row["id"]), checks.text(row["state"]), row["sample"]
    if not _ID.fullmatch(image_id) or state not in _STATES or not (sample is None or _ID.fullmatch(sample)):
        raise checks.Damaged("an image without a proper id or state")
    file_id = checks.text(row["file_id"])
    if not _ID.fullmatch(file_id):
        raise checks.Damaged("a file without a proper id")
    width, height, size, page = (checks.integer(row[key]) for key in ("width", "height", "size", "page"))
    if min(width, height, size, page) < 0 or width * height > LIMIT_PIXELS or (width == 0) != (height == 0):
        raise checks.Damaged("an image of an impossible size")
    sha256 = checks.text(row["sha256"])
    if sha256 and not _SHA256.fullmatch(sha256):
        raise checks.Damaged("a digest that is none")
    folder = f"images/{image_id}"
    journal = files.get(f"{folder}/journal.jsonl", b"").decode()
    image = StoredImage(
        image_id,
        checks.file_name(row["name"]),
        width,
        height,
        sample,
        state,
        file_id,
        page,
        size,
        sha256,
        tuple(journal.removesuffix("\n").split("\n")) if journal else (),
        files[f"files/{file_id}/file"] if row["has_file"] is True else None,
    )
    if image.data is not None and (len(image.data), hashlib.sha256(image.data).hexdigest()) != (size, image.sha256):
        raise checks.Damaged(f"the file of {image.name:.80} is not the one that was saved")
    if image.entries:
        _check_journal(image, files[f"{folder}/document.json"].decode())
    return image


def _check_journal(image: StoredImage, saved: str) -> None:
    """A journal is read whole, is about this image, and leads to the document beside it."""
    result = replay(History(), image.entries)
    history = result.history
    if result.is_newer:
        raise SegmarkError("project.newer")
    if result.skipped:
        raise checks.Damaged(f"entry {result.done + 1} of the journal of {image.name:.80} cannot be read")
    if history_from_json(saved).present != history.present:
        raise checks.Damaged(f"the journal of {image.name:.80} leads elsewhere")
    for document in [history.present, *(step.document for step in history.past + history.future)]:
        _check_document(document, image)


def _check_document(document: Document, image: StoredImage) -> None:
    own = document.image
    if own is None or (own.id, own.width, own.height, own.page) != (image.id, image.width, image.height, image.page):
        raise checks.Damaged(f"the journal of {image.name:.80} is about another image")
    for label in document.labels:
        if checked_name(label.name) != label.name or checked_color(label.color) != label.color:
            raise checks.Damaged("a class without a proper name or colour")


def images_of(rows: Sequence[Any], buffers: Sequence[bytes]) -> tuple[StoredImage, ...]:
    """The page's words for its images: as in `StoredImage`; ``file`` is the number of its buffer, or null."""
    images = []
    for row in rows:
        place = row.get("file")
        data = None if place is None else buffers[place]
        entries = tuple(row["entries"])
        images.append(
            StoredImage(
                row["id"],
                row["name"],
                row["width"],
                row["height"],
                row["sample"],
                row["state"],
                row["file_id"],
                row["page"],
                row["size"],
                row["sha256"],
                entries,
                data,
            )
        )
    return tuple(images)
