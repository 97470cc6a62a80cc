"""A worker that dies in the middle of the work is started again, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import inputs
import numpy as np
import pytest
from robot import next_click
from stand_in import session_made_by

KILL = "(which) => window.segmark.debug.killWorker(which)"
# Python dies in the moment in which the page sends it `window.fatal`. With `isMute` it works, but no answer of it comes through:
# when it dies then, it has done what it was asked to, and its journal has come. With `isDeaf` it hears nothing.
IN_FLIGHT = """
  const Plain = window.Worker;
  window.fatal = "";
  window.isMute = false;
  window.isDeaf = false;
  window.asked = [];
  window.Worker = class extends Plain {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", (event) => { if (window.isMute && event.data.ok) event.stopImmediatePropagation(); });
    }
    postMessage(message, ...rest) {
      if (message.method === undefined) return super.postMessage(message, ...rest);
      if (!window.isDeaf) super.postMessage(message, ...rest);
      window.asked.push(message.method);
      if (message.method === window.fatal) {
        window.fatal = "";
        window.segmark.debug.killWorker("python");
      }
      return undefined;
    }
  };
"""


def restarted(app: Any, workers_before: int) -> None:
    """Wait until a new worker exists and the page answers again."""
    app.wait(lambda: app.page.evaluate("window.segmarkTap.workers") > workers_before, "a new worker", 60)
    app.wait(app.is_ready, "ready again", 60)
    app.wait(lambda: app.state()["model"]["state"] == "ready", "the model to be ready again", 60)
    app.settle(60)


def prepared(app: Any) -> tuple[int, int]:
    """Open the blowhole, confirm it as one annotation, begin a second draft of two clicks; return the pit's middle."""
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.open("blowhole")
    app.click(x, y)
    app.confirm(digit=3)
    app.click(x, y)
    app.click(x - 25, y + 5, positive=False)
    return x, y


@pytest.mark.parametrize("which", ["python", "inference"])
def test_a_killed_worker_loses_nothing(app: Any, which: str) -> None:
    x, y = prepared(app)
    draft, held = app.draft(), app.mask()
    annotations = app.annotations()
    pieces = {a["id"]: app.mask(a["id"]) for a in annotations}
    workers = app.page.evaluate("window.segmarkTap.workers")
    app.page.evaluate(KILL, which)
    restarted(app, workers)
    assert app.draft()["clicks"] == draft["clicks"] and app.annotations() == annotations
    assert np.array_equal(app.mask(), held)
    for number, piece in pieces.items():
        assert np.array_equal(app.mask(number), piece)
    app.click(x + 20, y + 10)
    assert len(app.clicks()) == 3 and app.mask()[app.clicks()[2][1], app.clicks()[2][0]], "it goes on working"
    app.key("Control+z")
    app.wait(lambda: len(app.clicks()) == 2, "undo of the click after the death")
    app.settle()
    assert np.array_equal(app.mask(), held)
    app.confirm(digit=1)
    assert len(app.annotations()) > len(annotations)


@pytest.mark.parametrize("which", ["python", "inference"])
def test_a_click_in_flight_survives_the_death(app: Any, which: str) -> None:
    """The worker is killed in the same instant as the press: the click is kept and is answered after the restart."""
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.open("blowhole")
    left, top = app.screen(x, y)
    workers = app.page.evaluate("window.segmarkTap.workers")
    app.page.mouse.move(left, top)
    app.page.evaluate(
        """(which) => addEventListener("pointerup",
             () => setTimeout(() => window.segmark.debug.killWorker(which), 1), { once: true })""",
        which,
    )
    app.page.mouse.click(left, top)
    restarted(app, workers)
    app.wait(lambda: len(app.clicks()) == 1, "the click that was in flight", 30)
    app.wait(lambda: app.mask().sum() > 0 and not app.state()["busy"], "its mask", 30)
    cx, cy, _ = app.clicks()[0]
    assert app.mask()[cy, cx] and app.mask().sum() > 1000


def test_memory_that_ran_out_once_costs_nothing(app: Any) -> None:
    """The runtime is aborted by then and would fail for ever: another one is started, and the click answered by it."""
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app.open("blowhole")
    workers = app.page.evaluate("window.segmarkTap.workers")
    inference = next(w for w in app.page.workers if w.evaluate("typeof ort !== 'undefined'"))
    inference.evaluate(
        "() => { ort.InferenceSession.prototype.run = async () => { throw new Error('Aborted(OOM)'); }; }"
    )
    app.page.mouse.click(*app.screen(x, y))
    restarted(app, workers)
    app.wait(lambda: app.draft() and app.draft()["area"] > 1000 and not app.state()["busy"], "the click's mask", 60)
    assert app.mask()[y, x]


PRECISE_HAS_NO_MEMORY = session_made_by("""
  const session = await open(bytes, options);
  const run = session.run.bind(session);
  const isSmooth = bytes.byteLength < 2e6;
  session.run = async (feeds) => {
    const isWarming = !feeds.click_maps.data.some(Boolean);
    if (isSmooth || isWarming) return run(feeds);
    throw new RangeError("WebAssembly.Memory.grow(): Maximum memory size exceeded");
  };
  return session;
""")


def test_memory_that_runs_out_again_and_again_is_told_with_advice(new_page: Any) -> None:
    """Not for ever: after some tries a sentence, and the network that it names answers the click that waits."""
    _, true = inputs.sample("blowhole")
    x, y, _ = next_click(true, None)
    app = new_page(scripts=(PRECISE_HAS_NO_MEMORY,))
    app.open("blowhole")
    app.page.mouse.click(*app.screen(x, y))
    app.wait(lambda: app.id("boot-retry").is_visible(), "the advice", 90)
    card = app.page.locator("#boot-card")
    assert "not enough memory" in card.inner_text() and "choose the smooth one" in card.inner_text()
    assert not app.state()["busy"] and len(app.clicks()) == 1
    app.page.select_option("#model-select", "smooth")
    app.wait(lambda: app.draft() and app.draft()["area"] > 1000 and not app.state()["busy"], "the smooth network", 60)
    assert app.mask()[y, x] and card.is_hidden()


Act = Callable[[Any], None]


def stroke(app: Any, y: int = 500) -> None:
    app.page.mouse.move(*app.screen(200, y))
    app.page.mouse.down()
    app.page.mouse.move(*app.screen(300, y))
    app.page.mouse.up()


def finish(app: Any) -> None:
    app.key("Enter")
    app.id("class-palette").wait_for(state="visible")
    app.key("2")


EDITS: dict[str, tuple[str, Act]] = {
    "stroke": ("mask.paint", stroke),
    "confirm": ("draft.confirm", finish),
    "undo": ("history.undo", lambda app: app.key("Control+z")),
}


def working(new_page: Any) -> Any:
    """A page whose Python can be killed in the middle of an edit; a brush in hand, one stroke in the draft."""
    app = new_page(scripts=(IN_FLIGHT,)).open("blowhole")
    app.key("b")
    app.id("brush-size").fill("12")
    stroke(app, 300)
    app.wait(lambda: app.draft() is not None, "the first stroke")
    app.settle()
    return app


def outcome(app: Any, edit: str) -> dict[str, Any]:
    """What an edit may have changed; undo and redo tell how often it was made."""
    state = app.state()
    kept = {key: state[key] for key in ("annotations", "draft", "history")}
    steps = 0
    while app.state()["history"]["undo"] is not None:
        app.step()
        steps += 1
    return kept | {"steps": steps, "edit": edit}


@pytest.mark.parametrize("is_made", [False, True], ids=["not yet made", "made, not yet answered"])
@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_in_flight_is_made_exactly_once(new_page: Any, edit: str, is_made: bool) -> None:
    method, act = EDITS[edit]
    app = working(new_page)
    act(app)
    app.wait(lambda: app.page.evaluate("window.asked").count(method) > (edit == "stroke"), "the edit")
    app.settle()
    wanted = outcome(app, edit)
    app = working(new_page)
    workers = app.page.evaluate("window.segmarkTap.workers")
    revision = app.state()["revision"]
    if is_made and edit == "confirm":  # the palette opens with an answer
        app.key("Enter")
        app.id("class-palette").wait_for(state="visible")
    app.page.evaluate(
        "([method, isMade]) => { window[isMade ? 'isMute' : 'fatal'] = isMade || method; }", [method, is_made]
    )
    if is_made and edit == "confirm":
        app.key("2")
    else:
        act(app)
    if is_made:
        app.wait(lambda: app.state()["revision"] > revision, "the edit to be made")
        assert app.unanswered() > 0
        app.page.evaluate("() => { window.isMute = false; window.segmark.debug.killWorker('python'); }")
    restarted(app, workers)
    assert outcome(app, edit) == wanted
    assert "worker_restarted" not in app.page.evaluate("window.segmarkTap.errors.map(({ code }) => code)")


def test_edits_in_flight_keep_their_order(new_page: Any) -> None:
    """Python hears nothing any more; what is done meanwhile is done in the same order by the next one."""
    app = working(new_page)
    workers = app.page.evaluate("window.segmarkTap.workers")
    before = app.mask()
    app.page.evaluate("() => { window.isDeaf = true; }")
    stroke(app, 400)
    stroke(app, 500)
    app.key("Control+z")
    assert app.unanswered() >= 3 and np.array_equal(app.mask(), before)
    app.page.evaluate("() => { window.isDeaf = false; window.segmark.debug.killWorker('python'); }")
    restarted(app, workers)
    assert app.mask()[400, 250] and not app.mask()[500, 250]
    app.step("Control+Shift+z")
    assert app.mask()[400, 250] and app.mask()[500, 250]
    assert outcome(app, "")["steps"] == 3


@pytest.mark.requirement("R8.3")
def test_work_goes_on_where_no_frame_is_painted(app: Any) -> None:
    """What comes behind a mask waits for the mask's frame, but not for ever: a tab in the background gets no frames."""
    _, true = inputs.sample("blowhole")
    app.open("blowhole")
    x, y, _ = next_click(true, None)
    left, top = app.screen(x, y)
    app.page.evaluate("() => { window.requestAnimationFrame = () => 1; }")
    app.page.mouse.click(left, top)
    app.wait(
        lambda: app.draft() and app.state()["draft"]["area"] > 0 and not app.state()["busy"], "the answer's state", 30
    )
    app.wait(lambda: app.id("status-saved").get_attribute("data-state") == "saved", "the journal", 30)
