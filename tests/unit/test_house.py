"""The rules of the house: small files, borders between the rooms, no traces of one machine, claims with tests."""

from __future__ import annotations

import ast
import contextlib
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = {".py", ".c", ".h", ".js", ".css", ".html", ".sh", ".cmake"}
LONGEST = 500
PACKAGE = ROOT / "py" / "segmark"

#: Who may touch what the browser keeps or starts, by the words that reach it.
OWNERS = {
    r"openDB|idb\.js": {"database.js", "own_model.js"},
    r"indexedDB\.open": {"checks.js"},  # asks only whether it is there
    r"localStorage": {"persist.js"},
    r"new Worker\(": {"workers.js"},
}


def tracked() -> list[Path]:
    """Files that git knows or would add."""
    done = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / line for line in done.stdout.splitlines() if (ROOT / line).is_file()]


def imports_of(path: Path) -> set[str]:
    """Dotted names that a Python file imports, at any depth."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_files_are_small() -> None:
    long = {
        p.relative_to(ROOT).as_posix(): n
        for p in tracked()
        if p.suffix in CODE and (n := len(p.read_text().splitlines())) > LONGEST
    }
    assert not long


def test_every_folder_explains_itself() -> None:
    folders = {p.parent for p in tracked() if p.suffix in CODE - {".html", ".css"}}
    silent = [
        f.relative_to(ROOT).as_posix() for f in folders if not any((up / "README.md").exists() for up in (f, f.parent))
    ]
    assert not silent


def test_only_the_port_knows_javascript() -> None:
    allowed = {PACKAGE / "bridge" / "pyodide_port.py", PACKAGE / "worker_main.py"}
    for path in PACKAGE.rglob("*.py"):
        if path not in allowed:
            assert not {n for n in imports_of(path) if n.split(".")[0] in ("js", "pyodide", "pyodide_js")}, path


def test_the_core_never_imports_the_bridge() -> None:
    for path in PACKAGE.rglob("*.py"):
        inside = path.relative_to(PACKAGE).parts[0]
        if inside not in ("bridge", "worker_main.py"):
            assert not {n for n in imports_of(path) if n.startswith("segmark.bridge")}, path


def reading_order() -> list[str]:
    """The modules of py/segmark as the table of its README lists them: each may import those before it."""
    rows = [line.split("|")[1] for line in (PACKAGE / "README.md").read_text().splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`(\w+)(?:\.py|/)`", row)]


def test_the_reading_order_names_every_module_once() -> None:
    modules = {path.stem for path in PACKAGE.glob("*.py")} | {path.parent.name for path in PACKAGE.glob("*/*.py")}
    assert sorted(reading_order()) == sorted(modules - {"__init__"})


@pytest.mark.parametrize("module", reading_order())
def test_layers(module: str) -> None:
    order = reading_order()
    files = [PACKAGE / f"{module}.py"] if (PACKAGE / f"{module}.py").exists() else (PACKAGE / module).rglob("*.py")
    used = {n.split(".")[1] for path in files for n in imports_of(path) if n.startswith("segmark.")}
    assert used <= {*order[: order.index(module)], module}


def test_python_h_stays_in_the_module_file() -> None:
    for path in (ROOT / "cext").glob("*.[ch]"):
        assert path.name == "module.c" or "Python.h>" not in path.read_text()


@pytest.mark.parametrize("words", OWNERS)
def test_storage_and_workers_have_owners(words: str) -> None:
    users = {p.name for p in (ROOT / "site" / "js").rglob("*.js") if re.search(words, p.read_text())}
    assert users == OWNERS[words]


def texts() -> dict[str, str]:
    """Every tracked file that is text, whatever its name ends with."""
    found = {}
    for path in tracked():
        with contextlib.suppress(UnicodeDecodeError):
            found[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
    return found


def test_no_trace_of_one_machine_or_registry() -> None:
    pattern = re.compile(
        "|".join(
            [
                "/wo" + "rk/",
                "/ro" + "ot/",
                "/ho" + r"me/\w",
                r"pypi\." + "org",
                r"registry\." + "npmjs",
                r"files\.pythonhosted",
                r"deb\." + "debian",
            ]
        )
    )
    read = texts()
    assert {".ci/run", ".npmrc", "site/js/idb.d.ts", "tools/compile_inside.mjs", "models/train/log/smooth.svg"} <= set(
        read
    )
    assert not [name for name, text in read.items() if pattern.search(text)]


def test_nothing_names_the_shared_data() -> None:
    """Build, tests and CI must not read it; training and evaluation are told a folder when they are called."""
    pattern = re.compile(r"""["'/\s]sha""" + r"""red["'/]""")
    guilty = [name for name, text in texts().items() if not name.endswith(".md") and pattern.search(text)]
    assert not guilty


def test_training_never_reads_the_products_samples() -> None:
    """The three samples are judged by tests: a network that had seen them, or their generator, would judge itself."""
    pattern = re.compile(r"site/sam" + r"ples|make_sam" + r"ples|tools[./]sam" + r"ples|[\"']tools[\"']|[\"']site[\"']")
    for path in (ROOT / "models").rglob("*.py"):
        assert not pattern.search(path.read_text()), path
        reached = {n.split(".")[0] for n in imports_of(path)}
        assert not reached & {"tools", "samples", "make_samples", "site"}, path


def test_every_claim_has_a_test() -> None:
    claimed = set(tomllib.loads((ROOT / "tests" / "requirements.toml").read_text())["done"])
    proved: set[str] = set()
    for path in (ROOT / "tests" / "e2e").glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "requirement":
                proved |= {a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    assert claimed <= proved, claimed - proved


def test_the_model_card_names_every_set_of_its_training() -> None:
    """The licences table was once cut in two by an edit, and nobody saw it."""
    card = (ROOT / "models" / "README.md").read_text()
    table = card.split("licence of its source |")[1].split("\n\n")[0]
    sets = {line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")}
    wanted = {
        "masonry_crack",
        "sd_saliency_900",
        "leather_custom",
        "crackmap",
        "duts",
        "magnetic_tile",
        "deeppcb_derived",
    }
    assert wanted | {"pv_el_solar", "weld_seam", "ccp_clothing", "generated", "initial weights"} <= sets
