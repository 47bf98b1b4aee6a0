"""What the made documents say: titles, sections of prose and a table each, from public texts or our own pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_SECTIONS = 6
_MOST_PARAGRAPH_CHARS = 1_800
_HEADER = ("Section", "Words", "Longest word", "Letters")


@dataclass(frozen=True)
class Section:
    """A heading and the paragraphs below it."""

    heading: str
    paragraphs: list[str]


@dataclass(frozen=True)
class Story:
    """One document: a few pages of prose and, at its end, a table with a header row."""

    title: str
    sections: list[Section]
    table: list[list[str]]


def stories(texts: Sequence[str]) -> Iterator[Story]:
    """Documents of six sections each, for as long as the texts last; no two alike."""
    sections = [section for section in map(_section, texts) if section is not None]
    for number, first in enumerate(range(0, len(sections) - _SECTIONS + 1, _SECTIONS), 1):
        of_one = sections[first : first + _SECTIONS]
        yield Story(f"Report {number}", of_one, [list(_HEADER), *map(_row, of_one)])


def _section(text: str) -> Section | None:
    """A text of ours is a Markdown heading, then prose."""
    head, _, body = text.partition("\n")
    paragraphs = [" ".join(part.split())[:_MOST_PARAGRAPH_CHARS] for part in body.split("\n\n") if part.strip()]
    heading = " ".join(head.lstrip("# ").split())[:70].rstrip(" .:;,!?")
    return Section(heading, paragraphs) if heading and paragraphs else None


def _row(section: Section) -> list[str]:
    words = " ".join(section.paragraphs).split()
    longest = max(words, key=len)[:24]
    return [section.heading[:32], str(len(words)), longest, str(sum(map(len, words)))]
