"""Plain text: paragraphs between empty lines, nothing taken for markup."""

from pathlib import PurePath

from services.shared.components.normalisers.hyphenation import join_hyphenated_lines
from services.shared.components.normalisers.unicode import normalise_text
from services.shared.components.parsers.decoding import decode_text
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.outline import paragraph_blocks
from services.shared.components.parsers.protocol import Source


class PlainTextParser:
    """Text in any encoding that a byte order mark, strict UTF-8 or detection can tell."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is the file's name without its extension."""
        text = join_hyphenated_lines(normalise_text(decode_text(source.content)))
        return ParsedDocument(
            text=text,
            title=PurePath(source.filename).stem,
            media_type=source.media_type,
            blocks=paragraph_blocks(text),
        )
