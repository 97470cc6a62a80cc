"""Bad arguments are a Python exception, never a crash: through `segmark.kernels` and straight into the C extension."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_cases import TWINS, run
from segmark import kernels

ERRORS = (ValueError, TypeError, OverflowError, BufferError, MemoryError)
RGBA = np.zeros((20, 30, 4), np.uint8)
NET = np.zeros((16, 16), np.float32)
MASK = np.zeros((20, 30), np.uint8)
NUM = np.zeros((20, 30), np.float32)
ROWS = np.arange(3)
ROOM = np.zeros((64, 64), np.uint8)
HUGE = 2**70


def readonly(array: np.ndarray) -> np.ndarray:
    view = array.view()
    view.flags.writeable = False
    return view


def misaligned(shape: tuple[int, ...]) -> np.ndarray:
    """Float32 at an odd address."""
    room = np.zeros(int(np.prod(shape)) * 4 + 8, np.uint8)
    start = (-room.ctypes.data % 4) + 1
    return room[start : start + int(np.prod(shape)) * 4].view(np.float32).reshape(shape)


class Liar:
    """Says that it is an array."""

    shape, dtype, ndim, size = (20, 30), np.dtype(np.uint8), 2, 600


VALID, SQUARE, BOX = (0, 0, 30, 20), (0, -5, 30), (0, 0, 30, 20)
WRONG: dict[str, Callable[[], Any]] = {
    "image list": lambda: kernels.crop_resize_chw([[1]], VALID, SQUARE),  # type: ignore[arg-type]
    "image none": lambda: kernels.crop_resize_chw(None, VALID, SQUARE),  # type: ignore[arg-type]
    "image dtype": lambda: kernels.crop_resize_chw(RGBA.astype(np.float32), VALID, SQUARE),  # type: ignore[arg-type]
    "image channels": lambda: kernels.crop_resize_chw(RGBA[..., :2], VALID, SQUARE),
    "image dimensions": lambda: kernels.crop_resize_chw(RGBA[None], VALID, SQUARE),
    "image empty": lambda: kernels.crop_resize_chw(RGBA[:0], VALID, SQUARE),
    "valid outside": lambda: kernels.crop_resize_chw(RGBA, (0, 0, 31, 20), SQUARE),
    "valid negative": lambda: kernels.crop_resize_chw(RGBA, (-1, 0, 30, 20), SQUARE),
    "valid empty": lambda: kernels.crop_resize_chw(RGBA, (5, 5, 5, 9), SQUARE),
    "valid inverted": lambda: kernels.crop_resize_chw(RGBA, (9, 5, 5, 9), SQUARE),
    "valid short": lambda: kernels.crop_resize_chw(RGBA, (0, 0, 5), SQUARE),
    "valid huge": lambda: kernels.crop_resize_chw(RGBA, (0, 0, HUGE, 9), SQUARE),
    "valid float": lambda: kernels.crop_resize_chw(RGBA, (0, 0, 5.5, 9), SQUARE),  # type: ignore[arg-type]
    "valid infinite": lambda: kernels.crop_resize_chw(RGBA, (0, 0, float("inf"), 9), SQUARE),  # type: ignore[arg-type]
    "valid none": lambda: kernels.crop_resize_chw(RGBA, None, SQUARE),  # type: ignore[arg-type]
    "side zero": lambda: kernels.crop_resize_chw(RGBA, VALID, (0, 0, 0)),
    "side negative": lambda: kernels.crop_resize_chw(RGBA, VALID, (0, 0, -30)),
    "side huge": lambda: kernels.crop_resize_chw(RGBA, VALID, (0, 0, 2**31)),
    "square far": lambda: kernels.crop_resize_chw(RGBA, VALID, (-HUGE, 0, 30)),
    "size zero": lambda: kernels.crop_resize_chw(RGBA, VALID, SQUARE, 0),
    "size negative": lambda: kernels.crop_resize_chw(RGBA, VALID, SQUARE, -256),
    "size huge": lambda: kernels.crop_resize_chw(RGBA, VALID, SQUARE, HUGE),
    "size float": lambda: kernels.crop_resize_chw(RGBA, VALID, SQUARE, 16.0),  # type: ignore[arg-type]
    "out shape": lambda: kernels.crop_resize_chw(RGBA, VALID, SQUARE, 16, np.empty((3, 16, 15), np.float32)),
    "out dtype": lambda: kernels.crop_resize_chw(RGBA, VALID, SQUARE, 16, np.empty((3, 16, 16))),  # type: ignore[arg-type]
    "out byte order": lambda: kernels.crop_resize_chw(RGBA, VALID, SQUARE, 16, np.empty((3, 16, 16), ">f4")),
    "out readonly": lambda: kernels.crop_resize_chw(
        RGBA, VALID, SQUARE, 16, readonly(np.empty((3, 16, 16), np.float32))
    ),
    "out strided": lambda: kernels.crop_resize_chw(
        RGBA, VALID, SQUARE, 16, np.empty((3, 16, 32), np.float32)[..., ::2]
    ),
    "out misaligned": lambda: kernels.crop_resize_chw(RGBA, VALID, SQUARE, 16, misaligned((3, 16, 16))),
    "out overlaps": lambda: kernels.crop_resize_chw(
        ROOM, (0, 0, 64, 64), (0, 0, 64), 16, ROOM.view(np.float32).ravel()[:768].reshape(3, 16, 16)
    ),
    "mask dtype": lambda: kernels.mask_to_net(NUM, (0, 0), SQUARE, 16),  # type: ignore[arg-type]
    "mask empty": lambda: kernels.mask_to_net(MASK[:0], (0, 0), SQUARE, 16),
    "mask origin": lambda: kernels.mask_to_net(MASK, (0,), SQUARE, 16),
    "mask origin huge": lambda: kernels.mask_to_net(MASK, (0, HUGE), SQUARE, 16),
    "clicks shape": lambda: kernels.click_maps(np.zeros((2, 3), np.float32), np.zeros(3, bool), 16),
    "clicks flat": lambda: kernels.click_maps(np.zeros(4, np.float32), np.zeros(2, bool), 16),
    "clicks number": lambda: kernels.click_maps(np.zeros((2, 2), np.float32), np.zeros(3, bool), 16),
    "signs shape": lambda: kernels.click_maps(np.zeros((4, 2), np.float32), np.zeros((2, 2), bool), 16),
    "clicks text": lambda: kernels.click_maps("here", np.zeros(1, bool), 16),  # type: ignore[arg-type]
    "radius negative": lambda: kernels.click_maps(np.zeros((1, 2), np.float32), np.zeros(1, bool), 16, -1),
    "radius nan": lambda: kernels.click_maps(np.zeros((1, 2), np.float32), np.zeros(1, bool), 16, float("nan")),
    "radius huge": lambda: kernels.click_maps(np.zeros((1, 2), np.float32), np.zeros(1, bool), 16, 1e30),
    "click maps out": lambda: kernels.click_maps(
        np.zeros((1, 2), np.float32), np.zeros(1, bool), 16, 5, np.empty((1, 16, 16), np.float32)
    ),
    "logits dtype": lambda: kernels.paste_mask(NET.astype(np.float64), SQUARE, BOX, MASK),  # type: ignore[arg-type]
    "logits shape": lambda: kernels.paste_mask(NET[:, :9], SQUARE, BOX, MASK),
    "logits empty": lambda: kernels.paste_mask(NET[:0, :0], SQUARE, BOX, MASK),
    "logits dimensions": lambda: kernels.paste_mask(NET[None], SQUARE, BOX, MASK),
    "box empty": lambda: kernels.paste_mask(NET, SQUARE, (3, 3, 3, 3), MASK),
    "box huge": lambda: kernels.paste_mask(NET, SQUARE, (0, 0, 2**31 - 1, 3), MASK),
    "paste readonly": lambda: kernels.paste_mask(NET, SQUARE, BOX, readonly(MASK)),
    "paste strided": lambda: kernels.paste_mask(NET, SQUARE, BOX, MASK[:, ::2]),
    "paste transposed": lambda: kernels.paste_mask(NET, SQUARE, BOX, MASK.T),
    "paste bool": lambda: kernels.paste_mask(NET, SQUARE, BOX, MASK.astype(bool)),  # type: ignore[arg-type]
    "paste one dimension": lambda: kernels.paste_mask(NET, SQUARE, BOX, MASK.ravel()),
    "paste three dimensions": lambda: kernels.paste_mask(NET, SQUARE, BOX, MASK[..., None].copy()),
    "paste no array": lambda: kernels.paste_mask(NET, SQUARE, BOX, Liar()),  # type: ignore[arg-type]
    "paste overlap": lambda: kernels.paste_mask(NET, SQUARE, BOX, NET.view(np.uint8)),
    "paste origin": lambda: kernels.paste_mask(NET, SQUARE, BOX, MASK, (0, 2**40)),
    "paste threshold": lambda: kernels.paste_mask(NET, SQUARE, BOX, MASK, (0, 0), "half"),  # type: ignore[arg-type]
    "num and den shapes": lambda: kernels.accumulate_region(NET, SQUARE, BOX, NUM.copy(), NUM[:9].copy()),
    "num is den": lambda: kernels.accumulate_region(NET, SQUARE, BOX, NUM, NUM),
    "num dimensions": lambda: kernels.accumulate_region(NET, SQUARE, BOX, NUM.ravel(), NUM.ravel().copy()),
    "num readonly": lambda: kernels.accumulate_region(NET, SQUARE, BOX, readonly(NUM), NUM.copy()),
    "num misaligned": lambda: kernels.accumulate_region(NET, SQUARE, BOX, misaligned((20, 30)), NUM.copy()),
    "num overlaps logits": lambda: kernels.accumulate_region(NET, SQUARE, BOX, NET, np.zeros((16, 16), np.float32)),
    "join shapes": lambda: kernels.threshold_join(NUM, NUM[:9], MASK),
    "join mask shape": lambda: kernels.threshold_join(NUM, NUM, MASK[:9]),
    "join mask dtype": lambda: kernels.threshold_join(NUM, NUM, NUM.copy()),  # type: ignore[arg-type]
    "join mask readonly": lambda: kernels.threshold_join(NUM, NUM, readonly(MASK)),
    "prob_at numbers": lambda: kernels.prob_at(NET, SQUARE, [1, 2], [1]),
    "prob_at floats": lambda: kernels.prob_at(NET, SQUARE, [1.5], [1]),  # type: ignore[list-item]
    "prob_at huge": lambda: kernels.prob_at(NET, SQUARE, [HUGE], [1]),
    "prob_at text": lambda: kernels.prob_at(NET, SQUARE, ["a"], [1]),  # type: ignore[list-item]
    "labels connectivity": lambda: kernels.label_components(MASK, 6),
    "labels empty": lambda: kernels.label_components(MASK[:, :0]),
    "labels dtype": lambda: kernels.label_components(MASK.astype(np.int32)),  # type: ignore[arg-type]
    "labels dimensions": lambda: kernels.label_components(MASK[None]),
    "runs connectivity": lambda: kernels.label_runs(ROWS, ROWS, ROWS + 1, 6),
    "runs numbers": lambda: kernels.label_runs(ROWS, ROWS, ROWS[:2] + 1),
    "runs dimensions": lambda: kernels.label_runs(ROWS[None], ROWS[None], ROWS[None] + 1),
    "runs floats": lambda: kernels.label_runs(ROWS + 0.5, ROWS, ROWS + 1),
    "runs empty": lambda: kernels.label_runs(ROWS, ROWS, ROWS),
    "runs negative": lambda: kernels.label_runs(ROWS, ROWS - 1, ROWS + 1),
    "runs huge": lambda: kernels.label_runs(ROWS, ROWS, ROWS + 2**32 + 1),
    "runs out of order": lambda: kernels.label_runs(ROWS[::-1], ROWS, ROWS + 1),
    "runs that touch": lambda: kernels.label_runs(ROWS * 0, ROWS, ROWS + 1),
    "rle order": lambda: kernels.rle_encode(MASK, "K"),
    "rle empty": lambda: kernels.rle_encode(MASK[:0]),
    "decode order": lambda: kernels.rle_decode(np.array([4], np.uint32), (2, 2), "A"),
    "decode shape": lambda: kernels.rle_decode(np.array([4], np.uint32), (2, -2)),
    "decode shape huge": lambda: kernels.rle_decode(np.array([4], np.uint32), (HUGE, 1)),
    "decode negative": lambda: kernels.rle_decode(np.array([5, -1]), (2, 2)),
    "decode wide": lambda: kernels.rle_decode(np.array([2**32 + 4]), (2, 2)),
    "decode floats": lambda: kernels.rle_decode(np.array([4.0]), (2, 2)),
    "decode dimensions": lambda: kernels.rle_decode(np.array([[4]], np.uint32), (2, 2)),
    "decode out": lambda: kernels.rle_decode(np.array([4], np.uint32), (2, 2), "C", np.empty(4, np.uint8)),
    "decode out readonly": lambda: kernels.rle_decode(
        np.array([4], np.uint32), (2, 2), "F", readonly(np.empty((2, 2), np.uint8))
    ),
}


@pytest.mark.parametrize("backend", ["simd", "scalar", "reference"])
@pytest.mark.parametrize("name", WRONG)
def test_wrong_arguments(name: str, backend: str) -> None:
    with pytest.raises((ValueError, TypeError, OverflowError)):
        run(backend, WRONG[name])


def test_misaligned_inputs_are_copied(twin: Any) -> None:
    logits = misaligned((16, 16))
    logits[...] = np.random.default_rng(0).normal(size=(16, 16))
    assert not logits.flags.aligned
    found, wanted = np.zeros((2, 20, 30), np.uint8)
    kernels.paste_mask(logits, SQUARE, BOX, found)
    kernels.paste_mask(logits.copy(), SQUARE, BOX, wanted)
    np.testing.assert_array_equal(found, wanted)
    points = misaligned((1, 2))
    points[...] = 8
    assert kernels.click_maps(points, np.ones(1, bool), 16)[0, 8, 8] == 1


def good_calls() -> dict[str, list[Any]]:
    """Arguments of each native function that are right; the tests then spoil them one by one."""
    f32 = np.float32
    return {
        "resample": [RGBA.copy(), 20, 30, 4, VALID, SQUARE, 16, 3, False, 1 / 255, np.zeros((3, 16, 16), f32)],
        "click_maps": [np.zeros((8, 2), f32), np.zeros(8, np.uint8), 16, 5.0, np.zeros((2, 16, 16), f32)],
        "paste_mask": [NET.copy(), 16, SQUARE, BOX, MASK.copy(), 20, 30, (0, 0), 0.5],
        "accumulate_region": [NET.copy(), 16, SQUARE, BOX, NUM.copy(), NUM.copy(), 20, 30, (0, 0)],
        "threshold_join": [NUM.copy(), NUM.copy(), MASK.copy(), 0.5],
        "sigmoid": [NET.copy(), NET.copy()],
        "label_components": [MASK.copy(), 20, 30, 8, np.zeros((20, 30), np.int32)],
        "label_runs": [*(np.arange(5, dtype=np.int32) + k for k in (0, 0, 1)), 8, np.zeros(5, np.int32)],
        "rle_encode": [MASK.copy(), 20, 30, False],
        "rle_decode": [np.array([600], np.uint32), MASK.copy()],
    }


OUTPUTS = {
    "resample": [10],
    "click_maps": [4],
    "paste_mask": [4],
    "accumulate_region": [4, 5],
    "threshold_join": [2],
    "sigmoid": [1],
    "label_components": [4],
    "label_runs": [4],
    "rle_decode": [1],
}
SPOILT_INTS = [-1, 0, -(2**31), 2**31 - 1, 2**31, 2**63, -(2**63), HUGE, 1.5, "1", None]


@pytest.mark.parametrize("name", good_calls())
def test_native_calls_that_are_right(name: str, twin: Any) -> None:
    getattr(twin, name)(*good_calls()[name])


@pytest.mark.parametrize("name", good_calls())
def test_native_refuses_spoilt_buffers(name: str, twin: Any) -> None:
    for at, argument in enumerate(good_calls()[name]):
        if not isinstance(argument, np.ndarray):
            continue
        length = argument.nbytes
        spoilt: list[Any] = [
            None,
            7,
            "text",
            argument.tolist(),
            np.zeros(length + 4, np.uint8),
            np.zeros(length - 4, np.uint8),
            np.zeros(0, np.uint8),
        ]
        spoilt += [np.zeros((length, 2), np.uint8)[:, 0]]
        if at in OUTPUTS.get(name, []):
            spoilt += [readonly(argument), bytes(length)]
        if argument.itemsize == 4:
            spoilt += [misaligned((length // 4,)), np.zeros(length - 1, np.uint8)]
        for wrong in spoilt:
            arguments = good_calls()[name]
            arguments[at] = wrong
            with pytest.raises(ERRORS):
                getattr(twin, name)(*arguments)


@pytest.mark.parametrize("name", OUTPUTS)
def test_native_refuses_overlaps(name: str, twin: Any) -> None:
    for out in OUTPUTS[name]:
        for other, argument in enumerate(good_calls()[name]):
            if other == out or not isinstance(argument, np.ndarray) or other in OUTPUTS[name][1:]:
                continue
            arguments = good_calls()[name]
            first, second = arguments[out].nbytes, argument.nbytes
            room = np.zeros(first + second, np.uint8)
            arguments[out], arguments[other] = room[:first], room[first - 4 : first - 4 + second]
            with pytest.raises(ValueError, match="overlap"):
                getattr(twin, name)(*arguments)


@pytest.mark.parametrize("name", good_calls())
def test_native_refuses_spoilt_numbers(name: str, twin: Any) -> None:
    """Each integer in turn; where a value is allowed (an origin of -1), the call must simply end."""
    refused = 0
    for at, argument in enumerate(good_calls()[name]):
        if isinstance(argument, bool | float | np.ndarray):
            continue
        for value in SPOILT_INTS:
            inner = range(len(argument)) if isinstance(argument, tuple) else [None]
            for k in inner:
                arguments = good_calls()[name]
                arguments[at] = value if k is None else (*argument[:k], value, *argument[k + 1 :])
                try:
                    getattr(twin, name)(*arguments)
                except ERRORS:
                    refused += 1
                else:
                    assert k is not None and value in (-1, 0), (at, k, value)
        for wrong in ((), (1,) * 9, None, 3.5):
            arguments = good_calls()[name]
            arguments[at] = wrong
            with pytest.raises(ERRORS):
                getattr(twin, name)(*arguments)
    assert refused > 8 or name in ("threshold_join", "sigmoid", "rle_decode")


@pytest.mark.parametrize("name", good_calls())
def test_native_refuses_wrong_numbers_of_arguments(name: str, twin: Any) -> None:
    for arguments in ([], good_calls()[name][:-1], [*good_calls()[name], 1]):
        with pytest.raises(TypeError):
            getattr(twin, name)(*arguments)


def test_products_that_wrap_are_refused(twin: Any) -> None:
    """Height and width whose product is the buffer's length modulo 2^32, or both negative."""
    for height, width in ((65536, 65536), (-20, -30), (2**24, 256), (1, 600 + 2**24)):
        for name, at in (("paste_mask", 5), ("label_components", 1), ("rle_encode", 1)):
            arguments = good_calls()[name]
            arguments[at : at + 2] = height, width
            with pytest.raises(ERRORS):
                getattr(twin, name)(*arguments)


@pytest.mark.parametrize("name", ["simd", "scalar"])
@given(data=st.data())
def test_native_writes_nothing_but_its_output(name: str, data: st.DataObject) -> None:
    """Random small arguments: an exception or an end, and the guard bytes round every output stay as they were."""
    number = st.integers(-70, 70)
    size, height, width = data.draw(st.integers(1, 20)), data.draw(st.integers(1, 25)), data.draw(st.integers(1, 25))
    box, square = tuple(data.draw(number) for _ in range(4)), tuple(data.draw(number) for _ in range(3))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    logits = (rng.normal(size=(size, size)) * 5).astype(np.float32)

    def guarded(count: int) -> tuple[np.ndarray, np.ndarray]:
        room = np.full(count + 128, 0xA5, np.uint8)
        return room, room[64:-64]

    def call(function: str, *arguments: Any) -> None:
        with contextlib.suppress(ValueError):
            getattr(TWINS[name], function)(*arguments)

    channels = data.draw(st.sampled_from([1, 3, 4]))
    rooms = [
        guarded(count)
        for count in (height * width, height * width * 4, height * width * 4, size * size * 12, size * size * 8)
    ]
    mask, num, den, planes, maps = (inner for _, inner in rooms)
    call("paste_mask", logits, size, square, box, mask, height, width, box[:2], 0.5)
    call("paste_mask", logits, size, square, box, mask, height, width, (0, 0), 0.5)
    call(
        "accumulate_region", logits, size, square, box, num, den, height, width, (data.draw(number), data.draw(number))
    )
    image = rng.integers(0, 256, height * width * channels, dtype=np.uint8)
    call("resample", image, height, width, channels, box, square, size, 3, False, 1.0, planes)
    call(
        "resample",
        image,
        height,
        width,
        channels,
        (0, 0, width, height),
        square,
        size,
        3,
        data.draw(st.booleans()),
        1.0,
        planes,
    )
    call(
        "click_maps",
        (rng.normal(size=(4, 2)) * 30).astype(np.float32),
        np.arange(4, dtype=np.uint8),
        size,
        float(data.draw(st.integers(0, 99))),
        maps,
    )
    for room, _ in rooms:
        assert (room[:64] == 0xA5).all() and (room[-64:] == 0xA5).all()


def test_extreme_but_allowed_numbers(twin: Any) -> None:
    """The largest squares, far away: slow, but right."""
    far = 1 << 24
    image = np.full((3, 5, 3), 255, np.uint8)
    np.testing.assert_allclose(kernels.crop_resize_chw(image, (0, 0, 5, 3), (-far, far, 9), 16), 1, atol=1e-6)
    np.testing.assert_allclose(
        kernels.crop_resize_chw(image, (0, 0, 5, 3), (-far // 2, -far // 2, 1 << 20), 256), 1, atol=1e-3
    )
    assert not kernels.mask_to_net(np.ones((3, 3), np.uint8), (far, far), (-far + far, 0, 5), 16).any()
    mask = np.full((3, 5), 7, np.uint8)
    kernels.paste_mask(np.full((4, 4), 5, np.float32), (-far, -far, far), (-far, -far, far, far), mask, (-2, far - 3))
    assert (mask == 1).all()
    before = mask.copy()
    kernels.paste_mask(np.full((4, 4), -5, np.float32), (0, 0, 9), (0, 0, 9, 9), mask, (far, far))
    np.testing.assert_array_equal(mask, before)
