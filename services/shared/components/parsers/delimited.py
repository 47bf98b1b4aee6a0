"""CSV and TSV: one table with its header."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import PurePath

from services.shared.components.parsers.builder import DocumentBuilder
from services.shared.components.parsers.decoding import decode_text
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.failure import ParseFailure, ParseStage
from services.shared.components.parsers.media_type import MediaType
from services.shared.components.parsers.protocol import Source

_DELIMITERS = ",;\t|"
_SAMPLE_CHARS = 64 * 1024
_SAMPLE_ROWS = 50


class DelimitedParser:
    """Rows of cells between commas, semicolons, tabs or bars; the first row is the header."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is the file's name without its extension."""
        text = decode_text(source.content)
        delimiter = "\t" if source.media_type == MediaType.TSV else _delimiter(text[:_SAMPLE_CHARS])
        builder = DocumentBuilder()
        builder.table(_rows(text, delimiter))
        return builder.document(source, title=PurePath(source.filename).stem)


def _rows(text: str, delimiter: str) -> Iterator[Sequence[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as error:
        message = (
            f"Line {reader.line_num:,} of the table cannot be read ({error}), most often because a quotation mark is "
            "never closed. Correct it, or export the table again, and upload the new copy."
        )
        raise ParseFailure(ParseStage.PARSE, "damaged", message) from error


def _delimiter(sample: str) -> str:
    """The delimiter that cuts most rows into the same number of cells, and more than one."""
    return max(_DELIMITERS, key=lambda delimiter: _evenness(sample, delimiter))


def _evenness(sample: str, delimiter: str) -> tuple[bool, int, int]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        widths = Counter(len(row) for row in islice(reader, _SAMPLE_ROWS) if row)
    except csv.Error:
        return False, 0, 0
    width, rows = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(0, 0))
    return width > 1, rows, width
