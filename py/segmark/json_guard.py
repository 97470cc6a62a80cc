"""JSON from outside: nesting, numbers and size are looked at before the reader of the standard library is."""

from __future__ import annotations

import json
import re
from typing import Any

# a string (or the rest of the text if it never ends, so that no quote is looked at twice) or a bracket
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
MAX_PARTS = 1_000_000  # lists and objects: Python takes up to 230 bytes for "{}" with one value in it
MAX_VALUES = 8_000_000  # what commas part: a number of three digits becomes 36 bytes


class TooMuch(ValueError):
    """More lists, objects or values than are read; ``limit``: how many are."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} parts")
        self.limit = limit


def refuse_absurd(text: str, depth: int, parts: int = MAX_PARTS, values: int = MAX_VALUES) -> None:
    """Look at a text before it is parsed.

    Deep nesting overflows the stack of the JSON reader, and many tiny parts become twenty times their size in memory:
    in wasm either ends the whole worker instead of raising.

    Raises
    ------
    ValueError
        If brackets stand more than ``depth`` deep; `TooMuch` if there are more than ``parts`` lists and objects, or more
        than ``values`` commas outside of strings.
    """
    level, opened, commas = 0, 0, text.count(",")
    for match in _STRING_OR_BRACKET.finditer(text):
        mark = match.group()
        if mark in "[{":
            level, opened = level + 1, opened + 1
            if level > depth:
                raise ValueError(f"nested more than {depth} deep")
            if opened > parts:
                raise TooMuch(parts)
        elif mark in "]}":
            level -= 1
        else:
            commas -= mark.count(",")
    if commas > values:
        raise TooMuch(values)


def read_json(text: str, limit: int) -> Any:
    """`json.loads` of a text at most ``limit`` deep, without NaN and infinities; ValueError if it is anything else."""
    refuse_absurd(text, limit)
    return json.loads(text, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")
