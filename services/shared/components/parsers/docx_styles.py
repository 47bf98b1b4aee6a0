"""What the paragraph styles of a Word document mean: which are headings, titles, list items or code."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from xml.etree.ElementTree import Element

from services.shared.components.parsers.xml_tree import attribute, child_named, name_of, named, walk_xml

_HEADING = re.compile(r"heading ([1-9])")
_CODE = frozenset({"code", "source code", "html preformatted", "preformatted text", "plain text"})
_FIRST_STYLE = re.compile(rb"<((?:\w+:)?)style\s")
_OTHER_TYPE = re.compile(rb"""\btype=["'](?:table|character|numbering)["']""")
_SETTINGS = frozenset({"name", "basedOn", "outlineLvl", "numPr", "numId", "ilvl"})
_LEVELS = frozenset("012345678")  # as an outline level, 9 is body text


class Role(StrEnum):
    """What a paragraph is to its reader."""

    TITLE = "title"
    HEADING = "heading"
    ITEM = "item"
    CODE = "code"
    BODY = "body"
    LEFT_OUT = "left out"
    """Of a table of contents, which repeats the headings."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The role of a paragraph; `level` is a heading's, from 1, or an item's depth, from 0, in its `list_id`."""

    role: Role
    level: int = 0
    list_id: str = ""


_BODY = Meaning(Role.BODY)


class Styles:
    """The paragraph styles of one document, by their ids."""

    def __init__(self, style_sheet: bytes) -> None:
        self._meanings: dict[str, Meaning] = {}
        self._settings = _StyleSheet().read(style_sheet) if style_sheet else {}

    def meaning(self, paragraph: Element) -> Meaning:
        """What a paragraph is, by its own settings and those of its style and the styles that one is made from."""
        properties = child_named(paragraph, "pPr")
        if properties is None:
            return _BODY
        own = {name_of(found): attribute(found, "val") for found in properties.iter()}
        style = own.get("pStyle", "")
        if style not in self._meanings:
            self._meanings[style] = self._of_style(style)
        return _set_by(own, self._meanings[style])

    def _of_style(self, style_id: str) -> Meaning:
        meaning = _BODY
        for settings in reversed([*self._chain(style_id)]):
            name = settings.get("name", "").lower()
            if name.startswith("toc "):
                return Meaning(Role.LEFT_OUT)
            meaning = _named(name) or _set_by(settings, meaning)
        return meaning

    def _chain(self, style_id: str) -> Iterator[Mapping[str, str]]:
        """The style and what it is based on; a style that is based on itself ends the chain."""
        seen: set[str] = set()
        while style_id in self._settings and style_id not in seen:
            seen.add(style_id)
            yield self._settings[style_id]
            style_id = self._settings[style_id].get("basedOn", "")


class _StyleSheet:
    """Picks what matters out of the style sheet, which is often a hundred times the text, without building a tree."""

    def __init__(self) -> None:
        self._styles: dict[str, dict[str, str]] = {}
        self._style: dict[str, str] = {}

    def read(self, content: bytes) -> Mapping[str, Mapping[str, str]]:
        """The values of each style's settings, by its id."""
        walk_xml(_without_other_styles(content), self._enter)
        return self._styles

    def _enter(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "style":
            self._style = self._styles.setdefault(_attribute(attributes, "styleId"), {})
        elif name in _SETTINGS:
            self._style[name] = _attribute(attributes, "val")


def is_on(settings: Element | None, switch: str) -> bool:
    """Whether a switch such as `vanish` stands among these settings and is not turned off again."""
    found = None if settings is None else child_named(settings, switch)
    return found is not None and attribute(found, "val").lower() not in {"0", "false", "off"}


def is_contents(control: Element) -> bool:
    """Whether a content control holds a table of contents."""
    return any(attribute(found, "val") == "Table of Contents" for found in named(control, "docPartGallery"))


def _named(name: str) -> Meaning | None:
    if name == "title":
        return Meaning(Role.TITLE)
    if name in _CODE:
        return Meaning(Role.CODE)
    heading = _HEADING.fullmatch(name)
    return Meaning(Role.HEADING, int(heading[1])) if heading else None


def _set_by(settings: Mapping[str, str], otherwise: Meaning) -> Meaning:
    """What these settings make of a paragraph that is `otherwise`. Numbered headings are headings."""
    outline = settings.get("outlineLvl", "")
    if outline in _LEVELS:
        return Meaning(Role.HEADING, int(outline) + 1)
    if outline and otherwise.role is Role.HEADING:
        return _BODY
    if "numPr" not in settings or otherwise.role in (Role.TITLE, Role.HEADING):
        return otherwise
    if settings.get("numId") == "0":  # the list of the style ends here
        return _BODY
    depth = settings.get("ilvl", "")
    return Meaning(Role.ITEM, int(depth) if depth in _LEVELS else 0, settings.get("numId", "") or otherwise.list_id)


def _attribute(attributes: Mapping[str, str], name: str) -> str:
    return next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), "")


def _without_other_styles(content: bytes) -> bytes:
    """The style sheet without the styles of tables and characters: most of it, and nothing about paragraphs.

    In an encoding that is not understood here everything stays.
    """
    first = _FIRST_STYLE.search(content)
    if first is None:
        return content
    start, end = b"<" + first[1] + b"style ", b"</" + first[1] + b"style>"
    *styles, rest = content.split(end)
    kept: list[bytes] = []
    for piece in styles:
        before, tag, style = piece.rpartition(start)
        kept.append(before if _OTHER_TYPE.search(style.partition(b">")[0]) else before + tag + style + end)
    return b"".join([*kept, rest])
