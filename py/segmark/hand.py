"""What the hand does to the draft's mask (R6): brush, eraser, fill, polygons, thin lines, wand, and changes of the mask as a whole.

The tools work out which pixels change (`editing/`); the session, as the desk they work at, makes the step of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

from segmark.editing.areas import REFINEMENTS, hole_at, island_at
from segmark.editing.corners import polygon_area
from segmark.editing.livewire import Trace, thinned, trace
from segmark.editing.strokes import Point, stroke_mask
from segmark.editing.wand import REACH, is_cut, similar_area
from segmark.errors import SegmarkError
from segmark.rle import RleMask
from segmark.segment.transforms import Pixels


class Desk(Protocol):
    """What the tools need of the session; each method as there."""

    def image_size(self) -> tuple[int, int]: ...

    def pixels(self) -> Pixels: ...

    def pixel_at(self, x: float, y: float, what: str) -> tuple[int, int] | None: ...

    def draft_mask(self) -> RleMask: ...

    def marking_area(self) -> RleMask | None: ...

    def edit(self, tool: str, added: RleMask, removed: RleMask) -> None: ...

    def notice(self, code: str, params: dict[str, Any] | None = None, level: str = "info") -> None: ...


class Hand:
    """The tools; every call is one step of the history, or a notice that says why nothing changed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def paint(self, path: Sequence[Point], diameter: float, erase: bool) -> None:
        """A stroke of the brush or the eraser (R6.1, R6.2): one step. Image coordinates."""
        size = self._desk.image_size()
        try:
            stroke = stroke_mask(path, diameter, size)
        except ValueError as error:
            raise SegmarkError("bad_params", {"what": "stroke", "why": str(error)}) from error
        self._change("eraser" if erase else "brush", stroke, erase)

    def fill(self, x: float, y: float, erase: bool) -> None:
        """Fill the hole at a place, or erase the island there (R6.3)."""
        mask, at = self._desk.draft_mask(), (math.floor(x), math.floor(y))
        area = island_at(mask, *at) if erase else hole_at(mask, *at)
        if area.is_empty:
            self._desk.notice("no_island" if erase else "no_hole")
        else:
            self._change("erase_area" if erase else "fill", area, erase)

    def polygon(self, corners: Sequence[Point], erase: bool) -> bool:
        """Add, or take away, a polygon's pixels (`editing.corners.polygon_area`): one step. False: a notice says why
        nothing changed."""
        try:
            area = polygon_area(corners, self._desk.image_size())
        except ValueError:
            self._desk.notice("polygon_small")
            return False
        return self._change("polygon_erase" if erase else "polygon", area, erase)

    def scratch(
        self, start: Point, end: Point, is_start_fixed: bool = False, width: float | None = None
    ) -> Trace | None:
        """Mark the thin line between two places (`editing.livewire.trace`): one step. None: a notice says why not."""
        found = self._trace(start, end, is_start_fixed, width)
        if found is None:
            self._desk.notice("scratch_ends")
            return None
        self._change("scratch", stroke_mask(thinned(found.path), found.width, self._desk.image_size()), erase=False)
        return found

    def scratch_preview(
        self, start: Point, end: Point, is_start_fixed: bool = False, width: float | None = None
    ) -> Trace | None:
        """Where the line would run, its width not measured; nothing changes. None: there is no such line."""
        return self._trace(start, end, is_start_fixed, 1.0 if width is None else width)

    def wand(self, x: float, y: float, tolerance: int, connectivity: int, erase: bool) -> None:
        """Add, or take away, the connected pixels like the one at a place (`editing.wand.similar_area`): one step."""
        pixels, at = self._desk.pixels(), self._desk.pixel_at(x, y, "wand")
        if at is None:
            return
        try:
            area = similar_area(pixels, *at, tolerance, connectivity)
        except ValueError as error:
            raise SegmarkError("bad_params", {"what": "wand", "why": str(error)}) from error
        if self._change("wand_erase" if erase else "wand", area, erase) and is_cut(area, *at):
            self._desk.notice("wand_cut", {"n": REACH})

    def refine(self, how: str) -> None:
        """Change the draft's mask as a whole: one of `editing.areas.REFINEMENTS`."""
        if how not in REFINEMENTS:
            raise SegmarkError("bad_params", {"what": "how"})
        mask = self._desk.draft_mask()
        wanted = REFINEMENTS[how](mask)
        self._edit(how, wanted, mask.subtract(wanted))

    def _change(self, tool: str, area: RleMask, erase: bool) -> bool:
        """Add an area to the draft's mask, or take it away."""
        none = RleMask.empty(*area.size)
        return self._edit(tool, none if erase else area, area if erase else none)

    def _edit(self, tool: str, added: RleMask, removed: RleMask) -> bool:
        """Only pixels that change are an edit, and none is added outside the draft's polygon (R1.6); False if none is left."""
        mask, area = self._desk.draft_mask(), self._desk.marking_area()
        wanted, removed = added.subtract(mask), removed.intersect(mask)
        added = wanted if area is None else wanted.intersect(area)
        is_clipped = added.area < wanted.area
        if added.is_empty and removed.is_empty:
            self._desk.notice("polygon_outside" if is_clipped else "edit_nothing")
            return False
        self._desk.edit(tool, added, removed)
        if is_clipped:
            self._desk.notice("polygon_clipped", {"n": wanted.area - added.area})
        return True

    def _trace(self, start: Point, end: Point, is_start_fixed: bool, width: float | None) -> Trace | None:
        pixels = self._desk.pixels()
        try:
            return trace(pixels, start, end, is_start_fixed, width)
        except ValueError:
            return None
