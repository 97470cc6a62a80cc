"""Draw the page's icons for installing it: the curve of the favicon in site/index.html, by Pillow, as PNG.

python tools/make_icons.py        writes site/icons/*.png (kept in the repository)
"""

from __future__ import annotations

from PIL import Image, ImageDraw
from steps import ROOT, main, say

_GROUND, _LINE = (35, 35, 36, 255), (86, 180, 233, 255)
_P = ((6.0, 22.0), (11.0, 10.0), (17.0, 23.0), (26.0, 10.0))  # a cubic Bezier in a square of 32
_OVER = 4  # drawn larger, then reduced: smooth edges


def icon(side: int, *, maskable: bool) -> Image.Image:
    """A square icon; a maskable one fills its square and keeps the curve in the middle 80 %."""
    big = side * _OVER
    image = Image.new("RGBA", (big, big), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, big - 1, big - 1), 0 if maskable else big * 7 / 32, _GROUND)
    shrink = 0.75 if maskable else 1.0
    radius = big * 4.5 / 64 * shrink
    for step in range(big):
        t = step / (big - 1)
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        x, y = (sum(w * p[axis] for w, p in zip(weights, _P, strict=True)) for axis in (0, 1))
        x, y = (big * (0.5 + (v / 32 - 0.5) * shrink) for v in (x, y))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), _LINE)
    return image.resize((side, side), Image.Resampling.LANCZOS)


def make() -> None:
    """Write them all."""
    folder = ROOT / "site" / "icons"
    folder.mkdir(exist_ok=True)
    for side in (192, 512):
        icon(side, maskable=False).save(folder / f"icon-{side}.png", optimize=True)
    icon(512, maskable=True).save(folder / "icon-maskable-512.png", optimize=True)
    say(f"{folder.relative_to(ROOT)}/: drawn")


if __name__ == "__main__":
    main(make)
