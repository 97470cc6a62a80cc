"""The modes of marking (R1), and what a press means in each: one tagged union, no row of booleans.

One more mode: a frozen dataclass with a `kind`, a member of `Mode`, a branch in `read_press` and in both converters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from segmark.clicks import Click
from segmark.geometry import Box, box_around

MIN_BOX, MAX_BOX = 16, 8192


@dataclass(frozen=True)
class PointMode:
    """R1.2: clicks anywhere; the whole image is the region."""

    kind: ClassVar[str] = "point"


@dataclass(frozen=True)
class FixedBoxMode:
    """R1.3: a click outside the placed boxes places a box of ``size`` image pixels round itself.

    ``follow`` on: one more box joins the union; off: the box moves, and what was made in the old one goes with it.
    """

    kind: ClassVar[str] = "fixed_box"
    size: int = 256
    follow: bool = False

    def __post_init__(self) -> None:
        if not MIN_BOX <= self.size <= MAX_BOX:
            raise ValueError(f"box size {self.size} is not in {MIN_BOX}..{MAX_BOX}")


Mode = PointMode | FixedBoxMode


@dataclass(frozen=True)
class PlaceClick:
    """The press is a click.

    Attributes
    ----------
    regions : all boxes of the draft from now on (empty: the whole image)
    asked : the boxes to run for it (empty: the whole image)
    is_fresh : the draft's clicks and mask so far go away with their box
    """

    click: Click
    regions: tuple[Box, ...]
    asked: tuple[Box, ...]
    is_fresh: bool = False


@dataclass(frozen=True)
class Nothing:
    """The press changes nothing; `code` says why (a notice)."""

    code: str


def read_press(mode: Mode, regions: tuple[Box, ...], clicks: tuple[Click, ...], click: Click) -> PlaceClick | Nothing:
    """What a press at an image pixel means, given the draft's boxes and clicks so far."""
    if click in clicks:
        return Nothing("click_same_pixel")
    if isinstance(mode, PointMode):
        return _in_image(clicks, click)
    return _in_boxes(mode, regions, clicks, click)


def _in_image(clicks: tuple[Click, ...], click: Click) -> PlaceClick | Nothing:
    if not click.is_positive and not any(c.is_positive for c in clicks):
        return Nothing("negative_first")
    return PlaceClick(click, (), ())


def _in_boxes(
    mode: FixedBoxMode, regions: tuple[Box, ...], clicks: tuple[Click, ...], click: Click
) -> PlaceClick | Nothing:
    inside = tuple(box for box in regions if box.contains(click.x, click.y))
    if inside:
        return PlaceClick(click, regions, inside)
    if not click.is_positive:
        return Nothing("negative_outside" if regions else "negative_first")
    stamp = box_around(click.x, click.y, mode.size)
    if mode.follow:
        return PlaceClick(click, (*regions, stamp), (stamp,))
    # without a box so far (the mode was changed in the middle of a draft) there is nothing that moves away
    return PlaceClick(click, (stamp,), (stamp,), is_fresh=bool(regions))


def mode_to_json(mode: Mode) -> dict[str, Any]:
    """{kind, size, follow}; a point mode has no size."""
    if isinstance(mode, FixedBoxMode):
        return {"kind": mode.kind, "size": mode.size, "follow": mode.follow}
    return {"kind": mode.kind, "size": None, "follow": False}


def mode_from_json(data: Mapping[str, Any]) -> Mode:
    """The inverse of `mode_to_json`; ValueError for anything else."""
    kind = data.get("kind")
    if kind == PointMode.kind:
        return PointMode()
    if kind == FixedBoxMode.kind:
        size = data.get("size")
        return FixedBoxMode(256 if size is None else int(size), bool(data.get("follow", False)))
    raise ValueError(f"unknown mode {kind!r}")
