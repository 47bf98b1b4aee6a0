"""Markdown: kept as it is written, apart from front matter and table padding."""

import re
from collections.abc import Sequence
from pathlib import PurePath

from services.shared.components.normalisers.tables import compact_tables
from services.shared.components.normalisers.unicode import normalise_text
from services.shared.components.parsers.decoding import decode_text
from services.shared.components.parsers.document import Block, BlockKind, ParsedDocument
from services.shared.components.parsers.outline import markdown_blocks
from services.shared.components.parsers.protocol import Source

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)(?:\n+|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


class MarkdownParser:
    """CommonMark with GitHub tables. HTML comments and YAML front matter are left out of the text."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is the front matter's, else the first heading, else the file's name."""
        text = normalise_text(decode_text(source.content))
        front = _FRONT_MATTER.match(text)
        body = text[front.end() :] if front else text
        body = compact_tables(normalise_text(_COMMENT.sub("", body)))
        named = _FRONT_TITLE.search(front[1]) if front else None
        title = named[1].strip("\"'") if named else ""
        return markdown_document(source, body, title=title, otherwise=PurePath(source.filename).stem)


def markdown_document(
    source: Source, text: str, *, title: str = "", otherwise: str, warnings: Sequence[str] = ()
) -> ParsedDocument:
    """The document of normalised Markdown. Its title is `title`, else the first heading, else `otherwise`."""
    blocks = markdown_blocks(text)
    return ParsedDocument(
        text=text,
        title=title or document_title(blocks, otherwise),
        media_type=source.media_type,
        blocks=blocks,
        warnings=tuple(warnings),
    )


def document_title(blocks: tuple[Block, ...], otherwise: str) -> str:
    """The title of the first heading, or `otherwise` when there is none."""
    return next((b.headings[-1] for b in blocks if b.kind is BlockKind.HEADING and b.headings), otherwise)
