"""What a click tells the network, in training: hints, clicks that miss, hairlines in boxes that follow the clicks.

Skipped where torch is missing, as `test_train.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
cv2 = pytest.importorskip("cv2")
sys.path[:0] = [str(Path(__file__).resolve().parents[2] / part) for part in ("", "py")]

from models.train import clicks, hairline, hints, samples  # noqa: E402


def scene() -> tuple[torch.Tensor, torch.Tensor]:
    """A previous mask whose last column is x = 159, an obeyed click in it, and a positive click 9 pixels right of it."""
    mask, maps = torch.zeros(1, 1, 256, 256), np.zeros((2, 256, 256), np.float32)
    mask[..., 60:150, 80:160] = 1
    clicks.draw_click(maps, clicks.Click(120, 100, True))
    clicks.draw_click(maps, clicks.Click(168, 100, True))
    return mask, torch.from_numpy(maps)[None]


def six(mask: torch.Tensor, maps: torch.Tensor) -> torch.Tensor:
    """Both kinds of hints, one after the other: [B,6,H,W]."""
    return torch.cat(hints.hints(mask, maps), 1)


def test_distances_to_the_edge_of_the_mask() -> None:
    mask, _ = scene()
    distance = hints.signed_distance(mask)[0, 0].numpy()
    inside, outside = (
        cv2.distanceTransform(m.numpy().astype(np.uint8), cv2.DIST_L2, 5) for m in (mask[0, 0] > 0, mask[0, 0] == 0)
    )
    true = np.clip(outside - inside, -hints.REACH, hints.REACH)
    assert (np.abs(distance - true) < 1.5 + 0.18 * np.abs(true)).all()  # an octagon is no circle
    assert np.array_equal(distance[100, 155:165], [-5, -4, -3, -2, -1, 1, 2, 3, 4, 5])  # near the edge to the pixel


def test_a_click_says_how_far_the_error_reaches_and_where_it_is() -> None:
    mask, maps = scene()
    distance, missed, false, ball, across, down = six(mask, maps)[0]
    assert (false == -1).all(), "no negative click lies inside the mask"
    row = missed[100, 160:200]
    assert row[0] > 0.9 and (row.diff() <= 0).all()
    assert 160 + int((row > 0).sum()) == pytest.approx(2 * 168 - 159, abs=2), (
        "as far beyond the click as the edge is before"
    )
    y, x = divmod(int(ball.argmax()), 256)
    assert (x, y) == (pytest.approx(168, abs=3), 100), "the click that is wrong, not the one that is obeyed"
    assert across[0, 0] == down[0, 0] == pytest.approx(1, abs=0.01) and across[5, 127] == pytest.approx(0, abs=0.01)
    wrong = six(1 - mask, maps.flip(1))[0]  # the same with the signs turned round
    assert torch.equal(wrong[2], missed) and torch.equal(wrong[0], -distance) and torch.equal(wrong[3], ball)
    first = six(torch.zeros_like(mask), maps)[0]
    assert (first[1:4] == -1).all(), "a first click says nothing of it"
    obeyed = six(mask, maps * (mask > 0))[0]
    assert (obeyed[1:4] == -1).all()


def test_hints_are_the_same_in_what_is_exported_and_in_a_mirror() -> None:
    mask, maps = scene()
    pooled = torch.jit.trace(six, (mask, maps))
    rough = (torch.rand(1, 1, 32, 32) > 0.6).float().repeat_interleave(8, 2).repeat_interleave(8, 3)
    for one in (mask, rough, mask * 0):
        made = six(one, maps)
        assert torch.allclose(pooled(one, maps), made, atol=1e-5)
        assert torch.allclose(six(one.flip(-1), maps.flip(-1)).flip(-1), made, atol=1e-4)


def test_some_clicks_miss_a_thin_part_by_a_little() -> None:
    rng, line, block = np.random.default_rng(0), np.zeros((256, 256), bool), np.zeros((256, 256), bool)
    line[:, 127:130] = block[60:200, 60:200] = True
    on = clicks.Click(128, 100, True)
    made = [clicks.missed(on, line, rng) for _ in range(1000)]
    off = [abs(click.x - 128) for click in made if click != on]
    assert 100 < len(off) < 180
    assert 2 < np.mean(off) < 4.5 and max(off) < 20
    assert all(clicks.missed(on, block, rng) == on for _ in range(200)), "who clicks a block hits it"
    wrong = clicks.Click(128, 100, False)
    assert all(clicks.missed(wrong, line, rng) == wrong for _ in range(200))


def test_hairlines_run_through_a_box_that_follows_the_clicks() -> None:
    made = samples.Samples(samples.Sources(None, None), 128, 3, 0, 40, samples.Mix(0.0, 1.0))
    lines = [one for one in (made[i] for i in range(40)) if one.stamped]
    assert 10 < len(lines) < 35
    assert all(((one.truth == 1) | (one.before == 0)).all() for one in lines)
    widths = [2 * float(one.truth.sum()) / outline_length(one.truth[0].numpy()) for one in lines]
    assert 1 <= np.median(widths) < 3


def test_a_crack_in_pieces_is_the_piece_that_is_clicked() -> None:
    mask = np.zeros((64, 64), np.uint8)
    mask[32, 20:40] = mask[32, 44:50] = mask[32, 62:] = 1  # gaps of 4 and 12 pixels
    piece = hairline.nearest_piece(mask)
    assert piece[32, 20:50].sum() == 26 and piece.sum() == 26
    assert not hairline.nearest_piece(mask * 0).any()


def outline_length(mask: np.ndarray) -> float:
    found, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    return float(sum(len(one) for one in found))
