"""An init script that puts a stand-in between a worker and onnxruntime: what fails there by chance, fails when a test wants it."""

from __future__ import annotations

_SCRIPT = """
const create = URL.createObjectURL;
URL.createObjectURL = (blob) => create(blob.type === "text/javascript" ? new Blob([`(${inWorker})();\\n`, blob], blob) : blob);
function inWorker() {
  let given;
  Object.defineProperty(self, "ort", { get: () => given, set(ort) {
    given = ort;
    const open = ort.InferenceSession.create.bind(ort.InferenceSession);
    ort.InferenceSession.create = async (bytes, options) => { BODY };
  } });
}
"""


def session_made_by(body: str) -> str:
    """The script; `body` is JavaScript that returns a session, with `open`, `bytes` and `options` in reach."""
    return _SCRIPT.replace("BODY", body)
