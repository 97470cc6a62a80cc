"""Export a checkpoint (or two as one network) to ONNX: batch norm folded, weights stored small, checked against torch.

`python -m models.train.export --checkpoint last.pt --figures figures.json`
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from .network import ClickNet, Encoder, MBConv, Pair, Separable, UpBlock, count_macs, parameter_count

SIZE, OPSET = 256, 17
INPUTS = ("image", "prev_mask", "click_maps")


def load_average(path: Path) -> ClickNet:
    """The averaged network of a checkpoint (full or restart), in evaluation mode."""
    raw = torch.load(path, map_location="cpu", weights_only=False)
    net = ClickNet(**raw["config"])
    net.load_weights(raw["ema"])
    return net.eval()


def _gain(bn: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    gain = bn.weight.data / torch.sqrt(bn.running_var + bn.eps)  # type: ignore[operator,arg-type]
    return gain, bn.bias.data - bn.running_mean * gain  # type: ignore[operator]


def _fold(owner: nn.Module, conv_name: str, bn_name: str) -> None:
    conv, bn = getattr(owner, conv_name), getattr(owner, bn_name)
    gain, shift = _gain(bn)
    conv.weight.data *= gain[:, None, None, None]
    conv.bias = nn.Parameter(shift if conv.bias is None else conv.bias.data * gain + shift)
    setattr(owner, bn_name, nn.Identity())


def folded(net: nn.Module) -> nn.Module:
    """A copy of `net` whose batch norms are folded into the convolutions before them; same answers."""
    net = copy.deepcopy(net).eval()
    for module in list(net.modules()):
        if isinstance(module, MBConv):
            if module.expand is not None:
                _fold(module.expand, "0", "1")
            _fold(module, "depthwise", "bn_depthwise")
            _fold(module, "project", "bn_project")
        elif isinstance(module, Separable):
            _fold(module, "depthwise", "bn_depthwise")
            _fold(module, "point", "bn_point")
        elif isinstance(module, UpBlock):
            _fold(module, "narrow", "bn_narrow")
        elif isinstance(module, Encoder):
            gain, _ = _gain(module.bn_stem)  # type: ignore[arg-type]
            for conv in (module.prompt, module.prompt_hints):  # they all feed this one norm
                conv.weight.data *= gain[:, None, None, None]
            _fold(module, "stem", "bn_stem")
    return net


def pads_into_convs(model: onnx.ModelProto) -> onnx.ModelProto:
    """Give every stride-2 convolution its own lopsided padding instead of a Pad node before it, then drop dead nodes.

    torch cannot say lopsided padding in a convolution, ONNX can; torch also builds the Pad's operand from a dozen
    nodes at run time.
    """
    nodes = {n.output[0]: n for n in model.graph.node}
    for conv in model.graph.node:
        if conv.op_type != "Conv":
            continue
        before = nodes.get(conv.input[0])
        if before is None or before.op_type != "Pad":
            continue
        given = {a.name: a for a in conv.attribute}
        total = given["kernel_shape"].ints[0] - given["strides"].ints[0]
        first, last = total // 2, total - total // 2
        if "pads" in given:
            conv.attribute.remove(given["pads"])
        conv.attribute.append(helper.make_attribute("pads", [first, first, last, last]))
        conv.input[0] = before.input[0]
    wanted = {o.name for o in model.graph.output}
    alive = []
    for node in reversed(model.graph.node):
        if wanted.intersection(node.output):
            wanted.update(node.input)
            alive.append(node)
    weights = [t for t in model.graph.initializer if t.name in wanted]
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(reversed(alive))
    model.graph.initializer.extend(weights)
    return model


def small_storage(model: onnx.ModelProto, int8: bool = False) -> onnx.ModelProto:
    """Store float32 weights as float16 followed by a Cast, which runtimes fold when they load the model.

    With `int8` the large convolutions are stored as whole numbers of -127 to 127 and one scale an output channel
    (a Cast and a Mul, folded likewise: the arithmetic stays float32).
    """
    graph = model.graph
    nodes, kept = [], []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < 16:
            kept.append(tensor)
        elif int8 and is_large(values.shape):
            scale = channel_scale(values)
            whole, by = tensor.name + "_q", tensor.name + "_s"
            kept.append(numpy_helper.from_array(np.round(values / scale).astype(np.int8), whole))
            kept.append(numpy_helper.from_array(scale.astype(np.float32), by))
            nodes.append(helper.make_node("Cast", [whole], [whole + "_f"], to=TensorProto.FLOAT))
            nodes.append(helper.make_node("Mul", [whole + "_f", by], [tensor.name]))
        else:
            small = np.where(np.abs(values) < 1e-7, 0, values).astype(np.float16)
            kept.append(numpy_helper.from_array(small, tensor.name + "_h"))
            nodes.append(helper.make_node("Cast", [tensor.name + "_h"], [tensor.name], to=TensorProto.FLOAT))
    nodes += list(graph.node)
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)
    return model


def is_large(shape: tuple[int, ...]) -> bool:
    """Whether a weight is worth whole numbers: a convolution of at least 4,096 values that is not depthwise."""
    return len(shape) == 4 and shape[1] > 1 and int(np.prod(shape)) >= 4096


def channel_scale(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """One step an output channel, [O,1,1,1], so that 127 steps reach the largest value."""
    return np.maximum(np.abs(values).max(axis=(1, 2, 3), keepdims=True) / 127.0, 1e-12).astype(np.float32)


def rounded(net: nn.Module, int8: bool = False) -> nn.Module:
    """A copy of a folded net with its weights rounded as `small_storage` rounds them."""
    net = copy.deepcopy(net)
    for p in net.parameters():
        if int8 and is_large(tuple(p.shape)):
            scale = torch.from_numpy(channel_scale(p.detach().numpy()))
            p.data = torch.round(p.data / scale) * scale
        elif p.numel() >= 16:
            p.data = p.data.half().float()
    return net


def to_onnx(net: nn.Module, path: Path, int8: bool = False) -> None:
    """Write a folded `net` as ONNX of the product's contract (static 1 x 256 x 256, float32 in and out)."""
    shapes = {"image": 3, "prev_mask": 1, "click_maps": 2}
    example = tuple(torch.zeros(1, shapes[n], SIZE, SIZE) for n in INPUTS)
    torch.onnx.export(
        net, example, str(path), input_names=list(INPUTS), output_names=["logits"], opset_version=OPSET, dynamo=False
    )
    model = small_storage(pads_into_convs(onnx.load(str(path))), int8)
    model.producer_name, model.doc_string = "segmark", "Segmark click network, contract 1"
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def example_inputs(seed: int) -> dict[str, NDArray[np.float32]]:
    """Seeded inputs in the contract's ranges."""
    rng = np.random.default_rng(seed)
    return {
        "image": rng.random((1, 3, SIZE, SIZE), np.float32),
        "prev_mask": (rng.random((1, 1, SIZE, SIZE)) < 0.1).astype(np.float32),
        "click_maps": (rng.random((1, 2, SIZE, SIZE)) < 0.01).astype(np.float32),
    }


def difference(net: nn.Module, path: Path, trials: int = 4) -> float:
    """Largest absolute difference of the logits of torch and onnxruntime over seeded inputs."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    for seed in range(trials):
        feed = example_inputs(seed)
        (got,) = session.run(None, feed)
        with torch.no_grad():
            want = net(*(torch.from_numpy(feed[n]) for n in INPUTS)).numpy()
        worst = max(worst, float(np.abs(got - want).max()))
    return worst


def restart_checkpoint(source: Path, target: Path) -> None:
    """A small checkpoint to go on from: the averaged and the trained weights in float16, no optimiser."""
    raw = torch.load(source, map_location="cpu", weights_only=False)
    half = {k: {n: v.half() if v.is_floating_point() else v for n, v in raw[k].items()} for k in ("net", "ema")}
    torch.save(
        {"name": raw["name"], "config": raw["config"], **half, **{k: raw[k] for k in ("seconds", "step", "seen")}},
        target,
    )


def toml_entry(path: Path, net: nn.Module, card: dict[str, Any], figures: dict[str, Any]) -> str:
    """One network's part of models.toml. `card` holds name, licence, data; `figures` what segmark-eval measured."""
    raw = path.read_bytes()
    lines = ["[[model]]", f'id = "{path.stem}"', f"name = {_value(card['names'][path.stem])}"]
    lines += [f'file = "{path.name}"', f'sha256 = "{hashlib.sha256(raw).hexdigest()}"', f"bytes = {len(raw)}"]
    lines += [
        f"licence = {_value(card['licence'])}",
        f"parameters = {parameter_count(net)}",
        f"multiply_adds = {count_macs(net)}",
        "",
    ]
    lines += [
        "[model.contract]",
        "version = 1",
        f"size = {SIZE}",
        f"inputs = {_value(list(INPUTS))}",
        'outputs = ["logits"]',
        "click_radius = 5",
        "",
    ]
    lines += ["[model.figures]", *(f"{k} = {_value(v)}" for k, v in figures.items()), ""]
    lines += ["[model.data]", *(f"{k} = {_value(v)}" for k, v in card["data"].items())]
    return "\n".join(lines) + "\n"


def write_entry(toml: Path, entry: str, order: tuple[str, ...] = ("precise", "smooth")) -> None:
    """Put one network's part into models.toml; the others stay as they are, in the order in which the page shows them."""
    text = toml.read_text(encoding="utf-8") if toml.exists() else ""
    parts = {
        name_of(part): part.strip() + "\n"
        for part in (text + "\n" + entry).split(START)
        if part.strip() and part[0] != "#"
    }
    known = [name for name in order if name in parts] + sorted(set(parts) - set(order))
    toml.write_text("\n".join([HEAD, *(f"{START}\n{parts[name]}" for name in known)]), encoding="utf-8")


def name_of(part: str) -> str:
    """The id that a part of models.toml states."""
    return next(line.split('"')[1] for line in part.splitlines() if line.startswith("id = "))


START = "[[model]]"
HEAD = "# Written by models/train/export.py: do not edit by hand.\n"


def _value(v: Any) -> str:
    return json.dumps(v, ensure_ascii=False)  # strings, numbers, booleans and lists are the same in TOML


def main() -> None:
    """Command line."""
    here = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument(
        "--beside", type=Path, help="a second checkpoint, asked at once: their mean is exported (`network.Pair`)"
    )
    parser.add_argument("--card", type=Path, default=here / "card.json", help="names, licence, data")
    parser.add_argument("--figures", type=Path, help="JSON of figures to state in models.toml")
    parser.add_argument("--int8", action="store_true", help="store the large convolutions in whole numbers")
    parser.add_argument("--out", type=Path, default=here.parent, help="folder for the model and models.toml")
    parser.add_argument("--restart", type=Path, help="also write a small float16 checkpoint here")
    args = parser.parse_args()
    name = torch.load(args.checkpoint, map_location="cpu", weights_only=False)["name"]
    net: nn.Module = load_average(args.checkpoint)
    if args.beside:
        net = Pair(net, load_average(args.beside)).eval()
    plain = folded(net)
    path = args.out / f"{name}.onnx"
    to_onnx(plain, path, args.int8)
    worst, loss = difference(rounded(plain, args.int8), path), difference(net, path)
    print(f"{path.name}: {path.stat().st_size} bytes; off torch by {worst:.1e} (same rounding), {loss:.1e} (float32)")
    if worst > 5e-3:
        raise SystemExit("ONNX and torch disagree")
    figures = json.loads(args.figures.read_text()) if args.figures else {}
    write_entry(args.out / "models.toml", toml_entry(path, net, json.loads(args.card.read_text()), figures))
    if args.restart:
        restart_checkpoint(args.checkpoint, args.restart)
        print(f"{args.restart.name}: {args.restart.stat().st_size} bytes")


if __name__ == "__main__":
    main()
