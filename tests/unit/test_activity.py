"""Clicks and seconds of an annotation: time at work, not the night between, and each draft's figures once."""

from __future__ import annotations

from typing import Any

from fakes import BrightNet, Store, picture, run
from segmark.activity import IDLE_CAP, WorkClock
from segmark.document import ImageRecord
from segmark.journal import SCHEMA, command_from_json
from segmark.quality import tally_of
from segmark.session import Session

SIZE = (500, 400)
SCENE = picture(400, 500, [(100, 100, 140, 130)])


class Watched:
    """A session whose clock the test turns."""

    def __init__(self, entries: list[str] | None = None, now: float = 1000.0) -> None:
        self.now = now
        self.events: list[tuple[str, dict[str, Any]]] = []
        store = Store(BrightNet())
        self.session = Session(
            lambda name, params, _: self.events.append((name, params)), store, clock=lambda: self.now
        )
        self.session.models.start()
        self.session.open_image(ImageRecord("one", "a.png", *SIZE), SCENE, entries or ())

    def entries(self) -> list[str]:
        return [params["entry"] for name, params in self.events if name == "journal.append"]

    def made(self) -> list[tuple[int, float]]:
        return [(a.clicks, a.seconds) for a in self.session.history.present.annotations]

    def dab(self, x: float, y: float) -> None:
        self.session.hand.paint([(x, y)], 9, False)


def test_the_clock_of_work_counts_pauses_up_to_the_cap() -> None:
    now = [100.0]
    clock = WorkClock(lambda: now[0])
    for pause, counted in ((5.0, 5.0), (IDLE_CAP, IDLE_CAP), (1e5, IDLE_CAP), (-50.0, 0.0)):
        before, now[0] = clock.act(), now[0] + pause
        assert clock.act() - before == counted


def test_a_draft_left_overnight_took_no_night() -> None:
    async def work() -> None:
        one = Watched()
        one.session.press(110, 110, "primary")
        await one.session.settled()
        one.now += 20
        one.session.press(120, 120, "primary")
        one.now += 16 * 3600
        one.session.undo()
        one.now += 7
        await one.session.confirm(1)
        assert one.made() == [(1, 20 + IDLE_CAP + 7)]

    run(work())


def test_time_goes_on_where_it_was_when_the_page_is_opened_again() -> None:
    async def work() -> None:
        one = Watched()
        one.session.press(110, 110, "primary")
        await one.session.settled()
        one.now += 12
        one.dab(300, 300)
        later = Watched(one.entries(), now=one.now + 1e6)
        later.now += 3
        await later.session.confirm(1)
        assert {seconds for _, seconds in later.made()} == {15.0}

    run(work())


def test_work_on_another_image_is_not_counted_here() -> None:
    async def work() -> None:
        one = Watched()
        one.session.press(110, 110, "primary")
        await one.session.settled()
        kept = one.entries()
        one.session.open_image(ImageRecord("two", "b.png", *SIZE), SCENE)
        for _ in range(10):
            one.now += 30
            one.dab(50, 50)
            one.session.undo()
        one.session.open_image(ImageRecord("one", "a.png", *SIZE), SCENE, kept)
        one.now += 4
        await one.session.confirm(1)
        assert one.made() == [(1, 4.0)]

    run(work())


def test_the_parts_of_one_draft_have_its_figures_once() -> None:
    async def work() -> None:
        one = Watched()
        for x in (60, 200, 400):
            one.dab(x, 300)
        one.session.press(110, 110, "primary")
        await one.session.settled()
        one.now += 9
        ids = await one.session.confirm(1)
        assert one.made() == [(1, 9.0)] * 4
        image = one.session.history.present.image
        assert image is not None
        assert tally_of(image, one.session.history.present).whole.clicks == 1
        one.session.merge_annotations(ids[1:3])  # not in a row with the first any more
        one.session.merge_annotations([ids[0], ids[3]])
        one.session.merge_annotations([ids[0], ids[1]])
        assert one.made() == [(1, 9.0)]
        one.now += 1
        one.dab(60, 50)
        one.now += 2
        other = await one.session.confirm(1)
        one.session.merge_annotations([ids[0], *other])
        assert one.made() == [(1, 11.0)]

    run(work())


def test_a_part_opened_again_brings_its_later_figures() -> None:
    async def work() -> None:
        one = Watched()
        for x in (60, 200):
            one.dab(x, 300)
        one.now += 9
        first, second = await one.session.confirm(1)
        one.session.reopen(second)
        one.now += 5
        one.session.press(110, 110, "primary")
        await one.session.settled()
        await one.session.confirm(1, as_one=True)
        assert one.made() == [(0, 9.0), (1, 14.0)]
        document = one.session.history.present
        assert document.image is not None
        whole = tally_of(document.image, document).whole
        assert (whole.clicks, whole.seconds) == (1, 14.0)
        one.session.merge_annotations([first, second])
        assert one.made() == [(1, 14.0)]

    run(work())


def test_merges_of_journals_of_before_add_up_as_they_did() -> None:
    async def work() -> None:
        one = Watched()
        for x in (60, 200):
            one.dab(x, 300)
        one.session.press(110, 110, "primary")
        await one.session.settled()
        ids = await one.session.confirm(1)
        one.session.merge_annotations(ids)
        entry = one.entries()[-1]
        old = command_from_json(entry.replace(f'"v":{SCHEMA}', '"v":2').replace(',"adds_up":false', ""))
        before = one.session.history.run(command_from_json('{"v":3,"kind":"undo"}'))
        assert before.run(old).present.annotations[0].clicks == 3
        assert one.made() == [(1, 0.0)]

    run(work())
