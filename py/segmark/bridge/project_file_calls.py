"""The project file between page and Python: all images with their journals and files out, and in again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from segmark.bridge.protocol import Request, Result
from segmark.errors import SegmarkError

if TYPE_CHECKING:
    from segmark.bridge.dispatcher import Dispatcher

_SHOWN = ("id", "name", "width", "height", "sample", "state", "file_id", "page", "size", "sha256")


def project_write(_dispatcher: Dispatcher, request: Request) -> Result:
    """``images`` (as `formats.project.StoredImage`, with ``entries`` and ``file``: number of a buffer), ``current``."""
    from segmark.formats.project import StoredProject, images_of, write_project  # not needed at start

    rows: Any = request.params.get("images")
    try:
        images = images_of(rows, [buffer.tobytes() for buffer in request.buffers])
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise SegmarkError("bad_params", {"what": "images"}) from error
    data = write_project(StoredProject(images, request.get_text_or_none("current")))
    return Result({"mime": "application/zip"}, (np.frombuffer(data, np.uint8),))


def file_digest(_dispatcher: Dispatcher, request: Request) -> Result:
    """A file's bytes -> its ``sha256``, for pages whose browser gives none (plain http)."""
    return Result({"sha256": hashlib.sha256(request.get_bytes().tobytes()).hexdigest()})


def project_read(_dispatcher: Dispatcher, request: Request) -> Result:
    """A project file's bytes -> ``images`` and ``current`` as above, and a buffer a file; nothing is changed here."""
    from segmark.formats.project import read_project

    project = read_project(request.get_bytes().tobytes())
    files = {image.file_id: image.data for image in project.images if image.data is not None}
    places = {file_id: place for place, file_id in enumerate(files)}
    rows: list[dict[str, Any]] = []
    for image in project.images:
        told = {key: getattr(image, key) for key in _SHOWN}
        rows.append(told | {"entries": list(image.entries), "file": places.get(image.file_id)})
    arrays = [np.frombuffer(data, np.uint8) for data in files.values()]
    return Result({"images": rows, "current": project.current}, arrays)
