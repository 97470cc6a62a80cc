"""The two networks (R4.2): chosen in the page, what each costs, remembered, changed in the middle of a draft."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import inputs
import peers
import pytest
from robot import next_click
from test_kept import saved


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
    saved(app)
    app.page.goto(app.url + "?sample=blowhole")
    app.wait(app.is_ready, "ready", 60)
    assert app.state()["model"]["id"] == "smooth"
    app.click(*next_click(true, None))
    assert peers.iou(app.mask(), true) > 0.8


def take(app: Any, name: str, content: bytes) -> None:
    app.page.get_by_test_id("model-input").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def offered(app: Any) -> list[str]:
    """What the model menu offers, graphics apart."""
    return [value for value in app.model_choices() if not value.startswith("graphics.")]


@pytest.mark.requirement("R4.2")
def test_a_network_of_ones_own_is_tried_used_kept_and_forgotten(app: Any) -> None:
    content = (Path(__file__).resolve().parents[2] / "models" / "smooth.onnx").read_bytes()
    _, true = inputs.sample("blowhole")
    app.open("blowhole")
    app.click(*next_click(true, None))
    mask = app.mask()
    refused = {
        "text.onnx": (b"this is not a network", "cannot be run"),
        "cut.onnx": (content[: len(content) // 2], "cannot be run"),
        "other.onnx": (content.replace(b"click_maps", b"other_maps"), "click_maps"),
    }
    for name, (wrong, why) in refused.items():
        take(app, name, wrong)
        banner = app.id("error-banner")
        banner.wait_for(state="visible")
        app.wait(lambda why=why, banner=banner: why in banner.inner_text(), f"{name} is refused")
        app.id("error-dismiss").click()  # two of them are refused in the same words
        assert app.state()["model"] == {"id": "precise", "name": "Precise", "state": "ready"}
        assert (app.mask() == mask).all(), "nothing changed"
    take(app, "my net.onnx", content)
    take(app, "text.onnx", refused["text.onnx"][0])  # while the first is on trial: each gets a verdict of its own
    app.wait(
        lambda: app.state()["model"]["name"] == "my net" and app.state()["model"]["state"] == "ready", "it is used"
    )
    banner.wait_for(state="visible")
    app.id("error-dismiss").click()
    own = app.state()["model"]["id"]
    assert own == f"own-{hashlib.sha256(content).hexdigest()[:12]}"
    assert (app.mask() == mask).all(), "the draft stays"
    app.click(*next_click(true, mask, app.clicks()))
    assert peers.iou(app.mask(), true) > 0.8
    app.confirm(3)
    saved(app)
    app.open()
    assert app.state()["model"]["id"] == own, "it is kept"
    app.click(*next_click(true, None))
    assert peers.iou(app.mask(), true) > 0.8
    app.confirm(3)
    coco = app.export_coco()
    assert [entry["attributes"]["model"] for entry in coco["annotations"]] == [own, own]
    app.id("model-select").select_option("own.forget")
    app.wait(lambda: app.state()["model"]["id"] == "precise", "a shipped network again")
    app.wait(lambda: offered(app) == ["precise", "smooth", "own.choose"], "its file deleted")
    app.open()
    assert app.state()["model"]["id"] == "precise"
    assert offered(app) == ["precise", "smooth", "own.choose"]
