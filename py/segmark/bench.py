"""Kernel benchmarks: the same steps by our kernels, our scalar twins, numpy and OpenCV, side by side in one run.

Runs wherever the package runs: in the page's worker (message ``bench.run``, imported only then) and natively
(``python -m segmark.bench``). Rounds are interleaved, so a machine that slows down slows all of them down, and
what is quoted is each one's median. Before anything is timed the implementations are compared with each other.
"""

from __future__ import annotations

import importlib.util
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from segmark import kernels

SIDE = 1024
NET = 256
IMAGE = 1536
ORIGIN = 300
LEAST_S = 0.004
MOST_CALLS = 256
STEPS = ("pre", "click_maps", "post", "components", "rle")

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Step = Callable[[], Any]


@dataclass(frozen=True)
class Scene:
    """What every implementation works on.

    Attributes
    ----------
    image : uint8 (IMAGE, IMAGE, 4), RGBA
    logits : float32 (NET, NET), a blob and some islands, with slopes as a network's have
    clicks : float32 (n, 2), net frame (u, v); signs : bool (n,)
    mask : uint8 (SIDE, SIDE), 0/1, the region's mask, for components and run lengths
    whole : uint8 (IMAGE, IMAGE), where the region's mask is pasted
    """

    image: Bytes
    logits: Floats
    clicks: Floats
    signs: npt.NDArray[np.bool_]
    mask: Bytes
    whole: Bytes

    @property
    def box(self) -> tuple[int, int, int, int]:
        return ORIGIN, ORIGIN, ORIGIN + SIDE, ORIGIN + SIDE

    @property
    def square(self) -> tuple[int, int, int]:
        return ORIGIN, ORIGIN, SIDE


def make_scene(seed: int = 5) -> Scene:
    """Return a scene of noise, a defect-like blob and a few islands."""
    rng = random.Random(seed)  # the page's numpy comes without its own
    image = np.frombuffer(rng.randbytes(IMAGE * IMAGE * 4), np.uint8).reshape(IMAGE, IMAGE, 4)
    v, u = np.mgrid[0:NET, 0:NET].astype(np.float32)
    bend = u - 128 - 30 * np.sin(v / 40)
    logits = 6 - np.abs(bend) * 0.7
    for _ in range(20):
        cu, cv, radius = rng.uniform(10, 246), rng.uniform(10, 246), rng.uniform(2, 8)
        logits = np.maximum(logits, radius - np.hypot(u - cu, v - cv))
    clicks = np.array([[rng.uniform(0, NET), rng.uniform(0, NET)] for _ in range(5)], np.float32)
    signs = np.array([True, True, False, True, False])
    logits = np.ascontiguousarray(logits, dtype=np.float32)
    mask = np.repeat(np.repeat((logits > 0).astype(np.uint8), SIDE // NET, axis=0), SIDE // NET, axis=1)
    return Scene(image, logits, clicks, signs, np.ascontiguousarray(mask), np.zeros((IMAGE, IMAGE), np.uint8))


def kernel_steps(k: Any, scene: Scene) -> dict[str, Step]:
    """Return the steps by a kernels module `k` (ours, or a copy of it with another backend)."""

    def post() -> Bytes:
        k.paste_mask(scene.logits, scene.square, scene.box, scene.whole)
        return scene.whole

    return {
        "pre": lambda: k.crop_resize_chw(scene.image, scene.box, scene.square, NET),
        "click_maps": lambda: k.click_maps(scene.clicks, scene.signs, NET),
        "post": post,
        "components": lambda: k.label_components(scene.mask)[0],
        "rle": lambda: k.rle_encode(scene.mask, "F"),
    }


def _numpy_axis() -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Floats]:
    """Return, for every pixel of the enlarged mask, the two net pixels it lies between and how far along."""
    at = np.clip((np.arange(SIDE) + 0.5) * NET / SIDE - 0.5, 0, NET - 1)
    low = np.minimum(at.astype(np.intp), NET - 2)
    return low, low + 1, (at - low).astype(np.float32)


def numpy_steps(scene: Scene) -> dict[str, Step]:
    """Return the steps as good numpy code does them: whole-array operations, no loop over pixels."""
    x0, y0, x1, y1 = scene.box
    factor = SIDE // NET

    def pre() -> Floats:
        crop = scene.image[y0:y1, x0:x1, :3].astype(np.float32) / np.float32(255)
        small = crop.reshape(NET, factor, NET, factor, 3).mean(axis=(1, 3), dtype=np.float32)
        return np.ascontiguousarray(small.transpose(2, 0, 1))

    def maps() -> Floats:
        v, u = np.mgrid[0:NET, 0:NET].astype(np.float32)
        out = np.zeros((2, NET, NET), np.float32)
        for (cu, cv), positive in zip(scene.clicks, scene.signs, strict=True):
            out[0 if positive else 1][(u - cu) ** 2 + (v - cv) ** 2 <= 25] = 1
        return out

    def post() -> Bytes:
        prob = 1 / (1 + np.exp(-scene.logits))
        low, high, along = _numpy_axis()
        rows = prob[low] + along[:, None] * (prob[high] - prob[low])
        big = rows[:, low] + along[None, :] * (rows[:, high] - rows[:, low])
        scene.whole[y0:y1, x0:x1] = big >= 0.5
        return scene.whole

    def rle() -> npt.NDArray[np.uint32]:
        flat = scene.mask.ravel(order="F")
        turns = np.flatnonzero(flat[1:] != flat[:-1]) + 1
        counts = np.diff(np.concatenate([[0], turns, [flat.size]]))
        return (np.concatenate([[0], counts]) if flat[0] else counts).astype(np.uint32)

    return {"pre": pre, "click_maps": maps, "post": post, "rle": rle}


def cv2_steps(cv2: Any, scene: Scene) -> dict[str, Step]:
    """Return the steps as good OpenCV code does them, on one thread, as everybody else here."""
    cv2.setNumThreads(1)
    x0, y0, x1, y1 = scene.box

    def pre() -> Floats:
        small = cv2.resize(scene.image[y0:y1, x0:x1], (NET, NET), interpolation=cv2.INTER_AREA)
        return np.ascontiguousarray(small[:, :, :3].transpose(2, 0, 1)).astype(np.float32) * np.float32(1 / 255)

    def maps() -> Floats:
        out = np.zeros((2, NET, NET), np.float32)
        for (cu, cv), positive in zip(scene.clicks, scene.signs, strict=True):
            cv2.circle(out[0 if positive else 1], (round(float(cu)), round(float(cv))), 5, 1.0, -1)
        return out

    def post() -> Bytes:
        prob = 1 / (1 + cv2.exp(-scene.logits))
        big = cv2.resize(prob, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        scene.whole[y0:y1, x0:x1] = cv2.compare(big, 0.5, cv2.CMP_GE) & 1
        return scene.whole

    def components() -> npt.NDArray[np.int32]:
        labels: npt.NDArray[np.int32] = cv2.connectedComponentsWithStats(scene.mask, connectivity=8)[1]
        return labels

    return {"pre": pre, "click_maps": maps, "post": post, "components": components}


def kernels_forced(backend: str) -> ModuleType:
    """Return a second copy of `segmark.kernels` that was told to use another backend ("scalar").

    The choice is made at import, from the environment; the copy lives under its own name beside the real one.
    """
    before = os.environ.get("SEGMARK_KERNELS")
    os.environ["SEGMARK_KERNELS"] = backend
    try:
        name = f"segmark_kernels_{backend}"
        spec = importlib.util.spec_from_file_location(name, kernels.__file__)
        if spec is None or spec.loader is None:
            raise ImportError(f"no loader for {kernels.__file__}")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        os.environ.pop("SEGMARK_KERNELS")
        if before is not None:
            os.environ["SEGMARK_KERNELS"] = before
    if module.BACKEND != backend:
        raise ImportError(f"asked for the {backend} kernels, got {module.BACKEND}")
    return module


def implementations(scene: Scene) -> dict[str, dict[str, Step]]:
    """Return all that can run here: kernels, scalar twins, numpy, and cv2 where it is installed."""
    made = {"kernels": kernel_steps(kernels, scene)}
    if kernels.BACKEND != "reference":
        made["scalar"] = kernel_steps(kernels_forced("scalar"), scene)
    made["numpy"] = numpy_steps(scene)
    try:
        import cv2
    except ImportError:
        return made
    made["cv2"] = cv2_steps(cv2, scene)
    return made


def differences(made: dict[str, dict[str, Step]]) -> dict[str, float]:
    """Return how far each implementation is from our kernels: largest difference (pre) or share of pixels (the rest).

    OpenCV draws its discs at whole pixels and rounds after averaging bytes: near, not equal.
    """
    far: dict[str, float] = {}
    for name, steps in made.items():
        if name == "kernels":
            continue
        for step in set(steps) & {"pre", "post", "rle"}:
            ours = np.array(made["kernels"][step]())
            other = np.array(steps[step]())
            if step == "pre":
                far[f"{name} {step}"] = float(np.abs(ours - other).max())
            elif ours.shape != other.shape:
                far[f"{name} {step}"] = 1.0
            else:
                far[f"{name} {step}"] = float((ours != other).mean())
    return far


def calls_for(run: Step) -> int:
    """Return how often to call `run` in one timing, so that a coarse clock (0.1 ms in a browser) does not matter."""
    run()
    calls = 1
    while True:
        begun = time.perf_counter()
        for _ in range(calls):
            run()
        if time.perf_counter() - begun >= LEAST_S or calls >= MOST_CALLS:
            return calls
        calls *= 2


def time_steps(made: dict[str, dict[str, Step]], repeat: int) -> dict[str, dict[str, dict[str, float]]]:
    """Return {step: {implementation: {median_ms, low_ms, high_ms}}} over `repeat` interleaved rounds (quartiles)."""
    table: dict[str, dict[str, dict[str, float]]] = {}
    for step in STEPS:
        able = {name: (steps[step], calls_for(steps[step])) for name, steps in made.items() if step in steps}
        taken: dict[str, list[float]] = {name: [] for name in able}
        for _ in range(repeat):
            for name, (run, calls) in able.items():
                begun = time.perf_counter()
                for _ in range(calls):
                    run()
                taken[name].append(1e3 * (time.perf_counter() - begun) / calls)
        table[step] = {name: _summary(times) for name, times in taken.items()}
    return table


def _summary(times: list[float]) -> dict[str, float]:
    low, middle, high = statistics.quantiles(times, n=4) if len(times) > 1 else times * 3
    return {"median_ms": round(middle, 4), "low_ms": round(low, 4), "high_ms": round(high, 4)}


def run(name: str = "kernels", repeat: int = 21) -> dict[str, Any]:
    """Run a benchmark and return its figures.

    Parameters
    ----------
    name : "kernels", the only one so far
    repeat : counted rounds of each step, 1..1000

    Raises
    ------
    ValueError
        If there is no such benchmark, or `repeat` is out of range.
    """
    if name != "kernels":
        raise ValueError(f"no benchmark called {name!r}")
    if not 1 <= repeat <= 1000:
        raise ValueError(f"repeat must be 1..1000, not {repeat}")
    made = implementations(make_scene())
    return {
        "backend": kernels.describe(),
        "platform": sys.platform,
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "repeat": repeat,
        "differences": differences(made),
        "steps": time_steps(made, repeat),
    }


if __name__ == "__main__":
    json.dump(run(repeat=int(sys.argv[1]) if len(sys.argv) > 1 else 21), sys.stdout)
