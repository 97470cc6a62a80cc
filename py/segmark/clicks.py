"""Clicks and the prompt that they make together with the regions and the previous mask (R2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from segmark.geometry import NO_BOX, Box
from segmark.polygon import Polygon
from segmark.rle import RleMask


class Click(NamedTuple):
    """One interaction point: an image pixel, and whether it belongs to the object."""

    x: int
    y: int
    is_positive: bool


@dataclass(frozen=True)
class Prompt:
    """What a prediction is asked with.

    Attributes
    ----------
    clicks : all clicks of the draft, oldest first, at most one a pixel
    asked : the boxes to run now; empty means the whole image (point mode)
    prev_mask : the mask so far; pixels outside what is run keep its value
    crop : what the network saw when it gave prev_mask in point mode; empty if nothing
    neighbours : boxes (in point mode: details) that are not run, each with the number of the prompt that last ran it;
        where they overlap with what is run, the two are joined
    number : number of this prompt
    polygon : inside its bounding box (one of `asked`, if it is run) only its pixels can become foreground (R1.6)
    corrects : prev_mask is finished work (an annotation that was opened again): a click changes only what it points at
    """

    clicks: tuple[Click, ...]
    asked: tuple[Box, ...]
    prev_mask: RleMask
    crop: Box = NO_BOX
    neighbours: tuple[tuple[Box, int], ...] = ()
    number: int = 0
    polygon: Polygon = ()
    corrects: bool = False


def clicks_in(clicks: Iterable[Click], box: Box) -> tuple[Click, ...]:
    """The clicks whose pixel lies in the box, in their order (R3.5)."""
    return tuple(c for c in clicks if box.contains(c.x, c.y))


def with_click(clicks: tuple[Click, ...], click: Click) -> tuple[Click, ...]:
    """Add a click; an older one on the same pixel gives way (the latest act wins)."""
    return (*(c for c in clicks if (c.x, c.y) != (click.x, click.y)), click)
