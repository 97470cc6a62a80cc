"""Zip archives: ours are always the same bytes; others' are read within limits and nothing of them touches a disk."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator

from segmark.errors import SegmarkError
from segmark.formats.item import File

MAX_FILES = 20_000
MAX_TOTAL = 256 << 20
MAX_RATIO = 200
_FREE = 16 << 20  # below this size a ratio is no danger
_PACKED = (".png", ".jpg", "/file")  # an image in a project file is mostly packed; a bare one would look like a bomb


class ZipWriter:
    """A zip under way; the same files give the same bytes. ``total``: bytes of all files so far."""

    def __init__(self) -> None:
        self._out = io.BytesIO()
        self._archive = zipfile.ZipFile(self._out, "w")
        self.total = 0

    def add(self, file: File, *, is_for_us: bool = False) -> None:
        """`is_for_us`: `read_zip` must take it, so what could look like a bomb is not packed."""
        path, data = file
        is_stored = path.endswith(_PACKED) or (is_for_us and len(data) > _FREE)
        info = zipfile.ZipInfo(path)  # its date is 1980, whatever the clock says
        info.compress_type = zipfile.ZIP_STORED if is_stored else zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        self._archive.writestr(info, data)
        self.total += len(data)

    def close(self) -> bytes:
        """The whole archive."""
        self._archive.close()
        return self._out.getvalue()


def write_zip(files: Iterable[File]) -> bytes:
    """The files as a zip."""
    writer = ZipWriter()
    for file in files:
        writer.add(file)
    return writer.close()


def read_zip(data: bytes, max_total: int = MAX_TOTAL) -> dict[str, bytes]:
    """The files of an archive by name, folders left out; ``max_total``: bytes of all of them. Errors as `reading_zip`."""
    files: dict[str, bytes] = {}
    for _ in reading_zip(data, max_total, files):
        pass
    return files


def reading_zip(data: bytes, max_total: int, files: dict[str, bytes]) -> Iterator[tuple[int, int]]:
    """Read an archive file by file into `files`; yields (done, total) after each.

    Raises
    ------
    SegmarkError
        ``import.zip_bomb`` (too many, too large, or packed absurdly well: by what is unpacked, not by what the archive
        says), ``import.zip_path`` (a name that leaves the archive), ``import.damaged``.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > max_total:
                raise SegmarkError("import.zip_bomb")
            left = max_total
            for done, entry in enumerate(entries, start=1):
                _check_name(entry)
                files[entry.filename] = _read(archive, entry, left)
                left -= len(files[entry.filename])
                yield done, len(entries)
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError) as error:
        raise SegmarkError("import.damaged", {"format": "ZIP", "why": str(error)[:200]}) from error
    except (
        NotImplementedError,
        RuntimeError,
        ValueError,
        LookupError,
        OverflowError,
    ) as error:  # encrypted, odd methods
        raise SegmarkError("import.damaged", {"format": "ZIP", "why": str(error)[:200]}) from error


def _check_name(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    is_link = (entry.external_attr >> 16) & 0o170000 == 0o120000
    parts = name.split("/")
    if is_link or ".." in parts or name.startswith("/") or "\\" in name or ":" in parts[0] or "\x00" in name:
        raise SegmarkError("import.zip_path", {"path": name[:100]})


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes:
    limit = min(left, max(_FREE, MAX_RATIO * entry.compress_size))
    with archive.open(entry) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise SegmarkError("import.zip_bomb")
    return content
