"""Decode what the browser cannot: TIFF, and PNG of 16 bits. Values beyond 8 bits are mapped to 0..255 by the image's own percentiles.

The mapping is the same for the network and for the eye, and is kept in the `ImageRecord`: window, level and gamma of
the display come after it and change nothing here. Colour of 16 bits a channel has one mapping, by the percentiles of
all channels together, so that its hues stay.
"""

from __future__ import annotations

import io
import math
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmark.images.levels import Levels, percentiles, to_bytes
from segmark.images.probe import LIMIT_PIXELS, ImageError, orientation, refused, unlimited

_ROWS = 1 << 20  # pixels looked at in one go
_GREY = ("I;16", "I;16L", "I;16B", "I", "F")
_DEEP_COLOR = ("RGB", "RGBA", "RGBX")
_BITS, _PHOTOMETRIC, _PLANES, _SAMPLE_FORMAT = 258, 262, 284, 339  # tags of TIFF
_UNSIGNED, _SIGNED, _SEPARATE = 1, 2, 2


@dataclass(frozen=True)
class Decoded:
    """Pixels as uint8, (height, width) or (height, width, 3), upright.

    ``levels``: the file's values that became 0 and 255; the first is the higher one if the file means white by 0.
    """

    pixels: NDArray[np.uint8]
    levels: Levels = (0.0, 255.0)


def decode(data: bytes, page: int = 0, levels: Levels | None = None) -> Decoded:
    """A page of a file.

    Parameters
    ----------
    levels : the file's values that become 0 and 255, as an earlier decoding found them, so that the same pixels come
        again; without them, or if they are no two different finite numbers, the image's percentiles. Pixels of 8 bits
        are left as they are.

    Raises
    ------
    ImageError
        ``image.`` + ``not_an_image``, ``truncated``, ``too_large``, ``unsupported`` (no such page),
        ``unsupported_values`` (values of a kind that is not read).
    """
    from PIL import UnidentifiedImageError  # loaded when the first file is opened

    if levels is not None and not (all(map(math.isfinite, levels)) and levels[0] != levels[1]):
        levels = None
    with unlimited():
        try:
            return _decoded(data, page, levels)
        except ImageError:
            raise
        except UnidentifiedImageError as error:
            raise refused(data) from error
        except Exception as error:  # Pillow's readers raise whatever a broken file makes them raise
            raise ImageError("image.truncated") from error


def _opened(data: bytes, page: int) -> Any:
    from PIL import Image

    image = Image.open(io.BytesIO(data))
    try:
        image.seek(page)
    except EOFError as error:
        raise ImageError("image.unsupported", {"format": f"page {page + 1}"}) from error
    if image.width * image.height > LIMIT_PIXELS:
        size = {"width": image.width, "height": image.height}
        raise ImageError("image.too_large", size | {"limit": LIMIT_PIXELS // 1_000_000})
    return image


def _decoded(data: bytes, page: int, levels: Levels | None) -> Decoded:
    image = _opened(data, page)
    raw = _raw_mode(image)  # before the orientation is asked for, which may lie behind the pixels
    turn = 1 if image.format == "TIFF" else orientation(image)  # Pillow turns a TIFF itself
    if image.mode in _GREY:
        image.load()
        pixels, levels = _grey(image, levels)
    elif ";16" in raw or _tag(image, _BITS) > 8:
        pixels, levels = _deep(image, _opened(data, page), raw, levels)
    else:
        grey = image.mode in ("1", "L", "LA")
        # signed bytes: Pillow gives them as unsigned ones
        is_signed = image.mode == "L" and image.format == "TIFF" and _tag(image, _SAMPLE_FORMAT) == _SIGNED
        pixels, levels = np.array(image.convert("L" if grey else "RGB")), (0.0, 255.0)
        if is_signed:
            pixels, levels = pixels ^ np.uint8(0x80), (-128.0, 127.0)
    return Decoded(np.ascontiguousarray(upright(pixels, turn)), levels)


def _raw_mode(image: Any) -> str:
    """How the file's pixels lie, in Pillow's words; empty where it has none."""
    tiles = getattr(image, "tile", None)
    args = tiles[0][3] if tiles else ""
    return str(args[0] if isinstance(args, tuple) and args else args)


def _tag(image: Any, tag: int) -> int:
    """The first value of a tag of TIFF; 1, which is what all that are asked here mean by themselves, without it."""
    value = image.tag_v2.get(tag, 1) if image.format == "TIFF" else 1
    return int(value[0] if isinstance(value, tuple) else value)


def _grey(image: Any, levels: Levels | None) -> tuple[NDArray[np.uint8], Levels]:
    is_unsigned = image.mode == "I" and (_tag(image, _BITS), _tag(image, _SAMPLE_FORMAT)) == (32, _UNSIGNED)

    def values(band: tuple[int, int, int, int]) -> NDArray[Any]:
        found = np.asarray(image.crop(band))
        return found.view(np.uint32) if is_unsigned else found  # Pillow has signed ones only

    bands = _bands(image)
    if levels is None:
        levels = percentiles(lambda: map(values, bands))
        if _tag(image, _PHOTOMETRIC) == 0:  # white is 0
            levels = levels[::-1]
    pixels = np.empty((image.height, image.width), np.uint8)
    for band in bands:
        pixels[band[1] : band[3]] = to_bytes(values(band), levels)
    return pixels, levels


def _deep(image: Any, again: Any, raw: str, levels: Levels | None) -> tuple[NDArray[np.uint8], Levels]:
    """Colour, or grey with alpha, of 16 bits. Pillow keeps the upper bytes only, so the file is read once more for the lower."""
    kind, _, order = raw.partition(";16")
    if kind == "LA":  # as four bytes: both of the grey, both of the alpha
        image.close()
        _set_raw_mode(again, "RGBA")
        both = np.asarray(again)
        upper, lower = both[..., 0].copy(), both[..., 1].copy()
    elif order and kind in _DEEP_COLOR and _tag(image, _PLANES) != _SEPARATE:
        is_big = order == "B" or (order == "N" and sys.byteorder == "big")
        _set_raw_mode(again, f"{kind};16{'L' if is_big else 'B'}")
        upper, lower = _three(image), _three(again)
    else:
        raise ImageError("image.unsupported_values", {"bits": 16, "channels": len(image.getbands())})

    def values(rows: slice) -> NDArray[np.uint16]:
        found: NDArray[np.uint16] = upper[rows].astype(np.uint16) << 8 | lower[rows]
        return found

    step = max(1, _ROWS // upper.shape[1])
    bands = [slice(y, y + step) for y in range(0, upper.shape[0], step)]
    levels = levels or percentiles(lambda: map(values, bands))
    table = to_bytes(np.arange(1 << 16), levels)
    for rows in bands:
        upper[rows] = table[values(rows)]
    return upper, levels


def _three(image: Any) -> NDArray[np.uint8]:
    """Colour without alpha; Pillow's own copy is given back at once, for the largest images fit in memory once only."""
    image.load()
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for x0, y0, x1, y1 in _bands(image):
        pixels[y0:y1] = np.asarray(image.crop((x0, y0, x1, y1)))[..., :3]
    image.close()
    return pixels


def _set_raw_mode(image: Any, raw: str) -> None:
    tiles = []
    for tile in image.tile:
        args = (raw, *tile[3][1:]) if isinstance(tile[3], tuple) else raw
        tiles.append(type(tile)(*tile[:3], args))
    image.tile = tiles


def _bands(image: Any) -> list[tuple[int, int, int, int]]:
    """Boxes of whole rows that cover the image: the largest images fit in memory once, not twice."""
    rows = max(1, _ROWS // image.width)
    return [(0, y, image.width, min(image.height, y + rows)) for y in range(0, image.height, rows)]


def upright(pixels: NDArray[np.uint8], turn: int) -> NDArray[np.uint8]:
    """Undo an EXIF orientation (1..8)."""
    if turn >= 5:
        pixels = pixels.swapaxes(0, 1)
    if turn in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels[::-1] if turn in (3, 4, 7, 8) else pixels
