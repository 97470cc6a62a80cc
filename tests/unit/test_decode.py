"""TIFF and 16-bit PNG: the values that were written come back by the stated mapping, upright; broken files are told."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from segmark.images.decode import decode, upright
from segmark.images.levels import to_bytes
from segmark.images.probe import ImageError, probe

RAMP = np.arange(60 * 40, dtype=np.uint16).reshape(40, 60) * 27


def saved(pixels: Any, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_deflate", "packbits"])
def test_16_bits_by_percentiles(compression: str | None) -> None:
    data = saved(RAMP, "TIFF", compression=compression)
    info = probe(data)
    assert (info.format, info.width, info.height, info.pages, info.needs_us) == ("TIFF", 60, 40, 1, True)
    found = decode(data)
    low, high = np.percentile(RAMP, (0.1, 99.9))
    assert found.levels == (low, high)
    expected = np.rint(np.clip((RAMP - low) / (high - low) * 255, 0, 255)).astype(np.uint8)
    assert np.array_equal(found.pixels, expected) and expected.min() == 0 and expected.max() == 255


def test_png_of_16_bits_needs_us_and_one_of_8_does_not() -> None:
    data = saved(RAMP, "PNG")
    assert probe(data).needs_us and not probe(saved(RAMP.astype(np.uint8), "PNG")).needs_us
    assert np.array_equal(decode(data).pixels, decode(saved(RAMP, "TIFF")).pixels)


def test_float_with_holes() -> None:
    values = np.linspace(-3, 5, 2400, dtype=np.float32).reshape(40, 60)
    values[0, 0], values[0, 1], values[0, 2] = np.nan, np.inf, -np.inf
    found = decode(saved(values, "TIFF"))
    finite = values[np.isfinite(values)]
    assert found.levels == pytest.approx(tuple(np.percentile(finite, (0.1, 99.9))))
    assert found.pixels[0, :3].tolist() == [0, 255, 0] and found.pixels[-1, -1] == 255


def test_8_bits_are_left_as_they_are() -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (30, 50, 3)).astype(np.uint8)
    assert np.array_equal(decode(saved(rgb, "TIFF", compression="tiff_lzw")).pixels, rgb)
    assert decode(saved(rgb[..., 0], "TIFF")).levels == (0.0, 255.0)


def test_pages() -> None:
    pages = [Image.fromarray(RAMP + 100 * k) for k in range(3)]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])
    assert probe(out.getvalue()).pages == 3
    assert decode(out.getvalue(), 2).levels[0] == np.percentile(RAMP + 200, 0.1)
    with pytest.raises(ImageError, match="unsupported"):
        decode(out.getvalue(), 3)


@pytest.mark.parametrize("kind", ["TIFF", "PNG"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_orientation(kind: str, turn: int) -> None:
    """Our turning is that of Pillow's exif_transpose, and the size that is told is that of the turned image."""
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = turn
    data = saved(RAMP, kind, exif=exif)
    with Image.open(io.BytesIO(saved(RAMP, "PNG", exif=exif))) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    found, info = decode(data), probe(data)
    assert np.array_equal(found.pixels, to_bytes(expected, found.levels))
    assert (info.height, info.width) == found.pixels.shape == expected.shape
    assert np.array_equal(upright(RAMP.astype(np.uint8), turn), expected.astype(np.uint8))


def test_flat_values() -> None:
    assert decode(saved(np.full((5, 5), 300, np.uint16), "TIFF")).pixels.max() == 0


def test_levels_that_are_told_are_used_again() -> None:
    found = decode(saved(RAMP, "TIFF"), levels=(1000.0, 2000.0))
    assert found.levels == (1000.0, 2000.0) and np.array_equal(found.pixels, to_bytes(RAMP, (1000.0, 2000.0)))


def test_a_cut_and_a_huge_one_are_refused() -> None:
    data = saved(RAMP, "TIFF")
    whole = data.index(RAMP.tobytes())
    assert whole  # the strip lies in the file as it is
    with pytest.raises(ImageError, match="truncated"):
        probe(data[: whole + 100] if whole > len(data) // 2 else data[:-2000])
    tags = [(256, 4, 1, 30_000), (257, 4, 1, 30_000), (258, 3, 1, 8), (262, 3, 1, 1), (273, 4, 1, 8), (279, 4, 1, 1)]
    body = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    huge = b"II*\x00" + struct.pack("<I", 8) + body
    with pytest.raises(ImageError, match="too_large"):
        probe(huge)
    with pytest.raises(ImageError, match="too_large"):
        decode(huge)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_broken_files_end_in_a_told_error(data: st.DataObject) -> None:
    """Bytes changed, cut and doubled: an image, or an ImageError; nothing else."""
    whole = bytearray(saved(RAMP, data.draw(st.sampled_from(["TIFF", "PNG"])), **{}))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    broken = bytes(whole[: data.draw(st.integers(0, len(whole)))]) if data.draw(st.booleans()) else bytes(whole)
    for read in (probe, decode):
        try:
            read(broken)
        except ImageError as error:
            assert error.code.startswith("image.")


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_webp_that_lies_on_its_side_is_turned_here(turn: int) -> None:
    """Chromium shows it lying; one that is upright is left to the browser."""
    wide = np.random.default_rng(turn).integers(0, 256, (20, 30, 3), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = turn
    out = io.BytesIO()
    Image.fromarray(wide).save(out, "WEBP", lossless=True, exif=exif)
    info = probe(out.getvalue())
    wanted = np.asarray(ImageOps.exif_transpose(Image.open(out)))
    assert (info.height, info.width) == wanted.shape[:2] and info.needs_us == (turn > 1)
    assert np.array_equal(decode(out.getvalue()).pixels, wanted)
