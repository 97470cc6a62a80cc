"""The one exception that reaches the person: a code for the page's language files, with parameters."""

from __future__ import annotations

from typing import Any


class SegmarkError(Exception):
    """Something could not be done; the document is as it was.

    Attributes
    ----------
    code : i18n code, for example ``unknown_label``
    params : values for the sentence
    """

    def __init__(self, code: str, params: dict[str, Any] | None = None) -> None:
        super().__init__(code if not params else f"{code} {params}")
        self.code = code
        self.params = params or {}
