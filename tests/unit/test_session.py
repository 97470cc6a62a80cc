"""The session: order, answers in the middle of other work, failures that touch nothing."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from fakes import BrightNet, Desk, FixedNet, picture, run
from segmark import commands as c
from segmark.clicks import Click
from segmark.errors import SegmarkError
from segmark.geometry import Box
from segmark.history import History
from segmark.journal import replay
from segmark.modes import FixedBoxMode
from segmark.rle import RleMask
from segmark.segment.predictor import PredictorError

SCENE = picture(400, 500, [(100, 100, 140, 130), (300, 250, 360, 300)])


def test_a_click_finds_the_object_and_confirm_makes_it_an_annotation() -> None:
    async def story() -> None:
        desk = Desk(BrightNet(), SCENE)
        assert desk.session.press(110.9, 110.2, "primary") == 1
        assert desk.state()["busy"] and desk.state()["draft"]["clicks"] == [{"x": 110, "y": 110, "is_positive": True}]
        assert await desk.session.request_confirm() == 1
        assert desk.session.history.present.draft is not None
        assert await desk.session.confirm(2) == [1]
        (annotation,) = desk.session.history.present.annotations
        assert annotation.mask == RleMask.from_box(Box(100, 100, 140, 130), (500, 400))
        assert (annotation.label_id, annotation.clicks, annotation.model_id) == (2, 1, "bright")
        assert desk.state()["last_label_id"] == 2 and not desk.state()["busy"]

    run(story())


def test_masks_come_before_the_state_that_tells_of_them() -> None:
    async def story() -> None:
        gate = asyncio.Event()
        desk = Desk(BrightNet(gate), SCENE)
        await desk.session.settled()
        desk.events.clear()
        desk.session.press(110, 110, "primary")
        assert desk.names() == ["journal.append"], "on its way to the disk at once"
        await asyncio.sleep(0)  # the network is asked
        await asyncio.sleep(0)
        assert desk.names() == ["journal.append", "state.changed"]
        gate.set()
        await desk.session.settled()
        assert desk.names()[2:] == ["mask.changed", "state.changed", "journal.append"], "an answer is seen first"
        _, params, (runs, edges) = desk.events[2]
        assert params == {
            "target": "draft", "id": None, "label_id": None, "box": [100, 100, 140, 130], "press_id": 1,
        }  # fmt: skip
        assert runs.dtype == np.int32 and runs.reshape(-1, 3).tolist() == [[y, 100, 140] for y in range(100, 130)]
        assert edges.dtype == np.int32 and edges.size == 16
        timing = desk.state()["timing"]
        assert timing["runs"] == 1 and timing["total_ms"] >= timing["pre_ms"] + timing["post_ms"]

    run(story())


def test_clicks_during_inference_wait_in_order_and_none_is_lost() -> None:
    async def story() -> None:
        gate = asyncio.Event()
        net = BrightNet(gate)
        desk = Desk(net, SCENE)
        await desk.session.settled()
        for x in (105, 110, 115):
            desk.session.press(x, 110, "primary")
            await asyncio.sleep(0)
        assert len(net.calls) == 1
        assert len(desk.state()["draft"]["clicks"]) == 3
        gate.set()
        await desk.session.settled()
        discs = [int(maps[0, 0].sum()) for _, _, maps in net.calls]
        assert len(net.calls) == 3 and discs == sorted(discs) and len(set(discs)) == 3
        assert net.calls[0][1].max() == 0 and net.calls[1][1].max() == 1  # the second one sees the first one's mask
        assert desk.session.history.waiting() == []
        codes = [desk.session.undo() for _ in range(4)]
        assert codes == ["add_click", "add_click", "add_click", None]

    run(story())


def test_undo_in_the_middle_of_inference() -> None:
    async def story() -> None:
        gate = asyncio.Event()
        desk = Desk(BrightNet(gate), SCENE)
        await desk.session.settled()
        desk.session.press(110, 110, "primary")
        await asyncio.sleep(0.01)
        assert desk.session.undo() == "add_click"
        assert desk.state()["draft"] is None and not desk.state()["busy"]
        gate.set()
        await desk.session.settled()
        assert desk.state()["draft"] is None
        desk.session.redo()
        assert desk.state()["draft"]["area"] == 1200 and not desk.state()["busy"]

    run(story())


def test_a_stale_answer_is_dropped() -> None:
    async def story() -> None:
        gate = asyncio.Event()
        desk = Desk(BrightNet(gate), SCENE)
        await desk.session.settled()
        desk.session.press(110, 110, "primary")
        await asyncio.sleep(0.01)
        desk.session.undo()
        desk.session.press(310, 260, "primary")  # the first click can no longer be reached
        gate.set()
        await desk.session.settled()
        draft = desk.draft
        assert draft.clicks == (Click(310, 260, True),)
        assert draft.mask == RleMask.from_box(Box(300, 250, 360, 300), (500, 400))
        assert sum('"set_prediction"' in entry for entry in desk.entries()) == 1

    run(story())


def test_an_answer_for_another_image_is_dropped() -> None:
    async def story() -> None:
        gate = asyncio.Event()
        desk = Desk(BrightNet(gate), SCENE)
        await desk.session.settled()
        desk.session.press(110, 110, "primary")
        await asyncio.sleep(0.01)
        desk.open(picture(300, 300), "two")
        gate.set()
        await desk.session.settled()
        assert desk.session.history.present.draft is None and desk.state()["image"]["id"] == "two"

    run(story())


def test_a_failing_network_leaves_the_document_intact() -> None:
    async def story() -> None:
        net = BrightNet()
        desk = Desk(net, SCENE)
        desk.session.press(110, 110, "primary")
        await desk.session.settled()
        before = desk.session.history
        net.failure = PredictorError("inference.failed", {"why": "memory"})
        desk.session.press(120, 120, "primary")
        await desk.session.settled()
        assert "inference_failed" in desk.notices() and not desk.state()["busy"]
        draft = desk.draft
        assert len(draft.clicks) == 2 and draft.mask.area == 1200
        desk.session.undo()
        assert desk.session.history.present == before.present
        net.failure = None
        desk.session.press(130, 120, "primary")
        await desk.session.settled()
        assert desk.session.history.waiting() == [] and desk.state()["draft"]["area"] == 1200

    run(story())


@pytest.mark.parametrize("answer", [np.full((256, 256), np.nan, np.float32), np.zeros((256, 256), np.float64)])
def test_nonsense_from_the_network_is_a_failure(answer: np.ndarray) -> None:  # type: ignore[type-arg]
    async def story() -> None:
        desk = Desk(FixedNet(answer), SCENE)
        desk.session.press(110, 110, "primary")
        await desk.session.settled()
        assert desk.notices()[-1] == "inference_failed" and desk.state()["draft"]["area"] == 0

    run(story())


def test_a_lost_worker_is_waited_for_and_its_clicks_are_answered() -> None:
    async def story() -> None:
        net = BrightNet()
        desk = Desk(net, SCENE)
        await desk.session.settled()
        net.failure = PredictorError("inference.lost")
        desk.session.press(110, 110, "primary")
        await desk.session.settled()
        assert desk.state()["model"]["state"] == "error" and desk.state()["model"]["code"] == "inference.lost"
        desk.session.press(115, 115, "primary")
        assert desk.session.history.undo_code == "add_click"
        net.failure = None
        desk.session.models.start()  # the page started the worker again
        await desk.session.settled()
        assert desk.state()["model"]["state"] == "ready"
        assert desk.state()["draft"]["area"] == 1200 and len(desk.state()["draft"]["clicks"]) == 2
        assert desk.session.history.waiting() == []

    run(story())


def test_a_model_that_cannot_be_loaded_is_a_state_and_can_be_tried_again() -> None:
    async def story() -> None:
        desk = Desk(BrightNet(), SCENE)
        desk.store.failure = PredictorError("model.corrupt")
        await desk.session.settled()
        assert desk.state()["model"] == {"id": "bright", "name": "A fake", "state": "error", "code": "model.corrupt"}
        desk.session.press(110, 110, "primary")
        desk.store.failure = None
        desk.session.set_model("other")
        assert desk.state()["model"]["state"] == "loading"
        await desk.session.settled()
        assert desk.state()["model"]["state"] == "ready" and desk.state()["draft"]["area"] == 1200
        with pytest.raises(SegmarkError, match="unknown_model"):
            desk.session.set_model("gpt")

    run(story())


def test_clicks_that_do_nothing_say_why() -> None:
    async def story() -> None:
        desk = Desk(BrightNet())
        assert desk.session.press(1, 1, "primary") == 0
        desk.open(SCENE)
        await desk.session.settled()
        entries = desk.entries()
        assert desk.session.press(-0.5, 10, "primary") == 0
        assert desk.session.press(500, 10, "primary") == 0
        assert desk.session.press(10, 10, "secondary") == 0
        assert await desk.session.request_confirm() == 0
        assert desk.entries() == entries
        desk.session.press(110, 110, "primary")
        assert desk.session.press(110.9, 110, "primary") == 0
        assert desk.notices() == [
            "no_image", "click_outside", "click_outside", "negative_first", "draft_empty", "click_same_pixel",
        ]  # fmt: skip
        with pytest.raises(SegmarkError, match="bad_params"):
            desk.session.press(float("nan"), 1, "primary")
        await desk.session.settled()

    run(story())


def test_the_promise_holds_against_a_network_that_says_the_opposite() -> None:
    async def story() -> None:
        desk = Desk(FixedNet(np.full((256, 256), -20, np.float32)), SCENE)
        desk.session.press(110, 110, "primary")
        await desk.session.settled()
        draft = desk.draft
        assert draft.mask.contains(110, 110) and draft.mask.area >= 9 and draft.mask.parts == 1
        desk.store.predictor = FixedNet(np.full((256, 256), 20, np.float32))
        desk.session.set_model("other")
        desk.session.press(120, 120, "secondary")
        await desk.session.settled()
        draft = desk.draft
        assert draft.mask.contains(110, 110) and not draft.mask.contains(120, 120)
        desk.session.press(110, 110, "secondary")  # the latest act wins
        await desk.session.settled()
        draft = desk.draft
        assert not draft.mask.contains(110, 110) and len(draft.clicks) == 2

    run(story())


def test_fixed_box_follow_off_moves_the_box_and_one_undo_brings_all_back() -> None:
    async def story() -> None:
        desk = Desk(BrightNet(), SCENE)
        desk.session.set_mode(FixedBoxMode(64))
        desk.session.press(120, 115, "primary")
        desk.session.press(125, 115, "primary")
        await desk.session.settled()
        first = desk.draft
        assert first.regions == (Box(88, 83, 152, 147),) and first.mask.area == 1200
        desk.session.press(330, 275, "primary")
        await desk.session.settled()
        moved = desk.draft
        assert moved.regions == (Box(298, 243, 362, 307),)
        assert moved.clicks == (Click(330, 275, True),)
        assert moved.mask == RleMask.from_box(Box(300, 250, 360, 300), (500, 400))
        desk.session.undo()
        assert desk.session.history.present.draft == first

    run(story())


def test_fixed_box_follow_on_stamps_a_union_and_only_its_pixels_change() -> None:
    async def story() -> None:
        scene = picture(400, 500, [(50, 100, 450, 104)])
        desk = Desk(BrightNet(), scene)
        desk.session.set_mode(FixedBoxMode(128, True))
        for x in (60, 150, 240):
            desk.session.press(x, 102, "primary")
        await desk.session.settled()
        draft = desk.draft
        assert len(draft.regions) == 3 and draft.mask.parts == 1
        assert draft.mask.bbox == Box(50, 100, 304, 104)
        assert desk.state()["draft"]["regions"] == [list(box) for box in draft.regions]
        desk.session.press(250, 130, "secondary")
        await desk.session.settled()
        after = desk.draft
        assert after.asked == (Box(176, 38, 304, 166),)
        left = Box(0, 0, 176, 400)
        assert np.array_equal(after.mask.to_window(left), draft.mask.to_window(left))

    run(story())


def test_a_box_over_the_images_border() -> None:
    async def story() -> None:
        desk = Desk(BrightNet(), picture(400, 500, [(0, 0, 20, 10)]))
        desk.session.set_mode(FixedBoxMode(256))
        desk.session.press(0, 0, "primary")
        await desk.session.settled()
        draft = desk.draft
        assert draft.regions == (Box(-128, -128, 128, 128),)
        assert draft.mask == RleMask.from_box(Box(0, 0, 20, 10), (500, 400))

    run(story())


def test_removing_a_click_predicts_anew_without_it() -> None:
    async def story() -> None:
        desk = Desk(BrightNet(), SCENE)
        desk.session.press(110, 110, "primary")
        desk.session.press(330, 275, "primary")
        await desk.session.settled()
        assert desk.state()["draft"]["parts"] == 2
        desk.session.remove_click(1)
        await desk.session.settled()
        draft = desk.draft
        assert draft.clicks == (Click(110, 110, True),)
        assert draft.mask == RleMask.from_box(Box(100, 100, 140, 130), (500, 400))
        desk.session.undo()
        assert desk.state()["draft"]["parts"] == 2

    run(story())


def test_the_journal_brings_everything_back_without_the_network() -> None:
    async def story() -> None:
        gate = asyncio.Event()
        gate.set()
        net = BrightNet(gate)
        desk = Desk(net, SCENE)
        desk.session.press(110, 110, "primary")
        await desk.session.confirm(desk.session.labels.add("dent"))
        desk.session.set_mode(FixedBoxMode(64, True))
        desk.session.press(330, 275, "primary")
        await desk.session.settled()
        desk.session.undo()
        desk.session.redo()
        gate.clear()
        desk.session.press(325, 270, "secondary")  # the worker dies while this one is on its way
        await asyncio.sleep(0.01)
        lines, history = desk.entries(), desk.session.history
        gate.set()
        await desk.session.settled()

        again = Desk(BrightNet(), None)
        again.store.failure = PredictorError("model.fetch")
        assert again.session.restore(lines) == len(lines)
        assert again.session.history == history
        assert again.names().count("mask.changed") == 2 and again.entries() == []
        again.open(SCENE)
        assert again.session.history == history
        again.store.failure = None
        again.session.models.start()
        await again.session.settled()
        want, got = desk.session.history.present, again.session.history.present
        assert (want.annotations, want.labels, want.mode) == (got.annotations, got.labels, got.mode)
        assert want.draft is not None and got.draft is not None
        assert want.draft.clicks == got.draft.clicks and got.draft.is_answered

        pixels_first = Desk(BrightNet(), SCENE)
        pixels_first.session.restore(lines)
        assert pixels_first.session.history == history
        await pixels_first.session.settled()
        assert pixels_first.session.history.waiting() == []

    run(story())


def test_a_torn_journal_says_so_and_an_empty_one_changes_nothing() -> None:
    async def story() -> None:
        desk = Desk(BrightNet(), SCENE)
        desk.session.press(110, 110, "primary")
        await desk.session.settled()
        again = Desk(BrightNet(), SCENE)
        assert again.session.restore([*desk.entries(), '{"v":1,"ki']) == len(desk.entries())
        assert again.notices() == ["restore_tail"]
        before = again.session.history
        assert again.session.restore([]) == 0 and again.session.history is before
        await again.session.settled()
        await desk.session.settled()

    run(story())


def test_undo_and_redo_need_no_network() -> None:
    async def story() -> None:
        net = BrightNet()
        desk = Desk(net, SCENE)
        for x in (105, 110, 115):
            desk.session.press(x, 110, "primary")
        await desk.session.settled()
        runs = len(net.calls)
        while desk.session.undo():
            pass
        while desk.session.redo():
            pass
        await desk.session.settled()
        assert len(net.calls) == runs
        assert replay(History(desk.session.history.present), []).done == 0

    run(story())


def test_labels_by_name_colour_and_use() -> None:
    async def story() -> None:
        desk = Desk(BrightNet(), SCENE)
        dent = desk.session.labels.add("  deep   dent ")
        label = desk.session.history.present.label(dent)
        assert label is not None and label.name == "deep dent"
        assert desk.session.labels.add("deep dent") == dent
        desk.session.labels.update(dent, color="#abcdef")
        assert desk.state()["labels"][-1] == {
            "id": dent,
            "name": "deep dent",
            "color": "#ABCDEF",
            "key": "5",
            "count": 0,
        }
        before = desk.session.history.present
        with pytest.raises(SegmarkError, match="label_exists"):
            desk.session.labels.update(dent, name=f" {before.labels[0].name} ")
        assert desk.session.history.present is before
        desk.session.labels.update(dent, name="deep dent")  # its own name is no other class's
        for name, color in (("", None), ("x" * 201, None), ("ok", "red"), ("ok", "#12345")):
            with pytest.raises(SegmarkError, match="bad_params"):
                desk.session.labels.add(name, color)
        desk.session.press(110, 110, "primary")
        (made,) = await desk.session.confirm(dent)
        desk.session.show_annotations([made], False)
        assert desk.state()["annotations"][0]["visible"] is False
        desk.session.relabel_annotations([made], 1)
        assert desk.state()["labels"][0]["count"] == 1
        desk.session.delete_annotation(made)
        assert desk.state()["annotations"] == [] and desk.names().count("mask.removed") == 2
        desk.session.undo()
        assert desk.state()["annotations"][0]["visible"] is False

    run(story())


def test_a_fault_in_telling_does_not_end_the_session() -> None:
    async def story() -> None:
        desk = Desk(BrightNet(), SCENE)
        await desk.session.settled()
        whole = desk.session._publisher._emit
        desk.session._publisher._emit = lambda *args: 1 / 0  # type: ignore[assignment, return-value]
        desk.session.press(110, 110, "primary")
        await desk.session.settled()
        assert "internal" in desk.notices()
        desk.session._publisher._emit = whole
        desk.session.publish()
        assert desk.state()["draft"]["area"] == 1200

    run(story())


def test_pixels_of_another_size_are_refused() -> None:
    async def story() -> None:
        desk = Desk(BrightNet(), SCENE)
        image = desk.session.history.present.image
        assert image is not None
        with pytest.raises(SegmarkError, match="size_mismatch"):
            desk.session.open_image(image, SCENE[1:])
        assert desk.session.history.run(c.Undo()) is desk.session.history
        await desk.session.settled()

    run(story())
