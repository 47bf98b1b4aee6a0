"""The numbers of numbered lists, which a Word document does not hold as text."""

from collections import defaultdict
from xml.etree.ElementTree import Element

from services.shared.components.parsers.docx_styles import Meaning, Role
from services.shared.components.parsers.xml_tree import attribute, first_named, name_of, xml_root

_NOT_COUNTED = frozenset({"bullet", "none", ""})
_MOST_DIGITS = 6


class Numbering:
    """Counts the items of each list, level by level; whatever the digits of a list are, here they are decimal."""

    def __init__(self, content: bytes) -> None:
        self._starts = _starts(xml_root(content)) if content else {}
        self._reached: dict[str, dict[int, int]] = defaultdict(dict)

    def mark(self, meaning: Meaning) -> str:
        """What stands before the text of a paragraph: `-` unless it is an item of a numbered list."""
        start = self._starts.get(meaning.list_id, {}).get(meaning.level)
        if meaning.role is not Role.ITEM or start is None:
            return "-"
        reached = self._reached[meaning.list_id]
        for deeper in [level for level in reached if level > meaning.level]:
            del reached[deeper]
        reached[meaning.level] = reached.get(meaning.level, start - 1) + 1
        return f"{reached[meaning.level]}."


def _starts(root: Element) -> dict[str, dict[int, int]]:
    """The first number of each numbered level of each list, by the list's id."""
    kinds = {attribute(kind, "abstractNumId"): kind for kind in root if name_of(kind) == "abstractNum"}
    starts: dict[str, dict[int, int]] = {}
    for entry in root:
        kind = kinds.get(_value(entry, "abstractNumId")) if name_of(entry) == "num" else None
        if kind is not None:
            levels = (
                level for level in kind if name_of(level) == "lvl" and _value(level, "numFmt") not in _NOT_COUNTED
            )
            starts[attribute(entry, "numId")] = {_number(attribute(lvl, "ilvl")): _start(lvl) for lvl in levels}
    return starts


def _start(level: Element) -> int:
    value = _value(level, "start")
    return _number(value) if value else 1


def _number(value: str) -> int:
    return int(value) if value.isdecimal() and len(value) <= _MOST_DIGITS else 0


def _value(element: Element, name: str) -> str:
    found = first_named(element, name)
    return "" if found is None else attribute(found, "val")
