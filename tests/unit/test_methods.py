"""The border between page and Python: what the page calls is there, and what is there is called."""

from __future__ import annotations

import re
from pathlib import Path

from segmark.bridge.dispatcher import _METHODS

JS = Path(__file__).resolve().parents[2] / "site" / "js"
CALL = re.compile(r"""\b(?:ask|rpc\.call)\(\s*"([a-z_]+(?:\.[a-z_]+)?)\"""")


def texts() -> dict[str, str]:
    return {path.relative_to(JS).as_posix(): path.read_text() for path in JS.rglob("*.js")}


def test_the_typed_methods_are_those_of_python() -> None:
    """tsc holds every call of the page against this list; here the list is held against Python's table."""
    typed = re.findall(r'^ \*   "([a-z_.]+)": \[', texts()["methods.js"], re.M)
    assert len(typed) == len(set(typed))
    assert set(typed) == _METHODS.keys()


def test_what_the_page_asks_for_is_there() -> None:
    asked = {name for text in texts().values() for name in CALL.findall(text)}
    assert len(asked) > 40, "the pattern finds the calls"
    assert not asked - _METHODS.keys()


def test_what_is_there_is_asked_for() -> None:
    """A method that nobody calls is dead; its name stands somewhere in the page's code, besides the list of edits."""
    told = "\n".join(text for name, text in texts().items() if name not in ("edits.js", "methods.js"))
    assert not {name for name in _METHODS if f'"{name}"' not in told}


def test_edits_are_methods() -> None:
    block = re.search(r"EDITS = new Set\(\[(.*?)\]\)", texts()["edits.js"], re.S)
    assert block is not None
    edits = set(re.findall(r'"([a-z_.]+)"', block[1]))
    assert len(edits) > 20 and not edits - _METHODS.keys()
    never = {"session.start", "session.restore", "image.open", "inference.attach", "label.remove", "model.own"}
    asked = re.compile(
        r"(image\.(probe|decode)|file\.digest|project\.\w+|preview\.\w+|export\.\w+|quality\.\w+|import\.\w+|diagnostics\.\w+|history\.list|bench\.\w+|ping|model\.measure)"
    )
    undecided = {name for name in _METHODS if name not in edits | never and not asked.fullmatch(name)}
    assert not undecided, "does it change the document? then it is sent again when Python dies"
