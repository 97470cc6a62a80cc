"""Files are judged by their headers: whole, cut off, too large, or no image at all."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from segmark.images.probe import ImageError, ImageInfo, probe

FORMATS = ["JPEG", "PNG", "WEBP", "BMP", "GIF"]


def encoded(kind: str, width: int = 60, height: int = 40, **options: object) -> bytes:
    noise = np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, kind, **options)
    return out.getvalue()


def huge_png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")


def code_of(data: bytes) -> str:
    with pytest.raises(ImageError) as error:
        probe(data)
    return error.value.code


@pytest.mark.parametrize("kind", FORMATS)
def test_whole_files(kind: str) -> None:
    assert probe(encoded(kind)) == ImageInfo(kind, 60, 40)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.03, 0.3, 0.7, 0.97])
def test_files_cut_off(kind: str, share: float) -> None:
    data = encoded(kind)
    assert code_of(data[: max(int(len(data) * share), 9)]) == "image.truncated"


def test_progressive_jpeg_cut_between_its_scans() -> None:
    data = encoded("JPEG", progressive=True)
    assert probe(data).format == "JPEG"
    assert code_of(data[: len(data) // 2]) == "image.truncated"


def test_a_thumbnails_end_marker_is_not_the_files() -> None:
    data = encoded("JPEG")
    thumbnail = encoded("JPEG", 8, 8)
    with_thumbnail = data[:2] + b"\xff\xe2" + struct.pack(">H", len(thumbnail) + 2) + thumbnail + data[2:]
    assert probe(with_thumbnail).width == 60
    assert code_of(with_thumbnail[:-300]) == "image.truncated"


def test_exif_orientation_turns_the_size() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert probe(encoded("JPEG", exif=exif)) == ImageInfo("JPEG", 40, 60)


@pytest.mark.parametrize("data", [b"", b"hello, I am a text", b"\x00" * 100, b"{}", b"<svg/>"])
def test_no_image(data: bytes) -> None:
    assert code_of(data) == ("image.not_an_image" if data else "image.empty")


def test_the_limit_is_decided_from_the_header() -> None:
    with pytest.raises(ImageError) as error:
        probe(huge_png(20_000, 20_000))
    assert error.value.code == "image.too_large"
    assert error.value.params == {"width": 20_000, "height": 20_000, "limit": 100}
    assert probe(huge_png(10_000, 10_000)).width == 10_000
    guard = Image.MAX_IMAGE_PIXELS
    assert guard is not None  # Pillow's own guard is back in place


def test_formats_that_no_browser_decodes() -> None:
    assert code_of(encoded("PPM")) == "image.unsupported"


@given(st.sampled_from(FORMATS), st.integers(0, 400), st.binary(min_size=1, max_size=8), st.integers(0, 4000))
@settings(max_examples=150)
def test_any_damage_gives_an_answer_or_a_code(kind: str, at: int, damage: bytes, cut: int) -> None:
    data = bytearray(encoded(kind))
    data[at : at + len(damage)] = damage
    try:
        info = probe(bytes(data[: max(cut, 1)]))
    except ImageError as error:
        assert error.code.startswith("image.")
    else:
        assert info.width >= 0 and info.height >= 0
