"""Serve a built site on localhost, with the headers that a careful host would send.

    python tools/serve.py [--port 8000] [--dir dist] [--isolated] [--plain] [--prefix /repo/]

`--isolated` adds COOP/COEP (threads), `--plain` sends no special header at all, as GitHub Pages does, and no type that a host may not know.
Unknown paths below the prefix are answered by the site's own 404.html.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import policy

TYPES = {
    ".js": "text/javascript",
    ".wasm": "application/wasm",
    ".json": "application/json",
    ".onnx": "application/octet-stream",
    ".whl": "application/zip",
    ".zip": "application/zip",
    ".svg": "image/svg+xml",
    ".packed": "application/octet-stream",
    ".webmanifest": "application/manifest+json",
}
#: Endings that a plain host need not know.
NEW_TYPES = {".mjs", ".wasm", ".onnx", ".whl", ".packed", ".webmanifest"}


class Handler(SimpleHTTPRequestHandler):
    """Files of one folder under a prefix."""

    protocol_version = "HTTP/1.1"
    extensions_map = SimpleHTTPRequestHandler.extensions_map | TYPES

    def __init__(self, *args: object, prefix: str, isolated: bool, plain: bool, **options: object) -> None:
        self.prefix, self.isolated, self.plain = prefix, isolated, plain
        super().__init__(*args, **options)  # type: ignore[arg-type]

    def translate_path(self, path: str) -> str:
        """Only paths under the prefix exist."""
        if not path.startswith(self.prefix):
            return str(Path(self.directory) / "no-such-file")
        return super().translate_path("/" + path[len(self.prefix) :])

    def guess_type(self, path: object) -> str:
        """A plain host has an old list of types."""
        if self.plain and Path(str(path)).suffix in NEW_TYPES:
            return "application/octet-stream"
        return super().guess_type(path)  # type: ignore[arg-type]

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """The site's own page where nothing is found, as GitHub Pages sends it."""
        page = Path(self.directory) / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.is_file() or not self.path.startswith(self.prefix):
            super().send_error(code, message, explain)
            return
        data = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        super().end_headers()  # the page carries a policy of its own
        if self.command != "HEAD":
            self.wfile.write(data)

    def end_headers(self) -> None:
        """Policies; nothing is kept unasked, so a new build shows at once."""
        if not self.plain:
            self.send_header("Content-Security-Policy", policy.header(Path(self.directory)))
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Cache-Control", "no-cache")
        if self.isolated:
            self.send_header("Cross-Origin-Opener-Policy", "same-origin")
            self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def log_message(self, *args: object) -> None:
        """Quiet."""


class Server(ThreadingHTTPServer):
    """Closed tabs are no errors."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser may hang up whenever it likes."""


def make_server(
    folder: Path, port: int = 0, *, prefix: str = "/", isolated: bool = False, plain: bool = False
) -> Server:
    """A server on localhost (port 0: any free one), not yet serving."""
    handler = functools.partial(Handler, directory=str(folder), prefix=prefix, isolated=isolated, plain=plain)
    return Server(("127.0.0.1", port), handler)


@contextlib.contextmanager
def serve(
    folder: Path, port: int = 0, *, prefix: str = "/", isolated: bool = False, plain: bool = False
) -> Iterator[str]:
    """Serve in a thread; gives the URL of the start page."""
    server = make_server(folder, port, prefix=prefix, isolated=isolated, plain=plain)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}{prefix}"
    finally:
        server.shutdown()
        server.server_close()


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--dir", type=Path, default=Path(__file__).resolve().parent.parent / "dist")
    parser.add_argument("--prefix", default="/")
    parser.add_argument("--isolated", action="store_true")
    parser.add_argument("--plain", action="store_true")
    args = parser.parse_args()
    if not (args.dir / "index.html").is_file():
        raise SystemExit(f"[segmark] failed: there is no built site in {args.dir}: run ./build.sh build first.")
    prefix = f"/{args.prefix.strip('/')}/".replace("//", "/")
    try:
        server = make_server(args.dir, args.port, prefix=prefix, isolated=args.isolated, plain=args.plain)
    except OSError as error:
        raise SystemExit(
            f"[segmark] failed: port {args.port} cannot be used ({error.strerror}); choose another with --port."
        ) from None
    print(
        f"[segmark] serving {args.dir.name}/ on http://localhost:{server.server_port}{prefix}  (Ctrl+C stops)",
        flush=True,
    )
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    _main()
