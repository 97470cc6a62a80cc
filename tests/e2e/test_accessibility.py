"""For everybody: contrast and names in both themes (axe-core), visible focus, stillness, all of it by keyboard."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import inputs
import pytest
from hands import KeyHand
from kills import READ_JOURNAL
from peers import iou
from test_kept import CHANGE, saved

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RUN_AXE = """async () => {
  const levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const named = await axe.run(document, { runOnly: levels, rules: { "color-contrast": { enabled: false } } });
  // pictures hide what axe measures against: for the contrast only the page's own colours count
  const pictures = [...document.querySelectorAll("canvas, img")];
  for (const picture of pictures) picture.style.visibility = "hidden";
  const seen = await axe.run(document, { runOnly: { type: "rule", values: ["color-contrast"] } });
  for (const picture of pictures) picture.style.visibility = "";
  const told = (found) => found.flatMap(({ id, nodes }) => nodes.map(({ target, any, all, none }) =>
    [id, target.join(" "), ...[...any, ...all, ...none].map(({ message }) => message)].join(" | ")));
  const passes = [...named.passes, ...seen.passes].map(({ id }) => id);
  return { violations: told([...named.violations, ...seen.violations]), unsure: told(seen.incomplete), passes };
}"""
# One stop of the Tab key: what has the focus, and whether a person can see that it has.
FOCUSED = """() => {
  const node = document.activeElement;
  const style = getComputedStyle(node);
  const ring = (css) => css.boxShadow !== "none" || (css.outlineStyle !== "none" && parseFloat(css.outlineWidth) > 0);
  const stage = getComputedStyle(document.getElementById("stage"), "::after");
  const label = node.closest("label");
  const visible = ring(style) || (node.id === "layer-marks" && ring(stage)) || (label !== null && ring(getComputedStyle(label)));
  node.dataset.visits = Number(node.dataset.visits ?? 0) + 1;
  const name = `${node.tagName} #${node.id} ${node.dataset.testid ?? ""} ${node.title} ${node.dataset.part ?? ""}`;
  return { name, visible, tabbable: node !== document.body, again: Number(node.dataset.visits) > 1 };
}"""
MOVING = """() => [...document.querySelectorAll("*")].filter((node) => {
  const { transitionDuration, animationName } = getComputedStyle(node);
  return animationName !== "none" || transitionDuration.split(",").some((time) => parseFloat(time) > 0);
}).length"""


def judge(app: Any, where: str) -> None:
    """Assert that axe finds nothing wrong with the page as it is."""
    found = app.page.evaluate(RUN_AXE)
    assert "color-contrast" in found["passes"] and "button-name" in found["passes"], where
    assert found["violations"] == [], where
    # the names of samples and images: white over a gradient that axe cannot judge, at its darkest under the letters
    assert [k for k in found["unsure"] if "sample-" not in k and not k.startswith("color-contrast | bdi |")] == [], (
        where
    )


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_names_and_contrast_in_every_state(new_page: Any, theme: str) -> None:
    app = new_page(color_scheme=theme).open("none")
    app.page.evaluate(AXE.read_text())
    judge(app, "nothing open")
    app.choose_file("broken.png", b"not an image at all")
    app.id("error-banner").wait_for(state="visible")
    judge(app, "an error")
    app.id("sample-blowhole").click()
    app.wait(lambda: app.image() is not None, "the sample")
    app.settle()
    judge(app, "an image open")
    app.id("mode-custom-box").click()
    app.id("tool-wand").click()
    app.settle()
    judge(app, "a tool in hand")
    app.id("tool-brush").click()
    app.id("mode-fixed-box").click()
    app.settle()
    app.click(450, 350)
    judge(app, "a draft")
    app.key("Enter")
    app.id("class-palette").wait_for(state="visible")
    judge(app, "the class palette")
    app.key("2")
    app.wait(lambda: app.draft() is None, "the annotation")
    app.page.mouse.move(*app.screen(5, 5))
    app.click(5, 5, wait=False)
    app.page.get_by_test_id("annotation-list").locator("li").first.click()
    app.settle()
    judge(app, "an annotation selected")
    app.key("?")
    app.id("help").wait_for(state="visible")
    judge(app, "the keys")
    app.key("Escape")
    app.key("F1")
    app.id("guide").wait_for(state="visible")
    size = app.page.viewport_size
    app.page.set_viewport_size(
        {"width": size["width"], "height": 1600}
    )  # a line that is scrolled half out of sight cannot be judged
    judge(app, "the help page")
    app.page.set_viewport_size(size)
    app.key("Escape")
    formats_shown(app)
    judge(app, "the export dialog")


def opened_by_menu(app: Any, item: str) -> None:
    app.id("export-button").click()
    app.id(item).click()


def formats_shown(app: Any) -> None:
    """The export dialog with what is in it: where Python is slow, the dialog is there before."""
    app.open_export()
    app.id("export-coco").wait_for(state="visible")


def quality_shown(app: Any) -> None:
    opened_by_menu(app, "quality-open")
    app.wait(lambda: app.id("quality-sum").inner_text(), "the report")


def import_asking(app: Any) -> None:
    """An annotation file with a class that is not here: it is asked what becomes of it."""
    saved = app.export_coco()
    saved["categories"][0]["name"] = "rust"
    app.choose_import("rust.json", json.dumps(saved).encode())


def import_reported(app: Any) -> None:
    """Several files: one of them with something that was left out, one refused."""
    coco = app.export_coco()
    coco["annotations"].append(coco["annotations"][0] | {"segmentation": []})
    app.choose_imports({"same.json": json.dumps(coco).encode(), "bad.json": b"{"})


def project_of_others(app: Any) -> None:
    """A project file opened where there is work: it is asked before that leaves."""
    opened_by_menu(app, "project-save-open")
    with app.page.expect_download() as waiting:
        app.id("project-save-confirm").click()
    app.choose_file("a.segmark", waiting.value.path().read_bytes(), "application/zip")


def image_removed(app: Any) -> None:
    tile = app.id("image-list").locator(":scope > *").first
    tile.hover()
    tile.get_by_test_id("image-remove").click()


def aside_discarded(app: Any) -> None:
    """The last step cannot be read any more: what was put aside is saved, with its banner in sight, and discarded."""
    app.page.mouse.click(*app.screen(200, 150))
    app.wait(lambda: app.draft() is not None, "a step")
    saved(app)
    last = app.page.evaluate(READ_JOURNAL)[-1]
    app.page.evaluate(CHANGE, [last, last[:-9]])
    app.page.goto(app.url)
    app.wait(app.is_ready, "ready", 60)
    app.settle()
    app.page.evaluate(AXE.read_text())
    with app.page.expect_download():
        app.id("aside-save").click()
    judge(app, "the banner of what was put aside")
    app.id("aside-discard").click()


def licences_read(app: Any) -> None:
    app.key("F1")
    app.id("guide-licences").click()
    app.wait(lambda: app.id("licences-text").inner_text(), "the texts")


def import_running(app: Any) -> None:
    """By hand, as it is gone before anybody could judge it; `test_import_many.py` has it in use."""
    app.page.evaluate(
        """() => {
          document.getElementById("import-all-text").textContent = "Image 3 of 12: plate_3.png";
          document.getElementById("import-all").showModal();
        }"""
    )


DIALOGS: dict[str, Callable[[Any], None]] = {
    "help": lambda app: app.key("?"),
    "guide": lambda app: app.key("F1"),
    "licences": licences_read,
    "export": formats_shown,
    "quality": quality_shown,
    "project-save": lambda app: opened_by_menu(app, "project-save-open"),
    "map": import_asking,
    "report": import_reported,
    "import-all": import_running,
    "project-replace": project_of_others,
    "remove": image_removed,
    "discard": aside_discarded,
}


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_dialog_has_names_contrast_and_keeps_the_focus(new_page: Any, theme: str) -> None:
    """Every dialog of the page: axe finds nothing, Tab stays in it and is seen, Esc leaves it and changes nothing."""
    app = new_page(color_scheme=theme).open("none")
    app.page.evaluate(AXE.read_text())
    assert sorted(DIALOGS) == sorted(app.page.evaluate("[...document.querySelectorAll('dialog')].map(({ id }) => id)"))
    app.open_file("a.png", inputs.encoded(inputs.sample("crack")[0], ".png"))
    app.key("b")
    app.page.mouse.click(*app.screen(100, 100))
    app.wait(lambda: app.draft() is not None, "a dab")
    app.settle()
    app.confirm(1)
    app.page.set_viewport_size({"width": 1280, "height": 1600})  # a line scrolled half out of sight cannot be judged
    before = app.state()["annotations"]
    for name, show in DIALOGS.items():
        show(app)
        dialog = app.page.locator(f"dialog#{name}")
        dialog.wait_for(state="visible")
        judge(app, name)
        stops = []
        for _ in range(40):
            app.key("Tab")
            stop = app.page.evaluate(FOCUSED)
            if not stop["tabbable"]:
                continue  # the browser's own bar
            assert app.page.evaluate("document.activeElement.closest('dialog')?.id") == name, stop["name"]
            assert stop["visible"], (name, stop["name"])
            stops.append(stop["name"])
            if stop["again"]:
                break
        assert len(set(stops)) >= 1, name
        app.key("Escape")
        dialog.wait_for(state="hidden")
        app.page.evaluate("document.querySelectorAll('[data-visits]').forEach((node) => delete node.dataset.visits)")
        rows = app.state()["annotations"]
        assert rows == before or name == "report", name
        if name == "report":
            app.step()
            assert app.state()["annotations"] == before


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_focus_can_be_seen_at_every_stop(new_page: Any, theme: str) -> None:
    """Tab goes through every control that can be used and comes round; each stop shows the focus."""
    app = new_page(color_scheme=theme).open("blowhole")
    app.click(450, 350)
    app.confirm(digit=1)
    app.click(450, 352)
    reached: list[str] = []
    for _ in range(120):
        app.key("Tab")
        stop = app.page.evaluate(FOCUSED)
        if stop["again"]:
            break
        if stop["tabbable"]:
            assert stop["visible"], stop["name"]
            reached.append(stop["name"])
    else:
        raise AssertionError("Tab never comes round")
    for wanted in (
        "canvas",
        "mode-polygon",
        "tool-wand",
        "refine-grow",
        "zoom-fit",
        "confirm",
        "opacity",
        "sample-crack",
        "language",
    ):
        assert any(wanted in name for name in reached), (wanted, reached)
    can_be_used = "document.querySelectorAll('button:not(:disabled), input:not(:disabled), select').length"
    hidden = app.page.evaluate(
        "[...document.querySelectorAll('button:not(:disabled), input:not(:disabled), select')]"
        ".filter((node) => !node.checkVisibility() || node.tabIndex < 0).length"
    )
    controls = app.page.evaluate(can_be_used) - hidden
    assert len(reached) >= controls, (len(reached), controls)


def test_nothing_moves_for_those_who_ask_for_stillness(new_page: Any) -> None:
    moving = new_page(reduced_motion="no-preference").open("scratch")
    assert moving.page.evaluate(MOVING) > 0
    still = new_page(reduced_motion="reduce").open("scratch")
    assert still.page.evaluate(MOVING) == 0
    still.click(600, 400)
    assert still.page.evaluate(MOVING) == 0


def tab_to(app: Any, prefix: str) -> None:
    """Press Tab until something whose test id begins so has the focus."""
    for _ in range(60):
        app.key("Tab")
        if app.page.evaluate("document.activeElement.dataset.testid ?? ''").startswith(prefix):
            return
    raise AssertionError(f"Tab does not come to {prefix}")


@pytest.mark.requirement("R8.2")
def test_the_whole_job_by_keyboard_alone(app: Any) -> None:
    """Mode, box, points of both signs, undo, redo, confirm, class, relabel, reopen, export: no pointer at all."""
    app.open("blowhole")
    _, true = inputs.sample("blowhole")

    ys, xs = true.nonzero()
    left, right, top, bottom = int(xs.min()), int(xs.max()), int(ys.min()), int(ys.max())
    middle = int(xs.mean()), int(ys.mean())
    app.step("c")
    hand = KeyHand(app)
    hand.point((left - 30, top - 30))
    app.key("Shift+Space")
    hand.point((right + 30, bottom + 30))
    app.step("Shift+Space")
    assert app.draft()["regions"] == [[left - 30, top - 30, right + 30, bottom + 30]]
    hand.point(middle)
    app.step("Space")
    assert iou(app.mask(), true) > 0.6
    hand.point((left - 20, top - 20))
    app.step("x")
    assert [positive for *_, positive in app.clicks()] == [True, False]
    app.step("Control+z")
    app.step("Control+Shift+z")
    assert len(app.clicks()) == 2
    held = app.mask()
    app.key("Enter")
    app.id("class-palette").wait_for(state="visible")
    app.key("ArrowDown")
    app.key("Enter")
    app.wait(lambda: app.draft() is None, "the annotation")
    (first, *_) = app.annotations()
    assert first["label_id"] == 2

    tab_to(app, "annotation-")
    app.key("Enter")
    app.step("4")
    assert 4 in [row["label_id"] for row in app.annotations()]
    app.step("r")
    assert app.draft()["editing"] != 0
    app.key("Escape")
    app.wait(lambda: app.draft() is None, "the annotation as it was")
    app.key("Control+s")
    app.id("export-dialog").wait_for(state="visible")  # where Python is slow, before its formats are there
    app.wait(lambda: app.page.evaluate("document.activeElement.value") == "coco", "the formats")
    with app.page.expect_download() as waiting:
        app.key("Enter")
    assert waiting.value.suggested_filename.endswith(".json")
    total = sum(int(app.mask(row["id"]).sum()) for row in app.annotations())
    assert total == int(held.sum())
