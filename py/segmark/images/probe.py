"""Look at an image file before it is decoded: is it one, is it whole, is it small enough? Only headers are read."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from segmark.errors import SegmarkError

LIMIT_PIXELS = 100_000_000
_EXIF_ORIENTATION = 0x0112
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_TIFF_MAGICS = (b"II*\x00", b"MM\x00*")
_MAGICS = (_PNG_MAGIC, b"\xff\xd8\xff", b"GIF8", b"BM", *_TIFF_MAGICS)
MAX_PAGES = 1000


class ImageError(SegmarkError):
    """Codes: ``image.`` + ``empty``, ``not_an_image``, ``truncated``, ``too_large``, ``too_many_pages``, ``unsupported``,
    ``unsupported_values``."""


@dataclass(frozen=True)
class ImageInfo:
    """Format and size in pixels as it will be shown (EXIF orientation applied).

    ``pages``: images in the file (only TIFF has more than one here); ``needs_us``: the browser cannot decode it, or not
    upright and without loss (`images.decode` does).
    """

    format: str
    width: int
    height: int
    pages: int = 1
    needs_us: bool = False


def probe(data: bytes) -> ImageInfo:
    """What a file holds.

    Raises
    ------
    ImageError
        With the reason. Pixels are never decoded, so a decompression bomb costs nothing.
    """
    if not data:
        raise ImageError("image.empty")
    info = _header(data)
    if info.width * info.height > LIMIT_PIXELS:
        raise ImageError(
            "image.too_large", {"width": info.width, "height": info.height, "limit": LIMIT_PIXELS // 1_000_000}
        )
    is_whole = _IS_WHOLE.get(info.format)
    if is_whole is None:
        raise ImageError("image.unsupported", {"format": info.format})
    if not is_whole(data):
        raise ImageError("image.truncated", {"format": info.format})
    return info


def _header(data: bytes) -> ImageInfo:
    from PIL import Image, UnidentifiedImageError  # loaded when the first file is opened

    try:
        with unlimited(), Image.open(io.BytesIO(data)) as image:
            width, height = image.size
            found = "JPEG" if image.format == "MPO" else str(image.format)
            if found == "TIFF":  # its size is the turned one already
                return _tiff(image, data)
            turn = orientation(image)
    except ImageError:
        raise
    except UnidentifiedImageError as error:
        raise refused(data) from error
    except Exception as error:  # Pillow's readers raise whatever a broken header makes them raise
        raise ImageError("image.truncated") from error
    is_deep = found == "PNG" and data[24:25] == b"\x10"
    is_left_lying = found == "WEBP" and turn > 1  # Chromium turns JPEG and PNG, but no WebP
    return ImageInfo(found, *((height, width) if turn >= 5 else (width, height)), needs_us=is_deep or is_left_lying)


def refused(data: bytes) -> ImageError:
    """Why Pillow cannot tell what a file is: it is cut off, no image, or a TIFF of values that are not read."""
    values = _tiff_values(data) if data.startswith(_TIFF_MAGICS) else None
    if values is not None:
        return ImageError("image.unsupported_values", values)
    known = data.startswith(_MAGICS) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
    return ImageError("image.truncated" if known else "image.not_an_image")


def _tiff_values(data: bytes) -> dict[str, int] | None:
    """Bits and channels of the first page of a TIFF that is whole; None if it is not."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    try:
        file = io.BytesIO(data)
        tags: Any = ImageFileDirectory_v2(file.read(8))
        file.seek(tags.next)
        tags.load(file)
        for offsets, counts in ((273, 279), (324, 325)):
            ends = [int(at) + int(size) for at, size in zip(tags.get(offsets, ()), tags.get(counts, ()), strict=False)]
            if any(end > len(data) for end in ends):
                return None
        bits = tags[258]
        return {"bits": int(max(bits)), "channels": int(tags.get(277, len(bits)))}
    except Exception:  # Pillow's readers raise whatever a broken header makes them raise
        return None


def _tiff(image: Any, data: bytes) -> ImageInfo:
    """The first page's size; its strips or tiles must lie in the file."""
    tags = image.tag_v2
    width, height = image.size
    for offsets, counts in ((273, 279), (324, 325)):
        ends = [int(at) + int(size) for at, size in zip(tags.get(offsets, ()), tags.get(counts, ()), strict=False)]
        if any(end > len(data) for end in ends):
            raise ImageError("image.truncated", {"format": "TIFF"})
    pages = int(image.n_frames)
    if pages > MAX_PAGES:
        raise ImageError("image.too_many_pages", {"pages": pages, "limit": MAX_PAGES})
    return ImageInfo("TIFF", width, height, pages, needs_us=True)


@contextmanager
def unlimited() -> Iterator[None]:
    """Without Pillow's own limit of pixels: ours tells the size."""
    from PIL import Image

    guard, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = guard


def orientation(image: object) -> int:
    """EXIF orientation, 1..8; 1 if there is none that can be read."""
    try:
        found = int(image.getexif().get(_EXIF_ORIENTATION, 1))  # type: ignore[attr-defined]
        return found if 1 <= found <= 8 else 1
    except Exception:  # broken EXIF: browsers ignore it too
        return 1


def _is_whole_jpeg(data: bytes) -> bool:
    """The end marker comes after the first scan has begun (thumbnails before it have end markers of their own)."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return False
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xDA:
            return data.find(b"\xff\xd9", at) >= 0
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return False


def _is_whole_png(data: bytes) -> bool:
    at = len(_PNG_MAGIC)
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        at += 12 + length
        if kind == b"IEND":
            return at <= len(data)
    return False


def _is_whole_webp(data: bytes) -> bool:
    return len(data) >= 8 + int.from_bytes(data[4:8], "little")


def _is_whole_bmp(data: bytes) -> bool:
    return len(data) >= int.from_bytes(data[2:6], "little")


def _is_whole_gif(data: bytes) -> bool:
    return data.rstrip(b"\x00").endswith(b";")


_IS_WHOLE: dict[str, Callable[[bytes], bool]] = {
    "JPEG": _is_whole_jpeg,
    "PNG": _is_whole_png,
    "WEBP": _is_whole_webp,
    "BMP": _is_whole_bmp,
    "GIF": _is_whole_gif,
    "TIFF": lambda _data: True,  # `_tiff` has looked
}
