"""PNG files of numbers: grey of 8 or 16 bits, palette; read only after the header has been looked at. Needs Pillow."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from segmark.formats import checks
from segmark.formats.found import Target
from segmark.json_guard import read_json

_KEY = "segmark"  # the text chunk that carries class names
_GREY = {"1", "L", "P", "I;16", "I;16B", "I"}
_MAX_NOTE = 4_000_000


def write_grey(pixels: NDArray[Any], note: Any = None) -> bytes:
    """uint8 or uint16 (h, w) as grey PNG; ``note`` goes along as JSON in a text chunk."""
    return _encoded(Image.fromarray(pixels), note)


def write_palette(pixels: NDArray[np.uint8], colors: Sequence[str], note: Any = None) -> bytes:
    """uint8 (h, w) as palette PNG; ``colors`` are "#rrggbb" of the indices from 0."""
    image = Image.fromarray(pixels)
    image.putpalette([int(color[k : k + 2], 16) for color in colors for k in (1, 3, 5)])
    return _encoded(image, note, bits=8)


def _encoded(image: Image.Image, note: Any, **options: Any) -> bytes:
    if note is not None:
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_itxt(_KEY, json.dumps(note, ensure_ascii=False, separators=(",", ":")), zip=True)
    out = io.BytesIO()
    image.save(out, "PNG", **options)
    return out.getvalue()


def read_grey(data: bytes, size: tuple[int, int] | None = None, target: Target | None = None) -> NDArray[Any]:
    """The numbers of a PNG, uint8, uint16 or int32 (h, w).

    Parameters
    ----------
    size : (width, height) that it must have, else the file is damaged
    target : the image whose size it must have, else SegmarkError ``import.wrong_size``

    Raises
    ------
    SegmarkError
        ``import.damaged`` too, if it is no PNG of one channel. Nothing is decoded before the size is known to fit.
    """
    with checks.damaged("PNG"), _opened(data) as image:
        if target is not None:
            target.check_size(*image.size)
        if (size is not None and image.size != size) or image.mode not in _GREY:
            raise checks.Damaged(f"{image.mode} {image.size[0]} x {image.size[1]}")
        return _decoded(image)


def read_note(data: bytes) -> Any:
    """What a writer of ours noted in the file; None if there is nothing of the kind."""
    with checks.damaged("PNG"), _opened(data) as image:
        _decoded(image)  # text may stand behind the pixels
        text = getattr(image, "text", {}).get(_KEY)
        return None if text is None or len(text) > _MAX_NOTE else read_json(str(text), 4)


def _decoded(image: Image.Image) -> NDArray[Any]:
    try:
        pixels = np.array(image)
        return (
            np.where(pixels, np.uint8(255), np.uint8(0)) if pixels.dtype == np.bool_ else pixels
        )  # 1 bit: black, white
    except Exception as error:  # as in `_opened`
        raise checks.Damaged(type(error).__name__) from error


def _opened(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=["PNG"])
    except Exception as error:  # Pillow's readers raise whatever a broken header makes them raise
        raise checks.Damaged(type(error).__name__) from error
