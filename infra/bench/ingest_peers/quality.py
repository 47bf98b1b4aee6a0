"""How much of what a document says a parse has found: words, headings, cells of tables."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from infra.bench.ingest_peers.stories import Story
from services.shared.components.parsers.document import BlockKind, ParsedDocument

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Recall:
    """Shares between 0 and 1 over several documents."""

    words: float
    headings: float
    cells: float


def recall(documents: Iterable[tuple[Story, ParsedDocument]]) -> Recall:
    """Each word, heading and cell counts as often as it is there; a heading must be one, a cell stand in a table."""
    words, headings, cells = _Share(), _Share(), _Share()
    for story, document in documents:
        words.add(_words(_prose(story)), _words([document.text]))
        headings.add(Counter(_titles(story)), Counter(_found_headings(document)))
        cells.add(Counter(cell for row in story.table for cell in row), Counter(_found_cells(document)))
    return Recall(words.value, headings.value, cells.value)


class _Share:
    """Adds up how many there are and how many were found."""

    def __init__(self) -> None:
        self._expected = 0
        self._found = 0

    def add(self, expected: Counter[str], found: Counter[str]) -> None:
        self._expected += expected.total()
        self._found += (expected & found).total()

    @property
    def value(self) -> float:
        return self._found / self._expected if self._expected else 1.0


def _words(texts: Iterable[str]) -> Counter[str]:
    return Counter(word for text in texts for word in _WORD.findall(text.lower()))


def _titles(story: Story) -> list[str]:
    return [story.title, *(section.heading for section in story.sections)]


def _prose(story: Story) -> list[str]:
    return [*_titles(story), *(part for section in story.sections for part in section.paragraphs)]


def _found_headings(document: ParsedDocument) -> list[str]:
    return [block.headings[-1] for block in document.blocks if block.kind is BlockKind.HEADING and block.headings]


def _found_cells(document: ParsedDocument) -> list[str]:
    tables = (document.text[b.char_start : b.char_end] for b in document.blocks if b.kind is BlockKind.TABLE)
    return [cell.strip() for table in tables for row in table.split("\n") for cell in row.strip("| ").split("|")]
