"""The scratch tool: where a thin line runs between two clicks, how wide it is, and what it becomes as an edit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from fakes import BrightNet, Desk, run
from numpy.typing import NDArray
from segmark.editing.livewire import thinned, trace
from segmark.editing.strokes import stroke_mask
from segmark.errors import SegmarkError
from segmark.evaluate.scores import boundary_f
from segmark.geometry import Box
from segmark.rle import RleMask

WIDTH, HEIGHT = 520, 300
Mask = NDArray[np.uint8]


def centre_line(seed: int) -> NDArray[np.float64]:
    """A wavy line from left to right, a point every quarter of a pixel."""
    rng = np.random.default_rng(seed)
    x = np.arange(60.0, 460.0, 0.25)
    y = 150 + 22 * np.sin(x / rng.uniform(45, 70) + rng.uniform(0, 6)) + rng.uniform(-0.15, 0.15) * (x - 260)
    return np.stack((x, y), axis=1)


def drawn(line: NDArray[np.float64], width: float, contrast: float, seed: int, noise: float) -> tuple[Mask, Mask]:
    """(image, truth): the line drawn four times too large and averaged, so that its pixels are mixed as a lens does."""
    scale = 4
    fine = stroke_mask([(scale * x, scale * y) for x, y in line[::2]], scale * width, (scale * WIDTH, scale * HEIGHT))
    whole = fine.to_window(fine.bbox)
    canvas = np.zeros((scale * HEIGHT, scale * WIDTH), np.float64)
    canvas[fine.bbox.y0 : fine.bbox.y1, fine.bbox.x0 : fine.bbox.x1] = whole
    share = canvas.reshape(HEIGHT, scale, WIDTH, scale).mean(axis=(1, 3))
    rng = np.random.default_rng(seed)
    ground = 120 + 25 * np.linspace(-1, 1, WIDTH)[np.newaxis] + rng.normal(0, noise, (HEIGHT, WIDTH))
    return np.clip(ground + contrast * share, 0, 255).astype(np.uint8), (share >= 0.5).astype(np.uint8)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("width", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("contrast", [45.0, -45.0])
def test_a_thin_line_is_marked_with_two_clicks(seed: int, width: float, contrast: float) -> None:
    line = centre_line(seed)
    image, truth = drawn(line, width, contrast, seed, noise=8.0)
    found = trace(image, (line[0, 0], line[0, 1] + 2), (line[-1, 0], line[-1, 1] - 2))
    mask = stroke_mask(thinned(found.path), found.width, (WIDTH, HEIGHT))
    wanted = RleMask.from_window(truth, (0, 0), (WIDTH, HEIGHT))
    assert boundary_f(mask, wanted, Box(0, 0, WIDTH, HEIGHT), 2.0) > 0.9
    assert abs(found.width - width) < 1.0
    away = np.abs(found.path[:, np.newaxis] - line[np.newaxis, ::4]) ** 2
    assert np.sqrt(away.sum(axis=2)).min(axis=1).mean() < 0.8


@pytest.mark.parametrize("angle", [0, 37, 90, 143, 180, 251])
def test_it_works_in_every_direction(angle: int) -> None:
    direction = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
    line = np.array([260.0, 150.0]) + np.linspace(-110, 110, 900)[:, np.newaxis] * direction
    image, _ = drawn(line, 2.0, 50.0, angle, noise=6.0)
    found = trace(np.repeat(image[..., np.newaxis], 4, axis=2), tuple(line[0]), tuple(line[-1]))
    off = (found.path - line[0]) @ np.array([-direction[1], direction[0]])
    assert np.abs(off).mean() < 0.6 and np.abs(off).max() < 2.5


def test_an_edge_is_no_line() -> None:
    """A scratch beside a much stronger edge: the way stays on the scratch."""
    image = np.full((120, 400), 100, np.uint8)
    image[:50] = 220
    image[62] = 125
    path = trace(image, (20, 62.5), (380, 62.5)).path
    assert np.abs(path[:, 1] - 62.5).max() < 1


def test_a_fixed_start_stays_and_only_the_band_is_read() -> None:
    image = np.full((120, 400), 100, np.uint8)
    image[60] = 160
    assert trace(image, (20.0, 58.5), (380.0, 60.5)).path[0, 1] == pytest.approx(60.5, abs=0.6)
    assert tuple(trace(image, (20.0, 58.5), (380.0, 60.5), is_start_fixed=True).path[0]) == (20.0, 58.5)
    huge = np.lib.stride_tricks.as_strided(image, (120, 40_000_000), (0, 0))  # cannot be copied whole in this memory
    assert len(trace(huge, (5e6, 20), (5e6 + 100, 40)).path) > 100


@pytest.mark.parametrize(
    ("start", "end", "width"),
    [
        ((1, 1), (1, 1), None),
        ((-1, 1), (9, 9), None),
        ((1, 1), (math.nan, 9), None),
        ((1, 1), (9, 99), None),
        ((1, 1), (9, 9), 0.5),
    ],
)
def test_what_is_no_line_is_refused(start: tuple[float, float], end: tuple[float, float], width: float | None) -> None:
    with pytest.raises(ValueError, match="line"):
        trace(np.zeros((20, 20), np.uint8), start, end, width=width)


def test_corners_of_the_image_can_be_the_ends() -> None:
    found = trace(np.full((20, 30), 7, np.uint8), (0, 0), (29.99, 19.99))
    assert found.width == 1 and (found.path >= 0).all() and (found.path <= np.array([30, 20])).all()


def scratched() -> tuple[Desk, NDArray[np.float64]]:
    line = centre_line(5)
    image, _ = drawn(line, 2.0, 50.0, 5, noise=6.0)
    return Desk(BrightNet(), np.repeat(image[..., np.newaxis], 4, axis=2)), line


def test_each_click_is_a_step_and_the_line_is_one_part() -> None:
    async def work() -> None:
        one, line = scratched()
        middle = line[len(line) // 2]
        first = one.session.hand.scratch(tuple(line[0]), tuple(middle))
        assert first is not None
        before = one.draft.mask
        second = one.session.hand.scratch((first.path[-1, 0], first.path[-1, 1]), tuple(line[-1]), True, 3.0)
        assert second is not None and second.width == 3.0
        assert one.state()["draft"]["parts"] == 1 and one.state()["draft"]["is_edited"]
        assert one.state()["history"]["undo"] == "edit_mask.scratch"
        one.session.undo()
        assert one.draft.mask == before
        one.session.undo()
        assert one.state()["draft"] is None

    run(work())


def test_a_preview_changes_nothing_and_a_line_without_length_says_so() -> None:
    async def work() -> None:
        one, line = scratched()
        entries = one.entries()
        shown = one.session.hand.scratch_preview(tuple(line[0]), tuple(line[-1]))
        assert shown is not None and len(shown.path) > 300
        assert one.session.hand.scratch_preview((5, 5), (5, 5)) is None and one.notices() == []
        assert one.session.hand.scratch((5, 5), (5, 5)) is None and one.notices() == ["scratch_ends"]
        assert one.entries() == entries and one.state()["draft"] is None

    run(work())


def test_without_an_image_there_is_no_line() -> None:
    async def work() -> None:
        one = Desk(BrightNet())
        with pytest.raises(SegmarkError, match="no_image"):
            one.session.hand.scratch((1, 1), (5, 5))

    run(work())
