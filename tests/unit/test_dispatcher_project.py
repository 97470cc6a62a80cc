"""Requests about a whole project: images never opened, records, digests, exports that are cancelled, pings in between."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from typing import Any

import numpy as np
import pytest
from fakes import run
from numpy.typing import NDArray
from PIL import Image
from segmark.bridge.protocol import Incoming
from segmark.commands import OpenImage
from segmark.document import ImageRecord
from segmark.images.decode import to_bytes
from segmark.journal import command_to_json
from segmark.modes import PointMode
from test_dispatcher import Page, Worker


def test_images_that_were_never_opened_leave_with_the_others() -> None:
    async def story() -> None:
        page = Page(Worker())
        await page.opened()
        await page.idle()
        ids = [page.state()["image"]["id"], "other"]
        blank = {"id": "other", "name": "b.png", "width": 30, "height": 20, "page": 0}
        assert (await page.call("project.take", **blank))["result"] == {"skipped": 0}
        for wrong in ({"width": 0}, {"height": -2}, {"page": -1}, {"name": 3}, {"width": 1.5}):
            assert (await page.call("project.take", **(blank | wrong)))["error"]["code"] == "bad_params"
        told = (await page.call("export.limits", images=ids))["result"]
        for known in told["formats"]:
            written = await page.call("export.write", format=known["id"], images=ids)
            assert written["ok"] or known["limits"][0]["is_fatal"], (known, written)
        coco = await page.call("export.write", format="coco", images=ids)
        images = json.loads(page.buffers[coco["id"]][0])["images"]
        assert [(k["file_name"], k["width"], k["height"]) for k in images][1] == ("b.png", 30, 20)

    run(story())


def test_an_image_that_is_left_while_an_export_begins_leaves_with_the_others() -> None:
    async def story() -> None:
        page = Page(Worker())
        await page.opened()
        await page.call("mask.paint", path=[50, 50, 60, 60], diameter=9, erase=False)
        label = page.state()["labels"][0]["id"]
        await page.call("draft.confirm", label_id=label, as_one=True, min_px=0, takes=False)
        await page.open("j")  # the page took "i" for the open one, and gave Python only the others
        coco = await page.call("export.write", format="coco", images=["i", "j"])
        made = json.loads(page.buffers[coco["id"]][0])
        assert len(made["images"]) == 2 and len(made["annotations"]) == 1

    run(story())


def test_an_image_with_a_record_is_decoded_by_the_levels_of_its_record() -> None:
    values = np.arange(1200, dtype=np.uint16).reshape(30, 40)
    out = io.BytesIO()
    Image.fromarray(values).save(out, "TIFF")
    data = np.frombuffer(out.getvalue(), np.uint8)

    async def story() -> None:
        page = Page(Worker())
        first = (await page.call("image.decode", (data,), page=0))["result"]
        assert first["levels"] == np.percentile(values, (0.1, 99.9)).tolist()
        record = ImageRecord("i", "a.tif", 40, 30, (100.0, 1000.0))
        entries = [command_to_json(OpenImage(record, (), PointMode(), 1, 1))]
        again = await page.call("image.decode", (data,), page=0, entries=entries)
        assert again["result"]["levels"] == [100.0, 1000.0]
        assert page.buffers[again["id"]] == [to_bytes(values, (100.0, 1000.0)).tobytes()]

    run(story())


def test_a_project_without_files_carries_their_digests_there_and_back() -> None:
    async def story() -> None:
        page = Page(Worker())
        data = np.frombuffer(b"the file", np.uint8)
        digest = (await page.call("file.digest", (data,)))["result"]["sha256"]
        assert digest == hashlib.sha256(b"the file").hexdigest()
        row = {"id": "img-1", "name": "a.png", "width": 0, "height": 0, "sample": None, "state": "none", "file_id": "f"}
        row |= {"page": 0, "size": 8, "sha256": digest, "entries": [], "file": None}
        written = await page.call("project.write", images=[row], current=None)
        archive = np.frombuffer(page.buffers[written["id"]][0], np.uint8)
        assert (await page.call("project.read", (archive,)))["result"] == {"images": [row], "current": None}

    run(story())


@pytest.mark.parametrize("turns", [1, 3, 4])
def test_a_cancelled_export_writes_nothing_and_changes_nothing(turns: int) -> None:
    """After the first of three images, after the last, and while the archive is packed."""

    async def story() -> None:
        page = Page(Worker())
        await page.opened()
        await page.call("pointer.press", x=120.0, y=115.0, button="primary")
        await page.idle()
        await page.call("draft.confirm", label_id=1)
        ids = [page.state()["image"]["id"], "b", "c"]
        for image_id in ids[1:]:
            blank = {"id": image_id, "name": f"{image_id}.png", "width": 30, "height": 20, "page": 0}
            await page.call("project.take", **blank)
        document, before = page.dispatcher.session.history.present, len(page.events)
        assert len(document.annotations) == 1
        params = {"format": "voc", "images": ids}
        page.dispatcher.handle(Incoming({"id": 900, "method": "export.write", "params": params}, (), None))
        for _ in range(turns):  # a turn of the loop an image, then one a file
            await asyncio.sleep(0)
        page.dispatcher.handle(Incoming({"id": 901, "method": "export.cancel", "params": {}}, (), None))
        for _ in range(20):
            await asyncio.sleep(0)
        assert page.replies[900]["error"]["code"] == "export.cancelled" and page.buffers[900] == []
        told = [event["params"] for event in page.events[before:]]
        assert told == [{"done": k, "total": 3} for k in range(1, min(turns, 3) + 1)]
        assert page.dispatcher.session.history.present is document
        again = await page.call("export.write", **params)
        assert again["ok"] and len(page.buffers[again["id"]]) == 1

    run(story())


def test_a_ping_is_answered_while_a_project_is_written_and_read() -> None:
    """Without an answer for 15 s the page would end Python in the middle."""

    async def story() -> None:
        page = Page(Worker())
        row = {"width": 0, "height": 0, "sample": None, "state": "none", "page": 0, "size": 8, "sha256": ""}
        rows = [
            row | {"id": f"i{k}", "name": "a.png", "file_id": f"f{k}", "entries": [], "file": None} for k in range(40)
        ]

        async def with_a_ping(method: str, *buffers: NDArray[np.uint8], **params: Any) -> dict[str, Any]:
            page.events.clear()
            waiting = asyncio.ensure_future(page.call(method, buffers, **params))
            for _ in range(4):
                await asyncio.sleep(0)
            assert (await page.call("ping"))["ok"]
            assert 0 < len(page.events) < 40, "heard between two images"
            return await waiting

        written = await with_a_ping("project.write", images=rows, current=None)
        data = np.frombuffer(page.buffers[written["id"]][0], np.uint8)
        reply = await with_a_ping("project.read", data)
        assert [k["params"] for k in page.events if k["event"] == "project.progress"][-1] == {"done": 40, "total": 40}
        assert len(page.events) == 41 and len(reply["result"]["images"]) == 40

    run(story())
