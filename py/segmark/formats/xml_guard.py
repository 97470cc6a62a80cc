"""XML from outside: no document types, no entities, bounded depth and size."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from segmark.formats.checks import Damaged

_MAX_DEPTH = 24
_MAX_ELEMENTS = 2_000_000


def read_xml(data: bytes) -> Element:
    """The root of an XML document.

    Raises
    ------
    Damaged
        If it is not XML, declares a document type (the way in for entities), or is nested absurdly.
    """
    builder = TreeBuilder()
    seen = {"depth": 0, "elements": 0}

    def start(name: str, attributes: dict[str, str]) -> None:
        seen["depth"] += 1
        seen["elements"] += 1
        if seen["depth"] > _MAX_DEPTH or seen["elements"] > _MAX_ELEMENTS:
            raise Damaged("nested too deep, or too many elements")
        builder.start(name, attributes)

    def end(name: str) -> None:
        seen["depth"] -= 1
        builder.end(name)

    def refuse(*_: Any) -> int:
        raise Damaged("document types and entities are not read")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.UnparsedEntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(data, True)
        root = builder.close()
    except (expat.ExpatError, AssertionError, LookupError) as error:
        raise Damaged(f"not XML: {error}") from error
    return root


def clean(text: str) -> str:
    """A text that XML can carry: control signs become spaces, lone surrogates question marks."""
    text = text.encode(errors="replace").decode()
    return "".join(k if k in "\t\n" or (k >= " " and k not in "\ufffe\uffff") else " " for k in text)
