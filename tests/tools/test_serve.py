"""The local server: headers, types, prefix."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import pytest
from serve import serve


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("index.html", "a.wasm", "b.mjs", "c.whl", "d.js"):
        (tmp_path / name).write_text("x")
    return tmp_path


def headers(url: str) -> Mapping[str, str]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return dict(answer.headers)


def test_the_policy_is_strict_and_types_are_right(folder: Path) -> None:
    with serve(folder) as url:
        page = headers(url)
        policy = page["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe-inline" not in policy and "'unsafe-eval'" not in policy
        assert page["Cache-Control"] == "no-cache"
        assert "Cross-Origin-Opener-Policy" not in page
        types = {name: headers(url + name)["Content-type"] for name in ("a.wasm", "c.whl", "d.js")}
    assert types["a.wasm"] == "application/wasm"
    assert types["d.js"] == "text/javascript"
    assert types["c.whl"] == "application/zip"


def test_isolated_and_plain(folder: Path) -> None:
    with serve(folder, isolated=True) as url:
        assert headers(url)["Cross-Origin-Embedder-Policy"] == "require-corp"
    with serve(folder, plain=True) as url:
        assert not {"Content-Security-Policy", "Cache-Control"} & set(headers(url))
        for name in ("a.wasm", "b.mjs", "c.whl"):
            assert headers(url + name)["Content-type"] == "application/octet-stream", "a type that a host may not know"


def test_only_the_prefix_exists(folder: Path) -> None:
    with serve(folder, prefix="/repo/") as url:
        assert url.endswith("/repo/")
        assert headers(url + "d.js")
        with pytest.raises(urllib.error.HTTPError, match="404"):
            headers(url.removesuffix("repo/") + "d.js")


def test_unknown_paths_get_the_sites_own_page(folder: Path) -> None:
    (folder / "404.html").write_text("lost")
    with serve(folder, prefix="/repo/") as url:
        for path in ("nothing", "deep/er/nothing"):
            with pytest.raises(urllib.error.HTTPError, match="404") as caught:
                headers(url + path)
            assert caught.value.read() == b"lost"
        with pytest.raises(urllib.error.HTTPError, match="404") as caught:
            headers(url.removesuffix("repo/") + "nothing")
        assert caught.value.read() != b"lost", "not ours"


def test_nothing_outside_the_folder_is_served(folder: Path) -> None:
    (folder.parent / "secret").write_text("x")
    with serve(folder) as url, pytest.raises(urllib.error.HTTPError, match="404"):
        headers(url + "%2e%2e/secret")
