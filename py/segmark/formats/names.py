"""File names of exports."""

from __future__ import annotations

import re

from segmark.document import Document


def export_name(document: Document, ending: str) -> str:
    """``<image name without its ending>_<ending>``, without characters that a file system may refuse."""
    name = document.image.name if document.image else "segmark"
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name)
    stem = re.sub(r'[\x00-\x1f/\\:*?"<>|]+', "_", stem).strip(" .") or "segmark"
    return f"{stem}_{ending}"
