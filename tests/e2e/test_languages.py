"""Chinese and English: which one a visit speaks, changing it on the spot, and the main job with no English word left."""

from __future__ import annotations

import re
from typing import Any

import pytest

# Everything that a person reads or hears: texts, titles, ARIA names, placeholders; but not data (file and class names).
SPOKEN = """() => {
  const found = new Set([document.title]);
  const data = (node) => node.closest("script, style, noscript, kbd, [data-language], #version, .brand, .file") !== null;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) if (!data(walk.currentNode.parentElement)) found.add(walk.currentNode.textContent.trim());
  for (const node of document.querySelectorAll("[title], [aria-label], [placeholder], [alt]")) {
    if (data(node)) continue;
    for (const name of ["title", "aria-label", "placeholder", "alt"]) found.add(node.getAttribute(name) ?? "");
  }
  return [...found];
}"""
# Names that are the same in every language: of keys, formats, units and programs.
NAMES = set(
    "Enter Esc Shift Alt Ctrl Space Del Backspace Tab PageUp PageDown px WebGPU ONNX ms MB Segmark segmark scratch png jpg svg COCO YOLO "
    "labelme Pascal VOC CVAT for images PNG CSV JSON XML HTML yaml data WebAssembly SIMD Python Chrome Edge Firefox Safari".split()
)
OVERFLOWING = """() => [...document.querySelectorAll("button, h2, .tool > span, .bar p, .bar button, .status-item, .help-row > span, .format-row")]
  .filter((node) => node.checkVisibility() && node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).display !== "inline")
  .map((node) => `${node.className} ${node.textContent} ${node.scrollWidth} > ${node.clientWidth}`)"""


def foreign(app: Any) -> list[str]:
    """Return what the page says in English, besides names."""
    spoken = [
        re.sub(r"\w+\.(json|png|yaml)", "", text) for text in app.page.evaluate(SPOKEN)
    ]  # files have their own names
    return [text for text in spoken if set(re.findall(r"[A-Za-z]{2,}", text)) - NAMES]


def language(app: Any) -> str:
    return str(app.page.evaluate("document.documentElement.lang"))


@pytest.mark.requirement("R1.1")
@pytest.mark.requirement("R7.1")
def test_the_main_job_in_chinese(new_page: Any) -> None:
    """A browser that speaks Chinese: box, points, undo, confirm, class, export; no word of it is English."""
    app = new_page(locale="zh-CN").open("scratch")
    assert language(app) == "zh-CN"
    assert foreign(app) == [] and app.page.evaluate(OVERFLOWING) == []
    assert app.id("mode-custom-box").inner_text().startswith("自定义框选标注")
    app.id("mode-custom-box").click()
    app.settle()
    app.page.mouse.move(*app.screen(480, 250))
    app.page.mouse.down()
    app.page.mouse.move(*app.screen(760, 560), steps=5)
    app.page.mouse.up()
    app.wait(lambda: app.draft() is not None, "the box")
    app.click(600, 400)
    parts = app.draft()["parts"]
    assert parts > 0 and f"按 Enter 生成 {parts} 个标注" in app.id("confirm-bar").inner_text()
    app.click(602, 300, positive=False)
    assert "2 个交互点" in app.id("confirm-bar").inner_text()
    assert app.id("undo").get_attribute("title") == "撤销: 交互点 (Ctrl+Z)"
    app.click(5, 5, wait=False)  # outside the box: refused, and told
    app.wait(lambda: app.id("status-message").inner_text().startswith("点击位置在分割框之外"), "the reason")
    assert foreign(app) == [] and app.page.evaluate(OVERFLOWING) == []
    for button in ("mode-point", "mode-fixed-box", "tool-brush", "tool-wand", "tool-scratch", "tool-fill"):
        app.id(button).click()
        app.settle()
        assert foreign(app) == [] and app.page.evaluate(OVERFLOWING) == [], button
    app.id("confirm").click()
    app.id("class-palette").wait_for(state="visible")
    assert foreign(app) == []
    app.key("3")
    app.wait(lambda: app.draft() is None, "the annotation")
    coco = app.export_coco()
    assert [kind["name"] for kind in coco["categories"]] == ["划痕", "裂纹", "气孔", "污渍"]
    assert {row["category_id"] for row in coco["annotations"]} == {3}
    assert app.id("status-message").inner_text().startswith("已保存")
    for opener, dialog in (("help-button", "help"), ("guide-button", "guide"), ("export-button", "export")):
        app.id(opener).click()
        if dialog == "export":
            app.id("export-open").click()
            app.id("export-coco").wait_for(state="visible")
        app.page.locator(f"#{dialog}").wait_for(state="visible")
        assert foreign(app) == [] and app.page.evaluate(OVERFLOWING) == [], dialog
        app.key("Escape")
    app.choose_file("broken.png", b"not an image at all")
    app.id("error-banner").wait_for(state="visible")
    assert foreign(app) == []


def test_an_error_on_the_screen_changes_too(app: Any) -> None:
    app.open("scratch")
    app.choose_file("broken.png", b"not an image at all")
    app.id("error-banner").wait_for(state="visible")
    english = app.id("error-banner").inner_text()
    app.id("language").click()
    app.wait(lambda: language(app) == "zh-CN", "Chinese")
    chinese = app.id("error-banner").inner_text().replace("broken.png", "")
    assert re.search("[\u4e00-\u9fff]{4,}", chinese) and not re.search("[A-Za-z]{3,}", chinese)
    app.id("language").click()
    app.wait(lambda: app.id("error-banner").inner_text() == english, "English again")


def test_changed_on_the_spot_and_remembered(app: Any) -> None:
    """The button changes every word at once and keeps the draft; the next visit speaks the language chosen."""
    app.open("scratch")
    assert language(app) == "en" and app.id("language").inner_text() == "中文"
    app.click(600, 400)
    before, area = app.state()["revision"], app.mask().sum()
    app.id("language").click()
    app.wait(lambda: language(app) == "zh-CN", "Chinese")
    classes = {"scratch", "crack", "blowhole", "stain"}  # data: they stay as they are
    left = [text for text in foreign(app) if set(re.findall(r"[A-Za-z]{2,}", text)) - NAMES - classes]
    assert left == []
    assert app.state()["revision"] == before and app.mask().sum() == area
    app.wait(lambda: app.id("status-saved").get_attribute("data-state") == "saved", "the work to be kept")
    app.open()
    assert language(app) == "zh-CN" and app.mask().sum() == area
    app.id("language").click()
    app.wait(lambda: language(app) == "en", "English")
    assert app.id("tool-brush").inner_text().startswith("Brush")


@pytest.mark.parametrize(
    ("asked", "locale", "spoken"), [("zh", "en-US", "zh-CN"), ("en", "zh-TW", "en"), ("xx", "de-DE", "en")]
)
def test_the_address_may_name_a_language(new_page: Any, asked: str, locale: str, spoken: str) -> None:
    app = new_page(locale=locale)
    app.page.goto(f"{app.url}?lang={asked}")
    app.id("language").wait_for(state="visible")
    assert language(app) == spoken
    app.page.goto(app.url)
    app.id("language").wait_for(state="visible")
    assert language(app) == spoken, "remembered"


def test_a_browser_that_cannot_run_it_is_told_in_chinese(new_page: Any) -> None:
    app = new_page(locale="zh-CN", scripts=("WebAssembly.validate = () => false;",))
    app.page.goto(app.url)
    app.id("unsupported").wait_for(state="visible")
    assert language(app) == "zh-CN"
    assert (
        "此浏览器无法运行" in app.id("unsupported").inner_text() and "向量指令集" in app.id("unsupported").inner_text()
    )


def test_without_scripts_both_languages_are_there(browser: Any, site_url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site_url)
    words = page.locator("body").inner_text()
    context.close()
    assert "needs JavaScript" in words and "需要 JavaScript" in words
