"""Going back to an image: what tells one image from another, and what stays as it was when the image was opened first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import BrightNet, Desk, picture, run
from segmark.document import ImageRecord
from segmark.errors import SegmarkError
from segmark.journal import history_to_json
from segmark.switching import recorded_levels

RECORD = ImageRecord("img-1", "a.tif", 40, 30, (10.0, 200.0))


def test_other_levels_make_no_other_image_and_the_first_ones_stay() -> None:
    async def story() -> None:
        desk = Desk(BrightNet())
        desk.session.open_image(RECORD, picture(30, 40))
        desk.session.add_label("pore")
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
