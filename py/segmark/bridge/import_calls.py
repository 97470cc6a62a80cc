"""Annotation files on their way in, any number of them as one step."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING

from segmark.bridge.protocol import Request, Result
from segmark.errors import SegmarkError

if TYPE_CHECKING:
    from segmark.bridge.dispatcher import Dispatcher
    from segmark.formats.found import Target
    from segmark.formats.reading import FileRead


async def import_read(dispatcher: Dispatcher, request: Request) -> Result:
    """``names`` and a buffer a file; ``ask``, ``sure``, ``classes`` and the answer: see `protocol.md`."""
    classes = request.params.get("classes") or {}
    if not isinstance(classes, dict) or not all(type(place) is int for place in classes.values()):
        raise SegmarkError("bad_params", {"what": "classes"})
    await dispatcher.ensure_package("Pillow")
    from segmark.formats.reading import plan, target_of, unknown_classes

    session = dispatcher.session
    target = target_of(session.history.present)
    files = await _read_all(request, target)
    present = session.history.present
    if target_of(present).id != target.id:  # another image was opened meanwhile
        raise SegmarkError("import.image_left", {"name": target.name})
    unknown = unknown_classes(files, present) if request.params.get("ask") is True else {}
    if unknown:
        return Result({"unknown": [{"name": name, "count": count} for name, count in unknown.items()]})
    command, reports = plan(files, present, classes)
    session.import_annotations(command)
    return Result({"files": [asdict(report) for report in reports]})


async def _read_all(request: Request, target: Target) -> list[FileRead]:
    """One after the other; the page's ``ping`` is answered in between. All together may be as large as one may be."""
    from segmark.formats.reading import MAX_BYTES, FileRead, of_one_image, read_file

    names = request.get_texts("names")
    if not names or len(names) != len(request.buffers):
        raise SegmarkError("bad_params", {"what": "buffers"})
    files, total = [], 0
    for name, buffer in zip(names, request.buffers, strict=True):
        data = buffer.tobytes()
        if total + len(data) > MAX_BYTES:
            files.append(FileRead(name, error=SegmarkError("import.too_large", {"limit": MAX_BYTES >> 20})))
            continue
        total += len(data)
        files.append(read_file(name, data, target))
        await asyncio.sleep(0)
    return of_one_image(files, request.params.get("sure") is True)
