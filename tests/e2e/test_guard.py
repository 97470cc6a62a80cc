"""The guard itself: what it must catch, it catches. (A guard that never fails would make every other test weaker.)"""

from __future__ import annotations

from typing import Any

from guard import Guard


def test_the_guard_sees_errors_and_strange_requests(browser: Any) -> None:
    guard = Guard("http://localhost:1")
    context = browser.new_context()
    guard.watch(context)
    page = context.new_page()
    page.goto("data:text/html,<p>nothing</p>")
    page.wait_for_timeout(100)
    assert guard.faults == []
    page.evaluate("() => console.error('one')")
    page.evaluate("() => { setTimeout(() => { throw new Error('two'); }, 0); }")
    page.evaluate("() => fetch('http://localhost:9/three').catch(() => 0)")
    page.evaluate("""() => { new Worker(URL.createObjectURL(new Blob(["console.error('four')"]))); }""")
    page.evaluate("() => fetch('http://localhost:10/five').catch(() => 0)")
    words = ("one", "two", "three", "four", "off the origin: http://localhost:10/five")
    for _ in range(100):  # a failed fetch is told twice, so counting would stop too early
        if all(word in "\n".join(guard.faults) for word in words):
            break
        page.wait_for_timeout(50)
    context.close()
    said = "\n".join(guard.faults)
    assert all(word in said for word in words), said
