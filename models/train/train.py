"""Train the click network for a given number of minutes; stop and resume at will.

`python -m models.train.train --data DIR --init lite0.pth --minutes 65 --out DIR`
"""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader

from .export import load_average
from .network import NETWORKS, ClickNet, count_macs, load_imagenet, parameter_count
from .samples import Samples, Sources, open_sources
from .session import Teaching, train_step

ENCODER_RATE, DECODER_RATE = 3e-4, 1e-3
#: A step that took longer than this many seconds was a pause (a stopped process): the budget does not pay for it.
PAUSE = 20.0


@dataclass(frozen=True)
class Phase:
    """A part of the budget trained at one size; `until` is a share of the wall-clock budget."""

    until: float
    size: int
    batch: int


#: Batches of 16: with one thread PyTorch leaves the 1x1 convolutions of smaller ones to its slow path.
PHASES = {
    "precise": (Phase(0.25, 192, 16), Phase(1.0, 256, 16)),
    "smooth": (Phase(0.25, 192, 16), Phase(1.0, 256, 16)),
}


@dataclass
class State:
    """Everything a resumed run needs to go on as if it had never stopped."""

    name: str
    net: ClickNet
    ema: ClickNet
    optimiser: torch.optim.Optimizer
    rng: np.random.Generator
    seconds: float = 0.0
    step: int = 0
    seen: int = 0
    recent: list[float] = field(default_factory=list)


def new_state(name: str, init: Path | None, seed: int) -> State:
    """A fresh network (ImageNet encoder if `init` is given), its average, its optimiser."""
    torch.manual_seed(seed)
    net, ema = ClickNet(**NETWORKS[name]), ClickNet(**NETWORKS[name])
    if init is not None:
        load_imagenet(net.encoder, torch.load(init, map_location="cpu", weights_only=True))
    ema.load_state_dict(net.state_dict())
    ema.eval()
    net, ema = net.to(memory_format=torch.channels_last), ema.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return State(name, net, ema, _optimiser(net), np.random.default_rng(seed))


def start_from(name: str, path: Path, init: Path | None, seed: int) -> State:
    """A fresh run (clock, optimiser and rate at their beginning) on the weights of a restart checkpoint.

    Layers that the checkpoint does not have, or has in another shape, keep their own beginning; their names are told.
    """
    raw = torch.load(path, map_location="cpu", weights_only=False)
    state = new_state(name, init, seed)
    own = state.net.state_dict()
    known = {k: v for k, v in raw["ema"].items() if k in own and own[k].shape == v.shape}
    print(f"from {path.name}: {len(known)} of {len(own)} tensors; new: {sorted(k for k in own if k not in known)}")
    own.update({k: v.float() if v.is_floating_point() else v for k, v in known.items()})
    for net in (state.net, state.ema):  # the averaged weights are the better start for both
        net.load_state_dict(own)
    return state


def _optimiser(net: ClickNet) -> torch.optim.Optimizer:
    groups: list[dict[str, Any]] = []
    for encoder in (True, False):
        for decay in (True, False):
            chosen = [
                p
                for name, p in net.named_parameters()
                if (name.startswith("encoder.") and "prompt" not in name) == encoder and (p.ndim > 1) == decay
            ]
            rate = ENCODER_RATE if encoder else DECODER_RATE
            groups.append({"params": chosen, "lr": rate, "base": rate, "weight_decay": 0.01 if decay else 0.0})
    return torch.optim.AdamW(groups)


def set_rate(state: State, share: float, peak: float = 1.0) -> None:
    """Cosine on the elapsed share of the budget, from `peak` times the base rates, after 60 warm-up steps."""
    factor = peak * min(1.0, (state.step + 1) / 60) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(share, 1.0))))
    for group in state.optimiser.param_groups:
        group["lr"] = group["base"] * factor


def average(state: State) -> None:
    """Move the averaged network a little towards the trained one (slower as training goes on)."""
    keep = min(0.998, (1 + state.step) / (10 + state.step))
    with torch.no_grad():
        for a, b in zip(state.ema.state_dict().values(), state.net.state_dict().values(), strict=True):
            if a.dtype.is_floating_point:
                a.lerp_(b, 1 - keep)
            else:
                a.copy_(b)


def save(state: State, path: Path) -> None:
    """Write a checkpoint; the old one stays whole until the new one is."""
    part = path.with_suffix(".part")
    torch.save(
        {
            "name": state.name,
            "config": state.net.config,
            "net": state.net.state_dict(),
            "ema": state.ema.state_dict(),
            "optimiser": state.optimiser.state_dict(),
            "rng": state.rng.bit_generator.state,
            "torch_rng": torch.get_rng_state(),
            "seconds": state.seconds,
            "step": state.step,
            "seen": state.seen,
        },
        part,
    )
    part.replace(path)


def load(path: Path) -> State:
    """Read a checkpoint written by `save`."""
    raw = torch.load(path, map_location="cpu", weights_only=False)
    state = new_state(raw["name"], None, 0)
    state.net.load_state_dict(raw["net"])
    state.ema.load_state_dict(raw["ema"])
    state.optimiser.load_state_dict(raw["optimiser"])
    state.rng.bit_generator.state = raw["rng"]
    torch.set_rng_state(raw["torch_rng"])
    state.seconds, state.step, state.seen = raw["seconds"], raw["step"], raw["seen"]
    return state


def phase_at(name: str, share: float) -> Phase:
    """The phase of a network for an elapsed share of the budget."""
    return next((p for p in PHASES[name] if share < p.until), PHASES[name][-1])


def _one_thread(_worker: int) -> None:
    cv2.setNumThreads(1)
    torch.set_num_threads(1)


def _loader(sources: Sources, phase: Phase, seed: int, seen: int) -> DataLoader[Any]:
    data = Samples(sources, phase.size, seed, seen, 10**7)
    return DataLoader(data, phase.batch, shuffle=False, num_workers=1, prefetch_factor=4, worker_init_fn=_one_thread)


@dataclass(frozen=True)
class How:
    """What a run is told: minutes of its budget, seed, seconds between checkpoints, peak of the rate, how it teaches."""

    minutes: float
    seed: int
    every: float
    peak: float
    teaching: Teaching


def run(state: State, sources: Sources, out: Path, how: How) -> None:
    """Train until the budget is spent; log JSON lines, write checkpoints."""
    budget = how.minutes * 60
    log = (out / "log.jsonl").open("a", encoding="utf-8")
    saved = state.seconds
    while state.seconds < budget:
        phase = phase_at(state.name, state.seconds / budget)
        began = time.monotonic()
        for batch in _loader(sources, phase, how.seed, state.seen):
            share = state.seconds / budget
            set_rate(state, share, how.peak)
            loss, _rounds = train_step(state.net, batch, state.optimiser, state.rng, how.teaching)
            average(state)
            state.step += 1
            state.seen += len(batch.image)
            state.recent.append(loss)
            now = time.monotonic()  # the wait for data counts: the budget is wall-clock time
            state.seconds, began = state.seconds + min(now - began, PAUSE), now
            if state.step % 25 == 0:
                _report(state, phase, log)
            if state.seconds - saved > how.every:
                saved = state.seconds
                save(state, out / "last.pt")
            if state.seconds >= budget or phase_at(state.name, state.seconds / budget) != phase:
                break
    save(state, out / "last.pt")
    log.close()


def _report(state: State, phase: Phase, log: Any) -> None:
    line = {
        "minutes": round(state.seconds / 60, 2),
        "clock": time.strftime("%H:%M:%S"),
        "step": state.step,
        "seen": state.seen,
        "size": phase.size,
        "loss": round(float(np.mean(state.recent)), 4),
        "rate": round(state.optimiser.param_groups[-1]["lr"], 6),
    }
    state.recent.clear()
    log.write(json.dumps(line) + "\n")
    log.flush()
    print(json.dumps(line), flush=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", choices=sorted(NETWORKS), default="precise")
    parser.add_argument("--threads", type=int, default=2, help="two runs of one thread each beat one run of two")
    parser.add_argument("--data", type=Path, required=True, help="folder with train.csv, general.csv and the sets")
    parser.add_argument("--cache", type=Path, required=True, help="folder for decoded pixels, outside the repository")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoint and log")
    parser.add_argument("--init", type=Path, help="ImageNet weights of EfficientNet-Lite0 (.pth)")
    parser.add_argument(
        "--start", type=Path, help="restart checkpoint (checkpoints/*.pt) to train on from, instead of --init"
    )
    parser.add_argument("--exclude", action="append", default=[], help="a set, or a licence group: gpl, unstated")
    parser.add_argument("--minutes", type=float, default=65.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--peak", type=float, default=1.0, help="of the learning rate; below 1 when going on from --start"
    )
    parser.add_argument("--every", type=float, default=180.0, help="seconds between checkpoints")
    parser.add_argument("--deep", action="store_true", help="deep supervision: the decoder's levels learn too")
    parser.add_argument("--teacher", type=Path, help="checkpoint whose answers are learnt beside the truth")
    parser.add_argument("--settled", action="store_true", help="batch-norm statistics stay: with --start, and quicker")
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(1)
    sources = open_sources(args.data, args.cache, tuple(args.exclude))
    if args.resume:
        state = load(args.out / "last.pt")
    else:
        state = (
            start_from(args.network, args.start, args.init, args.seed)
            if args.start
            else new_state(args.network, args.init, args.seed)
        )
    print(
        f"{parameter_count(state.net) / 1e6:.2f} M parameters, {count_macs(state.net) / 1e9:.3f} G multiply-adds at 256"
    )
    teacher = load_average(args.teacher).to(memory_format=torch.channels_last) if args.teacher else None  # type: ignore[call-overload]
    how = How(args.minutes, args.seed, args.every, args.peak, Teaching(args.deep, args.settled, teacher))
    run(state, sources, args.out, how)


if __name__ == "__main__":
    main()
