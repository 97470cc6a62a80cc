"""The project file: a zip with every image's journal and document, and its file if the person wants it.

``project.json`` (schema, images in their order, which one is open) and for each image a folder ``images/<id>/`` with
``journal.jsonl`` (`segmark.journal`, so every step can be undone again), ``document.json`` (what the journal leads to,
for other programs and as a check); ``files/<file id>/file`` are the bytes that were opened. Nothing of a file that breaks a rule is kept.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import segmark
from segmark.document import Document
from segmark.errors import SegmarkError
from segmark.formats import checks
from segmark.formats.item import File
from segmark.formats.zip_guard import ZipWriter, reading_zip
from segmark.history import History
from segmark.images.probe import LIMIT_PIXELS
from segmark.journal import encodable, history_from_json, history_to_json, read_back, replay
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


class ProjectWriter:
    """A project file under way: run `steps` to its end, then take `result`; the same project gives the same bytes.

    Raises
    ------
    SegmarkError
        What `ProjectReader` would refuse: ``project.too_many`` images; ``project.too_large``: the image files and all
        else are more than `MAX_BYTES`; ``project.too_long``: the steps alone are. ``journal.newer``: a later version
        wrote one of the journals, which this one would cut off.
    """

    def __init__(self, project: StoredProject) -> None:
        if len(project.images) > MAX_IMAGES:
            raise SegmarkError("project.too_many", {"limit": MAX_IMAGES})
        self._project = project
        self._data = {image.file_id: image.data for image in project.images if image.data is not None}
        self._bytes = b""
        self._refuse_if_large(sum(map(len, self._data.values())))

    def steps(self) -> Iterator[tuple[int, int]]:
        """Write image after image, then file after file; yields (done, total) after each."""
        archive = ZipWriter()
        total = len(self._project.images) + len(self._data)
        try:
            for done, files in enumerate(self._parts()):
                for file in files:
                    self._refuse_if_large(archive.total + len(file.data))
                    archive.add(file, is_for_us=True)
                if done:  # the first part is the head
                    yield done, total
        finally:
            self._bytes = archive.close()

    def result(self) -> bytes:
        return self._bytes

    def _parts(self) -> Iterator[Iterable[File]]:
        yield [_head(self._project)]
        yield from map(_files, self._project.images)
        for file_id, data in self._data.items():
            yield [File(f"files/{file_id}/file", data)]

    def _refuse_if_large(self, size: int) -> None:
        if size > MAX_BYTES:
            raise SegmarkError("project.too_large" if self._data else "project.too_long", {"limit": MAX_BYTES >> 20})


class ProjectReader:
    """A project file being read: run `steps` to its end, then take `result`. Everything is checked before that.

    Raises
    ------
    SegmarkError
        From `steps`: ``project.newer`` (a later schema), ``project.damaged``, and ``import.zip_bomb``, ``zip_path``,
        ``damaged``.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._result = StoredProject((), None)

    def steps(self) -> Iterator[tuple[int, int]]:
        """Unpack file after file, then check image after image; yields (done, total) of each of the two after each."""
        files: dict[str, bytes] = {}
        yield from reading_zip(self._data, MAX_BYTES, files)
        try:
            with checks.damaged("segmark"):
                head, rows = _read_head(files)
                images = []
                for row in rows:
                    images.append(_image(checks.mapping(row), files))
                    yield len(images), len(rows)
                self._result = _checked(head, tuple(images))
        except SegmarkError as error:
            if error.code in ("import.damaged", "bad_params"):
                raise SegmarkError("project.damaged", {"why": str(error.params.get("why", error))[:200]}) from error
            raise

    def result(self) -> StoredProject:
        return self._result


def write_project(project: StoredProject) -> bytes:
    """The project as a zip, in one go. Errors as `ProjectWriter`."""
    writer = ProjectWriter(project)
    for _ in writer.steps():
        pass
    return writer.result()


def read_project(data: bytes) -> StoredProject:
    """The inverse of `write_project`, in one go. Errors as `ProjectReader`."""
    reader = ProjectReader(data)
    for _ in reader.steps():
        pass
    return reader.result()


def _head(project: StoredProject) -> File:
    images = []
    for image in project.images:
        told = asdict(replace(image, entries=(), data=None))
        del told["entries"], told["data"]
        told["name"] = checks.kept_name(image.name)
        if image.data is not None:
            told |= {"size": len(image.data), "sha256": hashlib.sha256(image.data).hexdigest()}
        images.append(told | {"has_file": image.data is not None})
    head = {"schema": SCHEMA, "program": f"segmark {segmark.__version__}", "current": project.current}
    return _json("project.json", head | {"images": images})


def _files(image: StoredImage) -> Iterator[File]:
    """An image's journal, without a tail that cannot be read, and the document that it leads to."""
    if not image.entries:
        return
    result = read_back(image.entries, image.name, image.id)
    journal = "".join(f"{encodable(entry)}\n" for entry in image.entries[: result.done])
    yield File(f"images/{image.id}/journal.jsonl", journal.encode())
    document = history_to_json(History(result.history.present))
    yield File(f"images/{image.id}/document.json", document.encode())


def _json(path: str, content: dict[str, Any]) -> File:
    return File(path, json.dumps(content, ensure_ascii=False, indent=1).encode())


def _read_head(files: dict[str, bytes]) -> tuple[dict[str, Any], list[Any]]:
    """``project.json``, of a schema that can be read, and its rows, one an image."""
    head = checks.mapping(read_json(files["project.json"].decode(), 8))
    schema = checks.integer(head["schema"])
    if schema > SCHEMA:
        raise SegmarkError("project.newer")
    if schema < 1:
        raise checks.Damaged("no such schema")
    rows = checks.sequence(head["images"])
    if len(rows) > MAX_IMAGES:
        raise checks.Damaged("too many images")
    return head, rows


def _checked(head: dict[str, Any], images: tuple[StoredImage, ...]) -> StoredProject:
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
