"""Nothing leaves: the page, both workers and Python are refused every connection to another origin, headers or not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from page_object import SegmarkPage

TRY = """async (url) => {
  const tries = {
    fetch: () => fetch(url + "fetch"),
    xhr: () => new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("GET", url + "xhr");
      request.onload = resolve;
      request.onerror = () => reject(new Error("refused"));
      request.send();
    }),
    script: () => (self.importScripts ? importScripts(url + "script.js") : import(url + "script.js")),
    socket: () => new Promise((resolve, reject) => {
      const socket = new WebSocket(url.replace("http", "ws") + "socket");
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error("refused"));
    }),
  };
  const through = [];
  for (const [name, attempt] of Object.entries(tries)) {
    try { await attempt(); through.push(name); } catch { /* as it should be */ }
  }
  return through;
}"""
PYTHON = """async ([runtime, url]) => {
  const python = await loadPyodide({ indexURL: runtime });
  return python.runPythonAsync(`
from pyodide.http import pyfetch, open_url
through = []
for attempt in (lambda: pyfetch("${url}pyfetch"), lambda: open_url("${url}open_url")):
    try:
        answer = attempt()
        if hasattr(answer, "__await__"):
            await answer
        through.append("went through")
    except Exception:
        pass
len(through)
`);
}"""


class Foreign(BaseHTTPRequestHandler):
    """Another origin that would let anybody read: only the policy is in the way."""

    asked: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Content-Type", "text/javascript")
        self.end_headers()
        self.wfile.write(b"0;")

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def foreign() -> Iterator[str]:
    Foreign.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Foreign)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.requirement("R8.1")
@pytest.mark.parametrize("kind", ["plain server", "single file"])
def test_no_way_out(browser: Any, dist: Path, foreign: str, kind: str) -> None:
    import single
    from serve import serve

    with serve(dist, plain=True) as url:
        context = browser.new_context(service_workers="block")
        context.add_init_script(path=str(Path(__file__).parent / "tap.js"))
        address = url if kind == "plain server" else single.write_single(dist).as_uri()
        app = SegmarkPage(context.new_page(), address).open("none")
        other = context.new_page()
        other.goto(url + "licences.txt")
        assert "fetch" in other.evaluate(TRY, foreign), "the foreign server does answer those who may ask"
        Foreign.asked.clear()
        assert app.page.evaluate(TRY, foreign) == []
        workers = app.page.workers
        assert len(workers) >= 2
        for worker in workers:
            assert worker.evaluate(TRY, foreign) == []
        python = next(worker for worker in workers if worker.evaluate("typeof loadPyodide") == "function")
        base = url if kind == "plain server" else "https://segmark.invalid/"  # what the saved page carries lies there
        assert python.evaluate(PYTHON, [base + "runtime/pyodide/", foreign]) == 0
        assert Foreign.asked == []
        context.close()
