"""The two networks (R4.2): chosen in the page, what each costs, remembered, changed in the middle of a draft."""

from __future__ import annotations

from typing import Any

import inputs
import peers
import pytest
from robot import next_click


@pytest.mark.requirement("R4.2")
def test_the_model_is_changed_in_the_middle_of_a_draft_and_remembered(app: Any) -> None:
    _, true = inputs.sample("blowhole")
    app.open("blowhole")
    select = app.id("model-select")
    assert app.state()["model"]["id"] == "precise"
    app.wait(lambda: "ms" in select.locator("option").first.inner_text(), "a timing of this machine")
    words = [option.inner_text() for option in select.locator("option").all()]
    assert words[0].startswith("Precise") and words[1].startswith("Smooth") and "ms" in words[1]
    assert sum("proposed" in text for text in words) == 1
    app.click(*next_click(true, None))
    mask, clicks = app.mask(), app.clicks()
    assert peers.iou(mask, true) > 0.8
    select.select_option("smooth")
    app.wait(
        lambda: app.state()["model"] == {**app.state()["model"], "id": "smooth", "state": "ready"}, "the smooth network"
    )
    assert app.clicks() == clicks and (app.mask() == mask).all(), "the draft stays"
    app.click(*next_click(true, mask, app.clicks()))
    assert peers.iou(app.mask(), true) > 0.8
    app.confirm(3)
    app.page.goto(app.url + "?sample=blowhole")
    app.wait(lambda: app.page.evaluate("document.documentElement.dataset.ready") == "true", "ready", 60)
    assert app.state()["model"]["id"] == "smooth"
    app.click(*next_click(true, None))
    assert peers.iou(app.mask(), true) > 0.8
