"""The one saved HTML file, opened from disk by file:// with the network off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import inputs
import peers
import pytest
from page_object import SegmarkPage
from robot import next_click

MOST_BYTES = 32_000_000


@pytest.fixture(scope="session")
def single_file(dist: Path) -> Path:
    import single

    return single.write_single(dist)


@pytest.mark.requirement("R8.4")
def test_the_saved_file_does_the_whole_job_from_disk(browser: Any, single_file: Path, scoreboard: list[str]) -> None:
    """Open, click, confirm, change the network, leave in the middle of a draft, come back, export; one request in all."""
    assert single_file.stat().st_size <= MOST_BYTES
    context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True, accept_downloads=True)
    context.add_init_script(path=str(Path(__file__).parent / "tap.js"))
    requests: list[str] = []
    faults: list[str] = []
    context.on("request", lambda request: requests.append(request.url))
    context.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: faults.append(str(error.error)))
    _, true = inputs.sample("blowhole")
    app = SegmarkPage(context.new_page(), single_file.as_uri()).open("blowhole")
    app.click(*next_click(true, None))
    score = peers.iou(app.mask(), true)
    scoreboard.append(f"blowhole, from the single file: IoU after one click {score:.3f}")
    assert score > 0.8
    app.confirm(digit=3)
    app.id("model-select").select_option("smooth")
    app.wait(lambda: app.state()["model"] == {"id": "smooth", "name": "Smooth", "state": "ready"}, "smooth")
    app.click(60, 60)
    assert app.id("save-page").is_hidden() and app.id("status-offline").get_attribute("data-state") == "file"
    app.wait(lambda: app.id("status-saved").get_attribute("data-state") == "saved", "the draft on disk")
    app.page.reload()
    app.wait(app.is_ready, "ready", 60)
    app.wait(lambda: app.clicks() == [(60, 60, True)], "the draft of before")
    app.key("Escape")
    app.wait(lambda: app.draft() is None, "no draft")
    app.key("F1")
    app.id("guide-licences").click()
    app.wait(
        lambda: "Mozilla Public License" in app.id("licences-text").inner_text(), "the licences, from the file itself"
    )
    app.id("licences-close").click()
    assert len(app.export_coco()["annotations"]) == len(app.annotations()) >= 1
    assert {url.split("?")[0] for url in requests if not url.startswith("blob:")} == {single_file.as_uri()}
    assert len([url for url in requests if url.startswith("file:")]) == 2  # the visit and the reload
    assert not faults
    context.close()
