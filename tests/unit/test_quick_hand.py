"""Hands that are quicker than the network: a confirm, and what comes before its answer."""

from __future__ import annotations

import asyncio

import pytest
from fakes import BrightNet, Desk, Store, picture, run
from segmark.bridge import dispatcher
from segmark.bridge.protocol import Envelope
from segmark.document import ImageRecord
from segmark.errors import SegmarkError
from segmark.history import History
from segmark.journal import history_to_json, replay
from segmark.session import Session
from test_dispatcher import Page, Worker

SCENE = picture(400, 500, [(100, 100, 140, 130)])


def test_a_confirm_never_lands_on_an_image_opened_meanwhile() -> None:
    async def story() -> None:
        gate = asyncio.Event()
        desk = Desk(BrightNet(gate), SCENE, "b")
        desk.session.hand.paint([(50.0, 50.0), (60.0, 60.0)], 9.0, False)
        await desk.session.settled()
        unfinished = desk.entries()
        desk.open(SCENE, "a")
        desk.session.press(110, 110, "primary")
        confirm = asyncio.ensure_future(desk.session.confirm(2))
        asked = asyncio.ensure_future(desk.session.request_confirm())
        await asyncio.sleep(0.01)
        image = desk.session.history.present.image
        assert image is not None
        desk.session.open_image(type(image)("b", "b.png", 500, 400), SCENE, unfinished)
        gate.set()
        for waiting in (confirm, asked):
            with pytest.raises(SegmarkError, match="other_image"):
                await waiting
        present = desk.session.history.present
        assert present.draft is not None and present.annotations == ()

    run(story())


def test_an_image_is_opened_after_the_confirm_that_was_asked_for_before() -> None:
    async def story() -> None:
        worker = Worker()
        page = Page(worker)
        await page.opened()
        await page.idle()
        kept: list[Envelope] = []
        plain = worker.channel._post
        worker.channel._post = kept.append
        await page.call("pointer.press", x=110, y=110, button="primary")
        confirm = asyncio.ensure_future(page.call("draft.confirm", label_id=1))
        opening = asyncio.ensure_future(page.open("j"))
        await asyncio.sleep(0.05)
        assert not confirm.done() and not opening.done()
        worker.channel._post = plain
        plain(kept[0])
        assert (await confirm)["result"] == {"created": [1]}
        await opening
        assert page.state()["image"]["id"] == "j" and page.state()["annotations"] == []

    run(story())


def test_a_network_that_never_answers_does_not_hold_up_another_image(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher, "CONFIRM_PATIENCE", 0.05)

    async def story() -> None:
        worker = Worker()
        page = Page(worker)
        await page.opened()
        await page.idle()
        worker.is_mute = True
        await page.call("pointer.press", x=110, y=110, button="primary")
        confirm = asyncio.ensure_future(page.call("draft.confirm", label_id=1))
        await asyncio.sleep(0)
        await page.open("j")
        assert page.state()["image"]["id"] == "j"
        confirm.cancel()

    run(story())


def test_work_by_hand_is_confirmed_while_a_network_is_on_its_way() -> None:
    async def story() -> None:
        never = asyncio.Event()
        desk = Desk(BrightNet())
        plain = desk.store.load

        async def load(model_id: str) -> BrightNet:
            await never.wait()
            return await plain(model_id)  # type: ignore[return-value]

        desk.store.load = load  # type: ignore[method-assign]
        desk.session.set_model("other")
        desk.open(SCENE)
        desk.session.hand.paint([(50.0, 50.0), (60.0, 60.0)], 9.0, False)
        assert await asyncio.wait_for(desk.session.request_confirm(), 1) == 1
        assert await asyncio.wait_for(desk.session.confirm(1), 1) == [1]
        desk.session.press(110, 110, "primary")
        before = len(desk.notices())
        waiting = asyncio.ensure_future(desk.session.confirm(1))
        await asyncio.sleep(0.01)
        assert not waiting.done() and desk.notices()[before:] == ["model_loading"], "and it is said what is waited for"
        never.set()
        assert await waiting == [2]

    run(story())


def test_classes_without_an_image_are_kept_as_a_journal_of_their_own() -> None:
    async def story() -> None:
        desk = Desk(BrightNet(), SCENE)
        desk.session.labels.add("pore")
        desk.session.close_image()
        name, params, _ = next(event for event in reversed(desk.events) if event[0] == "journal.snapshot")
        assert name and params["image"] == ""
        kept = [params["entry"]]
        desk.session.labels.add("dent")
        kept += [told["entry"] for what, told, _ in desk.events if what == "journal.append" and told["image"] == ""]
        other = Desk(BrightNet())
        assert other.session.restore(kept) == 2
        assert [k.name for k in other.session.history.present.labels][-2:] == ["pore", "dent"]
        other.open(SCENE)
        assert [k.name for k in other.session.history.present.labels][-2:] == ["pore", "dent"]

    run(story())


def test_the_clock_of_work_goes_on_after_a_snapshot() -> None:
    async def story() -> None:
        now = [1_000.0]
        events = []
        session = Session(lambda *event: events.append(event), Store(BrightNet()), clock=lambda: now[0])
        session.open_image(ImageRecord("one", "a.png", 500, 400), SCENE)
        session.hand.paint([(50.0, 50.0), (60.0, 60.0)], 9.0, False)
        now[0] += 30
        await session.confirm(1)
        (made,) = session.history.present.annotations
        assert made.seconds == 30.0
        line = history_to_json(session.history, session.worked)
        assert replay(History(), [line]).at == pytest.approx(1_030.0)
        later = Session(lambda *event: None, Store(BrightNet()), clock=lambda: now[0])
        later.restore([line])
        later.open_image(ImageRecord("one", "a.png", 500, 400), SCENE)
        later.undo()
        now[0] += 5
        await later.confirm(1)
        assert later.history.present.annotations[0].seconds == pytest.approx(35.0)
        old = line.replace('"at":1030.0,', "")
        assert replay(History(), [old]).at == pytest.approx(1_000.0), (
            "of a snapshot that tells no time: the last beginning"
        )

    run(story())
