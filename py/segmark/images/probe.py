"""Look at an image file before it is decoded: is it one, is it whole, is it small enough? Only headers are read."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

from segmark.errors import SegmarkError

LIMIT_PIXELS = 100_000_000
_EXIF_ORIENTATION = 0x0112
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_MAGICS = (_PNG_MAGIC, b"\xff\xd8\xff", b"GIF8", b"BM")


class ImageError(SegmarkError):
    """Codes: ``image.`` + ``empty``, ``not_an_image``, ``truncated``, ``too_large``, ``unsupported``."""


@dataclass(frozen=True)
class ImageInfo:
    """Format and size in pixels as the browser will show it (EXIF orientation applied)."""

    format: str
    width: int
    height: int


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

    guard, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # our own limit tells the size
    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
            found = "JPEG" if image.format == "MPO" else str(image.format)
            turned = _orientation(image) >= 5
    except UnidentifiedImageError as error:
        known = data.startswith(_MAGICS) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
        raise ImageError("image.truncated" if known else "image.not_an_image") from error
    except Exception as error:  # Pillow's readers raise whatever a broken header makes them raise
        raise ImageError("image.truncated") from error
    finally:
        Image.MAX_IMAGE_PIXELS = guard
    return ImageInfo(found, height, width) if turned else ImageInfo(found, width, height)


def _orientation(image: object) -> int:
    try:
        return int(image.getexif().get(_EXIF_ORIENTATION, 1))  # type: ignore[attr-defined]
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
}
