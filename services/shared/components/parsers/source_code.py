"""Source code and configuration files: kept as they are written."""

import re
from pathlib import PurePath

from services.shared.components.normalisers.unicode import normalise_text
from services.shared.components.parsers.builder import DocumentBuilder
from services.shared.components.parsers.decoding import decode_text
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.protocol import Source

# An empty line before one that is not indented: functions, classes and sections begin there in most languages.
_BETWEEN_PARTS = re.compile(r"\n[ \t]*\n+(?=\S)")


class SourceCodeParser:
    """Any programming language: code blocks that begin where the outermost parts of the file do."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is the file's name with its extension, which tells the language."""
        builder = DocumentBuilder()
        for part in _BETWEEN_PARTS.split(normalise_text(decode_text(source.content))):
            builder.code(part)
        return builder.document(source, title=PurePath(source.filename).name)
