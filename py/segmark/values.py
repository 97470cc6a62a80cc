"""Values of the core <-> plain JSON data, by the annotation of the field that holds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any

from segmark.clicks import Click
from segmark.document import Annotation, ImageRecord, Label
from segmark.geometry import Box
from segmark.modes import Mode, mode_from_json, mode_to_json
from segmark.polygon import Polygon
from segmark.rle import RleMask
from segmark.rle_text import counts_to_text, text_to_counts

_BEYOND = 1e300
_MOST_PIXELS = 2**31  # of an image or a mask; what the page opens is far below, and sums over runs stay in int64


class JournalError(ValueError):
    """An entry that cannot be read."""


def value_to_json(value: Any) -> Any:
    """A value as lists, objects, numbers and texts."""
    if isinstance(value, RleMask):
        return {"size": [value.width, value.height], "counts": counts_to_text(value.to_counts())}
    if isinstance(value, Mode):
        return mode_to_json(value)
    if isinstance(value, ImageRecord | Label | Annotation):
        return {f.name: value_to_json(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple):
        return [value_to_json(item) for item in value]
    return value


def _mask(data: Any) -> RleMask:
    return RleMask.from_counts(text_to_counts(data["counts"]), _size(*data["size"]))


def _size(width: Any, height: Any) -> tuple[int, int]:
    size = _integer(width), _integer(height)
    if min(size) < 1 or size[0] * size[1] > _MOST_PIXELS:
        raise JournalError(f"no size of an image: {width!r:.40} x {height!r:.40}")
    return size


def _integer(data: Any) -> int:
    if type(data) is not int:  # a bool is an int to isinstance
        raise JournalError(f"not an integer: {data!r}")
    return data


def _number(data: Any) -> float:
    # also no number that floats cannot hold, and no NaN: it equals nothing, not even its own copy
    if type(data) not in (int, float) or not abs(data) < _BEYOND:
        raise JournalError(f"not a number: {data!r:.40}")
    return float(data)


def _truth(data: Any) -> bool:
    if type(data) is not bool:
        raise JournalError(f"not a truth value: {data!r}")
    return data


def _text(data: Any) -> str:
    if not isinstance(data, str):
        raise JournalError(f"not a text: {data!r}")
    return data


def _click(data: Any) -> Click:
    x, y, is_positive = data
    return Click(_integer(x), _integer(y), _truth(is_positive))


def _box(data: Any) -> Box:
    x0, y0, x1, y1 = map(_integer, data)
    return Box(x0, y0, x1, y1)


def _polygon(data: Any) -> Polygon:
    return tuple((_integer(x), _integer(y)) for x, y in data)


def _image(data: Any) -> ImageRecord:
    low, high = data.get("levels", (0.0, 255.0))
    size = _size(data["width"], data["height"])
    page = _integer(data.get("page", 0))
    return ImageRecord(_text(data["id"]), _text(data["name"]), *size, (_number(low), _number(high)), page)


def _label(data: Any) -> Label:
    return Label(_integer(data["id"]), _text(data["name"]), _text(data["color"]))


def _annotation(data: Any) -> Annotation:
    figures = _integer(data["clicks"]), _number(data["seconds"]), _integer(data.get("source", 0))
    return Annotation(
        _integer(data["id"]), _integer(data["label_id"]), _mask(data["mask"]), _text(data["model_id"]), *figures
    )


def fields_from_json(kind: type, data: dict[str, Any], readers: dict[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """What a dataclass is made with; a newer field that the data does not have keeps its default."""
    present = [f for f in fields(kind) if f.name in data or (f.default is MISSING and f.default_factory is MISSING)]
    return {f.name: readers[str(f.type)](data[f.name]) for f in present}


# one more kind of field, one more line
READERS: dict[str, Callable[[Any], Any]] = {
    "int": _integer,
    "float": _number,
    "bool": _truth,
    "str": _text,
    "Click": _click,
    "Box": _box,
    "Mode": mode_from_json,
    "RleMask": _mask,
    "Polygon": _polygon,
    "ImageRecord": _image,
    "tuple[tuple[Box, int], ...]": lambda data: tuple((_box(box), _integer(number)) for box, number in data),
    "tuple[int, ...]": lambda data: tuple(map(_integer, data)),
    "tuple[Box, ...]": lambda data: tuple(map(_box, data)),
    "tuple[Label, ...]": lambda data: tuple(map(_label, data)),
    "tuple[Annotation, ...]": lambda data: tuple(map(_annotation, data)),
}
