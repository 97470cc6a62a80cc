"""The words of the page: every language has the same keys and placeholders, and every code that can be sent has words."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SITE = ROOT / "site"
NAMED = re.compile(r"\{(\w+)\}")


def words(language: str) -> dict[str, str]:
    pairs = json.loads((SITE / "i18n" / f"{language}.json").read_text(), object_pairs_hook=list)
    assert len(pairs) == len(dict(pairs)), "a key stands twice"
    return dict(pairs)


ENGLISH = words("en")
LANGUAGES = sorted(path.stem for path in (SITE / "i18n").glob("*.json"))


def is_singular(key: str) -> bool:
    """Whether the key is the form for one thing, which not every language has."""
    return key.endswith(".one") and f"{key.removesuffix('one')}other" in ENGLISH


def test_the_page_offers_every_language() -> None:
    listed = set(re.findall(r'(\w+): \{ tag: "', (SITE / "js" / "language.js").read_text()))
    assert listed == set(LANGUAGES) >= {"en", "zh"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_is_missing_or_too_many(language: str) -> None:
    found, wanted = set(words(language)), set(ENGLISH)
    if language == "zh":
        wanted = {key for key in wanted if not is_singular(key)}
    assert not wanted - found, "missing"
    assert not found - wanted, "too many"


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_agree(language: str) -> None:
    for key, text in words(language).items():
        assert text, key
        assert sorted(NAMED.findall(text)) == sorted(NAMED.findall(ENGLISH[key])), key


def test_chinese_is_chinese() -> None:
    """A text without one Chinese sign is a name of a format, or a figure with its unit."""
    foreign = {key for key, text in words("zh").items() if not re.search("[\u4e00-\u9fff]", text)}
    allowed = {"percent", "tour.count", "boot.bytes", "unsupported.simd", "export.open.hint", "finding.of"}
    assert not {key for key in foreign - allowed if not re.fullmatch(r"format\.\w+", key)}


def test_the_sources_own_terms() -> None:
    """Every term in the brackets of the requirements that names something a person sees, where it is seen."""
    chinese = words("zh")
    terms = {
        "tools.mark": "标注模式",
        "confirm.options": "标注确认",
        "guide.points": "交互点",
        "mode.point": "点选标注",
        "mode.fixed_box": "固定框选标注",
        "mode.custom_box": "自定义框选标注",
        "option.follow": "跟随鼠标",
        "help.positive": "正交互点",
        "help.negative": "负交互点",
        "model.name.precise": "精确模式",
        "model.name.smooth": "流畅模式",
        "action.confirm": "确认标注",
        "classes.title": "特征",
        "tools.edit": "区域编辑",
    }
    assert {key: chinese[key] for key in terms} == terms
    within = {
        "explain.polygon": ["不规则的多边形"],
        "action.mode.polygon": ["不规则的多边形"],
        "guide.modes.1": ["点选标注", "感兴趣图像"],
        "guide.modes.5": ["不规则的多边形"],
        "guide.confirm": ["标注确认"],
        "guide.keep.3": ["根据自身电脑的配置", "精确模式", "流畅模式"],
        "status.timing": ["前处理", "模型推理", "后处理"],
    }
    assert {key: [term for term in terms if term in chinese[key]] for key, terms in within.items()} == within


def keys_in_page() -> Iterator[str]:
    """Keys that the page names outright: in the markup, and as a plain string given to t() or tn()."""
    markup = (SITE / "index.html").read_text()
    yield from re.findall(r'data-i18n(?:-\w+)?="([^"]+)"', markup)
    yield from (f"action.{name}" for name in re.findall(r'data-action="([^"]+)"', markup))
    for path in (SITE / "js").rglob("*.js"):
        text = path.read_text()
        yield from re.findall(r'\bt\("([^"]+)"', text)
        yield from (f"{key}.other" for key in re.findall(r'\btn\("([^"]+)"', text))


def test_the_page_names_no_key_without_words() -> None:
    named = set(keys_in_page())
    assert len(named) > 100
    assert not named - set(ENGLISH)


def codes_in_python() -> Iterator[str]:
    """Codes that Python raises or notices, where they are written as plain strings."""
    prefixes = {"SegmarkError": "error", "PredictorError": "error", "notice": "notice"}
    for path in (ROOT / "py" / "segmark").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in prefixes and isinstance(node.args[0].value, str):
                yield f"{prefixes[name]}.{node.args[0].value}"


def test_every_code_of_python_has_words() -> None:
    codes = set(codes_in_python())
    assert len(codes) > 20
    assert not codes - set(ENGLISH)


def test_every_section_of_the_help_page_is_shown() -> None:
    text = (SITE / "js" / "ui" / "guide.js").read_text()
    shown = set(re.findall(r'"(\w+)"', text.partition("SECTIONS = [")[2].partition("]")[0]))
    written = {match[1] for key in ENGLISH if (match := re.fullmatch(r"guide\.(\w+)\.1", key))}
    assert shown == written and len(shown) > 5


def test_keys_that_texts_name_are_commands() -> None:
    """{mode_point} in the help page and the tour stands for the key of the command mode.point."""
    commands = {key.removeprefix("action.").replace(".", "_") for key in ENGLISH if key.startswith("action.")}
    told = re.compile(r"(guide|tour|explain|box\.explain|canvas|annotations\.empty)\b")
    named = {name for key in ENGLISH if told.match(key) for name in NAMED.findall(ENGLISH[key])}
    assert len(named) > 20
    assert not named - commands - {"n", "total"}


def test_no_key_has_two_meanings() -> None:
    table = (SITE / "js" / "actions.js").read_text(encoding="utf-8")
    keys = [key for found in re.findall(r"keys: \[([^\]]+)\]", table) for key in re.findall(r'"([^"]+)"', found)]
    keys += re.findall(r'(?:toolAction|selectedAction)\("[^"]+", "([^"]+)"\)', table)
    twice = {key for key in keys if keys.count(key) > 1}
    assert len(keys) > 30 and not twice
