"""The stated mapping of values beyond 8 bits: exact percentiles of any kind of value, colour, inverted and signed files."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from PIL import Image
from segmark.images.decode import decode
from segmark.images.levels import percentiles, to_bytes
from segmark.images.probe import ImageError, probe

RAMP = np.arange(2400, dtype=np.uint16).reshape(40, 60)
COLOR = np.random.default_rng(0).integers(0, 4096, (40, 60, 3)).astype(np.uint16)  # 12 bits in 16
COLOR[:, :, 2] //= 3


def mapped(values: NDArray[Any]) -> NDArray[np.uint8]:
    return to_bytes(values, tuple(np.percentile(values, (0.1, 99.9))))


def tiff(values: NDArray[Any], order: str = "<", **tags: int) -> bytes:
    """An unpacked TIFF of one strip."""
    height, width = values.shape[:2]
    channels = values.size // (width * height)
    data = values.astype(values.dtype.newbyteorder(order)).tobytes()  # type: ignore[call-overload]
    kind, bits = {"u": 1, "i": 2, "f": 3}[values.dtype.kind], values.dtype.itemsize * 8
    known = {"photometric": 262, "planes": 284}
    table = {256: width, 257: height, 259: 1, 262: 1 if channels == 1 else 2, 273: 8, 277: channels, 278: height}
    table |= {279: len(data)} | {known[name]: value for name, value in tags.items()}
    entries = [(tag, 4, 1, struct.pack(f"{order}I", value)) for tag, value in table.items()]
    lists = {258: [bits] * channels, 339: [kind] * channels}
    end = 8 + len(data)
    extra = b""
    for tag, numbers in lists.items():
        packed = struct.pack(f"{order}{channels}H", *numbers)
        where = packed.ljust(4, b"\x00") if len(packed) <= 4 else struct.pack(f"{order}I", end + len(extra))
        extra += packed if len(packed) > 4 else b""
        entries.append((tag, 3, channels, where))
    directory = struct.pack(f"{order}H", len(entries))
    directory += b"".join(struct.pack(f"{order}HHI", *entry[:3]) + entry[3] for entry in sorted(entries)) + bytes(4)
    head = (b"II*\x00" if order == "<" else b"MM\x00*") + struct.pack(f"{order}I", end + len(extra))
    return head + data + extra + directory


def png(values: NDArray[np.uint16], kind: int) -> bytes:
    """16 bits a channel; ``kind`` as in PNG: 4 is grey with alpha."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\x00" + row.astype(">u2").tobytes() for row in values)
    head = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 16, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


DTYPES = st.sampled_from([np.uint8, np.uint16, np.int16, np.int32, np.uint32, np.float32])


@given(
    DTYPES.flatmap(
        lambda kind: hnp.arrays(
            kind,
            st.integers(1, 3000),
            elements=hnp.from_dtype(np.dtype(kind), allow_nan=False, allow_infinity=False),
        )
    ),
    st.integers(300, 3000),
)
@settings(max_examples=100)
def test_percentiles_are_numpys(values: NDArray[Any], piece: int) -> None:
    def bands() -> Iterator[NDArray[Any]]:
        yield from (values[k : k + piece] for k in range(0, len(values), piece))

    low, high = (float(k) for k in np.percentile(values.astype(np.float64), (0.1, 99.9)))
    assert percentiles(bands) == ((low, high) if high > low else (low, low + 1.0))


def test_what_is_not_finite_does_not_count() -> None:
    values = np.array([np.nan, 1, 2, np.inf, -np.inf], np.float32)
    assert percentiles(lambda: [values]) == pytest.approx((1.001, 1.999))
    assert percentiles(lambda: [np.full(9, np.nan, np.float32)]) == (0.0, 1.0)


def test_alternating_columns_of_a_large_image() -> None:
    """Every n-th pixel of such an image is of one column only."""
    values = np.full((4200, 4200), 1000, np.uint16)
    values[:, ::2] = 3000
    out = io.BytesIO()
    Image.fromarray(values).save(out, "TIFF")
    assert decode(out.getvalue()).levels == (1000.0, 3000.0)


def test_memory_of_the_percentiles_does_not_follow_the_image() -> None:
    band = np.random.default_rng(0).normal(size=1 << 16).astype(np.float32)
    tracemalloc.start()
    percentiles(lambda: (band for _ in range(200)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000  # of 52 MB


@pytest.mark.parametrize(
    "data",
    [
        tiff(COLOR),
        tiff(COLOR, ">"),
        cv2.imencode(".png", COLOR[..., ::-1])[1].tobytes(),
        cv2.imencode(".tiff", COLOR[..., ::-1])[1].tobytes(),
        png(np.dstack((COLOR, np.full((40, 60), 65535, np.uint16))), 6),
    ],
    ids=["tiff", "tiff big-endian", "png", "tiff packed", "png with alpha"],
)
def test_colour_of_16_bits_has_one_mapping(data: bytes) -> None:
    found = decode(data)
    assert probe(data).needs_us
    assert found.levels == tuple(np.percentile(COLOR, (0.1, 99.9)))
    assert np.array_equal(found.pixels, mapped(COLOR)) and found.pixels.max() == 255


def test_grey_of_16_bits_with_alpha() -> None:
    found = decode(png(np.dstack((RAMP, np.full_like(RAMP, 65535))), 4))
    assert np.array_equal(found.pixels, mapped(RAMP))


@pytest.mark.parametrize("turn", [3, 6])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_colour_of_16_bits_stands_upright(kind: str, turn: int) -> None:
    data = tiff(COLOR) if kind == "TIFF" else cv2.imencode(".png", COLOR[..., ::-1])[1].tobytes()
    with Image.open(io.BytesIO(data)) as image:
        exif = Image.Exif()
        exif[0x0112] = turn
        expected = {3: COLOR[::-1, ::-1], 6: np.rot90(COLOR, -1)}[turn]
        if kind == "PNG":
            data = (
                data[:33]
                + struct.pack(">I", len(exif.tobytes()[6:]))
                + b"eXIf"
                + exif.tobytes()[6:]
                + _crc(exif)
                + data[33:]
            )
        else:
            out = io.BytesIO()
            image.save(out, "TIFF", exif=exif)  # Pillow writes the upper bytes only: the turn is what is asked here
            data, expected = out.getvalue(), expected >> 8
    want = mapped(expected) if kind == "PNG" else expected.astype(np.uint8)
    assert np.array_equal(decode(data).pixels, want)


def _crc(exif: Image.Exif) -> bytes:
    return struct.pack(">I", zlib.crc32(b"eXIf" + exif.tobytes()[6:]))


@pytest.mark.parametrize("values", [RAMP, RAMP.astype(np.float32)], ids=["16 bits", "float"])
def test_where_white_is_0_the_image_is_inverted(values: NDArray[Any]) -> None:
    usual, inverted = decode(tiff(values)), decode(tiff(values, photometric=0))
    assert inverted.levels == usual.levels[::-1]
    assert np.abs(usual.pixels.astype(int) + inverted.pixels - 255).max() <= 1  # a half is rounded to an even number
    assert inverted.pixels[0, 0] == 255 and inverted.pixels[-1, -1] == 0


@pytest.mark.parametrize(
    "values",
    [
        RAMP.astype(np.uint32) * 1_700_000,
        RAMP.astype(np.int32) * 1_700_000 - 2_000_000_000,
        RAMP.astype(np.int16) - 1200,
        RAMP.astype(np.float32) / 7,
    ],
    ids=["uint32", "int32", "int16", "float32"],
)
@pytest.mark.parametrize("order", ["<", ">"])
def test_values_of_any_sign_and_width(values: NDArray[Any], order: str) -> None:
    if values.dtype == np.uint32 and order == ">":
        values = values.view(np.int32)  # Pillow reads no other ones
    found = decode(tiff(values, order))
    assert np.array_equal(found.pixels, to_bytes(values, found.levels))
    assert found.levels == pytest.approx(tuple(np.percentile(values.astype(np.float64), (0.1, 99.9))))


def test_signed_bytes_keep_their_order() -> None:
    found = decode(tiff((RAMP % 256).astype(np.uint8).view(np.int8)))
    assert found.levels == (-128.0, 127.0)
    assert np.array_equal(found.pixels, (RAMP % 256).astype(np.uint8).view(np.int8).astype(int) + 128)


@pytest.mark.parametrize(
    ("values", "tags", "told"),
    [
        (RAMP.astype(np.float64), {}, {"bits": 64, "channels": 1}),
        (COLOR.astype(np.float32), {}, {"bits": 32, "channels": 3}),
        (RAMP.astype(np.float16), {}, {"bits": 16, "channels": 1}),
        (COLOR, {"planes": 2}, {"bits": 16, "channels": 3}),
    ],
    ids=["float64", "float RGB", "float16", "planes"],
)
def test_values_that_are_not_read_are_named(values: NDArray[Any], tags: dict[str, int], told: dict[str, int]) -> None:
    data = tiff(values, **tags)
    for read in (decode,) if tags else (probe, decode):
        with pytest.raises(ImageError, match=r"image\.unsupported_values") as caught:
            read(data)
        assert caught.value.params == told
    with pytest.raises(ImageError, match=r"image\.truncated"):
        probe(data[: len(data) // 2])


@pytest.mark.parametrize("values", [RAMP, COLOR, RAMP.astype(np.float32)], ids=["grey", "colour", "float"])
def test_stored_levels_are_used(values: NDArray[Any]) -> None:
    found = decode(tiff(values), levels=(100.0, 900.0))
    assert found.levels == (100.0, 900.0)
    assert np.array_equal(found.pixels, to_bytes(values, (100.0, 900.0)))
    usual = decode(tiff(values))
    for odd in ((5.0, 5.0), (float("nan"), 1.0), (0.0, float("inf"))):
        assert decode(tiff(values), levels=odd).levels == usual.levels
    eight = (values % 256).astype(np.uint8)
    assert np.array_equal(decode(tiff(eight), levels=(100.0, 200.0)).pixels, eight)
