"""The training code on generated data: three steps, resume, clicks, losses, and ONNX against torch.

Skipped where torch is missing (it is an optional extra); `./build.sh test-train` installs it and runs this file.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnxruntime = pytest.importorskip("onnxruntime")
cv2 = pytest.importorskip("cv2")
sys.path[:0] = [str(Path(__file__).resolve().parents[2] / part) for part in ("", "py")]

from models.train import (  # noqa: E402
    augment,
    clicks,
    data,
    depthwise,
    export,
    losses,
    network,
    quick_eval,
    samples,
    session,
    train,
)
from models.train.session import Episode, Teaching, train_step  # noqa: E402

MODELS = Path(__file__).resolve().parents[2] / "models"


def batch(size: int, count: int, seed: int) -> samples.Sample:
    made = samples.Samples(samples.Sources(None, None), size, seed, 0, count)
    return samples.Sample(*(torch.stack(parts) for parts in zip(*(made[i] for i in range(count)), strict=True)))


def batch_of(truth: torch.Tensor, before: torch.Tensor | None = None) -> samples.Sample:
    """A batch of masks [B,1,S,S] on black pictures, at the pictures' own scale; stamps if something was marked before."""
    count, size = truth.shape[0], truth.shape[-1]
    image = torch.zeros(count, 3, size, size, dtype=torch.uint8)
    sides, stamped = torch.full((count,), size), torch.full((count,), before is not None)
    return samples.Sample(image, truth, torch.zeros_like(truth) if before is None else before, sides, stamped)


def folder(root: Path) -> Path:
    """A tiny data folder of the documented layout: a class-index mask and two sets."""
    rows = []
    for name, stem in (("masonry_crack", "a"), ("plain", "b"), ("plain", "c")):
        rng = np.random.default_rng(len(rows))
        image = rng.integers(0, 255, (90, 120, 3)).astype(np.uint8)
        mask = np.zeros((90, 120), np.uint8)
        mask[20:40, 30:60], mask[50:70, 70:100] = 1, 3
        for part, content, end in (("images", image, "jpg"), ("masks", mask, "png")):
            (root / name / part).mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(root / name / part / f"{stem}.{end}"), content)
        rows.append((name, stem))
    with (root / "train.csv").open("w", newline="") as handle:
        csv.writer(handle).writerows([("dataset", "stem"), *rows])
    return root


def test_three_steps_learn_one_batch() -> None:
    made = batch(96, 4, 3)
    state = train.new_state("precise", None, 3)
    train.set_rate(state, 0.0)
    before = {k: v.clone() for k, v in state.net.state_dict().items()}
    for group in state.optimiser.param_groups:
        group["lr"] = 1e-3
    seen = [train_step(state.net, made, state.optimiser, np.random.default_rng(0))[0] for _ in range(3)]
    assert all(np.isfinite(seen))
    assert seen[-1] < seen[0]
    after = state.net.state_dict()
    assert not torch.equal(after["encoder.prompt.weight"], before["encoder.prompt.weight"])
    assert torch.equal(after["encoder.bn_stem.running_mean"], before["encoder.bn_stem.running_mean"])  # frozen


def test_a_settled_run_leaves_all_statistics_as_they_are() -> None:
    state = train.new_state("smooth", None, 2)
    before = {k: v.clone() for k, v in state.net.state_dict().items()}
    train_step(state.net, batch(64, 2, 2), state.optimiser, np.random.default_rng(0), Teaching(settled=True))
    after = state.net.state_dict()
    assert all(torch.equal(after[k], v) for k, v in before.items() if "running" in k)
    assert not torch.equal(after["up2.mix.point.weight"], before["up2.mix.point.weight"])


def test_a_resumed_run_goes_on_exactly(tmp_path: Path) -> None:
    state = train.new_state("smooth", None, 1)
    made = batch(64, 2, 1)
    train_step(state.net, made, state.optimiser, state.rng)
    train.average(state)
    state.step, state.seen, state.seconds = 1, 2, 7.5
    train.save(state, tmp_path / "last.pt")
    again = train.load(tmp_path / "last.pt")
    assert (again.step, again.seen, again.seconds) == (1, 2, 7.5)
    first = train_step(state.net, made, state.optimiser, state.rng)
    second = train_step(again.net, made, again.optimiser, again.rng)
    assert first == second
    for a, b in zip(state.net.state_dict().values(), again.net.state_dict().values(), strict=True):
        assert torch.equal(a, b)


def test_a_restart_checkpoint_holds_the_averaged_weights(tmp_path: Path) -> None:
    state = train.new_state("smooth", None, 4)
    torch.nn.init.normal_(state.ema.encoder.prompt.weight)
    train.save(state, tmp_path / "last.pt")
    export.restart_checkpoint(tmp_path / "last.pt", tmp_path / "small.pt")
    again = train.start_from("smooth", tmp_path / "small.pt", None, 0)
    for got, want in zip(again.net.state_dict().values(), state.ema.state_dict().values(), strict=True):
        assert torch.allclose(got.float(), want.float(), rtol=1e-3, atol=1e-6)
    assert again.step == 0


def test_samples_depend_only_on_seed_and_number() -> None:
    one, two = (samples.Samples(samples.Sources(None, None), 64, 9, first, 8) for first in (0, 3))
    assert torch.equal(one[3][0], two[0][0])
    assert torch.equal(one[3][1], two[0][1])
    assert not torch.equal(one[3][0], one[4][0])
    assert all((one[i][1] == 1).any() for i in range(8))


def test_reading_a_folder_excludes_by_licence_and_keeps_classes_apart(tmp_path: Path) -> None:
    root = folder(tmp_path / "data")
    rows = data.read_list(root / "train.csv", ("gpl",))
    assert {r.dataset for r in rows} == {"plain"}
    pictures = data.Pictures(root, rows, tmp_path / "cache")
    item = data.Pictures(root, rows, tmp_path / "cache").item(1)  # the second time from the cache
    assert np.array_equal(item.mask, data.decode(root, rows[1]).mask)
    assert np.array_equal(item.image, data.decode(root, rows[1]).image)
    assert len(data.objects(pictures.item(0).mask)) == 2
    made = samples.Samples(samples.Sources(pictures, None), 64, 1, 0, 4, samples.Mix(1.0, 0.0))
    assert all(set(np.unique(made[i][1])) <= {0, 1, samples.OUTSIDE} for i in range(4))
    with pytest.raises(FileNotFoundError):
        data.decode(root, data.Row("plain", "nowhere"))


def test_click_maps_follow_the_contract() -> None:
    maps = clicks.click_maps([clicks.Click(100.0, 50.0, True), clicks.Click(0.0, 0.0, False)], 256)
    yy, xx = np.mgrid[0:256, 0:256]
    assert np.array_equal(maps[0] > 0, (xx - 100) ** 2 + (yy - 50) ** 2 <= 25)
    assert np.array_equal(maps[1] > 0, xx**2 + yy**2 <= 25)


def test_the_simulated_click_lands_on_the_largest_error() -> None:
    truth = np.zeros((64, 64), bool)
    truth[10:40, 10:40] = True
    click = clicks.centre_click(truth, np.zeros_like(truth))
    assert click is not None
    assert click.is_positive
    assert 22 <= click.x <= 27 and 22 <= click.y <= 27
    wrong = truth.copy()
    wrong[44:60, 44:60] = True
    click = clicks.centre_click(truth, wrong)
    assert click is not None
    assert not click.is_positive
    assert clicks.centre_click(truth, truth) is None
    rng = np.random.default_rng(0)
    for _ in range(50):
        person = clicks.person_click(truth, wrong, rng)
        assert person is not None
        assert not person.is_positive
        assert wrong[round(person.y), round(person.x)]


def test_reflected_pixels_are_never_clicked_nor_counted() -> None:
    truth = torch.zeros(1, 1, 64, 64, dtype=torch.uint8)
    truth[..., 10:30, 10:30] = 1
    truth[..., 40:, :] = samples.OUTSIDE
    episode = Episode(batch_of(truth), np.random.default_rng(1), damage=0.0)
    episode.answer(torch.ones(1, 1, 64, 64))  # everything, the reflection too
    assert all(c.y < 40.5 for c in episode.clicks[0])
    inside = (truth != samples.OUTSIDE).float()
    target = (truth == 1).float()
    logits = torch.randn(1, 1, 64, 64)
    other = torch.where(inside > 0, logits, -logits)
    even = torch.ones_like(target)
    assert torch.allclose(
        losses.click_loss(logits, target, inside, even), losses.click_loss(other, target, inside, even)
    )


def test_crops_keep_thin_lines_and_reflect_outside() -> None:
    mask = np.zeros((200, 200), np.uint8)
    mask[:, 100:102] = 1
    small = augment.crop_mask(mask, 100, 100, 200, 64)
    assert small.any(axis=1).all()  # two pixels shrunk to 0.64 of one: still a line
    ramp = np.tile(np.arange(50, dtype=np.uint8), (50, 1))
    cut = augment.square_crop(ramp, 0, 25, 20, 20)
    assert cut[0, :12].tolist() == [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1]
    outside = augment.crop_outside((50, 50), 0, 25, 20, 20)
    assert outside[:, :10].all()
    assert not outside[:, 10:].any()


@pytest.fixture(scope="module", params=sorted(network.NETWORKS))
def stirred(request: pytest.FixtureRequest) -> network.ClickNet:
    """A network whose every weight and statistic matters."""
    torch.manual_seed(0)
    net = network.ClickNet(**network.NETWORKS[request.param]).eval()
    for asked in (net.encoder.prompt, net.encoder.prompt_hints, net.detail_hints):  # they begin with nothing
        torch.nn.init.normal_(asked.weight, std=0.05)
    for m in net.modules():
        if isinstance(m, torch.nn.BatchNorm2d):
            m.running_mean.normal_(0, 0.1)
            m.running_var.uniform_(0.5, 2)
            m.weight.data.uniform_(0.5, 1.5)
    return net


@pytest.mark.parametrize("int8", [False, True])
def test_onnx_and_torch_agree(stirred: network.ClickNet, tmp_path: Path, int8: bool) -> None:
    plain = export.folded(stirred)
    export.to_onnx(plain, tmp_path / "net.onnx", int8)
    assert export.difference(export.rounded(plain, int8), tmp_path / "net.onnx", 2) < 1e-4  # the same rounding
    if not int8:
        assert export.difference(stirred, tmp_path / "net.onnx", 2) < 0.05  # float16 storage alone
    assert (tmp_path / "net.onnx").stat().st_size < 6_000_000


def test_a_pair_is_the_mean_of_one_network_and_the_other_one_mirrored(
    stirred: network.ClickNet, tmp_path: Path
) -> None:
    other = network.ClickNet(**network.NETWORKS["smooth"]).eval()
    pair = network.Pair(stirred, other).eval()
    feed = [torch.from_numpy(export.example_inputs(3)[name]) for name in export.INPUTS]
    with torch.no_grad():
        alone, mirrored = stirred(*feed), other(*(one.flip(-1) for one in feed))
        assert torch.allclose(pair(*feed), 0.6 * alone + 0.4 * mirrored.flip(-1), atol=1e-5)
    export.to_onnx(export.folded(pair), tmp_path / "pair.onnx", True)
    assert export.difference(export.rounded(export.folded(pair), True), tmp_path / "pair.onnx", 2) < 1e-4
    assert network.count_macs(pair) == network.count_macs(stirred) + network.count_macs(other)
    assert network.parameter_count(pair) == network.parameter_count(stirred) + network.parameter_count(other)


def test_the_decoder_learns_at_every_level_and_from_a_teacher() -> None:
    made = batch(64, 2, 5)  # a half encoder wants multiples of 64
    state, teacher = train.new_state("smooth", None, 5), network.ClickNet(**network.NETWORKS["smooth"]).eval()
    before = state.net.coarse[0].weight.detach().clone()
    loss, _ = train_step(state.net, made, state.optimiser, state.rng, Teaching(deep=True, teacher=teacher))
    assert np.isfinite(loss)
    assert not torch.equal(state.net.coarse[0].weight, before)
    sure = torch.full((1, 1, 32, 32), 4.0)
    inside = torch.ones_like(sure)
    near, far = (float(losses.teacher_loss(sure - off, sure, inside)) for off in (0.5, 6.0))
    assert near < far
    share = torch.zeros(1, 1, 32, 32)
    share[..., :16, :] = 1
    right = [torch.where(torch.nn.functional.avg_pool2d(share, 4) > 0.5, 9.0, -9.0)]
    assert (
        float(losses.coarse_loss(right, share, inside)) < 0.01 < float(losses.coarse_loss([-right[0]], share, inside))
    )


def test_models_toml_keeps_the_other_networks(tmp_path: Path) -> None:
    import tomllib

    for name, figure in (("smooth", 1), ("precise", 2), ("smooth", 3)):
        export.write_entry(tmp_path / "models.toml", f'[[model]]\nid = "{name}"\n\n[model.figures]\na = {figure}\n')
    models = tomllib.loads((tmp_path / "models.toml").read_text())["model"]
    assert [(m["id"], m["figures"]["a"]) for m in models] == [("precise", 2), ("smooth", 3)]


@pytest.mark.parametrize(("name", "multiply_adds", "megabytes"), [("precise", 1.2e9, 6.5), ("smooth", 0.25e9, 2.05)])
def test_a_network_stays_within_its_budget(name: str, multiply_adds: float, megabytes: float) -> None:
    net = network.ClickNet(**network.NETWORKS[name])
    assert network.count_macs(net) < multiply_adds
    assert network.parameter_count(net) * 2e-6 < megabytes


def test_the_error_that_a_click_points_at_weighs_more_and_only_in_a_correction() -> None:
    truth = torch.zeros(2, 1, 64, 64, dtype=torch.uint8)
    truth[:, 0, 10:30, 10:30] = 1
    episode = Episode(batch_of(truth), np.random.default_rng(0), damage=0.0)
    first = episode.focus()  # the first click corrects nothing: only the outline weighs more
    assert (first[:, :, 8:32, 8:32].sum((2, 3)) > 24 * 24).all() and (first[:, :, 14:26, 14:26] == 1).all()
    logits = torch.where(truth == 1, 5.0, -5.0)
    logits[:, 0, 45:49, 45:49] = 5.0  # one false patch: the only error left
    episode.answer(logits)
    round_it = ((episode.focus() / first) - 1) / session.POINTED
    assert set(round_it.unique().tolist()) == {0.0, 1.0}
    beside = round_it[:, 0, 43:51, 43:51]  # right pixels there weigh as much as the error: no overshoot
    assert (beside == 1).all()
    assert not round_it[:, 0, :40].any() and not round_it[:, 0, :, :40].any()


def test_a_stamp_begins_beside_what_is_marked_and_in_its_middle() -> None:
    truth = torch.zeros(1, 1, 64, 64, dtype=torch.uint8)
    truth[..., 31:33, :] = 1  # a line through the crop; its left half was marked by the stamp before
    before = truth.clone()
    before[..., 32:] = 0
    episode = Episode(batch_of(truth, before), np.random.default_rng(0), damage=1.0)
    assert torch.equal(episode.inputs()[0], before.float())
    assert [(c.x, c.is_positive) for c in episode.clicks[0]] == [(32.0, True)]


def test_stamps_are_drawn_from_real_pictures(tmp_path: Path) -> None:
    root = folder(tmp_path / "data")
    pictures = data.Pictures(root, data.read_list(root / "train.csv"), tmp_path / "cache")
    made = samples.Samples(samples.Sources(pictures, None), 64, 1, 0, 60, samples.Mix(1.0, 0.0))
    stamps = [one for one in (made[i] for i in range(60)) if one.stamped]
    assert 2 <= len(stamps) < 30 and all(one.side == 64 for one in stamps)
    assert any(one.before.any() for one in stamps)
    assert all(((one.truth == 1) | (one.before == 0)).all() for one in stamps)


@pytest.mark.parametrize("side", [20, 64, 100, 200])
def test_the_previous_mask_is_the_one_that_the_product_shows(side: int) -> None:
    """Against the product's own kernels: an answer goes into the picture's mask and comes back as the network's input."""
    from segmark.kernels import reference

    size = 64
    rng = np.random.default_rng(side)
    chance = cv2.GaussianBlur(rng.normal(0, 1, (size, size)).astype(np.float32), (0, 0), 4)
    chance = np.asarray(1 / (1 + np.exp(-40 * chance)), np.float32)
    mask = np.zeros((side, side), np.uint8)
    window = (0, 0, side, side)
    logits = np.log(np.clip(chance, 1e-6, 1 - 1e-6) / (1 - np.clip(chance, 1e-6, 1 - 1e-6))).astype(np.float32)
    reference.paste_mask(logits, (0, 0, side), window, mask, (0, 0), 0.5)
    wanted = reference.mask_to_net(mask, (0, 0), (0, 0, side), size)
    got = session.as_shown(chance, side)
    assert 0.2 < wanted.mean() < 0.8
    inner = np.s_[4:-4, 4:-4]  # at the picture's own border the product's mask fades to nothing
    assert np.abs(got - wanted)[inner].mean() < (0.001 if side <= 2 * size else 0.03)


def test_the_middle_of_the_largest_error_is_clicked_most(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = np.zeros((64, 64), bool)
    truth[5:13, 5:13] = True  # the deepest error, missed
    mask = np.zeros((64, 64), bool)
    mask[30:34, 2:62] = True  # the largest one, too much
    monkeypatch.setattr(clicks, "LARGEST", 1.0)
    for seed in range(20):
        click = clicks.person_click(truth, mask, np.random.default_rng(seed))
        assert click is not None and not click.is_positive and 29 < click.y < 34.5
    monkeypatch.setattr(clicks, "EXACT", 1.0)
    exact = [clicks.person_click(truth, mask, np.random.default_rng(seed)) for seed in range(20)]
    assert {click.y for click in exact if click} == {31.0, 32.0}
    monkeypatch.setattr(clicks, "LARGEST", 0.0)
    monkeypatch.setattr(clicks, "DEEPEST", 1.0)
    click = clicks.person_click(truth, mask, np.random.default_rng(0))
    assert click is not None and click.is_positive and 5 <= click.x < 13.5


@pytest.mark.parametrize(
    ("kernel", "stride", "channels", "side"), [(3, 1, 24, 20), (3, 2, 40, 16), (5, 1, 19, 9), (5, 2, 96, 12)]
)
def test_the_depthwise_kernel_and_its_gradients_are_those_of_torch(
    kernel: int, stride: int, channels: int, side: int
) -> None:
    if depthwise.library() is None:
        pytest.skip("no C++ compiler here: torch's own convolution is used")
    rng = torch.Generator().manual_seed(kernel * 10 + stride)
    conv = network.SameConv2d(channels, channels, kernel, stride, groups=channels, bias=False)
    x = torch.randn(3, channels, side, side, generator=rng).requires_grad_()
    shift = torch.randn(channels, generator=rng).requires_grad_()
    wanted = conv._conv_forward(x, conv.weight, shift).clamp(0, 1.5)
    got = depthwise.depthwise(x, conv.weight, shift, stride, 1.5)
    assert torch.allclose(got, wanted, atol=1e-5)
    slope = torch.randn(wanted.shape, generator=rng)
    inputs = (x, conv.weight, shift)
    for a, b in zip(torch.autograd.grad(got, inputs, slope), torch.autograd.grad(wanted, inputs, slope), strict=True):
        assert torch.allclose(a, b, rtol=1e-4, atol=1e-4)


def test_the_frozen_norm_is_the_same_function(stirred: network.ClickNet) -> None:
    image, prev, maps = torch.rand(1, 3, 64, 64), torch.zeros(1, 1, 64, 64), torch.rand(1, 2, 64, 64).round()
    with torch.no_grad():
        fast = stirred(image, prev, maps)
        unfolded = network.frozen_gain
        network.frozen_gain = lambda bn: None
        try:
            slow = stirred(image, prev, maps)
        finally:
            network.frozen_gain = unfolded
    assert float((fast - slow).abs().max()) < 1e-3


def test_the_input_by_threes_is_the_same_function(stirred: network.ClickNet) -> None:
    maps, conv = (torch.rand(2, 3, 64, 64), torch.rand(2, 3, 64, 64)), stirred.detail
    with torch.no_grad():
        apart, at_once = (network.look(conv, maps, training) for training in (False, True))
    assert torch.allclose(apart, at_once, atol=1e-5)


def test_the_shipped_model_is_the_one_its_card_describes_and_it_segments() -> None:
    import hashlib
    import tomllib

    card = tomllib.loads((MODELS / "models.toml").read_text(encoding="utf-8"))["model"][0]  # precise
    raw = (MODELS / card["file"]).read_bytes()
    assert hashlib.sha256(raw).hexdigest() == card["sha256"]
    assert len(raw) == card["bytes"]
    runner = onnxruntime.InferenceSession(raw, providers=["CPUExecutionProvider"])
    assert [i.name for i in runner.get_inputs()] == card["contract"]["inputs"]
    assert [o.name for o in runner.get_outputs()] == card["contract"]["outputs"]

    class Shipped:
        def __call__(self, *inputs: torch.Tensor) -> torch.Tensor:
            feed = dict(zip(card["contract"]["inputs"], (t.numpy() for t in inputs), strict=True))
            return torch.from_numpy(runner.run(None, feed)[0])

    scores = [quick_eval.play(Shipped(), case, 3)[0][2] for case in quick_eval.generated_cases(9)]
    assert float(np.mean(scores)) > 0.6


def test_a_quick_case_scores_no_reflected_pixel() -> None:
    image = np.zeros((100, 100, 3), np.uint8)
    one = np.zeros((100, 100), np.uint8)
    one[40:60, 80:98] = 1
    case = quick_eval._case("plain", image, one, 90.0, 50.0, 80)  # 30 px hang over the right border
    assert case.truth.sum() == one.sum()
    assert case.valid.sum() == 80 * 50
    assert not case.valid[:, 50:].any()
