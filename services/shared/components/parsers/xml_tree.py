"""Reads XML that strangers wrote: no entity is declared, nothing is fetched, and the depth is bounded."""

import codecs
from collections.abc import Callable, Iterator, Mapping
from typing import NoReturn
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat

from services.shared.components.parsers.failure import ParseFailure, ParseStage

# Everything that reads a tree here is recursive; real documents stay below 50.
_MAX_DEPTH = 200


def xml_root(content: bytes, *, encoding: str | None = None) -> Element:
    """The root element; `encoding` overrules what the document says about itself.

    Raises `ParseFailure` for XML that is malformed, declares entities or nests too deeply.
    """
    try:
        if encoding is not None or _may_declare(content):
            _refuse_entities(content, encoding)
        parser = ElementTree.XMLParser(encoding=encoding)  # noqa: S314 - it was checked on the lines above
        root = ElementTree.fromstring(content, parser)  # noqa: S314 - as above
    except (expat.ExpatError, ElementTree.ParseError, LookupError, ValueError) as error:
        raise _malformed(error) from error
    _refuse_depth(root)
    return root


def walk_xml(content: bytes, enter: Callable[[str, Mapping[str, str]], None]) -> None:
    """Call `enter` with the name and attributes of every element, prefixes included, without building a tree.

    Raises `ParseFailure` for XML that is malformed or declares entities.
    """
    parser = expat.ParserCreate()
    parser.StartElementHandler = enter
    parser.EntityDeclHandler = _refuse_entity
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise _malformed(error) from error


def name_of(element: Element) -> str:
    """The element's name without its namespace: each standard has several for the same elements."""
    return element.tag.rpartition("}")[2]


def attribute(element: Element, name: str) -> str:
    """The value of the attribute with this name in any namespace; empty when there is none."""
    return next((value for key, value in element.items() if key.rpartition("}")[2] == name), "")


def named(element: Element, *names: str) -> Iterator[Element]:
    """The elements with one of these names, at any depth, in document order."""
    return (found for found in element.iter() if name_of(found) in names)


def child_named(element: Element, name: str) -> Element | None:
    """The first of an element's own children with this name."""
    return next((child for child in element if name_of(child) == name), None)


def first_named(element: Element, *names: str) -> Element | None:
    """The first element with one of these names, at any depth."""
    return next(named(element, *names), None)


def _may_declare(content: bytes) -> bool:
    """Whether there may be a document type in it, the only place for entities.

    Every encoding that the parser takes writes ASCII as ASCII, but for UTF-16, which has zeros or a mark at its start.
    """
    return (
        b"<!DOCTYPE" in content
        or b"\0" in content[:4]
        or content.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE))
    )


def _refuse_entities(content: bytes, encoding: str | None) -> None:
    """Walk through the document without building anything, and stop at the first entity that it declares."""
    parser = expat.ParserCreate(encoding)
    parser.EntityDeclHandler = _refuse_entity
    parser.Parse(content, True)


def _refuse_depth(root: Element) -> None:
    level = [root]
    for _ in range(_MAX_DEPTH):
        level = [child for element in level for child in element]
        if not level:
            return
    raise _too_deep()


def _refuse_entity(*_declaration: object) -> NoReturn:
    message = (
        "The document's XML declares entities, which can expand without end and are not read. "
        "Remove the <!ENTITY ...> declarations, or save it again in its own program, and upload it again."
    )
    raise ParseFailure(ParseStage.PARSE, "entity_declarations", message)


def _too_deep() -> ParseFailure:
    message = (
        f"The document nests elements more than {_MAX_DEPTH:,} levels deep, which no honest one does. "
        "Simplify it, or save it as plain text or PDF and upload that."
    )
    return ParseFailure(ParseStage.PARSE, "nested_too_deeply", message)


def _malformed(error: Exception) -> ParseFailure:
    message = (
        f"The document's XML is damaged or incomplete ({error}). "
        "Correct it, or fetch or export it again, and upload the new copy."
    )
    return ParseFailure(ParseStage.PARSE, "damaged", message)
