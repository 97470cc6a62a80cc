"""Exports and the quality report: of the open image, or of images of the project that were taken."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from segmark.bridge.protocol import Request, Result
from segmark.errors import SegmarkError

if TYPE_CHECKING:
    from segmark.bridge.dispatcher import Dispatcher
    from segmark.formats.item import Item

#: Seconds of work after which other messages are heard.
BREATH = 0.1


async def export_limits(dispatcher: Dispatcher, request: Request) -> Result:
    """What each format cannot hold of the document, or of the images taken."""
    await dispatcher.ensure_package("Pillow")
    from segmark.formats.export import FORMATS  # not needed at start
    from segmark.formats.limits import limits_of_formats, summed

    items, found, begun = _items(dispatcher, request), [], time.monotonic()
    for format_id, limits in limits_of_formats(items, FORMATS):
        found.append((format_id, limits))
        if time.monotonic() - begun > BREATH:
            await asyncio.sleep(0)
            begun = time.monotonic()
    told = [
        {"id": k, "limits": [asdict(limit) for limit in summed(limits for one, limits in found if one == k)]}
        for k in FORMATS
    ]
    return Result({"formats": told, "annotations": sum(len(item.annotations) for item in items)})


async def export_write(dispatcher: Dispatcher, request: Request) -> Result:
    """One file in a format; ``export.progress`` on the way, ``export.cancelled`` where a cancel or a newer one came."""
    await dispatcher.ensure_package("Pillow")
    from segmark.formats.export import FORMATS, Export

    items = _items(dispatcher, request)
    dispatcher.exports += 1
    number = dispatcher.exports
    export = Export([(k.image, k.document) for k in items], request.get_text("format"), items[0].options)
    told = 0
    for done, total in export.steps():
        if done > told:
            told = done
            dispatcher.tell_progress("export", done, total)
        await asyncio.sleep(0)  # so that a cancel, or a newer export, is heard between two images or files
        if number != dispatcher.exports:
            raise SegmarkError("export.cancelled")
    written = export.result()
    has_masks = FORMATS[export.format_id].can_import
    result = {"filename": written.filename, "mime": written.mime, "has_masks": has_masks}
    return Result(result, (np.frombuffer(written.data, np.uint8),))


async def quality_report(dispatcher: Dispatcher, request: Request) -> Result:
    """Statistics and findings of the open image, or of the images taken; ``tiny_px`` as in an export."""
    await dispatcher.ensure_package("Pillow")
    from segmark.formats.quality_files import report_to_json
    from segmark.quality import Rules, report

    items, rules = _items(dispatcher, request), Rules(tiny_px=_tiny_px(request))
    return Result(report_to_json(report([(item.image, item.chosen) for item in items], rules), rules))


def export_cancel(dispatcher: Dispatcher, _request: Request) -> Result:
    dispatcher.exports += 1
    return Result()


def _items(dispatcher: Dispatcher, request: Request) -> list[Item]:
    """The open image with its document and the person's choices, or the images taken (``images``: their ids)."""
    from segmark.formats.item import Options, item_of

    scale = request.get_float("mm_per_pixel") if "mm_per_pixel" in request.params else 0.0
    if not 0 <= scale < 1e6:
        raise SegmarkError("bad_params", {"what": "mm_per_pixel"})
    ids = request.params.get("only")
    if ids is not None and not (isinstance(ids, list) and all(type(k) is int for k in ids)):
        raise SegmarkError("bad_params", {"what": "only"})
    options = Options(scale, None if ids is None else frozenset(ids), _tiny_px(request))
    documents = dispatcher.taken.documents(request.get_texts("images"), dispatcher.session.history.present)
    return [item_of(document, options) for document in documents]


def _tiny_px(request: Request) -> int:
    """What the quality report calls tiny; 16 pixels if nothing is said."""
    pixels = request.get_int("tiny_px") if "tiny_px" in request.params else 16
    if not 0 <= pixels <= 1_000_000:
        raise SegmarkError("bad_params", {"what": "tiny_px"})
    return pixels
