"""TIFF and 16-bit PNG in the page: decoded in Python, pages as images, upright in view and export, back after a reload."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image
from test_project import again, names, opened, part, saved


def deep(k: int) -> Any:
    """Return a piece of the sample as 16 bits in a narrow range far from 0."""
    return (part(k)[..., 1].astype(np.uint16) * 13 + 20_000).astype(np.uint16)


def tiff(*pages: Any, **options: Any) -> bytes:
    out = io.BytesIO()
    images = [Image.fromarray(page) for page in pages]
    images[0].save(out, "TIFF", save_all=True, append_images=images[1:], **options)
    return out.getvalue()


def test_a_tiff_of_pages_opens_as_images_and_comes_back(app: Any) -> None:
    app.open("none")
    app.choose_file("stack.tif", tiff(deep(0), deep(1), compression="tiff_lzw"), "image/tiff")
    opened(app, "stack_1.tif")
    assert names(app) == ["stack_1.tif", "stack_2.tif"] and app.image()["height"] == 240
    app.click(160, 120)
    mask = app.mask()
    assert 500 < mask.sum() < 20_000, "the pit is found: the network sees the mapped values"
    app.key("PageDown")
    opened(app, "stack_2.tif")
    assert app.image()["height"] == 230
    app.click(160, 110)
    second = app.draft()
    saved(app)
    again(app)
    opened(app, "stack_2.tif")
    assert app.draft() == second
    app.click(150, 105)
    assert len(app.clicks()) == 2, "clicks go on: the pixels are there"
    app.key("PageUp")
    opened(app, "stack_1.tif")
    assert np.array_equal(app.mask(), mask)


def test_orientation_is_right_in_view_and_export(app: Any) -> None:
    """Files that lie on their side, and those that cannot: the pit is where a person sees it, in the exported file too."""
    app.open("none")
    wide = part(0)
    exif = Image.Exif()
    exif[0x0112] = 6

    def turned(kind: str, pixels: Any = wide, **options: Any) -> bytes:
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, kind, **options)
        return out.getvalue()

    files = {
        "side.jpg": turned("JPEG", quality=95, exif=exif),
        "side.png": turned("PNG", exif=exif),
        "side.webp": turned("WEBP", lossless=True, exif=exif),
        "side_16.png": turned("PNG", deep(0), exif=exif),
        "side.tif": tiff(deep(0), tiffinfo={274: 6}),
        "up.bmp": turned("BMP", np.ascontiguousarray(np.rot90(wide, -1))),  # knows no orientation
    }
    for name, data in files.items():
        app.open_file(name, data)
        app.settle()
        assert (app.image()["width"], app.image()["height"]) == (240, 320), name
        app.click(119, 160)
        app.confirm(3)
        app.settle()
        coco = app.export_coco()
        assert (coco["images"][0]["width"], coco["images"][0]["height"]) == (240, 320)
        x, y, width, height = coco["annotations"][0]["bbox"]
        assert x < 119 < x + width and y < 160 < y + height
        mask = app.mask(1)
        upright = np.rot90(wide[..., 1], -1)
        assert upright[mask == 1].mean() < upright[mask == 0].mean() - 10, "the mask lies on the dark pit"


def test_broken_ones_are_told(app: Any) -> None:
    app.open("blowhole")
    for data in (tiff(deep(0))[:-3000], b"II*\x00" + bytes(40)):
        app.choose_file("bad.tif", data, "image/tiff")
        app.id("error-banner").wait_for(state="visible")
        assert names(app) == ["blowhole.png"]
        app.id("error-dismiss").click()
        app.id("error-banner").wait_for(state="hidden")
