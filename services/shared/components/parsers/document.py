"""What a parser produces: normalised text, its blocks, its pages. No parsing happens here."""

from dataclasses import dataclass
from enum import StrEnum


class BlockKind(StrEnum):
    """The structural role of a block of text."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    TABLE = "table"
    CODE = "code"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Block:
    """A run of lines with one role; `text[char_start:char_end]` of its document is exactly its text.

    `headings` is the path of titles the block stands under, outermost first; a heading's own title is its last
    entry. `level` is 1 to 6 for headings and 0 otherwise. `page` counts from 1 and is None where a format has no pages.
    """

    kind: BlockKind
    char_start: int
    char_end: int
    headings: tuple[str, ...] = ()
    level: int = 0
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The half-open char span of one page in the document's text; `number` counts from 1."""

    number: int
    char_start: int
    char_end: int


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A document as Markdown-like text in Unicode NFC, with blocks in reading order.

    Blocks do not overlap and cover every non-whitespace character. `warnings` are sentences for people about what could
    not be read (for example scanned pages).
    """

    text: str
    title: str
    media_type: str
    blocks: tuple[Block, ...]
    pages: tuple[Page, ...] = ()
    warnings: tuple[str, ...] = ()
