"""JSONL: one JSON value a line, each a block of its own."""

from pathlib import PurePath

from services.shared.components.parsers.builder import DocumentBuilder
from services.shared.components.parsers.decoding import decode_text
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.json_values import read_json, value_lines
from services.shared.components.parsers.protocol import Source


class JsonLinesParser:
    """Records that are read one by one: a line for each value, with its keys as path."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is the file's name without its extension."""
        builder = DocumentBuilder()
        # JSON may hold other line ends than this one inside its strings.
        for number, line in enumerate(decode_text(source.content).split("\n"), 1):
            if line.strip():
                builder.paragraph("\n".join(value_lines(read_json(line, line=number))))
        return builder.document(source, title=PurePath(source.filename).stem)
