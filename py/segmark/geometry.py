"""Pure geometry: boxes, the square a network sees, and the maps between the image and the net frame.

Image frame: x right, y down; pixel (i, j) covers [i, i + 1) x [j, j + 1). Net frame: the centre of the pixel with
index u lies at u, so ``u = (x + 0.5 - sx) * size / side - 0.5`` for an image pixel x.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

NET_SIZE = 256


class Box(NamedTuple):
    """Half-open box [x0, x1) x [y0, y1) of image pixels; may lie partly outside the image."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        return self.y1 - self.y0

    @property
    def area(self) -> int:
        return 0 if self.is_empty else self.width * self.height

    @property
    def is_empty(self) -> bool:
        return self.x1 <= self.x0 or self.y1 <= self.y0

    def contains(self, x: int, y: int) -> bool:
        return self.x0 <= x < self.x1 and self.y0 <= y < self.y1

    def intersect(self, other: Box) -> Box:
        """The common part; empty (area 0) if there is none."""
        x0, y0 = max(self.x0, other.x0), max(self.y0, other.y0)
        return Box(x0, y0, max(x0, min(self.x1, other.x1)), max(y0, min(self.y1, other.y1)))

    def hull(self, other: Box) -> Box:
        """The smallest box that holds both; an empty box adds nothing."""
        if self.is_empty:
            return other
        if other.is_empty:
            return self
        return Box(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))


NO_BOX = Box(0, 0, 0, 0)


class Square(NamedTuple):
    """The square crop in image pixels that the network sees: top-left corner and side."""

    sx: int
    sy: int
    side: int


class RoiFrame(NamedTuple):
    """One region with the square round it and the part of it that has pixels."""

    box: Box
    square: Square
    valid: Box

    def to_net(self, x: float, y: float, size: int = NET_SIZE) -> tuple[float, float]:
        """Image pixel index (x, y) -> continuous net position (u, v)."""
        sx, sy, side = self.square
        return (x + 0.5 - sx) * size / side - 0.5, (y + 0.5 - sy) * size / side - 0.5

    def to_image(self, u: float, v: float, size: int = NET_SIZE) -> tuple[float, float]:
        """The inverse of `to_net`."""
        sx, sy, side = self.square
        return (u + 0.5) * side / size + sx - 0.5, (v + 0.5) * side / size + sy - 0.5


def image_box(width: int, height: int) -> Box:
    """The whole image as a box."""
    return Box(0, 0, width, height)


def box_around(x: int, y: int, size: int) -> Box:
    """The box of ``size`` x ``size`` pixels with pixel (x, y) in its middle (R1.3)."""
    return box_of_size(x, y, size, size)


def box_of_size(x: int, y: int, width: int, height: int) -> Box:
    """The box of ``width`` x ``height`` pixels with pixel (x, y) in its middle (R1.5)."""
    x0, y0 = x - width // 2, y - height // 2
    return Box(x0, y0, x0 + width, y0 + height)


def box_from_corners(corners: Iterable[tuple[float, float]]) -> Box:
    """The box stated by any two opposite corners, or by three or four corners, in any order (R3.1).

    Corners are image coordinates (pixel i covers i to i + 1), rounded to the nearest pixel corner.
    """
    xs, ys = zip(*corners, strict=True)
    return Box(round(min(xs)), round(min(ys)), round(max(xs)), round(max(ys)))


def hull_of_points(points: Iterable[tuple[int, int]]) -> Box:
    """The smallest box that holds all pixels; empty at the origin when there are none."""
    hull = Box(0, 0, 0, 0)
    for x, y in points:
        hull = hull.hull(Box(x, y, x + 1, y + 1))
    return hull


def square_of_box(box: Box) -> Square:
    """The square that the network sees for a region box: its longer side, centred."""
    side = max(box.width, box.height)
    return Square(box.x0 - (side - box.width) // 2, box.y0 - (side - box.height) // 2, side)


def roi_frame(box: Box, image: Box) -> RoiFrame:
    """The frame of a region box in an image.

    Raises
    ------
    ValueError
        If no pixel of the image lies in the box.
    """
    valid = box.intersect(image)
    if box.is_empty or valid.is_empty:
        raise ValueError(f"region {tuple(box)} has no pixel in the image {tuple(image)}")
    return RoiFrame(box, square_of_box(box), valid)


def place_square(cx: float, cy: float, side: int, image: Box) -> Box:
    """A box of at most ``side`` x ``side`` pixels round (cx, cy), shifted and cut so that it lies in the image."""
    width, height = min(side, image.width), min(side, image.height)
    x0 = min(max(round(cx - width / 2), image.x0), image.x1 - width)
    y0 = min(max(round(cy - height / 2), image.y0), image.y1 - height)
    return Box(x0, y0, x0 + width, y0 + height)
