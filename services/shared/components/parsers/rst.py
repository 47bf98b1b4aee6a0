"""reStructuredText: its headings, lists, tables and code. Other directives and roles stay as they are written."""

import re
from collections.abc import Sequence
from pathlib import PurePath
from textwrap import dedent

from services.shared.components.normalisers.unicode import normalise_text
from services.shared.components.parsers.builder import DocumentBuilder
from services.shared.components.parsers.decoding import decode_text
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.protocol import Source
from services.shared.components.parsers.rst_tables import grid_rows, is_grid_rule, is_simple_rule, simple_rows

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1{2,}")
_ITEM = re.compile(r"( *)(?:[-*+•]|(?:\d{1,9}|#)[.)])[ \t]+(\S.*)")
# Labels without an address are for the program that joins documents, not for readers.
_COMMENT = re.compile(r"\.\.(?:[ \t]+(?:_[^:]*:|(?!.*::|_|\[).*))?")
_CODE = re.compile(r"\.\. (?:code|code-block|sourcecode|parsed-literal)::.*")


class RstParser:
    """Documents as Sphinx and docutils read them, without running their directives. Comments are left out."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is the first heading, else the file's name without its extension."""
        reading = _Reading(normalise_text(decode_text(source.content)).split("\n"))
        reading.read()
        return reading.builder.document(source, title=reading.title or PurePath(source.filename).stem)


class _Reading:
    """Goes through the lines once. Each method that reads one kind of block returns how many lines it took."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.builder = DocumentBuilder()
        self.title = ""
        self._lines = lines
        self._styles: list[str] = []

    def read(self) -> None:
        """Write all blocks into the document."""
        at = 0
        while at < len(self._lines):
            if not self._lines[at].strip():
                at += 1
                continue
            at += (
                self._heading(at)
                or self._table(at)
                or self._comment(at)
                or self._code_directive(at)
                or self._list(at)
                or self._paragraph(at)
            )

    def _heading(self, at: int) -> int:
        """A line over a line of marks, or between two. A document's first kind of marks is its highest level."""
        first, second, third = (self._line(at + offset) for offset in range(3))
        if _ADORNMENT.fullmatch(first) and second.strip() and third == first:
            return self._enter(f"over {first[0]}", second, lines=3)
        if _ADORNMENT.fullmatch(second) and first[0] not in " \t" and not _ADORNMENT.fullmatch(first):
            return self._enter(second[0], first, lines=2)
        # Marks between empty lines divide parts of a text.
        return 1 if _ADORNMENT.fullmatch(first) and not second.strip() else 0

    def _enter(self, style: str, title: str, *, lines: int) -> int:
        if style not in self._styles:
            self._styles.append(style)
        self.title = self.title or title.strip()
        self.builder.heading(self._styles.index(style) + 1, title)
        return lines

    def _table(self, at: int) -> int:
        if is_grid_rule(self._line(at)):
            length = self._length_to_gap(at)
            self.builder.table(grid_rows(self._lines[at : at + length]))
            return length
        if not is_simple_rule(self._line(at)):
            return 0
        length = 1
        while at + length < len(self._lines) and not self._closes_table(at + length):
            length += 1
        self.builder.table(simple_rows(self._lines[at : at + length + 1]))
        return length + 1

    def _closes_table(self, at: int) -> bool:
        return is_simple_rule(self._line(at)) and not self._line(at + 1).strip()

    def _comment(self, at: int) -> int:
        if not _COMMENT.fullmatch(self._line(at)):
            return 0
        return 1 + self._indented_length(at + 1)

    def _code_directive(self, at: int) -> int:
        """The options of the directive stand between it and its code, without an empty line."""
        if not _CODE.fullmatch(self._line(at)):
            return 0
        options = 1
        while self._line(at + options).lstrip().startswith(":"):
            options += 1
        return options + self._code(at + options)

    def _code(self, at: int) -> int:
        length = self._indented_length(at)
        self.builder.code(dedent("\n".join(self._lines[at : at + length])))
        return length

    def _list(self, at: int) -> int:
        """Items, the lines that continue them, and the empty lines between them."""
        items: list[tuple[int, str]] = []
        length = 0
        while at + length < len(self._lines):
            line = self._line(at + length)
            item = _ITEM.match(line)
            if item:
                items.append((len(item[1]) // 2, item[2]))
            elif not line.strip():
                if not _ITEM.match(self._line(at + length + 1)):
                    break
            elif items and line.startswith("  "):
                items[-1] = (items[-1][0], f"{items[-1][1]} {line.strip()}")
            else:
                break
            length += 1
        self.builder.items(items)
        return length

    def _paragraph(self, at: int) -> int:
        """Lines up to the next empty one; two colons at their end announce code."""
        length = self._length_to_gap(at)
        text = "\n".join(line.strip() for line in self._lines[at : at + length])
        if not text.endswith("::") or text.startswith(".. "):
            self.builder.paragraph(text)
            return length
        self.builder.paragraph(text.removesuffix("::") if text == "::" else text[:-1])
        return length + self._code(at + length)

    def _line(self, at: int) -> str:
        return self._lines[at] if at < len(self._lines) else ""

    def _length_to_gap(self, at: int) -> int:
        end = at
        while end < len(self._lines) and self._lines[end].strip():
            end += 1
        return end - at

    def _indented_length(self, at: int) -> int:
        """Lines from here on that are indented or empty."""
        end = at
        while end < len(self._lines) and (not self._lines[end].strip() or self._lines[end][0] in " \t"):
            end += 1
        return end - at
