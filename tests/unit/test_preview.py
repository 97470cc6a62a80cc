"""Hover preview: the mask that a click would give, the latest place wins, real clicks go first, nothing is changed."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from fakes import BrightNet, Desk, Store, picture, run
from segmark.editing.strokes import stroke_mask
from segmark.models import LIGHT
from segmark.modes import CustomBoxMode, FixedBoxMode, Mode, PointMode
from segmark.segment.predictor import Predictor, PredictorError

SCENE = picture(400, 500, [(100, 100, 140, 130), (300, 250, 360, 300)])
LARGE = picture(3000, 3000, [(100, 100, 2900, 2900)])


async def ready(net: BrightNet, pixels: np.ndarray = SCENE) -> Desk:
    desk = Desk(net, pixels)
    await desk.session.settled()
    return desk


async def soon(condition: object) -> None:
    """Let the other tasks go on until something is true."""
    for _ in range(1000):
        if condition():  # type: ignore[operator]
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came")


@pytest.mark.parametrize("mode", [PointMode(), FixedBoxMode(64), FixedBoxMode(96, follow=True)])
@pytest.mark.parametrize("clicks", [0, 1])
def test_a_preview_is_the_mask_that_the_click_then_gives(mode: Mode, clicks: int) -> None:
    async def story() -> None:
        desk = await ready(BrightNet())
        desk.session.set_mode(mode)
        for _ in range(clicks):
            desk.session.press(120, 110, "primary")
            await desk.session.settled()
        shown = await desk.session.preview.ask(330.5, 270.5)
        desk.session.press(330.5, 270.5, "primary")
        await desk.session.settled()
        assert shown is not None and not shown.is_empty and shown == desk.draft.mask

    run(story())


def test_work_by_hand_is_in_the_preview() -> None:
    async def story() -> None:
        desk = await ready(BrightNet())
        desk.session.hand.paint([(20.0, 20.0), (60.0, 20.0)], 6.0, False)
        shown = await desk.session.preview.ask(110, 110)
        stroke = stroke_mask([(20.0, 20.0), (60.0, 20.0)], 6.0, (500, 400))
        assert shown is not None and shown.contains(110, 110) and stroke.subtract(shown).is_empty

    run(story())


def test_nothing_of_a_preview_stays() -> None:
    async def story() -> None:
        net = BrightNet()
        desk = await ready(net)
        desk.session.press(110, 110, "primary")
        await desk.session.settled()
        history, told = desk.session.history, len(desk.events)
        assert await desk.session.preview.ask(330, 270) is not None
        assert desk.session.history is history and len(desk.events) == told
        twin = await ready(BrightNet())
        twin.session.press(110, 110, "primary")
        for one in (desk, twin):
            await one.session.settled()
            one.session.press(330, 270, "primary")
            await one.session.settled()
        assert desk.draft.mask == twin.draft.mask and desk.draft.prompt == twin.draft.prompt

    run(story())


def test_a_real_click_waits_for_one_run_at_most() -> None:
    async def story() -> None:
        net = BrightNet()
        desk = await ready(net, LARGE)
        assert await desk.session.preview.ask(1500, 1500) is not None
        whole = len(net.calls)
        assert whole > 1, "or this test shows nothing"
        net.calls.clear()
        net.gate = asyncio.Event()
        asked = asyncio.ensure_future(desk.session.preview.ask(1500, 1500))
        await soon(lambda: net.calls)
        desk.session.press(200, 200, "primary")
        await soon(lambda: len(net.calls) == 2)  # the click's first run is there though the preview's is not done
        net.gate.set()
        assert await asked is None
        await desk.session.settled()
        assert desk.draft.is_answered and len(net.calls) == 1 + whole  # its own runs, and the one begun before

    run(story())


def test_the_latest_place_wins() -> None:
    async def story() -> None:
        net = BrightNet(asyncio.Event())
        desk = await ready(net)
        asked = [asyncio.ensure_future(desk.session.preview.ask(x, 110)) for x in (105, 110, 115, 120)]
        await soon(lambda: net.calls)
        assert net.gate is not None
        net.gate.set()
        first = [await one for one in asked]
        assert first[:3] == [None] * 3 and first[3] is not None
        assert len(net.calls) == 2  # the first was begun at once; those in between never ran

    run(story())


def test_a_change_or_a_drop_in_the_middle_gives_nothing() -> None:
    async def story() -> None:
        for act in ("undo", "drop", "mode"):
            net = BrightNet()
            desk = await ready(net)
            desk.session.press(110, 110, "primary")
            await desk.session.settled()
            net.gate, before = asyncio.Event(), len(net.calls)
            asked = asyncio.ensure_future(desk.session.preview.ask(330, 270))
            await soon(lambda net=net, before=before: len(net.calls) > before)
            if act == "undo":
                desk.session.undo()
            elif act == "drop":
                desk.session.preview.drop()
            else:
                desk.session.set_mode(CustomBoxMode())
            net.gate.set()
            assert await asked is None, act

    run(story())


def test_no_preview_where_a_click_would_be_no_point_or_cannot_be_answered() -> None:
    async def story() -> None:
        net = BrightNet()
        desk = await ready(net)
        for x, y in ((-1, 5), (500, 5), (float("nan"), 5)):
            assert await desk.session.preview.ask(x, y) is None
        desk.session.set_mode(CustomBoxMode())
        assert await desk.session.preview.ask(110, 110) is None and not net.calls
        assert desk.notices() == []
        desk.session.set_mode(PointMode())
        net.failure = PredictorError("inference.failed")
        assert await desk.session.preview.ask(110, 110) is None and desk.notices() == []
        desk.session.close_image()
        assert await desk.session.preview.ask(110, 110) is None

    run(story())


class TwoNets(Store):
    """The network in use, and the light one, which may fail to load."""

    def __init__(self, predictor: BrightNet, light: BrightNet) -> None:
        super().__init__(predictor)
        self.light, self.asked = light, 0
        self.light_failure: PredictorError | None = None

    def models(self) -> list[tuple[str, str]]:
        return [(self.predictor.model_id, "Precise"), (LIGHT, "Smooth")]

    async def load(self, model_id: str) -> Predictor:
        if model_id != LIGHT:
            return await super().load(model_id)
        self.asked += 1
        await asyncio.sleep(0)
        if self.light_failure is not None:
            raise self.light_failure
        return self.light


@pytest.mark.parametrize("fails", [False, True])
def test_a_slow_network_leaves_previews_to_the_light_one(fails: bool) -> None:
    async def story() -> None:
        used, light = BrightNet(), BrightNet()
        used.last_run_ms = 20.0
        desk = await ready(used)
        store = desk.session.models._store = TwoNets(used, light)
        store.light_failure = PredictorError("model.fetch") if fails else None
        assert await desk.session.preview.ask(330, 270) is not None and store.asked == 0, "a quick one shows the truth"
        used.last_run_ms = 400.0
        before = len(used.calls)
        assert await desk.session.preview.ask(110, 110) is not None
        assert len(used.calls) > before and len(light.calls) == 0, "nobody waits for it"
        await soon(lambda: store.asked == 1)
        await asyncio.sleep(0.01)
        before = len(used.calls)
        assert await desk.session.preview.ask(330, 270) is not None
        assert (len(light.calls) > 0, len(used.calls) > before) == (not fails, fails) and store.asked == 1
        desk.session.press(330.5, 270.5, "primary")
        await desk.session.settled()
        assert len(used.calls) > before, "a click is answered by the network in use"
        desk.session.models.start()  # as after the worker's death: it holds nothing any more
        await desk.session.settled()
        await desk.session.preview.ask(110, 110)
        await soon(lambda: store.asked == 2)

    run(story())
