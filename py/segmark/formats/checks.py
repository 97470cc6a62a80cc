"""Values of files that came from outside: each is what it should be, or the file is damaged."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmark.errors import SegmarkError
from segmark.json_guard import TooMuch

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_MAX_NAME = 200
MAX_FILE_NAME = 1_000  # characters; systems end at 255
_MAX_INTEGER = 1 << 40
_MARGIN = 1.0  # foreign tools put vertices a little outside the image


class Damaged(ValueError):
    """A value that is not what the format says."""


@contextlib.contextmanager
def damaged(what: str) -> Iterator[None]:
    """Whatever goes wrong in reading is the file's fault: SegmarkError ``import.damaged``, or ``import.too_much``."""
    try:
        yield
    except SegmarkError:
        raise
    except TooMuch as error:
        raise SegmarkError("import.too_much", {"limit": error.limit}) from error
    except MemoryError as error:  # nothing was changed yet, and what was read is let go of
        raise SegmarkError("import.too_much") from error
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, OSError) as error:
        raise SegmarkError("import.damaged", {"format": what, "why": str(error)[:200]}) from error


def mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Damaged("an object is missing")
    return value


def sequence(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Damaged("a list is missing")
    return value


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise Damaged("a text is missing")
    return value


def file_name(value: Any) -> str:
    """The name of a file exactly as it is; Damaged where it is empty, too long or has control signs."""
    found = text(value)
    if not found or len(found) > MAX_FILE_NAME or kept_name(found) != found:
        raise Damaged("an image without a proper name")
    return found


def kept_name(found: str) -> str:
    """A file's name as a project file can hold it: itself, but for control signs and lone surrogates, at most `MAX_FILE_NAME`."""
    return _CONTROL.sub(" ", found.encode(errors="replace").decode())[:MAX_FILE_NAME] or "-"


def name(value: Any) -> str:
    """A class name as the page shows it: one line, at most 200 characters, no lone surrogates or control signs."""
    clean = line(value)
    if not clean:
        raise Damaged("an empty name")
    return clean


def line(value: Any) -> str:
    """A text as one line, perhaps empty: at most 200 characters, no lone surrogates or control signs."""
    clean = text(value).encode(errors="replace").decode()
    return " ".join(_CONTROL.sub(" ", clean).split())[:_MAX_NAME].rstrip()


def integer(value: Any) -> int:
    """A whole number (a float with a whole value is one: some tools write no other)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Damaged(f"not a whole number: {value!r:.40}")
    if value != int(value) or abs(value) > _MAX_INTEGER:
        raise Damaged(f"not a whole number: {value!r:.40}")
    return int(value)


def number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _MAX_INTEGER:
        raise Damaged(f"not a number: {value!r:.40}")
    return float(value)


def integer_text(value: Any) -> int:
    """A whole number written in digits."""
    digits = text(value).strip()
    if not (digits.isascii() and digits.removeprefix("-").isdigit() and len(digits) < 16):
        raise Damaged(f"not a whole number: {digits:.40}")
    return int(digits)


def points(flat: Any, size: tuple[int, int]) -> NDArray[np.float64]:
    """A flat list x, y, x, y ... -> float (n, 2), n >= 1, finite and in the image (a pixel of margin)."""
    values = [number(k) for k in sequence(flat)]
    if len(values) < 2 or len(values) % 2:
        raise Damaged("a polygon without pairs of numbers")
    return inside(np.array(values, np.float64).reshape(-1, 2), size)


def inside(ring: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.float64]:
    """The ring itself; SegmarkError ``import.bad_coordinates`` where it leaves the image or is not finite."""
    least, most = -_MARGIN, np.array(size, np.float64) + _MARGIN
    if not (np.isfinite(ring).all() and (ring >= least).all() and (ring <= most).all()):
        raise SegmarkError("import.bad_coordinates")
    return ring
