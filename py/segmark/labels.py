"""What the name and the colour of a class may be, as people type them."""

from __future__ import annotations

import re

from segmark.errors import SegmarkError

_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
_MAX_NAME = 200


def checked_name(name: str) -> str:
    """The name with single spaces; SegmarkError ``bad_params`` if it is empty or too long."""
    name = " ".join(name.split())
    if not 0 < len(name) <= _MAX_NAME:
        raise SegmarkError("bad_params", {"what": "name"})
    return name


def checked_color(color: str) -> str:
    """``#RRGGBB`` in capitals; SegmarkError ``bad_params`` for anything else."""
    if not _COLOR.fullmatch(color):
        raise SegmarkError("bad_params", {"what": "color"})
    return color.upper()
