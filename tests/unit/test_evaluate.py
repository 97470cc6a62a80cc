"""segmark-eval on a tiny generated data set: the oracle's figures are known by hand."""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from segmark.clicks import Click
from segmark.evaluate.__main__ import arguments, evaluate
from segmark.evaluate.annotator import next_click
from segmark.evaluate.damage import damaged
from segmark.evaluate.metrics import iou
from segmark.evaluate.objects import read_pair, square_round, targets
from segmark.evaluate.ours import Player
from segmark.evaluate.peers import FloodFill, GrabCut
from segmark.evaluate.play import play
from segmark.evaluate.regions import stamp_clicks
from segmark.evaluate.scores import Played, boundary_f, summary
from segmark.geometry import Box
from segmark.rle import RleMask

ROOT = Path(__file__).resolve().parents[2]
SIZE = (400, 300)


class Oracle:
    """Answers the truth, less one row for each of the first two clicks that it still lacks."""

    def __init__(self, truth: RleMask, missing: int) -> None:
        self.truth, self.missing = truth, missing
        self.mask = RleMask.empty(*truth.size)
        self.clicks: list[Click] = []

    async def begin(self, mode: str, box: Box | None, start: RleMask | None) -> None:
        self.begun = (mode, box, start)
        self.mask = start or RleMask.empty(*self.truth.size)

    async def click(self, click: Click) -> RleMask:
        self.clicks.append(click)
        rows = max(self.missing - len(self.clicks) + 1, 0)
        b = self.truth.bbox
        self.mask = self.truth.subtract(
            RleMask.from_box(Box(b.x0, b.y0, b.x1, b.y0 + rows * b.height // 4), self.truth.size)
        )
        return self.mask


def rectangle(x0: int, y0: int, x1: int, y1: int) -> RleMask:
    return RleMask.from_box(Box(x0, y0, x1, y1), SIZE)


def folder(root: Path) -> Path:
    """Two sets, bright objects on a dark ground; one has two classes, one object too small, a crack in two pieces."""
    rows = []
    for dataset, stem, boxes in (
        ("one", "a", [(30, 40, 80, 90, 1), (200, 200, 203, 203, 1)]),
        ("two", "b", [(10, 10, 60, 40, 1), (60, 10, 100, 40, 2), (200, 100, 240, 103, 1), (243, 100, 280, 103, 1)]),
    ):
        image, mask = np.full((300, 400, 3), 30, np.uint8), np.zeros((300, 400), np.uint8)
        for x0, y0, x1, y1, value in boxes:
            mask[y0:y1, x0:x1], image[y0:y1, x0:x1] = value, 220
        for part, content, end in (("images", image, "jpg"), ("masks", mask, "png")):
            (root / dataset / part).mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(root / dataset / part / f"{stem}.{end}"), content)
        rows.append((dataset, stem))
    with (root / "list.csv").open("w", newline="") as handle:
        csv.writer(handle).writerows([("dataset", "stem"), *rows])
    return root


def test_objects_are_components_of_one_class_after_closing(tmp_path: Path) -> None:
    root = folder(tmp_path)
    _, mask = read_pair(root, "two", "b")
    found, small = targets(mask, "two", "b")
    assert small == 0
    assert sorted(t.truth.area for t in found) == [
        3 * 77,
        30 * 40,
        30 * 50,
    ]  # the crack's gap of 3 px is closed, not filled
    found, small = targets(read_pair(root, "one", "a")[1])
    assert (len(found), small) == (1, 1)
    with pytest.raises(FileNotFoundError):
        read_pair(root, "one", "z")


def test_the_box_is_1_6_times_the_longer_side_and_at_least_48() -> None:
    assert square_round(Box(100, 100, 200, 150)) == Box(70, 45, 230, 205)
    assert square_round(Box(10, 10, 14, 12)).width == 48


def test_the_oracles_figures() -> None:
    async def work() -> Played:
        target = targets(np.asarray(rectangle(100, 100, 140, 140).to_window(Box(0, 0, *SIZE))))[0][0]
        return await play(Oracle(target.truth, 2), target, "box", False, False, 0)

    played = asyncio.run(work())
    assert [round(v, 2) for v in played.ious] == [0.5, 0.75, 1.0]
    assert (played.needed(0.8), played.needed(0.85), played.iou_at(5)) == (3, 3, 1.0)
    figures = summary([played])
    assert figures["iou@1"] == 0.5 and figures["noc@90"] == 3 and figures["failures@90"] == 0
    assert played.boundary_at(3) == 1.0


def test_a_player_that_never_gets_there_fails_at_20() -> None:
    async def work() -> Played:
        target = targets(np.asarray(rectangle(100, 100, 140, 140).to_window(Box(0, 0, *SIZE))))[0][0]
        oracle = Oracle(target.truth, 99)
        return await play(oracle, target, "box", False, False, 0)

    played = asyncio.run(work())
    assert len(played.ious) == 20
    assert played.needed(0.8) == 20 and summary([played])["failures@90"] == 1


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_mask_lies_in_its_range_and_is_the_seeds_own(seed: int) -> None:
    truth = rectangle(50, 60, 110, 90) if seed % 2 else rectangle(20, 20, 260, 23)
    box = square_round(truth.bbox)
    mask = damaged(truth, box, seed)
    assert 0.5 <= iou(mask, truth) <= 0.75
    assert mask == damaged(truth, box, seed)


def test_the_annotator_clicks_the_largest_error_and_jitters_inside_it() -> None:
    truth, region = rectangle(100, 100, 140, 140), Box(80, 80, 180, 180)
    assert next_click(RleMask.empty(*SIZE), truth, region, set()) == Click(119, 119, True)
    wrong = rectangle(100, 100, 140, 140).union(rectangle(150, 150, 160, 160))
    click = next_click(wrong, truth, region, set())
    assert click is not None and not click.is_positive and 150 <= click.x < 160
    rng = np.random.default_rng(1)
    clicks = [next_click(RleMask.empty(*SIZE), truth, region, set(), rng) for _ in range(20)]
    assert len({(c.x, c.y) for c in clicks if c}) > 10
    assert all(c and truth.contains(c.x, c.y) for c in clicks)
    assert next_click(truth, truth, region, set()) is None


def test_stamps_cover_every_pixel_of_a_long_object() -> None:
    size = (2000, 300)
    truth = RleMask.from_box(Box(5, 100, 1900, 102), size)
    stamps = list(stamp_clicks(truth))
    covered = RleMask.empty(*size)
    for click, box in stamps:
        assert truth.contains(click.x, click.y)
        assert not covered.contains(click.x, click.y)
        assert (box.width, box.height) == (256, 256)
        covered = covered.union(RleMask.from_box(box, size))
    assert truth.subtract(covered).is_empty
    assert len(stamps) <= 1895 // 128 + 2


def test_the_boundary_measure_tolerates_two_pixels() -> None:
    truth, region = rectangle(100, 100, 140, 140), Box(50, 50, 200, 200)
    assert boundary_f(rectangle(102, 102, 142, 142), truth, region) > 0.95  # all but the corners
    assert boundary_f(rectangle(106, 106, 146, 146), truth, region) < 0.5
    assert boundary_f(RleMask.empty(*SIZE), truth, region) == 0.0


@pytest.mark.parametrize("peer", [GrabCut, FloodFill])
def test_peers_find_a_plain_bright_object(peer: type[GrabCut] | type[FloodFill], tmp_path: Path) -> None:
    image, mask = read_pair(folder(tmp_path), "one", "a")
    target = targets(mask)[0][0]
    played = asyncio.run(play(peer(image), target, "box", False, False, 0))
    assert played.iou_at(3) > 0.9


def test_the_real_network_through_the_pages_session(tmp_path: Path) -> None:
    """The command line as documented, on two generated images; a correction starts from the damaged mask."""
    root = folder(tmp_path)
    for extra in (["--init", "damaged"], ["--regions", "stamps"], ["--regions", "fixed", "--clicks", "jittered"]):
        command = [
            sys.executable,
            "-m",
            "segmark.evaluate",
            "--data",
            str(root),
            "--list",
            str(root / "list.csv"),
            "--limit",
            "2",
            "--json",
            str(root / "out.json"),
            "--model",
            first_model(),
            *extra,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT / "py")
        assert done.returncode == 0, done.stderr
        result = json.loads((root / "out.json").read_text())
        (figures,) = (player["all"] for player in result["players"].values())
        assert figures["objects"] == 2
        assert figures["iou@3"] > 0.3


def first_model() -> str:
    import tomllib

    return str(tomllib.loads((ROOT / "models" / "models.toml").read_text())["model"][0]["id"])


def test_a_damaged_start_is_the_sessions_mask() -> None:
    from fakes import BrightNet

    async def work() -> RleMask:
        player = Player(BrightNet(), np.zeros((300, 400, 3), np.uint8))
        await player.begin("custom", Box(20, 20, 200, 200), rectangle(50, 50, 90, 90))
        return player.mask

    assert asyncio.run(work()) == rectangle(50, 50, 90, 90)


def test_a_bad_list_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("dataset,stem\nno,where\n")
    args: argparse.Namespace = arguments().parse_args(["--data", str(tmp_path), "--list", str(tmp_path / "list.csv")])
    with pytest.raises(FileNotFoundError, match="no/where"):
        asyncio.run(evaluate(args, {}))
