"""Classes as people type and change them."""

from __future__ import annotations

import re
from typing import Protocol

from segmark import commands as c
from segmark.document import free_color
from segmark.errors import SegmarkError
from segmark.history import History

_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
_MAX_NAME = 200


class Desk(Protocol):
    """What the classes need of the session; each as there."""

    @property
    def history(self) -> History: ...

    def run(self, command: c.Command) -> bool: ...


class Labels:
    """The classes of the open project; every change is a step of the history."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add(self, name: str, color: str | None = None) -> int:
        """A new class -> its id; a known name gives the id of that class."""
        name = checked_name(name)
        labels = self._desk.history.present.labels
        known = next((label for label in labels if label.name == name), None)
        if known is not None:
            return known.id
        self._desk.run(c.AddLabel(name, checked_color(color or free_color(labels))))
        return self._desk.history.present.labels[-1].id

    def update(self, label_id: int, name: str | None = None, color: str | None = None) -> None:
        """Rename or recolour a class.

        Raises
        ------
        SegmarkError
            ``unknown_label``; ``bad_params``; ``label_exists``: another class is called so, and exports know classes by name.
        """
        document = self._desk.history.present
        label = document.label(label_id)
        if label is None:
            raise SegmarkError("unknown_label", {"id": label_id})
        new_name = label.name if name is None else checked_name(name)
        if new_name != label.name and any(other.name == new_name for other in document.labels):
            raise SegmarkError("label_exists", {"name": new_name})
        self._desk.run(c.UpdateLabel(label_id, new_name, checked_color(color or label.color)))

    def remove(self, label_id: int) -> None:
        self._desk.run(c.RemoveLabel(label_id))


def checked_name(name: str) -> str:
    """The name with single spaces, lone surrogates replaced; SegmarkError ``bad_params`` if it is empty or too long."""
    name = " ".join(name.encode(errors="replace").decode().split())
    if not 0 < len(name) <= _MAX_NAME:
        raise SegmarkError("bad_params", {"what": "name"})
    return name


def checked_color(color: str) -> str:
    """``#RRGGBB`` in capitals; SegmarkError ``bad_params`` for anything else."""
    if not _COLOR.fullmatch(color):
        raise SegmarkError("bad_params", {"what": "color"})
    return color.upper()
