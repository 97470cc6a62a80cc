"""JSON from outside: nesting, numbers and size are looked at before the reader of the standard library is."""

from __future__ import annotations

import json
import re
from typing import Any

# a string (or the rest of the text if it never ends, so that no quote is looked at twice) or a bracket
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


def refuse_depth(text: str, limit: int) -> None:
    """Deep nesting overflows the stack of the JSON reader, which in wasm ends the whole worker instead of raising.

    Raises
    ------
    ValueError
        If brackets stand more than ``limit`` deep.
    """
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        mark = match.group()
        depth += mark in "[{" or -(mark in "]}")
        if depth > limit:
            raise ValueError(f"nested more than {limit} deep")


def read_json(text: str, limit: int) -> Any:
    """`json.loads` of a text at most ``limit`` deep, without NaN and infinities; ValueError if it is anything else."""
    refuse_depth(text, limit)
    return json.loads(text, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")
