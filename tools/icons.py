"""Lucide icons as one SVG sprite: `<symbol id="i-NAME">` for each name in site/icons.txt."""

from __future__ import annotations

import re
from pathlib import Path

from steps import ROOT, BuildError

SOURCE = ROOT / "node_modules" / "lucide-static" / "icons"


def symbol(name: str) -> str:
    """One icon as a symbol; stroke and colour come from the page's style."""
    path = SOURCE / f"{name}.svg"
    if not path.exists():
        raise BuildError(f"site/icons.txt names '{name}', which Lucide does not have")
    body = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(), re.S)
    if body is None:
        raise BuildError(f"the icon '{name}' is not an SVG")
    return f'<symbol id="i-{name}" viewBox="0 0 24 24">{" ".join(body.group(1).split())}</symbol>'


def sprite(names_file: Path) -> str:
    """The whole sprite."""
    names = names_file.read_text().split()
    head = '<svg xmlns="http://www.w3.org/2000/svg" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">'
    return head + "".join(symbol(name) for name in names) + "</svg>\n"
