"""Decode what the browser cannot: TIFF, and PNG of 16 bits. Values beyond 8 bits are mapped to 0..255 by the image's own percentiles.

The mapping is the same for the network and for the eye, and is kept in the `ImageRecord`: window, level and gamma of
the display come after it and change nothing here. Colour of 16 bits a channel keeps its upper 8 bits (Pillow's reading).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmark.images.probe import LIMIT_PIXELS, ImageError, orientation, unlimited

LOW, HIGH = 0.1, 99.9  # percentiles that become 0 and 255
_SAMPLE = 1 << 24  # of more values than these the percentiles are those of every n-th one of a band of rows
_ROWS = 1 << 20  # pixels looked at in one go
_GREY = ("I;16", "I;16L", "I;16B", "I", "F")


@dataclass(frozen=True)
class Decoded:
    """Pixels as uint8, (height, width) or (height, width, 3), upright.

    ``levels``: the file's values that became 0 and 255.
    """

    pixels: NDArray[np.uint8]
    levels: tuple[float, float] = (0.0, 255.0)


def decode(data: bytes, page: int = 0, levels: tuple[float, float] | None = None) -> Decoded:
    """A page of a file; ``levels``: those that an earlier decoding of it gave, used again where its values are mapped.

    Raises
    ------
    ImageError
        ``image.`` + ``not_an_image``, ``truncated``, ``too_large``, ``unsupported`` (no such page).
    """
    from PIL import Image, UnidentifiedImageError  # loaded when the first file is opened

    with unlimited():
        try:
            with Image.open(io.BytesIO(data)) as image:
                turn = orientation(image) if image.format == "PNG" else 1  # Pillow turns a TIFF itself
                _seek(image, page)
                if image.width * image.height > LIMIT_PIXELS:
                    size = {"width": image.width, "height": image.height}
                    raise ImageError("image.too_large", size | {"limit": LIMIT_PIXELS // 1_000_000})
                return _decoded(image, turn, levels)
        except ImageError:
            raise
        except UnidentifiedImageError as error:
            raise ImageError("image.not_an_image") from error
        except Exception as error:  # Pillow's readers raise whatever a broken file makes them raise
            raise ImageError("image.truncated") from error


def _seek(image: Any, page: int) -> None:
    try:
        image.seek(page)
    except EOFError as error:
        raise ImageError("image.unsupported", {"format": f"page {page + 1}"}) from error


def _decoded(image: Any, turn: int, levels: tuple[float, float] | None) -> Decoded:
    if image.mode in _GREY:
        image.load()
        bands = _bands(image)
        if levels is None:
            step = -(-image.width * image.height // _SAMPLE)
            levels = percentiles(np.concatenate([np.asarray(image.crop(band)).reshape(-1)[::step] for band in bands]))
        pixels = np.empty((image.height, image.width), np.uint8)
        for band in bands:
            pixels[band[1] : band[3]] = to_bytes(np.asarray(image.crop(band)), levels)
        return Decoded(np.ascontiguousarray(upright(pixels, turn)), levels)
    wide = getattr(image, "tile", None) and ";16" in str(image.tile[0])
    pixels = np.array(image.convert("L" if image.mode in ("1", "L", "LA") else "RGB"))
    return Decoded(np.ascontiguousarray(upright(pixels, turn)), (0.0, 65535.0) if wide else (0.0, 255.0))


def _bands(image: Any) -> list[tuple[int, int, int, int]]:
    """Boxes of whole rows that cover the image: the largest images fit in memory once, not twice."""
    rows = max(1, _ROWS // image.width)
    return [(0, y, image.width, min(image.height, y + rows)) for y in range(0, image.height, rows)]


def percentiles(values: NDArray[Any]) -> tuple[float, float]:
    """The 0.1 and the 99.9 percentile of an image's finite values, at least a bit apart."""
    flat: NDArray[Any] = values.reshape(-1)
    if flat.dtype.kind == "f":
        flat = flat[np.isfinite(flat)]
    if flat.size == 0:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(flat, (LOW, HIGH)))
    return (low, high) if high > low else (low, low + 1.0)


def to_bytes(values: NDArray[Any], levels: tuple[float, float]) -> NDArray[np.uint8]:
    """Values -> uint8: the lower level becomes 0, the upper 255, rounded; what is no number becomes 0."""
    low, high = levels
    scaled = np.nan_to_num(
        (values.astype(np.float64) - low) * (255.0 / (high - low)), nan=0.0, posinf=255.0, neginf=0.0
    )
    return np.rint(np.clip(scaled, 0.0, 255.0)).astype(np.uint8)


def upright(pixels: NDArray[np.uint8], turn: int) -> NDArray[np.uint8]:
    """Undo an EXIF orientation (1..8)."""
    if turn >= 5:
        pixels = pixels.swapaxes(0, 1)
    if turn in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels[::-1] if turn in (3, 4, 7, 8) else pixels
