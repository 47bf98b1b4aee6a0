"""Passages as they can be cited: numbered, cut into sentences, prepared for comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from services.orchestrator.domain.values import KnownValues, known_values
from services.orchestrator.domain.words import words_of
from services.shared.components.chunkers.sentences import sentence_spans
from services.shared.contracts.search import Passage


@dataclass(frozen=True)
class SourceSentence:
    """A sentence of a passage: its span in the passage's text, and its words."""

    start: int
    end: int
    words: frozenset[str]


@dataclass(frozen=True)
class Source:
    """A passage that can be cited."""

    number: int
    passage: Passage
    sentences: tuple[SourceSentence, ...]
    heading_words: frozenset[str]
    values: KnownValues

    @property
    def text(self) -> str:
        """What the passage says."""
        return self.passage.chunk.text

    def quote(self, start: int, end: int) -> str:
        """A part of its text."""
        return self.passage.chunk.text[start:end]


@dataclass(frozen=True)
class LateSources:
    """The passages of a prompt, prepared when they are first needed: no first token waits for that."""

    passages: Sequence[Passage]

    @cached_property
    def numbered(self) -> list[Source]:
        """The passages with their numbers."""
        return number_sources(self.passages)


def number_sources(passages: Sequence[Passage]) -> list[Source]:
    """The passages of a prompt with the numbers they have there."""
    return [_source(number, passage) for number, passage in enumerate(passages, start=1)]


def _source(number: int, passage: Passage) -> Source:
    chunk = passage.chunk
    above = " ".join((chunk.title, *chunk.headings))
    return Source(
        number=number,
        passage=passage,
        sentences=tuple(_sentences(chunk.text)),
        heading_words=words_of(above),
        values=known_values(f"{above}\n{chunk.text}"),
    )


def _sentences(text: str) -> list[SourceSentence]:
    """Sentences, which a line end also ends: list items and table rows are sentences of their own."""
    found: list[SourceSentence] = []
    start = 0
    for line in text.splitlines(keepends=True):
        for first, last in sentence_spans(text, start, start + len(line)):
            found.append(SourceSentence(first, last, words_of(text[first:last])))
        start += len(line)
    return found
