"""Computing on the graphics card (WebGPU), on a software one: checked against the processor, and left quietly when it fails."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import inputs
import peers
import pytest
from launch import FLAGS
from page_object import SegmarkPage
from robot import next_click
from stand_in import session_made_by

SOFTWARE_CARD = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]
USE = "graphics.use"


def chosen(app: SegmarkPage) -> str | None:
    return app.id("status-threads").get_attribute("data-graphics")


def is_ready(app: SegmarkPage) -> bool:
    return bool(app.state()["model"]["state"] == "ready")


@pytest.mark.requirement("R8.1")
def test_a_network_on_a_software_card_marks_as_the_processor_does(
    browser: Any, site_url: str, scoreboard: list[str]
) -> None:
    card = browser.browser_type.launch(executable_path=shutil.which("chromium"), args=[*FLAGS, *SOFTWARE_CARD])
    try:
        context = card.new_context(viewport={"width": 1280, "height": 800}, locale="en-US", service_workers="block")
        context.add_init_script(path=str(Path(__file__).parent / "tap.js"))
        errors: list[str] = []
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        app = SegmarkPage(page, site_url)
        app.open("blowhole&model=smooth")
        assert not any("runtime/graphics/" in url for url in asked), "loaded before anybody chose it"
        click = next_click(inputs.sample("blowhole")[1], None)
        app.click(*click)
        on_processor = app.mask()
        page.select_option("#model-select", USE)  # in the middle of a draft
        app.wait(lambda: any("runtime/graphics/" in url for url in asked), "its runtime", 60)
        # one after the other: the word is on the page for some seconds only, and loading may take longer
        app.wait(lambda: "ms" in app.id("status-message").inner_text(), "what it takes", 240)
        app.wait(lambda: is_ready(app), "the network on it", 240)
        assert chosen(app) == "true" and app.draft() is not None
        app.key("Escape")
        app.wait(lambda: app.draft() is None, "the draft given up")
        page.mouse.click(*app.screen(*click[:2]))
        app.wait(lambda: app.draft() is not None and not app.state()["busy"], "the card's answer", 240)
        agreement = peers.iou(app.mask(), on_processor)
        scoreboard.append(f"blowhole, software graphics card against processor: IoU {agreement:.5f}")
        assert agreement >= 0.9995
        assert not errors
    finally:
        card.close()


@pytest.mark.requirement("R8.1")
def test_without_a_card_the_processor_goes_on(new_page: Any) -> None:
    """The browser offers WebGPU, but there is no card behind it: said in words, and the draft is answered all the same."""
    app = new_page(fresh=True).open("blowhole")
    click = next_click(inputs.sample("blowhole")[1], None)
    app.page.select_option("#model-select", USE)
    app.wait(
        lambda: chosen(app) == "false" and "processor" in app.id("status-message").inner_text(), "a word about it", 90
    )
    app.wait(lambda: is_ready(app), "the processor again", 90)
    app.click(*click)
    assert peers.iou(app.mask(), inputs.sample("blowhole")[1]) >= 0.8
    assert USE in app.model_choices()


#: Instead of a card: the processor, whose answer is spoiled.
SPOILED = """
  const session = await open(bytes, { ...options, executionProviders: ["wasm"] });
  if (!options.executionProviders.includes("webgpu")) return session;
  return { run: async (feeds) => {
    const answer = await session.run(feeds);
    const logits = Object.values(answer)[0].data;
    SPOIL
    return answer;
  } };
"""
BROKEN = {
    "no number": "logits[0] = NaN;",  # one pixel far from the mask: the sign is right, the next pixel is good
    "too large a number": "logits[0] = -Infinity;",
    "another mask": "logits.reverse(); logits.fill(9, 0, 1000);",
}


@pytest.mark.parametrize("fault", [None, *BROKEN])
def test_a_card_that_answers_otherwise_is_left_quietly(new_page: Any, fault: str | None) -> None:
    """Without a fault the same stand-in is believed: it is the answer that decides."""
    script = session_made_by(SPOILED.replace("SPOIL", BROKEN.get(fault or "", "")))
    app = new_page(scripts=(script,)).open("blowhole&model=smooth")
    click = next_click(inputs.sample("blowhole")[1], None)
    app.page.select_option("#model-select", USE)
    if fault is None:
        app.wait(lambda: "ms" in app.id("status-message").inner_text(), "what it takes", 90)
        app.wait(lambda: is_ready(app), "the network on it", 90)
        assert chosen(app) == "true"
        return
    app.wait(lambda: chosen(app) == "false" and is_ready(app), "the processor again", 90)
    app.click(*click)
    assert peers.iou(app.mask(), inputs.sample("blowhole")[1]) >= 0.8
