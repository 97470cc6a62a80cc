"""Whether an archive holds annotations, or is images with notes beside them: by what its files say, not by their endings."""

from __future__ import annotations

import re
from collections.abc import Mapping

_HEAD = 4096  # bytes looked at where the beginning tells
_YOLO_ROW = re.compile(rb"\s*\d+( [-+.\deE]+){4,}\s*")
_INSTANCES = b"value,class"


def has_annotations(files: Mapping[str, bytes]) -> bool:
    """Whether one of an archive's files, by path, is an annotation file that `reading.read` would look into."""
    return any(is_annotation_file(path, data) for path, data in files.items())


def is_annotation_file(path: str, data: bytes) -> bool:
    """Of VOC the masks of objects, of YOLO a folder of labels or rows of numbers, of the others what they begin with."""
    ending = path.rpartition(".")[2].lower()
    if ending == "png":
        return "SegmentationObject/" in path
    if ending == "txt":
        lines = data[:_HEAD].splitlines()
        return "labels/" in path or (len(lines) > 0 and _YOLO_ROW.fullmatch(lines[0]) is not None)
    if ending == "json":
        return any(key in data for key in (b'"annotations"', b'"shapes"'))
    if ending == "xml":
        return b"<annotations" in data[:_HEAD]
    return ending == "csv" and data.startswith(_INSTANCES)
