"""The modes of marking (R1), and what a press means in each: one tagged union, no row of booleans.

One more mode: a frozen dataclass with a `kind`, a member of `Mode`, branches in the `read_` functions and converters.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from segmark.clicks import Click
from segmark.geometry import Box, box_around, box_from_corners, box_of_size
from segmark.polygon import Polygon, bounding_box, polygon_contains, polygon_of

MIN_BOX, MAX_BOX = 16, 8192
MIN_CUSTOM = 4  # image pixels: a smaller drag is a slip of the hand


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


@dataclass(frozen=True)
class CustomBoxMode:
    """R1.4 and R1.5: the person drags the box.

    ``follow`` on: a press outside the boxes stamps one more of the first one's size (for long thin defects); off: only
    the latest box counts.
    """

    kind: ClassVar[str] = "custom_box"
    follow: bool = False


@dataclass(frozen=True)
class PolygonMode:
    """R1.6: the region is a polygon whose corners the person clicked."""

    kind: ClassVar[str] = "polygon"


Mode = PointMode | FixedBoxMode | CustomBoxMode | PolygonMode


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


@dataclass(frozen=True)
class Place:
    """What is on the image so far, as far as a gesture's meaning depends on it: the draft's boxes, polygon and clicks."""

    regions: tuple[Box, ...] = ()
    clicks: tuple[Click, ...] = ()
    polygon: Polygon = ()
    has_mask: bool = False


@dataclass(frozen=True)
class NewBox:
    """The gesture draws, moves or resizes the box: it is the only one from now on."""

    box: Box
    polygon: Polygon = ()


def read_press(mode: Mode, place: Place, click: Click) -> PlaceClick | Nothing:
    """What a press at an image pixel means."""
    if click in place.clicks:
        return Nothing("click_same_pixel")
    if not click.is_positive and not place.has_mask and not any(c.is_positive for c in place.clicks):
        return Nothing("negative_first")
    if isinstance(mode, PointMode):
        return PlaceClick(click, (), ())
    inside = tuple(box for box in place.regions if box.contains(click.x, click.y))
    if inside and polygon_contains(place.polygon, click.x, click.y):
        return PlaceClick(click, place.regions, inside)
    if isinstance(mode, FixedBoxMode):
        return _in_fixed_box(mode, place, click)
    return _beside_drawn_box(mode, place, click)


def _in_fixed_box(mode: FixedBoxMode, place: Place, click: Click) -> PlaceClick | Nothing:
    if not click.is_positive:
        return Nothing("negative_outside")
    stamp = box_around(click.x, click.y, mode.size)
    if mode.follow:
        return _stamped(place.regions, click, stamp)
    # without a box so far (the mode was changed in the middle of a draft) there is nothing that moves away
    return PlaceClick(click, (stamp,), (stamp,), is_fresh=bool(place.regions))


def _beside_drawn_box(mode: CustomBoxMode | PolygonMode, place: Place, click: Click) -> PlaceClick | Nothing:
    kind = "polygon" if isinstance(mode, PolygonMode) else "box"
    if not place.regions:
        return Nothing(f"{kind}_first")
    if isinstance(mode, PolygonMode) or place.polygon or not mode.follow:
        return Nothing(f"outside_{kind}")
    if not click.is_positive:
        return Nothing("negative_outside")
    first = place.regions[0]
    return _stamped(place.regions, click, box_of_size(click.x, click.y, first.width, first.height))


def _stamped(regions: tuple[Box, ...], click: Click, stamp: Box) -> PlaceClick:
    return PlaceClick(click, (*regions, stamp), (stamp,))


#: Where a drag took hold: nowhere in particular, inside the box (or on its frame), or at one of its eight handles.
GRIPS = ("", "move", "n", "ne", "e", "se", "s", "sw", "w", "nw")


def read_drag(
    mode: Mode, place: Place, grip: str, start: tuple[float, float], end: tuple[float, float]
) -> NewBox | Nothing:
    """What a drag from `start` to `end` (image coordinates, not pixels: corners may lie anywhere) means (R1.4)."""
    if not isinstance(mode, CustomBoxMode):
        return Nothing("drag")
    if mode.follow and place.regions:
        return Nothing("drag_follow")
    if not grip:
        drawn = box_from_corners((start, end))
        return NewBox(drawn) if _is_large(drawn) else Nothing("box_small")
    if len(place.regions) != 1 or place.polygon:
        return Nothing("drag")
    old, dx, dy = place.regions[0], round(end[0] - start[0]), round(end[1] - start[1])
    if grip == "move":
        return NewBox(Box(old.x0 + dx, old.y0 + dy, old.x1 + dx, old.y1 + dy))
    x = (old.x0 + dx if "w" in grip else old.x0, old.x1 + dx if "e" in grip else old.x1)
    y = (old.y0 + dy if "n" in grip else old.y0, old.y1 + dy if "s" in grip else old.y1)
    changed = box_from_corners(((x[0], y[0]), (x[1], y[1])))
    return NewBox(changed) if _is_large(changed) else Nothing("box_small")


def read_polygon(mode: Mode, corners: Sequence[tuple[float, float]]) -> NewBox | Nothing:
    """What a closed line of corners (image coordinates) means."""
    if not isinstance(mode, PolygonMode):
        return Nothing("drag")
    try:
        polygon = polygon_of(corners)
    except ValueError:
        return Nothing("polygon_small")
    return NewBox(bounding_box(polygon), polygon)


def _is_large(box: Box) -> bool:
    return min(box.width, box.height) >= MIN_CUSTOM


def mode_to_json(mode: Mode) -> dict[str, Any]:
    """{kind, size, follow}; only a fixed box has a size, and only boxes follow."""
    size = mode.size if isinstance(mode, FixedBoxMode) else None
    follow = isinstance(mode, FixedBoxMode | CustomBoxMode) and mode.follow
    return {"kind": mode.kind, "size": size, "follow": follow}


def mode_from_json(data: Mapping[str, Any]) -> Mode:
    """The inverse of `mode_to_json`; ValueError for anything else."""
    kind = data.get("kind")
    if kind == PointMode.kind:
        return PointMode()
    if kind == FixedBoxMode.kind:
        size = data.get("size")
        if size is not None and not (isinstance(size, int | float) and math.isfinite(size)):
            raise ValueError(f"no size of a box: {size!r:.40}")
        return FixedBoxMode(256 if size is None else int(size), bool(data.get("follow", False)))
    if kind == CustomBoxMode.kind:
        return CustomBoxMode(bool(data.get("follow", False)))
    if kind == PolygonMode.kind:
        return PolygonMode()
    raise ValueError(f"unknown mode {kind!r}")
