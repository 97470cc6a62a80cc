"""An archive with annotations is told from one of images with notes beside them."""

from __future__ import annotations

import io
import zipfile

import pytest
from format_cases import document_of, hard_masks
from segmark.formats.export import FORMATS, write
from segmark.formats.recognise import has_annotations, is_annotation_file

PNG = b"\x89PNG\r\n\x1a\n"


def files_of(format_id: str) -> dict[str, bytes]:
    """What an export of two images has in its archive, or its one file."""
    pairs = [document_of(hard_masks()[mask], name=f"{mask}.png") for mask in ("ring", "slant")]
    written = write([(document.image, document) for document in pairs if document.image], format_id)
    if not written.filename.endswith(".zip"):
        return {written.filename: written.data}
    with zipfile.ZipFile(io.BytesIO(written.data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    "format_id", sorted(k for k, one in FORMATS.items() if one.can_import and k not in ("class_png", "class_masks"))
)
def test_every_archive_that_can_be_read_is_recognised(format_id: str) -> None:
    """Masks without any word beside them are images: they come by the import menu."""
    assert has_annotations({"plate.png": PNG} | files_of(format_id))


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("readme.txt", b"12 plates of line 3"),
        ("readme.txt", b""),
        ("times.txt", b"1 2\n3 4\n"),
        ("camera.json", b'{"exposure": 3, "images": 12}'),
        ("meta.xml", b"<?xml version='1.0'?><camera/>"),
        ("notes.csv", b"x,y\n1,2\n"),
        ("plate.png", PNG),
    ],
)
def test_notes_beside_images_are_no_annotations(path: str, data: bytes) -> None:
    assert not is_annotation_file(path, data)
