"""Method name -> what the session does. Knows nothing of JavaScript: messages come in and go out as `protocol` data."""

from __future__ import annotations

import asyncio
import logging
import platform
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import asdict, replace
from typing import Any

import numpy as np

import segmark
from segmark import kernels
from segmark.bridge.annotation_calls import (
    annotation_delete,
    annotation_reopen,
    annotation_split,
    annotations_delete,
    annotations_lock,
    annotations_merge,
    annotations_relabel,
    annotations_show,
)
from segmark.bridge.compaction import Compaction
from segmark.bridge.export_calls import export_cancel, export_limits, export_write, quality_report
from segmark.bridge.import_calls import import_read
from segmark.bridge.project_calls import Taken, annotations_copy, label_remove, project_take, project_unzip
from segmark.bridge.project_file_calls import file_digest, project_read, project_write
from segmark.bridge.protocol import Envelope, Incoming, Request, Result, event, failure, reply
from segmark.bridge.remote_predictor import Channel, RemoteModels
from segmark.document import ImageRecord
from segmark.errors import SegmarkError
from segmark.images.probe import probe
from segmark.modes import mode_from_json
from segmark.publish import shown_mask
from segmark.session import Session
from segmark.switching import recorded_levels

Post = Callable[[Envelope], None]
EnsurePackage = Callable[[str], Awaitable[None]]
MakeChannel = Callable[[Any], Channel]
#: Steps that the list of steps shows, of each side.
LISTED = 100
#: Seconds that the opening of an image waits for a confirm that the one before still has to do.
CONFIRM_PATIENCE = 5.0
_log = logging.getLogger(__name__)
# the request at work; a task that it begins inherits it
_asked: ContextVar[Any] = ContextVar("_asked", default=None)


class Dispatcher:
    """The worker's side of Port A.

    Parameters
    ----------
    post : sends an envelope to the page
    models : the models behind the inference worker
    make_channel : a message port -> the channel over it
    ensure_package : loads a package that is not needed at start (async)
    """

    def __init__(
        self, post: Post, models: RemoteModels, make_channel: MakeChannel, ensure_package: EnsurePackage
    ) -> None:
        self._post = post
        self._models = models
        self._make_channel = make_channel
        self.ensure_package = ensure_package
        self._session: Session | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._confirms: set[asyncio.Task[None]] = set()
        self.taken = Taken()
        self._compaction = Compaction()
        self.exports = 0  # number of the newest export; a cancel takes a number too

    def handle(self, message: Incoming) -> None:
        """Take one message. Methods that need not wait are done when this returns, so edits keep their order."""
        try:
            request = Request.of(message)
            _asked.set(request.id)
            method = _METHODS.get(request.method)
            if method is None:
                raise SegmarkError("unknown_method", {"method": request.method})
            self._refuse_elsewhere(message.fields.get("image"))
            result = method(self, request)
        except Exception as error:
            self._fail(message.fields.get("id"), error)
            return
        if isinstance(result, Result):
            self._post(reply(request.id, result))
            return
        task = asyncio.get_running_loop().create_task(self._finish(request.id, result))
        self._tasks.add(task)  # the loop itself keeps only weak references
        task.add_done_callback(self._tasks.discard)
        if request.method == "draft.confirm":
            self._confirms.add(task)
            task.add_done_callback(self._confirms.discard)

    def _refuse_elsewhere(self, shown: Any) -> None:
        """An edit was meant for the image that the page showed; by now another one may be open."""
        open_one = self._session.history.present.image if self._session is not None else None
        if isinstance(shown, str) and open_one is not None and open_one.id != shown:
            raise SegmarkError("edit.other_image", {"name": open_one.name})

    async def _finish(self, request_id: Any, waiting: Awaitable[Result]) -> None:
        try:
            result = await waiting
        except Exception as error:
            self._fail(request_id, error)
        else:
            self._post(reply(request_id, result))

    def _fail(self, request_id: Any, error: Exception) -> None:
        if not isinstance(error, SegmarkError):
            _log.exception("request %r", request_id, exc_info=error)
        self._post(failure(request_id, error))

    def _emit(self, name: str, params: dict[str, Any], arrays: Any) -> None:
        if name == "journal.append":
            params = params | {"request": _asked.get()}
        self._post(event(name, params, arrays))
        if name == "journal.append" and self._session is not None:
            snapshot = self._compaction.after(params["image"], self._session.history, self._session.worked)
            if snapshot is not None:
                self._post(event("journal.snapshot", {"entry": snapshot, "image": params["image"]}))

    def tell_progress(self, what: str, done: int, total: int) -> None:
        self._emit(f"{what}.progress", {"done": done, "total": total}, ())

    @property
    def session(self) -> Session:
        if self._session is None:
            raise SegmarkError("bad_params", {"what": "session.start comes first"})
        return self._session

    # -- methods: params -> Result, or an awaitable of one ------------------------------------------------------------
    def session_start(self, request: Request) -> Result:
        self._models.configure(request.params.get("models"), request.get_text_or_none("base") or "")
        self._session = Session(self._emit, self._models, request.get_text_or_none("lang") or "en")
        self._session.publish()
        if self._models.models():
            self._session.models.start()
        return Result(_about())

    def session_restore(self, request: Request) -> Result:
        restored = self.session.restore(request.get_texts("entries"))
        self._compaction.restored(self.session.history.image_id, restored)
        return Result({"restored": restored})

    async def image_probe(self, request: Request) -> Result:
        data = request.get_bytes().tobytes()
        await self.ensure_package("Pillow")
        info = probe(data)
        return Result(asdict(info))

    async def image_decode(self, request: Request) -> Result:
        """Pixels of a file that the browser cannot decode, one or three channels; ``entries``: of its journal, the first."""
        data, page = request.get_bytes().tobytes(), request.get_int("page")
        await self.ensure_package("Pillow")
        from segmark.images.decode import decode

        found = decode(data, page, recorded_levels(request.get_texts("entries")))
        height, width = found.pixels.shape[:2]
        told = {"width": width, "height": height, "channels": found.pixels.size // (width * height)}
        return Result(told | {"levels": list(found.levels)}, (found.pixels,))

    def image_open(self, request: Request) -> Result | Awaitable[Result]:
        return self._open_after_confirms(request) if self._confirms else self._open(request)

    async def _open_after_confirms(self, request: Request) -> Result:
        """A confirm of a quick hand waits for the network: it belongs to the image that is left."""
        await asyncio.wait(self._confirms, timeout=CONFIRM_PATIENCE)
        return self._open(request)

    def _open(self, request: Request) -> Result:
        width, height, channels = (request.get_int(k) for k in ("width", "height", "channels"))
        page = request.get_int("page") if "page" in request.params else 0
        levels = request.get_points("levels")[0] if "levels" in request.params else (0.0, 255.0)
        record = ImageRecord(request.get_text("id"), request.get_text("name"), width, height, levels, page)
        data = request.get_bytes()
        if channels not in (1, 3, 4) or width <= 0 or height <= 0 or data.size != width * height * channels:
            raise SegmarkError("image.size_mismatch")
        shape = (height, width) if channels == 1 else (height, width, channels)
        left = self.session.history.present
        self.session.open_image(record, data.reshape(shape), request.get_texts("entries"))
        self.taken.take(replace(left, draft=None))  # an export that began before may ask for it
        return Result()

    def image_close(self, _request: Request) -> Result:
        self.session.close_image()
        return Result()

    def image_mark(self, request: Request) -> Result:
        self.session.mark_done(request.get_truth("is_done"))
        return Result()

    def pointer_press(self, request: Request) -> Awaitable[Result]:
        """The click is done when this returns; its answer follows the state that shows it."""
        button = request.get_text("button")
        press_id = self.session.press(request.get_float("x"), request.get_float("y"), button)

        async def told() -> Result:
            return Result({"press_id": press_id})

        return told()

    async def preview_ask(self, request: Request) -> Result:
        """What a positive click here would give; an empty result if nothing, or if something else came first."""
        mask = await self.session.preview.ask(request.get_float("x"), request.get_float("y"))
        if mask is None or mask.is_empty:
            return Result()
        box, runs, edges = shown_mask(mask)
        return Result({"box": box}, (runs, edges))

    def preview_drop(self, _request: Request) -> Result:
        self.session.preview.drop()
        return Result()

    def pointer_drag(self, request: Request) -> Result:
        at = [request.get_float(name) for name in ("x0", "y0", "x1", "y1")]
        self.session.drag(request.get_text("grip"), (at[0], at[1]), (at[2], at[3]))
        return Result()

    def region_polygon(self, request: Request) -> Result:
        self.session.polygon(request.get_points("corners"))
        return Result()

    def mask_paint(self, request: Request) -> Result:
        self.session.hand.paint(request.get_points("path"), request.get_float("diameter"), request.get_truth("erase"))
        return Result()

    def mask_fill(self, request: Request) -> Result:
        self.session.hand.fill(request.get_float("x"), request.get_float("y"), request.get_truth("erase"))
        return Result()

    def mask_polygon(self, request: Request) -> Result:
        done = self.session.hand.polygon(request.get_points("corners"), request.get_truth("erase"))
        return Result({"done": done})

    def mask_scratch(self, request: Request) -> Result:
        """With ``preview`` only the way is told; ``width`` null or absent: measured."""
        at = [request.get_float(name) for name in ("x0", "y0", "x1", "y1")]
        width = None if request.params.get("width") is None else request.get_float("width")
        work = self.session.hand.scratch_preview if request.get_truth("preview") else self.session.hand.scratch
        found = work((at[0], at[1]), (at[2], at[3]), request.get_truth("is_start_fixed"), width)
        return Result({"path": [] if found is None else found.path.reshape(-1).round(2).tolist()})

    def mask_wand(self, request: Request) -> Result:
        x, y, tolerance = request.get_float("x"), request.get_float("y"), request.get_int("tolerance")
        self.session.hand.wand(x, y, tolerance, request.get_int("connectivity"), request.get_truth("erase"))
        return Result()

    def mask_refine(self, request: Request) -> Result:
        self.session.hand.refine(request.get_text("how"))
        return Result()

    def mode_set(self, request: Request) -> Result:
        try:
            mode = mode_from_json(request.params)
        except (TypeError, ValueError) as error:
            raise SegmarkError("bad_params", {"what": "mode", "why": str(error)}) from error
        self.session.set_mode(mode)
        return Result()

    def model_set(self, request: Request) -> Result:
        self.session.set_model(request.get_text("id"))
        return Result()

    def model_own(self, request: Request) -> Result:
        """The person's own network joins the models, or leaves them; the worker has tried it."""
        self._models.set_own(request.params.get("entry"))
        return Result()

    async def model_measure(self, _request: Request) -> Result:
        return Result({"id": self.session.models.describe()["id"], "ms": await self.session.models.measure()})

    def history_undo(self, _request: Request) -> Result:
        return Result({"code": self.session.undo()})

    def history_redo(self, _request: Request) -> Result:
        return Result({"code": self.session.redo()})

    def history_list(self, _request: Request) -> Result:
        history = self.session.history
        past, future = history.past[-LISTED:], history.future[:LISTED]
        told: dict[str, Any] = {"past": [step.code for step in past], "future": [step.code for step in future]}
        return Result(told | {"from_start": len(past) == len(history.past)})

    def history_walk(self, request: Request) -> Result:
        return Result({"done": self.session.walk(request.get_int("steps"))})

    def click_remove(self, request: Request) -> Result:
        self.session.remove_click(request.get_int("index"))
        return Result()

    def click_move(self, request: Request) -> Result:
        self.session.move_click(request.get_int("index"), request.get_float("x"), request.get_float("y"))
        return Result()

    async def draft_request_confirm(self, request: Request) -> Result:
        return Result({"parts": await self.session.request_confirm(_pixels(request, "min_px"))})

    async def draft_confirm(self, request: Request) -> Result:
        as_one, takes = (request.params.get(name, False) is True for name in ("as_one", "takes"))
        min_px = _pixels(request, "min_px")
        return Result({"created": await self.session.confirm(request.get_int("label_id"), as_one, min_px, takes)})

    def draft_cancel(self, _request: Request) -> Result:
        self.session.cancel_draft()
        return Result()

    def label_add(self, request: Request) -> Result:
        return Result({"id": self.session.labels.add(request.get_text("name"), request.get_text_or_none("color"))})

    def label_update(self, request: Request) -> Result:
        name, color = request.get_text_or_none("name"), request.get_text_or_none("color")
        self.session.labels.update(request.get_int("id"), name, color)
        return Result()

    def inference_attach(self, request: Request) -> Result:
        if request.port is None:
            raise SegmarkError("bad_params", {"what": "port"})
        self._models.attach(self._make_channel(request.port))
        if self._models.models():
            self.session.models.start()
        return Result()

    def diagnostics_get(self, _request: Request) -> Result:
        told: dict[str, Any] = _about()
        if self._session is not None:
            told |= self._session.diagnostics()
        return Result(told)

    def ping(self, _request: Request) -> Result:
        return Result()

    async def bench_run(self, request: Request) -> Result:
        name, repeat = request.get_text("name"), request.get_int("repeat")
        await self.ensure_package("opencv-python")  # only compared with: 1.6 MB that no page fetches otherwise
        from segmark import bench  # not needed by anybody who does not measure

        return Result(bench.run(name, repeat))


Method = Callable[[Dispatcher, Request], "Result | Awaitable[Result]"]
_METHODS: dict[str, Method] = {
    "session.start": Dispatcher.session_start,
    "session.restore": Dispatcher.session_restore,
    "image.probe": Dispatcher.image_probe,
    "image.decode": Dispatcher.image_decode,
    "image.open": Dispatcher.image_open,
    "image.close": Dispatcher.image_close,
    "image.mark": Dispatcher.image_mark,
    "project.take": project_take,
    "project.unzip": project_unzip,
    "project.write": project_write,
    "project.read": project_read,
    "file.digest": file_digest,
    "pointer.press": Dispatcher.pointer_press,
    "preview.ask": Dispatcher.preview_ask,
    "preview.drop": Dispatcher.preview_drop,
    "pointer.drag": Dispatcher.pointer_drag,
    "region.polygon": Dispatcher.region_polygon,
    "mask.paint": Dispatcher.mask_paint,
    "mask.fill": Dispatcher.mask_fill,
    "mask.polygon": Dispatcher.mask_polygon,
    "mask.scratch": Dispatcher.mask_scratch,
    "mask.wand": Dispatcher.mask_wand,
    "mask.refine": Dispatcher.mask_refine,
    "annotation.reopen": annotation_reopen,
    "mode.set": Dispatcher.mode_set,
    "model.set": Dispatcher.model_set,
    "model.own": Dispatcher.model_own,
    "model.measure": Dispatcher.model_measure,
    "history.undo": Dispatcher.history_undo,
    "history.redo": Dispatcher.history_redo,
    "history.list": Dispatcher.history_list,
    "history.walk": Dispatcher.history_walk,
    "click.remove": Dispatcher.click_remove,
    "click.move": Dispatcher.click_move,
    "draft.request_confirm": Dispatcher.draft_request_confirm,
    "draft.confirm": Dispatcher.draft_confirm,
    "draft.cancel": Dispatcher.draft_cancel,
    "label.add": Dispatcher.label_add,
    "label.update": Dispatcher.label_update,
    "label.remove": label_remove,
    "annotation.delete": annotation_delete,
    "annotation.split": annotation_split,
    "annotations.delete": annotations_delete,
    "annotations.merge": annotations_merge,
    "annotations.relabel": annotations_relabel,
    "annotations.lock": annotations_lock,
    "annotations.show": annotations_show,
    "annotations.copy": annotations_copy,
    "export.limits": export_limits,
    "export.write": export_write,
    "export.cancel": export_cancel,
    "quality.report": quality_report,
    "import.read": import_read,
    "inference.attach": Dispatcher.inference_attach,
    "diagnostics.get": Dispatcher.diagnostics_get,
    "ping": Dispatcher.ping,
    "bench.run": Dispatcher.bench_run,
}


def _pixels(request: Request, name: str) -> int:
    """A number of pixels; 0 if nothing is said."""
    return max(request.get_int(name), 0) if name in request.params else 0


def _about() -> dict[str, Any]:
    return {
        "version": segmark.__version__,
        "kernels": kernels.describe(),
        "python": platform.python_version(),
        "numpy": np.__version__,
    }
