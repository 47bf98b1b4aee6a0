"""XLSX: each sheet a heading and a table."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from pathlib import PurePath
from xml.etree.ElementTree import ParseError

import openpyxl

from services.shared.components.parsers.archive import check_office_archive, damaged_office_file
from services.shared.components.parsers.builder import DocumentBuilder
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.protocol import Source

# openpyxl has no error type for a missing or malformed part: it surfaces as one of these.
_DAMAGE = (KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, zipfile.BadZipFile, ParseError)


class XlsxParser:
    """Excel workbooks: values as they were last computed. Hidden sheets, pictures and charts are left out."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is the file's name: a sheet's says little about the workbook."""
        check_office_archive(source.content)
        builder = DocumentBuilder()
        try:
            hidden = _write(builder, source.content)
        except _DAMAGE as error:
            raise damaged_office_file() from error
        warnings = [f"The sheet {title!r} is hidden and was left out." for title in hidden]
        return builder.document(source, title=PurePath(source.filename).stem, warnings=warnings)


def _write(builder: DocumentBuilder, content: bytes) -> list[str]:
    """Add the visible sheets to the document and return the titles of the others."""
    workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    hidden: list[str] = []
    for sheet in workbook.worksheets:
        if sheet.sheet_state != "visible":
            hidden.append(str(sheet.title))
            continue
        sheet.reset_dimensions()  # what a file says about its own size is often wrong
        rows = [row for cells in sheet.iter_rows(values_only=True) if (row := _shown_row(cells))]
        _write_sheet(builder, str(sheet.title), rows)
    return hidden


def _write_sheet(builder: DocumentBuilder, title: str, rows: Sequence[Sequence[str]]) -> None:
    """A heading, the lines above the table, and the table, which begins with the first row of several cells."""
    if not rows:
        return
    builder.heading(1, title)
    start = next((number for number, row in enumerate(rows) if sum(map(bool, row)) > 1), 0)
    for row in rows[:start]:
        builder.paragraph(" ".join(filter(None, row)))
    builder.table(_without_empty_columns(rows[start:]))


def _without_empty_columns(rows: Sequence[Sequence[str]]) -> Iterator[Sequence[str]]:
    used = sorted({column for row in rows for column, cell in enumerate(row) if cell})
    for row in rows:
        yield [row[column] if column < len(row) else "" for column in used]


def _shown_row(cells: Sequence[object]) -> Sequence[str]:
    """The row up to its last cell that says something: formats alone can fill one to the edge of the sheet."""
    row = [_shown(cell) for cell in cells]
    while row and not row[-1]:
        row.pop()
    return row


def _shown(value: object) -> str:
    """A cell as a person sees it; a date without a time of day has none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        at_midnight = value.time() == time()
        return value.date().isoformat() if at_midnight else value.isoformat(" ", "seconds")
    return str(value).strip()
