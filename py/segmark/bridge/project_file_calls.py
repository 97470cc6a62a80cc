"""The project file between page and Python: all images with their journals and files out, and in again."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from segmark.bridge.protocol import Request, Result
from segmark.errors import SegmarkError

if TYPE_CHECKING:
    from segmark.bridge.dispatcher import Dispatcher

_SHOWN = ("id", "name", "width", "height", "sample", "state", "file_id", "page", "size", "sha256")


async def project_write(dispatcher: Dispatcher, request: Request) -> Result:
    """``images`` (as `formats.project.StoredImage`, with ``entries`` and ``file``: number of a buffer), ``current``."""
    from segmark.formats.project import ProjectWriter, StoredProject, images_of  # not needed at start

    rows: Any = request.params.get("images")
    try:
        images = images_of(rows, [buffer.tobytes() for buffer in request.buffers])
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise SegmarkError("bad_params", {"what": "images"}) from error
    writer = ProjectWriter(StoredProject(images, request.get_text_or_none("current")))
    await _run(dispatcher, writer.steps())
    return Result({"mime": "application/zip"}, (np.frombuffer(writer.result(), np.uint8),))


def file_digest(_dispatcher: Dispatcher, request: Request) -> Result:
    """A file's bytes -> its ``sha256``, for pages whose browser gives none (plain http)."""
    return Result({"sha256": hashlib.sha256(request.get_bytes().tobytes()).hexdigest()})


async def project_read(dispatcher: Dispatcher, request: Request) -> Result:
    """A project file's bytes -> ``images`` and ``current`` as above, and a buffer a file; nothing is changed here."""
    from segmark.formats.project import ProjectReader

    reader = ProjectReader(request.get_bytes().tobytes())
    await _run(dispatcher, reader.steps())
    project = reader.result()
    files = {image.file_id: image.data for image in project.images if image.data is not None}
    places = {file_id: place for place, file_id in enumerate(files)}
    rows: list[dict[str, Any]] = []
    for image in project.images:
        told = {key: getattr(image, key) for key in _SHOWN}
        rows.append(told | {"entries": list(image.entries), "file": places.get(image.file_id)})
    arrays = [np.frombuffer(data, np.uint8) for data in files.values()]
    return Result({"images": rows, "current": project.current}, arrays)


async def _run(dispatcher: Dispatcher, steps: Iterator[tuple[int, int]]) -> None:
    """Step by step, so that a long one is seen to go on, and the page's ``ping`` is answered in between."""
    for done, total in steps:
        dispatcher.tell_progress("project", done, total)
        await asyncio.sleep(0)
