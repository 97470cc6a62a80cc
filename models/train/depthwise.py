"""Depthwise convolution, shift and clamp in one, with gradients: a training kernel for CPUs (`depthwise.cpp`).

It is compiled for the machine at hand when training starts; without a compiler the networks use torch's own.
"""

from __future__ import annotations

import ctypes
import hashlib
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

SOURCE = Path(__file__).with_name("depthwise.cpp")


@cache
def library() -> ctypes.CDLL | None:
    """The compiled kernels, or None where there is no C++ compiler."""
    compiler = shutil.which("g++")
    if compiler is None:
        return None
    key = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"segmark-train-{key}"
    built = folder / "depthwise.so"
    if not built.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=folder)) / built.name
        options = ["-O3", "-march=native", "-ffast-math", "-std=c++17", "-shared", "-fPIC"]
        subprocess.run([compiler, *options, "-o", str(part), str(SOURCE)], check=True)
        part.replace(built)
    return ctypes.CDLL(str(built))


def usable(x: Tensor, weight: Tensor) -> bool:
    """Whether `depthwise` can take this input: plain float32 on a CPU, and there is a compiler."""
    return (
        x.dtype == weight.dtype == torch.float32
        and x.device.type == "cpu"
        and weight.shape[-1] in (3, 5)
        and not torch.is_autocast_enabled("cpu")
        and not torch.onnx.is_in_onnx_export()
        and library() is not None
    )


def depthwise(x: Tensor, weight: Tensor, bias: Tensor, stride: int, top: float) -> Tensor:
    """`clamp(conv(x, weight) + bias, 0, top)` with "same" padding as TensorFlow lays it.

    Parameters
    ----------
    x : [B,C,H,W] float32, H and W multiples of `stride`
    weight : [C,1,K,K], K 3 or 5
    bias : [C]
    stride : 1 or 2
    top : float
        Upper bound of the answer, may be infinite.
    """
    return _Depthwise.apply(x, weight, bias, stride, top)  # type: ignore[no-any-return, no-untyped-call]


def _pointer(t: Tensor) -> ctypes.c_void_p:
    return ctypes.c_void_p(t.data_ptr())


class _Depthwise(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, stride: int, top: float) -> Tensor:
        lib = library()
        assert lib is not None
        b, c, h, w = x.shape
        k = weight.shape[-1]
        x = x.contiguous(memory_format=torch.channels_last)
        flat = weight.detach().reshape(c, k * k).t().contiguous()
        y = torch.empty((b, c, h // stride, w // stride), memory_format=torch.channels_last)
        sizes = (b, h, w, c, k, stride)
        if lib.depthwise_forward(
            _pointer(x), _pointer(flat), _pointer(bias.contiguous()), _pointer(y), *sizes, ctypes.c_float(top)
        ):
            raise ValueError(f"no kernel for {k} x {k}, stride {stride}")
        ctx.save_for_backward(x, y, flat)
        ctx.sizes, ctx.top = sizes, top
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
        lib = library()
        assert lib is not None
        x, y, flat = ctx.saved_tensors
        c, k = ctx.sizes[3], ctx.sizes[4]
        g = gradients[0].contiguous(memory_format=torch.channels_last)
        gx, gw, gb = torch.empty_like(x), torch.empty_like(flat), torch.empty(c)
        pointers = [_pointer(t) for t in (x, y, g, flat, gx, gw, gb)]
        lib.depthwise_backward(*pointers, *ctx.sizes, ctypes.c_float(ctx.top))
        return gx, gw.t().reshape(c, 1, k, k), gb, None, None
