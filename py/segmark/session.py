"""The application service: orders edits, asks a Predictor, folds its answers in, tells the page.

Edits happen at once, in the order of the calls. Predictions run one at a time in a task beside them; the history says
which prompt waits (`History.waiting`), so undo, redo and clicks in the middle of inference need no queue of their own.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

from segmark import commands as c
from segmark.activity import WorkClock
from segmark.answering import Answering
from segmark.clicks import Click
from segmark.document import Document, ImageRecord, new_document
from segmark.editing.strokes import Point
from segmark.errors import SegmarkError
from segmark.geometry import image_box
from segmark.hand import Hand
from segmark.history import History
from segmark.journal import Replay, command_to_json, history_to_json, replay
from segmark.labels import Labels
from segmark.models import Models
from segmark.modes import GRIPS, Mode, NewBox, Nothing, mode_to_json, read_drag, read_polygon, read_press
from segmark.preview import Preview
from segmark.prompts import place_of
from segmark.publish import Emit, Publisher, Status
from segmark.rle import RleMask
from segmark.segment.click_net import ClickNet
from segmark.segment.predictor import ModelStore
from segmark.segment.transforms import Pixels
from segmark.switching import closed, copied, entering, returned

_log = logging.getLogger(__name__)


class Session:
    """One person's work on one image at a time.

    Parameters
    ----------
    emit : called with (event name, params, arrays) for everything the page is told
    store : where predictors come from
    lang : language of the first labels' names
    clock : unix time in seconds
    """

    def __init__(self, emit: Emit, store: ModelStore, lang: str = "en", clock: Callable[[], float] = time.time) -> None:
        self._emit = emit
        self._work = WorkClock(clock)
        self._publisher = Publisher(emit)
        self._lang = lang
        self._history = History(new_document(lang))
        self._models = Models(store, self._model_changed)
        self._net: tuple[str, ClickNet] | None = None  # (image id, its network side)
        self._next_prompt = 1
        self.answering = Answering(self)
        self.hand = Hand(self)
        self.labels = Labels(self)
        self.preview = Preview(self)

    # -- asking -----------------------------------------------------------------------------------------------------
    @property
    def history(self) -> History:
        return self._history

    @property
    def models(self) -> Models:
        return self._models

    @property
    def worked(self) -> float:
        """The clock of work (`activity`) as it stands; seconds."""
        return self._work.worked

    @property
    def net(self) -> ClickNet | None:
        """The open image's side of the network."""
        return None if self._net is None else self._net[1]

    @property
    def is_answering(self) -> bool:
        """The network is, or will be at once, at work for a prompt of the document."""
        return self.answering.is_working

    async def settled(self) -> None:
        """Wait until no network is on its way, and no prediction that can still come."""
        await self.answering.settled()

    # -- image and clicks -------------------------------------------------------------------------------------------
    def open_image(self, record: ImageRecord, pixels: Pixels, entries: Sequence[str] = ()) -> None:
        """Open an image, or go back to one with the journal of its own; the open one again only gets its pixels.

        Raises
        ------
        SegmarkError
            ``image.size_mismatch``: the pixels are not width x height, or not those that the journal is about.
            ``journal.newer``: a later version wrote the journal; nothing is changed.
        """
        if pixels.shape[:2] != (record.height, record.width) or 0 in pixels.shape:
            raise SegmarkError("image.size_mismatch")
        left = self._history
        if entries and not record.is_same(left.present.image):
            self._take(returned(record, entries), record.id)
        self._net = (record.id, ClickNet(pixels))
        self.answering.timing = None
        for command in entering(record, left):
            self.run(command)
        self.publish()
        self.answering.kick()

    def close_image(self) -> None:
        """Nothing is open any more; the classes and the mode stay, and are kept as the journal of no image."""
        self._history, self._net = closed(self._history), None
        self._emit("journal.snapshot", {"entry": history_to_json(self._history), "image": ""}, ())
        self.publish()

    def press(self, x: float, y: float, button: str) -> int:
        """A click at an image position (primary: positive, secondary: negative).

        Returns
        -------
        int
            Number of the prompt that it made; 0 if it changed nothing (a notice says why).
        """
        if button not in ("primary", "secondary") or not (math.isfinite(x) and math.isfinite(y)):
            raise SegmarkError("bad_params", {"what": "press"})
        document = self._history.present
        image, draft = document.image, document.draft
        if image is None:
            return self._nothing("no_image")
        click = Click(math.floor(x), math.floor(y), button == "primary")
        if not (0 <= click.x < image.width and 0 <= click.y < image.height):
            return self._nothing("click_outside")
        meaning = read_press(document.mode, place_of(draft), click)
        if isinstance(meaning, Nothing):
            return self._nothing(meaning.code)
        prompt = self._new_prompt()
        self.run(
            c.AddClick(click, meaning.regions, meaning.asked, meaning.is_fresh, prompt, self._work.act()),
            is_told=False,
        )
        if not self._models.is_ready:
            self.answering.tell_why_waiting()
        self.answering.kick()
        if self.answering.can_work:
            # the network's work is on its way before the page is told: the two go on side by side
            asyncio.get_running_loop().call_soon(self.publish)
        else:
            self.publish()
        return prompt

    def drag(self, grip: str, start: Point, end: Point) -> None:
        """A drag on the image that draws, moves or resizes the box (`modes.read_drag`); image coordinates."""
        if grip not in GRIPS or not all(map(math.isfinite, (*start, *end))):
            raise SegmarkError("bad_params", {"what": "drag"})
        document = self._history.present
        self._place(read_drag(document.mode, place_of(document.draft), grip, start, end))

    def polygon(self, corners: Sequence[Point]) -> None:
        """A closed line of corners: the region from now on (R1.6)."""
        self._place(read_polygon(self._history.present.mode, corners))

    def reopen(self, annotation_id: int) -> None:
        """Go on with a finished annotation, with clicks and brush."""
        self.run(c.ReopenAnnotation(annotation_id, self._new_prompt(), self._work.act()))

    def remove_click(self, index: int) -> None:
        self.run(c.RemoveClick(index, self._new_prompt()))
        self.answering.kick()

    def move_click(self, index: int, x: float, y: float) -> None:
        """Drag a click to another place; out of the image or of the draft's region a notice says that it stays."""
        at = self.pixel_at(x, y, "click")
        if at is None:
            return
        try:
            self.run(c.MoveClick(index, *at, self._new_prompt()))
        except SegmarkError as error:
            if error.code != "move_outside":
                raise
            self._nothing(error.code)
        self.answering.kick()

    def cancel_draft(self) -> None:
        if self._history.present.draft is not None:
            self.run(c.CancelDraft())

    async def request_confirm(self, min_px: int = 0) -> int:
        """How many annotations a confirm would make now of parts with at least `min_px` pixels (0: a notice says so).

        Raises
        ------
        SegmarkError
            ``edit.other_image``: another image was opened while an answer was waited for.
        """
        await self.answering.answered()
        draft = self._history.present.draft
        areas = draft.mask.part_areas if draft else ()
        parts = sum(area >= min_px for area in areas)
        if parts == 0:
            self.notice("draft_specks" if areas else "draft_empty", {"n": min_px})
        return parts

    async def confirm(self, label_id: int, as_one: bool = False, min_px: int = 0, takes: bool = False) -> list[int]:
        """The draft becomes annotations, one a connected part, or one of all parts -> their ids (R7, `commands.Confirm`).

        Raises
        ------
        SegmarkError
            ``edit.other_image``: another image was opened while an answer was waited for; nothing is changed.
        """
        await self.answering.answered()
        before = self._history.present
        at, editing = self._work.act(), before.draft.editing if before.draft else 0
        self.run(c.Confirm(label_id, at, as_one, min_px, takes))
        now = {a.id: a for a in self._history.present.annotations}
        others = [a for a in before.annotations if a.id != editing]
        changed = sum(now.get(a.id) is not a for a in others)
        if changed:
            self.notice("overlap_taken", {"n": changed, "gone": sum(a.id not in now for a in others)})
        old = {a.id for a in others}
        return [k for k in now if k not in old]

    # -- everything else that edits ---------------------------------------------------------------------------------
    def set_mode(self, mode: Mode) -> None:
        self.run(c.SetMode(mode))

    def undo(self) -> str | None:
        """Take the last step back -> its code; None if there is none."""
        code = self._history.undo_code
        self.walk(-1)
        return code

    def redo(self) -> str | None:
        """Do the next step again -> its code; None if there is none."""
        code = self._history.redo_code
        self.walk(1)
        return code

    def walk(self, steps: int) -> int:
        """Go to another place of the stack, `steps` forward (back if negative) -> how many steps were made; shown once."""
        command = c.Undo() if steps < 0 else c.Redo()
        done = 0
        while done < abs(steps) and self.run(command, is_told=False):
            done += 1
        if done:
            self.publish()
            self.answering.kick()
        return done

    def delete_annotation(self, annotation_id: int) -> None:
        self.run(c.DeleteAnnotation(annotation_id))

    def split_annotation(self, annotation_id: int) -> None:
        """One annotation a connected part (8 neighbours), as one step."""
        if not self.run(c.SplitAnnotation(annotation_id)):
            self._nothing("split_one")

    def delete_annotations(self, ids: Sequence[int]) -> None:
        self.run(c.DeleteAnnotations(tuple(ids)))

    def merge_annotations(self, ids: Sequence[int]) -> None:
        """Several annotations become one of the first one's class, as one step."""
        self.run(c.MergeAnnotations(tuple(ids)))

    def relabel_annotations(self, ids: Sequence[int], label_id: int) -> None:
        self.run(c.RelabelAnnotations(tuple(ids), label_id))

    def lock_annotations(self, ids: Sequence[int], is_locked: bool) -> None:
        self.run(c.LockAnnotations(tuple(ids), is_locked))

    def copy_annotations(self, source: Document) -> int:
        """The annotations of another image of the project, as one step -> how many; ``image.size_mismatch``."""
        command = copied(source, self._history.present)
        self.import_annotations(command)
        return len(command.annotations) or self._nothing("copy_none")

    def import_annotations(self, command: c.ImportAnnotations) -> None:
        """Take in what a file held, as one step (`formats.reading.plan` makes the command)."""
        if command.annotations:
            self.run(command)

    def mark_done(self, is_done: bool) -> None:
        self.run(c.MarkDone(is_done))

    def show_annotations(self, ids: Sequence[int], visible: bool) -> None:
        self.run(c.ShowAnnotations(tuple(ids), visible))

    # -- models and restart -----------------------------------------------------------------------------------------
    def set_model(self, model_id: str) -> None:
        """Use another model from the next run on; clicks made meanwhile wait for it."""
        self._models.start(model_id)

    def restore(self, entries: Sequence[str]) -> int:
        """Replay a journal (after the worker was started again) -> how many entries were done.

        Raises
        ------
        SegmarkError
            ``journal.newer``: a later version wrote it; nothing is changed.
        """
        result = replay(History(new_document(self._lang)), entries)
        if result.is_newer:
            raise SegmarkError("journal.newer")
        self._take(result, result.history.image_id)
        image = self._history.present.image
        if self._net is not None and (image is None or image.id != self._net[0]):
            self._net = None
        self._publisher.forget()
        self.publish()
        self.answering.kick()
        return result.done

    def _take(self, result: Replay, image_id: str) -> None:
        """Go on with a history that was replayed; `image_id`: of the image whose journal it was."""
        if result.done:
            self._history = result.history
            self._work.go_on(result.at)
        self.answering.forgive()
        self._next_prompt = max(self._next_prompt, self._history.last_prompt + 1)
        if result.skipped:
            self._emit("journal.truncate", {"image": image_id, "count": result.done}, ())
            self.notice("restore_tail" if result.done else "restore_nothing", {"skipped": result.skipped}, "warn")

    def diagnostics(self) -> dict[str, Any]:
        """Figures for a bug report; no names, no image content."""
        document = self._history.present
        image = document.image
        return {
            "model": self._models.describe(),
            "image": [image.width, image.height] if image else None,
            "mode": mode_to_json(document.mode),
            "annotations": len(document.annotations),
            "labels": len(document.labels),
            "steps": [len(self._history.past), len(self._history.future)],
            "waiting": len(self._history.waiting()),
            "failed": self.answering.failures,
            "timing": self.answering.timing,
        }

    def publish(self, press_id: int | None = None) -> None:
        """Tell the page the present state.

        The edit is made and journalled by then: a fault in telling it must neither undo it nor end the session.
        """
        try:
            self._publisher.publish(self._history, self._status(), press_id)
        except Exception as error:
            _log.exception("publishing")
            self.notice("internal", {"why": repr(error)}, "error")

    def notice(self, code: str, params: dict[str, Any] | None = None, level: str = "info") -> None:
        self._emit("notice", {"code": code, "params": params or {}, "level": level}, ())

    def run(self, command: c.Command, press_id: int | None = None, is_told: bool = True) -> bool:
        """Run, journal and show one command; False if it changed nothing. With `is_told` false the caller shows it."""
        if not isinstance(command, c.SetPrediction):
            self._work.act()  # whatever a person does keeps the clock of work going
        history = self._history.run(command)
        if history is self._history:
            return False
        self._history = history
        # an answer is seen first: lost, it would be asked for again; what a person did is on its way to the disk first
        if press_id is not None:
            self.publish(press_id)
        self._emit("journal.append", {"entry": command_to_json(command), "image": history.image_id}, ())
        if press_id is None and is_told:
            self.publish()
        return True

    # -- inside -----------------------------------------------------------------------------------------------------
    def _place(self, meaning: NewBox | Nothing) -> None:
        if isinstance(meaning, Nothing):
            self._nothing(meaning.code)
            return
        width, height = self.image_size()
        if meaning.box.intersect(image_box(width, height)).is_empty:
            self._nothing("box_outside")
            return
        self.run(c.PlaceBox(meaning.box, meaning.polygon, self._new_prompt(), self._work.act()))

    def image_size(self) -> tuple[int, int]:
        """Width and height; SegmarkError ``no_image`` if nothing is open."""
        image = self._history.present.image
        if image is None:
            raise SegmarkError("no_image")
        return image.width, image.height

    def pixel_at(self, x: float, y: float, what: str) -> tuple[int, int] | None:
        """The pixel at an image position; None beside the image (a notice says so)."""
        width, height = self.image_size()
        if not (math.isfinite(x) and math.isfinite(y)):
            raise SegmarkError("bad_params", {"what": what})
        at = math.floor(x), math.floor(y)
        if 0 <= at[0] < width and 0 <= at[1] < height:
            return at
        self._nothing("click_outside")
        return None

    def pixels(self) -> Pixels:
        """Of the open image; SegmarkError ``no_image`` if nothing is open."""
        if self._net is None or self._history.present.image is None:
            raise SegmarkError("no_image")
        return self._net[1].pixels

    def draft_mask(self) -> RleMask:
        """The mask in work; empty if there is no draft."""
        draft = self._history.present.draft
        return RleMask.empty(*self.image_size()) if draft is None else draft.mask

    def marking_area(self) -> RleMask | None:
        """What the draft's polygon, and boxes stamped besides it, let become foreground (R1.6); None: everything."""
        draft = self._history.present.draft
        return None if draft is None else draft.marking_area

    def edit(self, tool: str, added: RleMask, removed: RleMask) -> None:
        """Pixels that the hand changes, and no others, as one step; they are held against the network (R6.4)."""
        self.run(c.EditMask(tool, added, removed, self._new_prompt(), self._work.act()))

    def _nothing(self, code: str) -> int:
        self.notice(code)
        return 0

    def _new_prompt(self) -> int:
        number = self._next_prompt
        self._next_prompt += 1
        return number

    def _status(self) -> Status:
        busy = self.answering.waits and self._net is not None and (self._models.is_ready or self._models.is_loading)
        return Status(self._models.describe(), busy, self.answering.timing)

    def _model_changed(self) -> None:
        if self._models.is_ready:
            self.answering.forgive()
        self.publish()
        self.answering.kick()
