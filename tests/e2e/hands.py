"""One and the same job with each kind of hand (R8.2): mouse, touch pad, fingers, keys. All of it real input events."""

from __future__ import annotations

from typing import Any

Point = tuple[float, float]


class Fingers:
    """Real touch events, as the browser gets them from a screen (DevTools' Input domain)."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.cdp = app.page.context.new_cdp_session(app.page)

    def send(self, kind: str, *points: Point) -> None:
        touches = [{"x": x, "y": y, "id": k} for k, (x, y) in enumerate(points)]
        self.cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def tap(self, at: Point, hold_ms: int = 0) -> None:
        self.send("touchStart", at)
        if hold_ms:  # by the page's own clock: where it is late, a finger that was lifted in time would be a tap
            self.app.page.evaluate("(ms) => new Promise((done) => setTimeout(done, ms))", hold_ms)
        self.send("touchEnd")

    def drag(self, *path: Point) -> None:
        self.send("touchStart", path[0])
        for at in path[1:]:
            self.send("touchMove", at)
            self.app.page.wait_for_timeout(30)
        self.send("touchEnd")


class MouseHand:
    """Buttons and a moving pointer."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def choose(self, test_id: str, key: str) -> None:
        """Choose a control; `key` is its shortcut, for hands that have nothing else."""
        self.app.id(test_id).click()

    def press(self, at: Point, positive: bool = True) -> None:
        self.app.page.mouse.move(*self.app.screen(*at))
        self.app.page.mouse.click(*self.app.screen(*at), button="left" if positive else "right")

    def drag(self, *path: Point) -> None:
        mouse = self.app.page.mouse
        mouse.move(*self.app.screen(*path[0]))
        mouse.down()
        for at in path[1:]:
            mouse.move(*self.app.screen(*at), steps=3)
        mouse.up()

    def size(self, larger: int) -> None:
        """Make brush or box larger by so many steps."""
        self.app.page.mouse.move(*self.app.screen(100, 100))
        self.app.page.keyboard.down("Alt")
        for _ in range(larger):
            self.app.page.mouse.wheel(0, -120)
        self.app.page.keyboard.up("Alt")

    def zoom(self, at: Point) -> None:
        self.app.page.mouse.move(*self.app.screen(*at))
        self.app.page.mouse.wheel(0, -240)

    def done(self) -> None:
        """End what is drawn in several clicks (a polygon, a line)."""
        self.app.id("gesture-done").click()


class TouchPadHand(MouseHand):
    """A pointer in many small steps; two fingers turn the wheel in small amounts, a pinch is a wheel with Ctrl."""

    def drag(self, *path: Point) -> None:
        mouse = self.app.page.mouse
        mouse.move(*self.app.screen(*path[0]), steps=8)
        mouse.down()
        for at in path[1:]:
            mouse.move(*self.app.screen(*at), steps=15)
        mouse.up()

    def size(self, larger: int) -> None:
        for _ in range(larger):
            self.app.key("]")  # two fingers scroll in amounts that nobody counts: the keys are the sure way

    def zoom(self, at: Point) -> None:
        self.app.page.mouse.move(*self.app.screen(*at))
        self.app.page.keyboard.down("Control")
        for _ in range(8):
            self.app.page.mouse.wheel(0, -6)
        self.app.page.keyboard.up("Control")


class TouchHand:
    """Taps, long presses, one finger and two."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.fingers = Fingers(app)

    def choose(self, test_id: str, key: str) -> None:
        self.app.id(test_id).tap()

    def press(self, at: Point, positive: bool = True) -> None:
        self.fingers.tap(self.app.screen(*at), 0 if positive else 700)

    def drag(self, *path: Point) -> None:
        screen = [self.app.screen(*at) for at in path]
        (x, y), (u, v) = screen[:2]
        self.fingers.drag(screen[0], (x + 0.5 * (u - x), y + 0.5 * (v - y)), *screen[1:])

    def size(self, larger: int) -> None:
        field = self.app.id("brush-size")
        before = int(field.input_value())
        field.tap()
        self.app.wait(
            lambda: field.evaluate("(node) => node === document.activeElement"), "the field to have the focus"
        )
        self.app.frames()  # in its next frame it selects what it holds
        self.app.page.keyboard.type(str(before + 2 * larger))
        self.app.key("Enter")

    def zoom(self, at: Point) -> None:
        left, top = self.app.screen(*at)
        self.fingers.send("touchStart", (left - 40, top))
        self.fingers.send("touchStart", (left - 40, top), (left + 40, top))
        self.fingers.send("touchMove", (left - 80, top), (left + 80, top))
        self.fingers.send("touchEnd")

    def done(self) -> None:
        self.app.id("gesture-done").tap()


class KeyHand:
    """A crosshair: arrows, Space, X, Shift + Space."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def choose(self, test_id: str, key: str) -> None:
        self.app.key(key)

    def here(self) -> tuple[int, int]:
        """Return the crosshair's pixel; the first arrow brings it, in the middle of what is seen."""
        words = self.app.id("status-cursor").inner_text().split()
        if words[1] == "–":
            self.app.key("ArrowRight")
            words = self.app.id("status-cursor").inner_text().split()
        return int(words[1]), int(words[3])

    def point(self, at: Point) -> None:
        """Move the crosshair by the arrow keys, in tens where it is far."""
        for axis, target in enumerate(at):
            forward, back = (("ArrowRight", "ArrowLeft"), ("ArrowDown", "ArrowUp"))[axis]
            while (away := int(target) - self.here()[axis]) != 0:
                key = forward if away > 0 else back
                for _ in range(abs(away) // 10):
                    self.app.key("Shift+" + key)
                for _ in range(abs(away) % 10):
                    self.app.key(key)

    def press(self, at: Point, positive: bool = True) -> None:
        self.point(at)
        self.app.key("Space" if positive else "x")

    def drag(self, *path: Point) -> None:
        self.point(path[0])
        self.app.key("Shift+Space")
        for at in path[1:]:
            self.point(at)
        self.app.key("Shift+Space")

    def size(self, larger: int) -> None:
        for _ in range(larger):
            self.app.key("]")

    def zoom(self, at: Point) -> None:
        self.app.key("+")

    def done(self) -> None:
        self.app.key("Enter")
