"""Going back to an image: what tells one image from another, and what stays as it was when the image was opened first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import BrightNet, Desk, picture, run
from segmark.document import ImageRecord
from segmark.errors import SegmarkError
from segmark.journal import SCHEMA, history_to_json
from segmark.switching import recorded_levels

RECORD = ImageRecord("img-1", "a.tif", 40, 30, (10.0, 200.0))


def test_other_levels_make_no_other_image_and_the_first_ones_stay() -> None:
    async def story() -> None:
        desk = Desk(BrightNet())
        desk.session.open_image(RECORD, picture(30, 40))
        desk.session.labels.add("pore")
        entries = desk.entries()
        snapshot = history_to_json(desk.session.history)
        assert recorded_levels(entries) == recorded_levels([snapshot]) == RECORD.levels
        assert recorded_levels([]) is None
        other = Desk(BrightNet(), picture(30, 40), "another")
        other.session.open_image(replace(RECORD, levels=(10.0, 201.0)), picture(30, 40), entries)
        assert other.session.history.present.image == RECORD and len(other.session.history.past) == 1

    run(story())


@pytest.mark.parametrize("change", [{"id": "img-2"}, {"page": 1}])
def test_a_journal_of_another_image_is_refused(change: dict[str, object]) -> None:
    async def story() -> None:
        desk = Desk(BrightNet())
        desk.session.open_image(RECORD, picture(30, 40))
        entries = desk.entries()
        other = Desk(BrightNet(), picture(30, 40), "another")
        with pytest.raises(SegmarkError, match="size_mismatch"):
            other.session.open_image(replace(RECORD, **change), picture(30, 40), entries)  # type: ignore[arg-type]

    run(story())


def worked() -> list[str]:
    """The journal of an image with a class of its own."""
    desk = Desk(BrightNet())
    desk.session.open_image(RECORD, picture(30, 40))
    desk.session.labels.add("pore")
    return desk.entries()


def test_a_journal_of_a_newer_version_is_refused_and_nothing_is_written_over_it() -> None:
    async def story() -> None:
        first, second = worked()
        newer = [first, second.replace(f'"v":{SCHEMA}', f'"v":{SCHEMA + 1}')]
        desk = Desk(BrightNet(), picture(30, 40), "another")
        desk.events.clear()
        before = desk.session.history
        with pytest.raises(SegmarkError) as refused:
            desk.session.open_image(RECORD, picture(30, 40), newer)
        assert (refused.value.code, refused.value.params) == ("journal.newer", {"name": "a.tif", "image": "img-1"})
        with pytest.raises(SegmarkError, match=r"journal\.newer"):
            desk.session.restore(newer)
        assert desk.session.history is before and desk.events == []

    run(story())


def test_of_a_damaged_journal_it_is_told_what_is_cut_off_also_when_that_is_all() -> None:
    async def story() -> None:
        first, second = worked()
        for entries, done, code in (
            ([first, second[:-9]], 1, "restore_tail"),
            ([first[:-9], second], 0, "restore_nothing"),
        ):
            desk = Desk(BrightNet(), picture(30, 40), "another")
            desk.events.clear()
            desk.session.open_image(RECORD, picture(30, 40), entries)
            cut = desk.names().index("journal.truncate")
            assert desk.events[cut][1] == {"image": "img-1", "count": done} and desk.notices() == [code]
            openings = [k for k, (_, params, _) in enumerate(desk.events) if '"open_image"' in params.get("entry", "")]
            assert all(cut < k for k in openings) and len(openings) == (done == 0), "put aside before it is replaced"

    run(story())
