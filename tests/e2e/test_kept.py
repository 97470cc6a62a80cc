"""Work survives the page (R8.3): reload, a killed browser, a damaged journal, a second tab."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import inputs
import numpy as np
import pytest
from kills import READ_JOURNAL, Killer
from page_object import SegmarkPage
from robot import next_click

KILLS = 20


def stroke(app: Any, k: int) -> None:
    """One more dab of the brush, at a place of its own."""
    x, y = 40 + 30 * (k % 20), 40 + 30 * (k // 20)
    app.page.mouse.move(*app.screen(x, y))
    app.page.mouse.down()
    app.page.mouse.up()


def saved(app: Any, patience_s: float = 30) -> None:
    app.settle()
    app.wait(lambda: app.id("status-saved").get_attribute("data-state") == "saved", "everything saved", patience_s)


def area(app: Any) -> int:
    draft = app.draft()
    return int(draft["area"]) if draft else 0


@pytest.mark.requirement("R8.3")
def test_a_reload_brings_everything_back_with_the_unfinished_draft(app: Any, site_url: str) -> None:
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    data = inputs.encoded(inputs.sample("blowhole")[0], ".png")
    app.open("none")
    app.open_file("ä scratch.png", data)
    app.click(x, y)
    app.confirm(3)
    first = app.mask(1)
    app.click(x - 200, y - 100)
    app.key("b")
    stroke(app, 3)
    app.key("b")
    app.click(x, y, positive=False)
    saved(app)
    state, mask = app.state(), app.mask()
    app.page.goto("about:blank")
    app.page.goto(site_url)
    app.wait(app.is_ready, "ready", 60)
    app.settle()
    again = app.state()
    assert again["image"] == state["image"] and again["image"]["name"] == "ä scratch.png"
    assert again["annotations"] == state["annotations"]
    assert again["draft"] == state["draft"] and again["history"] == state["history"]
    assert np.array_equal(app.mask(), mask) and np.array_equal(app.mask(1), first)
    app.key("Control+z")
    app.wait(lambda: len(app.clicks()) == 1, "undo after a reload")
    app.click(x - 190, y - 90)
    assert len(app.clicks()) == 2, "clicks go on"


@pytest.mark.requirement("R8.3")
def test_a_second_tab_is_told_and_a_damaged_entry_costs_only_what_comes_after_it(app: Any, new_page: Any) -> None:
    app.open("crack")
    app.key("b")
    for k in range(3):
        stroke(app, k)
        saved(app)
    whole = area(app)
    other = SegmarkPage(app.page.context.new_page(), app.url)
    other.page.goto(app.url)
    other.wait(lambda: other.id("status-saved").get_attribute("data-state") == "elsewhere", "the second tab told")
    other.page.close()
    damage = """() => new Promise((resolve, reject) => {
      const opening = indexedDB.open("segmark");
      opening.onsuccess = () => {
        const transaction = opening.result.transaction("entries", "readwrite");
        const entries = transaction.objectStore("entries");
        transaction.oncomplete = () => { opening.result.close(); resolve(true); };
        entries.getAllKeys().onsuccess = (event) => {
          const keys = event.target.result;
          entries.get(keys[keys.length - 1]).onsuccess = (found) => {
            const damaged = { ...found.target.result, entry: '{"v":1,"kind":"edit_mask"' };
            entries.put(damaged, keys[keys.length - 1]);
          };
        };
      };
      opening.onerror = reject;
    })"""
    app.page.evaluate(damage)
    for _ in range(2):  # the second time the damage is gone, and what was done since is there
        app.page.goto(app.url)
        app.wait(app.is_ready, "ready", 60)
        app.settle()
        assert area(app) == whole * 2 // 3
        app.key("b")
        stroke(app, 7)
        saved(app)
        assert area(app) == whole
        app.key("Control+z")
        saved(app)


CHANGE = """([from, to]) => new Promise((resolve, reject) => {
  const opening = indexedDB.open("segmark");
  opening.onsuccess = () => {
    const transaction = opening.result.transaction("entries", "readwrite");
    transaction.objectStore("entries").openCursor().onsuccess = ({ target: { result: cursor } }) => {
      if (cursor === null) return;
      cursor.update({ ...cursor.value, entry: cursor.value.entry.replace(from, to) });
      cursor.continue();
    };
    transaction.oncomplete = () => { opening.result.close(); resolve(true); };
  };
  opening.onerror = reject;
})"""
READ_LOST = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("segmark");
  opening.onsuccess = () => {
    const store = opening.result.transaction("project").objectStore("project");
    store.getAll(IDBKeyRange.bound("lost.", "lost.\\uffff")).onsuccess = ({ target: { result } }) => { opening.result.close(); resolve(result); };
  };
  opening.onerror = reject;
})"""


def plate_with_strokes(app: Any) -> None:
    """An image of the person's own with a draft painted by hand, all of it in the journal."""
    app.open("none")
    app.open_file("plate.png", inputs.encoded(inputs.sample("blowhole")[0], ".png"))
    app.key("b")
    stroke(app, 3)
    saved(app)


@pytest.mark.requirement("R8.3")
def test_work_of_a_newer_version_is_left_as_it_is_and_offered_as_a_file(app: Any) -> None:
    """Other images can be worked on meanwhile; a version that reads it finds all of it again."""
    plate_with_strokes(app)
    whole, before = area(app), app.page.evaluate(READ_JOURNAL)
    schema = json.loads(before[0])["v"]
    ours, later = f'"v":{schema}', f'"v":{schema + 1}'
    app.page.evaluate(CHANGE, [ours, later])
    newer = [entry.replace(ours, later) for entry in before]
    app.page.goto(app.url)
    app.id("error-banner").wait_for(state="visible", timeout=60_000)
    app.wait(lambda: app.unanswered() == 0, "an end of the start")
    assert "newer version" in app.id("error-banner").inner_text() and app.image() is None
    with app.page.expect_download() as waiting:
        app.id("error-journal.save").click()
    assert waiting.value.suggested_filename == "plate.png.journal.jsonl"
    assert waiting.value.path().read_text().split("\n") == newer
    app.open_file("another.png", inputs.encoded(inputs.sample("crack")[0], ".png"))
    app.key("b")
    stroke(app, 1)
    saved(app)
    app.id("image-tile").first.click()
    app.id("error-banner").wait_for(state="visible")
    assert app.image()["name"] == "another.png", "the last good image stays"
    assert [entry for entry in app.page.evaluate(READ_JOURNAL) if later in entry] == newer
    app.page.evaluate(CHANGE, [later, ours])
    with app.page.expect_event("load"):  # the page that is left is ready too
        app.id("error-journal.reload").click()
    app.wait(app.is_ready, "ready", 60)
    app.id("image-tile").first.click()
    app.wait(lambda: (app.image() or {}).get("name") == "plate.png", "the work again")
    app.settle()
    assert area(app) == whole


@pytest.mark.requirement("R8.3")
def test_a_journal_that_is_damaged_from_its_beginning_is_put_aside_and_told(app: Any) -> None:
    plate_with_strokes(app)
    before = app.page.evaluate(READ_JOURNAL)
    app.page.evaluate(CHANGE, ['"kind":"open_image"', '"kind":"ope'])
    app.page.goto(app.url)
    app.wait(app.is_ready, "ready", 60)
    app.settle()
    assert "restore_nothing" in app.notices() and app.draft() is None and app.image()["name"] == "plate.png"
    saved(app)
    (lost,) = app.page.evaluate(READ_LOST)
    assert lost == [entry.replace('"kind":"open_image"', '"kind":"ope') for entry in before]
    app.id("image-tile").first.hover()
    app.id("image-remove").first.click()
    app.id("remove-confirm").click()
    app.wait(lambda: app.image() is None, "the image to leave")
    saved(app)
    assert app.page.evaluate(READ_LOST) == [], "it leaves with its image"


@pytest.mark.requirement("R8.3")
def test_a_refused_write_is_told_and_made_good_by_the_next_one(app: Any) -> None:
    """The storage refuses for a while: the page says so, and the journal has no hole when it takes again."""
    app.open("crack")
    app.key("b")
    stroke(app, 0)
    saved(app)
    one = area(app)
    app.page.evaluate(
        "() => { window.add = IDBObjectStore.prototype.add; IDBObjectStore.prototype.add = () => { throw new DOMException('full', 'QuotaExceededError'); }; }"
    )
    stroke(app, 1)
    app.wait(lambda: app.id("status-saved").get_attribute("data-state") == "failed", "the failure told")
    assert app.id("status-saved").inner_text() == "Not saved"
    app.page.evaluate("() => { IDBObjectStore.prototype.add = window.add; }")
    stroke(app, 2)
    saved(app)
    assert area(app) == 3 * one
    app.page.goto(app.url)
    app.wait(app.is_ready, "ready", 60)
    app.settle()
    assert area(app) == 3 * one


@pytest.mark.requirement("R8.3")
def test_what_the_journal_acknowledged_survives_kills(site_url: str, tmp_path: Path, browser: Any) -> None:
    """Half of the kills end the browser with SIGKILL, half the page; more of them: ./build.sh soak kill."""
    killer = Killer(browser.browser_type, site_url, tmp_path / "profile", seed=5)
    killer.run(KILLS)
    assert killer.done == KILLS and killer.most > KILLS, "there was work to lose"


@pytest.mark.requirement("R8.3")
def test_a_long_journal_becomes_a_snapshot_and_every_step_is_there_again(app: Any) -> None:
    app.open("crack")
    app.key("b")
    for k in range(3):
        stroke(app, k)
        saved(app)
    one = area(app) // 3
    for _ in range(130):  # a key may come before the page knows that there is something to redo: then it does nothing
        app.key("Control+z")
        app.key("Control+y")
    saved(app)
    whole = area(app)
    assert whole >= one and whole % one == 0
    assert 0 < len(app.page.evaluate(READ_JOURNAL)) < 100, "a snapshot and what came after it"
    app.page.goto(app.url)
    app.wait(app.is_ready, "ready", 60)
    app.settle()
    assert area(app) == whole
    for k in reversed(range(whole // one)):
        app.step()
        assert area(app) == k * one
