"""The guard that every end-to-end test runs under."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Request


class Guard:
    """Collects what must never happen on our page: console errors, exceptions, crashes, requests off the origin."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.faults: list[str] = []

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console error: {message.text} ({message.location.get('url', '')})")

    def on_request(self, request: Request) -> None:
        # with the slash: another port whose number begins with ours is another origin
        own = self.origin + "/"
        if not request.url.startswith((own, "blob:" + own, "data:")):
            self.faults.append(f"request off the origin: {request.url}")

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self.on_console)
        context.on("weberror", lambda error: self.faults.append(f"page error: {error.error}"))
        context.on("request", self.on_request)
        context.on("page", lambda page: page.on("crash", lambda _: self.faults.append("the page crashed")))
