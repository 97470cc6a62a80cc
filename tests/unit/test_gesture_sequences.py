"""Any sequence of gestures: nothing breaks, undo comes to the start, redo to the end, page and journal say the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
from fakes import BrightNet, Desk, picture
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from segmark.clicks import Click
from segmark.document import Document, Draft
from segmark.editing.areas import REFINEMENTS
from segmark.errors import SegmarkError
from segmark.geometry import Box
from segmark.history import History
from segmark.journal import replay
from segmark.modes import GRIPS, CustomBoxMode, FixedBoxMode, PointMode, PolygonMode
from segmark.reduce import carry_mode
from segmark.rle import RleMask
from segmark.segment.predictor import PredictorError

WIDTH, HEIGHT = 72, 56
SCENE = picture(HEIGHT, WIDTH, [(8, 6, 30, 20), (40, 28, 66, 32), (20, 40, 26, 50)])
BRIGHT = [(12.5, 10.5), (60.5, 30.5), (22.5, 44.5)]  # a place in each of its boxes
XS = st.one_of(st.integers(0, WIDTH - 1).map(lambda x: x + 0.5), st.floats(-4, WIDTH + 4, allow_nan=False))
YS = st.one_of(st.integers(0, HEIGHT - 1).map(lambda y: y + 0.5), st.floats(-4, HEIGHT + 4, allow_nan=False))
PLACES = st.tuples(XS, YS)
MODES = st.one_of(
    st.just(PointMode()),
    st.just(PolygonMode()),
    st.builds(FixedBoxMode, st.integers(16, 64), st.booleans()),
    st.builds(CustomBoxMode, st.booleans()),
)
# What a person may be told instead of the thing being done; anything else that is raised is a fault.
TOLD = {
    "draft_first",
    "label_in_use",
    "no_draft",
    "draft_empty",
    "box_outside",
    "too_many_labels",
    "unknown_label",
    "locked",
    "bad_params",  # one annotation cannot be merged
}


class Gestures(RuleBasedStateMachine):
    """A hand at a session whose network answers at once, late, or not at all."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.gate = asyncio.Event()
        self.net = BrightNet(self.gate)
        self.page: dict[str, tuple[list[int], bytes]] = {}
        self.heard = 0

    def teardown(self) -> None:
        try:
            self.undo_to_the_start_and_redo_to_the_end()
            self.journal_tells_the_same()
        finally:
            for task in asyncio.all_tasks(self.loop):
                task.cancel()
            self.loop.run_until_complete(asyncio.sleep(0))
            self.loop.close()

    # -- how things are done ---------------------------------------------------------------------------------------
    def do(self, work: Callable[[], Any]) -> Any:
        """Run a call of the session where it runs: in the loop, with whatever waits there going on for a while."""

        async def done() -> Any:
            try:
                result = work()
                if asyncio.iscoroutine(result):
                    result = await asyncio.wait_for(result, 60)
            except SegmarkError as error:
                assert error.code in TOLD, error.code
                result = None
            for _ in range(4):
                await asyncio.sleep(0)
            return result

        return self.loop.run_until_complete(done())

    def by_hand(self, work: Callable[[], Any]) -> None:
        """Work of the hand, which adds no pixel outside the draft's polygon (R1.6)."""
        before = self.document.draft
        self.settle()
        self.do(work)
        draft = self.document.draft
        if before is not None and draft is not None and (area := before.marking_area) is not None:
            added = draft.added or RleMask.empty(WIDTH, HEIGHT)
            assert added.subtract(before.added or added.intersect(area)).subtract(area).is_empty

    def settle(self) -> None:
        self.gate.set()
        self.net.failure = None
        self.do(self.desk.session.settled)

    @property
    def document(self) -> Document:
        return self.desk.session.history.present

    @initialize(answers_at_once=st.booleans())
    def open(self, answers_at_once: bool) -> None:
        if answers_at_once:
            self.gate.set()

        async def opened() -> Desk:
            return Desk(self.net, SCENE)

        self.desk: Desk = self.loop.run_until_complete(opened())
        self.first = self.document

    # -- the hand --------------------------------------------------------------------------------------------------
    @rule(at=PLACES, button=st.sampled_from(["primary", "primary", "secondary"]))
    def press(self, at: tuple[float, float], button: str) -> None:
        self.do(lambda: self.desk.session.press(*at, button))

    @rule(grip=st.sampled_from([*GRIPS, "", ""]), start=PLACES, end=PLACES)
    def drag(self, grip: str, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.do(lambda: self.desk.session.drag(grip, start, end))

    @rule(corners=st.lists(PLACES, min_size=3, max_size=6), is_meant=st.booleans())
    def polygon(self, corners: list[tuple[float, float]], is_meant: bool) -> None:
        if is_meant:
            self.do(lambda: self.desk.session.set_mode(PolygonMode()))
        self.do(lambda: self.desk.session.polygon(corners))

    @rule(start=PLACES, end=PLACES, follow=st.booleans(), at=PLACES)
    def box(self, start: tuple[float, float], end: tuple[float, float], follow: bool, at: tuple[float, float]) -> None:
        """A box in the mode for it, and a click: seldom put together by chance."""
        self.do(lambda: self.desk.session.set_mode(CustomBoxMode(follow)))
        self.do(lambda: self.desk.session.drag("", start, end))
        self.do(lambda: self.desk.session.press(*at, "primary"))

    @rule(first=st.sampled_from(BRIGHT), at=st.sampled_from(BRIGHT), half=st.integers(2, 30), follow=st.booleans())
    def box_later(self, first: tuple[float, float], at: tuple[float, float], half: int, follow: bool) -> None:
        """A point without a box, a box round another place in the same draft, and the first point goes."""
        self.do(lambda: self.desk.session.set_mode(PointMode()))
        self.do(lambda: self.desk.session.press(*first, "primary"))
        self.settle()
        self.box((at[0] - half, at[1] - half), (at[0] + half, at[1] + half), follow, at)
        self.settle()
        draft = self.document.draft
        if draft is not None and draft.clicks:
            self.do(lambda: self.desk.session.remove_click(0))
            self.nothing_of_a_click_that_went_is_left(draft, draft.clicks[0])

    @rule(path=st.lists(PLACES, min_size=1, max_size=5), diameter=st.sampled_from([1.0, 2.5, 9.0]), erase=st.booleans())
    def paint(self, path: list[tuple[float, float]], diameter: float, erase: bool) -> None:
        self.by_hand(lambda: self.desk.session.hand.paint(path, diameter, erase))

    @rule(at=PLACES, erase=st.booleans())
    def fill(self, at: tuple[float, float], erase: bool) -> None:
        self.by_hand(lambda: self.desk.session.hand.fill(*at, erase))

    @rule(start=PLACES, end=PLACES, is_fixed=st.booleans(), width=st.sampled_from([None, 1.0, 3.0]))
    def scratch(
        self, start: tuple[float, float], end: tuple[float, float], is_fixed: bool, width: float | None
    ) -> None:
        self.by_hand(lambda: self.desk.session.hand.scratch(start, end, is_fixed, width))

    @rule(at=PLACES, tolerance=st.integers(0, 60), connectivity=st.sampled_from([4, 8]), erase=st.booleans())
    def wand(self, at: tuple[float, float], tolerance: int, connectivity: int, erase: bool) -> None:
        self.by_hand(lambda: self.desk.session.hand.wand(*at, tolerance, connectivity, erase))

    @rule(how=st.sampled_from(sorted(REFINEMENTS)))
    def refine(self, how: str) -> None:
        self.by_hand(lambda: self.desk.session.hand.refine(how))

    @rule(mode=MODES)
    def set_mode(self, mode: Any) -> None:
        self.do(lambda: self.desk.session.set_mode(mode))

    @precondition(lambda self: self.document.draft is not None and self.document.draft.clicks)
    @rule(data=st.data(), at=PLACES, removes=st.booleans())
    def change_click(self, data: st.DataObject, at: tuple[float, float], removes: bool) -> None:
        assert self.document.draft is not None
        index = data.draw(st.integers(0, len(self.document.draft.clicks) - 1))
        session, before = self.desk.session, self.document.draft
        self.do(lambda: session.remove_click(index) if removes else session.move_click(index, *at))
        self.nothing_of_a_click_that_went_is_left(before, before.clicks[index])

    def nothing_of_a_click_that_went_is_left(self, before: Draft, gone: Click) -> None:
        """Beside the boxes, where none is asked anew, only what another click, the hand or the annotation gave stays."""
        draft = self.document.draft
        is_boxed = any(box.contains(gone.x, gone.y) for box in before.regions)
        if draft is None or draft is before or not before.regions or is_boxed:
            return
        beside = draft.mask
        for box in before.regions:
            beside = beside.subtract(RleMask.from_box(box, (WIDTH, HEIGHT)))
        for part in beside.components(8):
            is_held = any(k.is_positive and part.contains(k.x, k.y) for k in draft.clicks)
            assert is_held or part.subtract(draft.start).is_empty, gone

    @rule()
    def cancel(self) -> None:
        self.do(self.desk.session.cancel_draft)

    @rule(label=st.integers(1, 5), as_one=st.booleans(), min_px=st.sampled_from([0, 0, 1, 30]), takes=st.booleans())
    def confirm(self, label: int, as_one: bool, min_px: int, takes: bool) -> None:
        self.settle()
        before = self.document
        created = self.do(lambda: self.desk.session.confirm(label, as_one, min_px, takes))
        if created is None:  # the person was told why not
            return
        assert before.draft is not None
        kept = [area for area in before.draft.mask.part_areas if area >= min_px]
        made = [a for a in self.document.annotations if a.id in created]
        assert sorted(a.mask.area for a in made) == ([sum(kept)] if as_one else sorted(kept))
        for old in before.annotations:
            now = self.document.annotation(old.id)
            if old.id in before.locked and old.id != before.draft.editing:
                assert now is old, "a locked one loses nothing"
            elif takes and now is not None and old.id not in created:
                assert all(now.mask.intersect(a.mask).is_empty for a in made)

    @rule(times=st.integers(1, 4), back=st.booleans(), mode=st.one_of(st.none(), MODES))
    def walk(self, times: int, back: bool, mode: Any) -> None:
        """Undo or redo; in the middle of it, perhaps, another mode, which they leave alone."""
        if mode is not None:
            self.do(lambda: self.desk.session.set_mode(mode))
        seen = self.document.mode
        for _ in range(times):
            self.do(self.desk.session.undo if back else self.desk.session.redo)
        assert self.document.mode == seen

    # -- annotations and classes ---------------------------------------------------------------------------------------
    @precondition(lambda self: self.document.annotations)
    @rule(data=st.data(), act=st.sampled_from(["reopen", "reopen", "delete", "split", "relabel", "hide", "show"]))
    def change_annotation(self, data: st.DataObject, act: str) -> None:
        chosen = data.draw(st.sampled_from([a.id for a in self.document.annotations]))
        session = self.desk.session
        locked = {k: self.document.annotation(k) for k in self.document.locked}
        acts: dict[str, Callable[[], Any]] = {
            "reopen": lambda: session.reopen(chosen),
            "delete": lambda: session.delete_annotation(chosen),
            "split": lambda: session.split_annotation(chosen),
            "relabel": lambda: session.relabel_annotations([chosen], 2),
            "hide": lambda: session.show_annotations([chosen], visible=False),
            "show": lambda: session.show_annotations([chosen], visible=True),
        }
        self.do(acts[act])
        assert {k: self.document.annotation(k) for k in locked} == locked

    @precondition(lambda self: self.document.annotations)
    @rule(data=st.data(), act=st.sampled_from(["merge", "merge", "delete", "relabel", "lock", "unlock"]))
    def change_annotations(self, data: st.DataObject, act: str) -> None:
        ids = [a.id for a in self.document.annotations]
        chosen = data.draw(st.lists(st.sampled_from(ids), min_size=1, max_size=4, unique=True))
        session, before = self.desk.session, self.document
        acts: dict[str, Callable[[], Any]] = {
            "merge": lambda: session.merge_annotations(chosen),
            "delete": lambda: session.delete_annotations(chosen),
            "relabel": lambda: session.relabel_annotations(chosen, 2),
            "lock": lambda: session.lock_annotations(chosen, is_locked=True),
            "unlock": lambda: session.lock_annotations(chosen, is_locked=False),
        }
        self.do(acts[act])
        if act in ("lock", "unlock") or before is self.document:
            return
        assert not before.locked & set(chosen)
        if act == "merge":
            whole = reduce(RleMask.union, (a.mask for a in before.annotations if a.id in chosen))
            merged = self.document.annotation(chosen[0])
            assert merged is not None and merged.mask == whole

    @rule(act=st.sampled_from(["add", "rename", "remove"]), name=st.sampled_from(["dent", "burr", "crack"]))
    def change_class(self, act: str, name: str) -> None:
        session, last = self.desk.session, self.document.labels[-1].id if self.document.labels else 1
        acts: dict[str, Callable[[], Any]] = {
            "add": lambda: session.labels.add(name),
            "rename": lambda: session.labels.update(last, name=f"{name} {last}"),
            "remove": lambda: session.labels.remove(last),
        }
        self.do(acts[act])

    # -- the network -----------------------------------------------------------------------------------------------
    @rule(what=st.sampled_from(["answer", "wait", "fail", "die", "load"]))
    def network(self, what: str) -> None:
        if what == "answer":
            self.settle()
        elif what == "wait":
            self.gate.clear()
        elif what == "load":
            self.do(lambda: self.desk.session.set_model("other"))
        else:
            self.net.failure = PredictorError("inference.failed" if what == "fail" else "inference.lost")

    @rule()
    def start_again(self) -> None:
        """The worker died: a journal brings all of it back, the undone steps too."""
        session = self.desk.session

        def restored() -> None:
            before = session.history
            session.restore(self.desk.entries())  # and prompts that the network failed on are asked again, but later
            assert session.history == before

        self.do(restored)

    # -- what always holds --------------------------------------------------------------------------------------------
    @invariant()
    def the_page_shows_the_document(self) -> None:
        if not hasattr(self, "desk"):
            return
        for name, params, arrays in self.desk.events[self.heard :]:
            key = f"{params.get('target')} {params.get('id')}"
            if name == "mask.changed":
                y, x0, x1 = arrays[0].reshape(-1, 3).astype(np.int64).T
                starts, stops = y * WIDTH + x0, y * WIDTH + x1
                self.page[key] = (params["box"], RleMask.from_runs(starts, stops, (WIDTH, HEIGHT)))
            elif name == "mask.removed":
                self.page.pop(key, None)
        self.heard = len(self.desk.events)
        draft = self.document.draft
        shown = {
            f"annotation {a.id}": a.mask for a in self.document.annotations if draft is None or a.id != draft.editing
        }
        if draft is not None and not draft.mask.is_empty:
            shown["draft None"] = draft.mask
        assert self.page == {key: (list(mask.bbox), mask) for key, mask in shown.items()}
        state = self.desk.state()
        assert [a["id"] for a in state["annotations"]] == [a.id for a in self.document.annotations]
        assert (state["draft"] is None) == (draft is None)

    @invariant()
    def the_document_is_sound(self) -> None:
        if not hasattr(self, "desk"):
            return
        whole = RleMask.from_box(Box(0, 0, WIDTH, HEIGHT), (WIDTH, HEIGHT))
        ids = [a.id for a in self.document.annotations]
        assert len(ids) == len(set(ids)) and all(0 < key < self.document.next_id for key in ids)
        known = {label.id for label in self.document.labels}
        for annotation in self.document.annotations:
            assert not annotation.mask.is_empty and annotation.mask.subtract(whole).is_empty
            assert annotation.label_id in known
        draft = self.document.draft
        # a click that the network failed on (and the person was told) may lie where no later run looks
        if draft is None or "inference_failed" in self.desk.notices():
            return
        if draft.is_answered and draft.added is None and draft.removed is None:
            places: dict[tuple[int, int], bool] = {(k.x, k.y): k.is_positive for k in draft.clicks}
            for (x, y), is_positive in places.items():
                assert draft.mask.contains(x, y) == is_positive, (x, y)

    # -- at the end ------------------------------------------------------------------------------------------------
    def undo_to_the_start_and_redo_to_the_end(self) -> None:
        if not hasattr(self, "desk"):
            return
        session = self.desk.session
        self.settle()
        while session.history.future:
            self.do(session.redo)
            self.settle()
        last, steps = self.document, [step.document for step in session.history.past]
        for expected in reversed(steps):
            self.do(session.undo)
            assert self.document == carry_mode(last, expected)
        assert self.document == carry_mode(last, self.first) and session.undo() is None
        for expected in [*steps[1:], last]:
            self.do(session.redo)
            assert self.document == carry_mode(last, expected)
        assert self.document == last
        self.the_page_shows_the_document()

    def journal_tells_the_same(self) -> None:
        if not hasattr(self, "desk"):
            return
        told = replay(History(), self.desk.entries())
        assert told.skipped == 0 and told.history.present == self.document


TestGestures = Gestures.TestCase
TestGestures.settings = settings(
    derandomize=True,  # the same sequences on every machine; new ones are tried by hand with this line away
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
