"""Both ports without JavaScript: requests in, replies and events out, the inference worker played by the test."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import numpy as np
import pytest
from fakes import picture, run
from numpy.typing import NDArray
from segmark.bridge import compaction
from segmark.bridge.dispatcher import LISTED, Dispatcher
from segmark.bridge.protocol import Envelope, Incoming
from segmark.bridge.remote_predictor import Channel, RemoteModels, RemotePredictor
from segmark.formats.item import File
from segmark.formats.zip_guard import write_zip
from segmark.segment.predictor import PredictorError

MODELS = {"model": [{"id": "m", "name": "M", "file": "m.onnx", "sha256": "ab", "bytes": 9, "contract": {"version": 1}}]}


def as_bytes(array: NDArray[Any]) -> NDArray[np.uint8]:
    return np.frombuffer(np.ascontiguousarray(array).tobytes(), np.uint8).copy()


class Worker:
    """Plays the inference worker: bright pixels belong. `mute` keeps its answers back."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.images: dict[int, Any] = {}
        self.is_mute = False
        self.error: dict[str, Any] | None = None
        self.channel = Channel(self._take)

    def _take(self, envelope: Envelope) -> None:
        fields = json.loads(json.dumps(envelope.fields, allow_nan=False))
        self.asked.append(fields)
        if self.is_mute:
            return
        if self.error is not None:
            reply, arrays = {"id": fields["id"], "ok": False, "error": self.error}, []
        elif fields["method"] == "model.run":
            prev_mask, click_maps, *fresh = envelope.arrays
            if fields["params"].get("reset"):
                self.images.clear()
            self.images.pop(fields["params"].get("drop"), None)
            if fresh:
                (self.images[fields["params"]["image"]],) = fresh
            assert len(self.images) <= 4
            image = self.images[fields["params"]["image"]]  # what was not sent must be held
            assert [a.shape for a in (image, prev_mask, click_maps)] == [(1, k, 256, 256) for k in (3, 1, 2)]
            logits = ((image.mean(axis=1) - 0.5) * 20).astype(np.float32)
            reply, arrays = {"id": fields["id"], "ok": True, "result": {"ms": 12.5}}, [as_bytes(logits)]
        else:
            reply, arrays = {"id": fields["id"], "ok": True, "result": {"ms": 1}}, []
        asyncio.get_running_loop().call_soon(self.channel.receive, Incoming(reply, arrays))


class Page:
    """Plays the page."""

    def __init__(self, worker: Worker) -> None:
        self.replies: dict[int, dict[str, Any]] = {}
        self.buffers: dict[int, list[bytes]] = {}
        self.events: list[dict[str, Any]] = []
        self.packages: list[str] = []
        self._id = 0
        self.dispatcher = Dispatcher(self._take, RemoteModels(worker.channel), lambda port: port.channel, self._ensure)

    async def _ensure(self, name: str) -> None:
        self.packages.append(name)

    def _take(self, envelope: Envelope) -> None:
        fields = json.loads(json.dumps(envelope.fields, allow_nan=False))
        if "event" in fields:
            self.events.append(fields)
        else:
            self.replies[fields["id"]] = fields
            self.buffers[fields["id"]] = [np.ascontiguousarray(a).tobytes() for a in envelope.arrays]

    async def call(
        self,
        method: str,
        buffers: tuple[NDArray[np.uint8], ...] = (),
        port: Any = None,
        shown: str | None = None,
        **params: Any,
    ) -> dict[str, Any]:
        """`shown`: the image that the page showed when it asked."""
        self._id += 1
        own = self._id
        fields = {"id": own, "method": method, "params": params, "image": shown}
        self.dispatcher.handle(Incoming(fields, buffers, port))
        for _ in range(200):
            if own in self.replies:
                return self.replies[own]
            await asyncio.sleep(0.005)
        raise TimeoutError(method)

    def state(self) -> dict[str, Any]:
        return next(e["params"] for e in reversed(self.events) if e["event"] == "state.changed")

    async def opened(self) -> None:
        await self.call("session.start", models=MODELS, base="https://here/", lang="en")
        await self.open("i")

    async def open(self, image_id: str) -> None:
        pixels = picture(400, 500, [(100, 100, 140, 130)])
        reply = await self.call(
            "image.open", (pixels.reshape(-1),), id=image_id, name="a.png", width=500, height=400, channels=4
        )
        assert reply["ok"], reply

    async def idle(self) -> None:
        await self.dispatcher.session.settled()


def test_an_image_tensor_travels_once() -> None:
    worker = Worker()
    sizes: list[int] = []
    plain = worker.channel._post

    def spy(envelope: Envelope) -> None:
        sizes.append(len(envelope.arrays))
        plain(envelope)

    worker.channel._post = spy
    predictor = RemotePredictor(worker.channel, "m")
    maps, prev = np.zeros((1, 2, 256, 256), np.float32), np.zeros((1, 1, 256, 256), np.float32)
    pictures = [np.full((1, 3, 256, 256), k / 10, np.float32) for k in range(6)]

    async def work() -> None:
        for k in (0, 0, 1, 0, 2, 3, 4, 1, 0, 5):
            logits = await predictor.run(pictures[k], prev, maps)
            assert abs(float(logits[0, 0, 0, 0]) - (k / 10 - 0.5) * 20) < 1e-3
        worker.error = {"code": "inference.failed"}
        with pytest.raises(PredictorError):
            await predictor.run(pictures[0], prev, maps)
        worker.error = None
        worker.images.clear()
        await predictor.run(pictures[0], prev, maps)

    asyncio.run(work())
    assert sizes == [3, 2, 3, 2, 3, 3, 3, 3, 3, 3, 2, 3]


def test_an_edit_that_was_meant_for_another_image_changes_nothing() -> None:
    async def story() -> None:
        page = Page(Worker())
        assert (await page.call("mask.fill", shown="i", x=1, y=1, erase=False))["error"]["code"] == "bad_params"
        await page.opened()
        stroke = {"path": [50, 50, 60, 60], "diameter": 9, "erase": False}
        assert (await page.call("mask.paint", shown="i", **stroke))["ok"]
        await page.open("j")
        before = page.state()
        late = await page.call("mask.paint", shown="i", **stroke)
        assert (late["error"]["code"], late["error"]["params"]) == ("edit.other_image", {"name": "a.png"})
        assert (await page.call("history.undo", shown="i"))["error"]["code"] == "edit.other_image"
        assert page.state() == before and page.state()["draft"] is None
        assert (await page.call("mask.paint", shown="j", **stroke))["ok"] and page.state()["draft"] is not None

    run(story())


def test_a_journal_entry_names_the_request_that_it_came_of() -> None:
    """So the page knows, when Python dies before it answered, whether an edit was made."""

    async def story() -> None:
        page = Page(Worker())
        await page.opened()
        opened = [event["params"]["request"] for event in page.events if event["event"] == "journal.append"]
        assert set(opened) == {2}, "image.open was the second request"
        page.events.clear()
        press = await page.call("pointer.press", x=110, y=110, button="primary")
        await page.idle()
        confirm = await page.call("draft.confirm", label_id=1)
        told = [event["params"] for event in page.events if event["event"] == "journal.append"]
        asked = {json.loads(entry["entry"])["kind"]: entry["request"] for entry in told}
        assert asked["add_click"] == press["id"] and asked["confirm"] == confirm["id"]

    run(story())


def test_a_long_journal_becomes_a_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "EVERY", 20)

    async def story() -> None:
        page = Page(Worker())
        await page.opened()
        for k in range(50):
            assert (await page.call("label.add", name=f"label {k}"))["ok"]
        journal: list[str] = []
        longest = 0
        for event in page.events:
            if event["event"] == "journal.append":
                journal.append(event["params"]["entry"])
            elif event["event"] == "journal.snapshot":
                assert event["params"]["image"] == "i"
                journal = [event["params"]["entry"]]
            longest = max(longest, len(journal))
        assert longest <= 40 and len(journal) < 30
        again = Page(Worker())
        await again.call("session.start", models=MODELS, base="https://here/", lang="en")
        assert (await again.call("session.restore", entries=journal))["result"] == {"restored": len(journal)}
        assert again.dispatcher.session.history == page.dispatcher.session.history
        await page.idle()

    run(story())


def test_classes_of_a_file_are_asked_for_first() -> None:
    async def story() -> None:
        page = Page(Worker())
        await page.opened()
        rows = [f"{k} 0.1 0.1 0.2 0.1 0.2 0.2 0.1 0.2" for k in (0, 4, 4, 5)]
        data = np.frombuffer("\n".join(rows).encode(), np.uint8)
        names = "names: [scratch, crack, blowhole, stain, dent, dust]"
        archive = np.frombuffer(
            write_zip([File("data.yaml", names.encode()), File("labels/a.txt", data.tobytes())]), np.uint8
        )
        asked = await page.call("import.read", (archive,), names=["a.zip"], ask=True)
        assert asked["result"] == {"unknown": [{"name": "dent", "count": 2}, {"name": "dust", "count": 1}]}
        assert page.state()["annotations"] == []
        bad = await page.call("import.read", (archive,), names=["a.zip"], classes={"dent": "2"})
        assert bad["error"]["code"] == "bad_params"
        bad = await page.call("import.read", (archive,), names=["a.zip"], classes={"dent": 99})
        assert bad["error"]["code"] == "unknown_label"
        told = await page.call("import.read", (archive,), names=["a.zip"], classes={"dent": 2, "dust": -1})
        (file,) = told["result"]["files"]
        assert (file["read"], file["skipped"]) == (3, {"left_out": 1})
        assert [a["label_id"] for a in page.state()["annotations"]] == [1, 2, 2]

    run(story())


def test_the_list_of_steps_says_whether_it_goes_back_to_the_start() -> None:
    async def story() -> None:
        page = Page(Worker())
        await page.opened()
        for count in range(LISTED + 1):
            assert (await page.call("label.add", name=f"class {count}"))["ok"]
            steps = (await page.call("history.list"))["result"]
            assert len(steps["past"]) == min(count + 1, LISTED) and steps["from_start"] == (count < LISTED)
        assert (await page.call("history.walk", steps=-3))["result"] == {"done": 3}
        assert (await page.call("history.list"))["result"]["future"] == ["add_label"] * 3
        assert (await page.call("history.walk", steps=9))["result"] == {"done": 3}

    run(story())


def test_several_files_are_one_step_and_a_bad_one_among_them_is_named() -> None:
    async def story() -> None:
        page = Page(Worker())
        await page.opened()
        row = np.frombuffer(b"0 0.1 0.1 0.2 0.1 0.2 0.2 0.1 0.2", np.uint8)
        bad = np.frombuffer(b"{", np.uint8)
        told = await page.call("import.read", (row, bad, row), names=["a.txt", "bad.json", "A.txt"], ask=True)
        files = told["result"]["files"]
        assert [(k["name"], k["read"]) for k in files] == [("a.txt", 1), ("bad.json", 0), ("A.txt", 1)]
        assert files[1]["error"]["code"] == "import.damaged" and files[0]["error"] is None
        assert [a["id"] for a in page.state()["annotations"]] == [1, 2]
        assert (await page.call("history.undo"))["result"] == {"code": "import_annotations"}
        assert page.state()["annotations"] == [] and page.state()["history"]["undo"] is None
        for names in ([], ["a.txt"], ["a.txt", "b.txt", "c.txt"]):
            refused = await page.call("import.read", (row, row), names=names)
            assert refused["error"]["code"] == "bad_params"

    run(story())


def test_files_that_were_read_while_another_image_was_opened_change_nothing() -> None:
    async def story() -> None:
        page = Page(Worker())
        await page.opened()
        row = np.frombuffer(b"0 0.1 0.1 0.2 0.1 0.2 0.2 0.1 0.2", np.uint8)
        many = 50  # so that the reading is not at its end when the image comes
        reading = asyncio.create_task(page.call("import.read", (row,) * many, names=["a.txt"] * many))
        for _ in range(5):  # it has begun
            await asyncio.sleep(0)
        await page.open("other")
        refused = await reading
        assert refused["error"]["code"] == "import.image_left" and page.state()["annotations"] == []

    run(story())


async def quality_is_told(page: Page) -> None:
    figures = (await page.call("quality.report", tiny_px=10**6))["result"]
    assert figures["whole"]["annotations"] == 1 and "tiny" in {f["kind"] for f in figures["findings"]}
    assert (await page.call("quality.report", tiny_px=-1))["error"]["code"] == "bad_params"


def test_the_whole_job_through_messages() -> None:
    async def story() -> None:
        worker = Worker()
        page = Page(worker)
        await page.opened()
        await page.idle()
        assert worker.asked[0]["params"] == {
            "id": "m", "url": "https://here/models/m.onnx", "sha256": "ab", "bytes": 9, "contract": {"version": 1},
        }  # fmt: skip
        assert (await page.call("pointer.press", x=110.5, y=110.5, button="primary"))["result"] == {"press_id": 1}
        await page.idle()
        assert page.state()["draft"]["area"] == 1200 and page.state()["timing"]["network_ms"] == 12.5
        assert (await page.call("draft.request_confirm"))["result"] == {"parts": 1}
        assert (await page.call("draft.confirm", label_id=1))["result"] == {"created": [1]}
        formats = (await page.call("export.limits"))["result"]
        assert formats["annotations"] == 1 and formats["formats"][0] == {"id": "coco", "limits": []}
        coco = await page.call("export.write", format="coco")
        assert coco["result"] == {"filename": "a_coco.json", "mime": "application/json", "has_masks": True}
        assert json.loads(page.buffers[coco["id"]][0])["annotations"][0]["area"] == 1200
        png = await page.call("export.write", format="class_png")
        assert page.buffers[png["id"]][0].startswith(b"\x89PNG") and set(page.packages) == {"Pillow"}
        probed = await page.call(
            "image.probe", (as_bytes(np.frombuffer(page.buffers[png["id"]][0], np.uint8)),), name="x"
        )
        assert probed["result"] == {"format": "PNG", "width": 500, "height": 400, "pages": 1, "needs_us": False}
        data = as_bytes(np.frombuffer(page.buffers[coco["id"]][0], np.uint8))
        (file,) = (await page.call("import.read", (data,), names=["a_coco.json"]))["result"]["files"]
        assert (file["name"], file["format"], file["read"], file["skipped"]) == ("a_coco.json", "coco", 1, {})
        assert len(page.state()["annotations"]) == 2
        assert (await page.call("history.undo"))["result"] == {"code": "import_annotations"}
        refused = await page.call("import.read", (data[:-9],), names=["a_coco.json"])
        assert refused["error"]["code"] == "import.damaged" and len(page.state()["annotations"]) == 1
        assert (await page.call("export.write", format="x"))["error"]["code"] == "bad_params"
        assert (await page.call("export.write", format="coco", mm_per_pixel=-1))["error"]["code"] == "bad_params"
        none = await page.call("export.write", format="measurements", only=[])
        assert page.buffers[none["id"]][0].count(b"\n") == 1 and none["result"]["has_masks"] is False
        await quality_is_told(page)
        assert (await page.call("history.undo"))["result"] == {"code": "confirm"}
        assert (await page.call("history.redo"))["result"] == {"code": "confirm"}
        assert (await page.call("label.add", name="dent"))["result"] == {"id": 5}
        assert (await page.call("label.update", id=5, color="#000000"))["ok"]
        assert (await page.call("label.remove", id=5))["ok"]
        assert (await page.call("annotations.show", ids=[1], visible=False))["ok"]
        assert (await page.call("annotations.relabel", ids=[1], label_id=2))["ok"]
        assert (await page.call("annotation.delete", id=1))["ok"]
        assert (await page.call("mode.set", kind="fixed_box", size=64, follow=True))["ok"]
        assert page.state()["mode"] == {"kind": "fixed_box", "size": 64, "follow": True}
        assert (await page.call("pointer.press", x=110, y=110, button="primary"))["ok"]
        assert (await page.call("click.remove", index=0))["ok"]
        assert (await page.call("draft.cancel"))["ok"]
        told = (await page.call("diagnostics.get"))["result"]
        assert told["model"]["state"] == "ready" and told["numpy"] == np.__version__
        assert (await page.call("ping"))["ok"]
        await page.idle()

    run(story())


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("nope", {}, "unknown_method"),
        ("pointer.press", {"x": 1, "y": 2}, "bad_params"),
        ("pointer.press", {"x": "1", "y": 2, "button": "primary"}, "bad_params"),
        ("pointer.press", {"x": 1, "y": 2, "button": "middle"}, "bad_params"),
        ("mode.set", {"kind": "lasso"}, "bad_params"),
        ("mode.set", {"kind": "fixed_box", "size": [1]}, "bad_params"),
        ("draft.confirm", {"label_id": 1}, "no_draft"),
        ("draft.confirm", {"label_id": 1.5}, "bad_params"),
        ("label.update", {"id": 77}, "unknown_label"),
        ("annotation.delete", {"id": True}, "bad_params"),
        ("annotations.show", {"ids": [1], "visible": 1}, "bad_params"),
        ("model.set", {"id": "gpt"}, "unknown_model"),
        ("click.remove", {"index": 0}, "no_draft"),
        ("session.restore", {"entries": [1]}, "bad_params"),
        ("image.open", {"id": "i", "name": "a", "width": 3, "height": 2, "channels": 4}, "bad_params"),
        ("inference.attach", {}, "bad_params"),
        ("bench.run", {"name": 3, "repeat": 1}, "bad_params"),
    ],
)
def test_bad_requests_get_a_code_and_change_nothing(method: str, params: dict[str, Any], code: str) -> None:
    async def story() -> None:
        page = Page(Worker())
        await page.opened()
        before = page.dispatcher.session.history
        reply = await page.call(method, **params)
        assert (reply["ok"], reply["error"]["code"]) == (False, code)
        assert page.dispatcher.session.history is before
        await page.idle()

    run(story())


def test_pixels_that_do_not_fit_leave_the_open_image() -> None:
    async def story() -> None:
        page = Page(Worker())
        await page.opened()
        few = np.zeros(23, np.uint8)
        reply = await page.call("image.open", (few,), id="j", name="b", width=3, height=2, channels=4)
        assert reply["error"]["code"] == "image.size_mismatch" and page.state()["image"]["id"] == "i"
        empty = await page.call("image.probe", (np.zeros(0, np.uint8),), name="b")
        assert empty["error"]["code"] == "image.empty"
        await page.idle()

    run(story())


def test_before_the_start_there_is_an_error_and_no_crash() -> None:
    async def story() -> None:
        page = Page(Worker())
        assert (await page.call("pointer.press", x=1, y=1, button="primary"))["error"]["code"] == "bad_params"
        page.dispatcher.handle(Incoming({"id": 99}))
        assert page.replies[99]["error"]["code"] == "bad_params"
        assert (await page.call("diagnostics.get"))["ok"]

    run(story())


def test_an_inference_worker_that_dies_is_replaced_and_the_click_answered() -> None:
    async def story() -> None:
        worker = Worker()
        page = Page(worker)
        await page.opened()
        await page.idle()
        worker.is_mute = True
        await page.call("pointer.press", x=110, y=110, button="primary")
        await asyncio.sleep(0.01)
        assert page.state()["busy"] and page.state()["draft"]["area"] == 0
        fresh = Worker()
        assert (await page.call("inference.attach", port=fresh))["ok"]
        await page.idle()
        assert page.state()["draft"]["area"] == 1200 and page.state()["model"]["state"] == "ready"
        assert [k["method"] for k in fresh.asked] == ["model.load", "model.run"]

    run(story())


def test_a_worker_without_the_model_is_a_state() -> None:
    async def story() -> None:
        worker = Worker()
        worker.error = {"code": "model.corrupt", "message": "sha256 differs", "params": {}}
        page = Page(worker)
        await page.opened()
        await page.idle()
        assert page.state()["model"] == {"id": "m", "name": "M", "state": "error", "code": "model.corrupt"}
        worker.error = None
        await page.call("model.set", id="m")
        await page.idle()
        assert page.state()["model"]["state"] == "ready"

    run(story())


def test_answers_are_matched_by_id_and_strays_are_left() -> None:
    async def story() -> None:
        sent: list[Envelope] = []
        channel = Channel(sent.append)
        calls = [asyncio.ensure_future(channel.call("ping", {"n": n})) for n in range(2)]
        await asyncio.sleep(0)
        for wanted in (1, 0):
            channel.receive(Incoming({"id": sent[wanted].fields["id"], "ok": True, "result": {"n": wanted}}))
        channel.receive(Incoming({"id": 77, "ok": True, "result": {}}))
        channel.receive(Incoming({}))
        assert [(await call).fields["result"]["n"] for call in calls] == [0, 1]
        waiting = asyncio.ensure_future(channel.call("ping", {}))
        await asyncio.sleep(0)
        channel.close()
        with pytest.raises(PredictorError, match="lost"):
            await waiting
        with pytest.raises(PredictorError, match="lost"):
            await channel.call("ping", {})

    run(story())


def test_an_answer_of_another_size_is_a_failure() -> None:
    async def story() -> None:
        channel = Channel(
            lambda envelope: asyncio.get_running_loop().call_soon(  # type: ignore[arg-type, return-value]
                channel.receive, Incoming({"id": envelope.fields["id"], "ok": True}, [np.zeros(12, np.uint8)])
            )
        )
        zeros = [np.zeros((1, k, 256, 256), np.float32) for k in (3, 1, 2)]
        with pytest.raises(PredictorError, match="another size"):
            await RemotePredictor(channel, "m").run(*zeros)

    run(story())
