"""One document of every format that can be parsed, for tests of what holds for all of them."""

import gzip
import json
from collections.abc import Mapping
from typing import NamedTuple

from services.shared.components.parsers.media_type import MediaType
from tests.unit.components.parsers.documents import SAMPLES, zipped
from tests.unit.components.parsers.packages import epub, odt, odt_table, pptx, shape, slide_table, workbook

_ROWS = (("Pump", "Litres"), ("North", "120"), ("South", "95"), ("Café", "7"))
_HTML_TABLE = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in _ROWS)
_CSV = "".join(f"{pump},{litres}\n" for pump, litres in _ROWS)
_XML = f"<doc><title>Pumps</title><table>{_HTML_TABLE}</table></doc>"
_RST_TABLE = "\n".join(["=====  ======", "Pump   Litres", "=====  ======", "North  120", "South  95", "=====  ======"])
_RECORDS = [dict(zip(_ROWS[0], row, strict=True)) for row in _ROWS[1:]]
_HEADERS = "From: a@example.org\nMIME-Version: 1.0\nSubject: Pumps\nContent-Type: text/html; charset=utf-8"


class Example(NamedTuple):
    """A file as it is uploaded."""

    filename: str
    content: bytes


def _sample(name: str) -> Example:
    return Example(name, (SAMPLES / name).read_bytes())


ONE_OF_EACH: Mapping[MediaType, Example] = {
    MediaType.PDF: _sample("aurora-handbook.pdf"),
    MediaType.DOCX: _sample("aurora-visitor-guide.docx"),
    MediaType.HTML: _sample("aurora-instruments.html"),
    MediaType.PLAIN_TEXT: _sample("aurora-night-log.txt"),
    MediaType.MARKDOWN: _sample("README.md"),
    MediaType.RST: Example("pumps.rst", f"Pumps\n=====\n\n{_RST_TABLE}\n".encode()),
    MediaType.SOURCE_CODE: Example("pumps.py", b'"""Pumps."""\n\n\ndef litres() -> int:\n    return 120\n'),
    MediaType.XML: Example("pumps.xml", f"<?xml version='1.0'?>{_XML}".encode()),
    MediaType.JSON: Example("pumps.json", json.dumps({"Pumps": _RECORDS}).encode()),
    MediaType.JSONL: Example("pumps.jsonl", "\n".join(map(json.dumps, _RECORDS)).encode()),
    MediaType.CSV: Example("pumps.csv", _CSV.encode()),
    MediaType.TSV: Example("pumps.tsv", _CSV.replace(",", "\t").encode()),
    MediaType.EMAIL: Example("pumps.eml", f"{_HEADERS}\n\n<table>{_HTML_TABLE}</table>\n".encode()),
    MediaType.PPTX: Example("pumps.pptx", pptx(shape("Pumps", kind="title") + slide_table(*_ROWS))),
    MediaType.XLSX: Example("pumps.xlsx", workbook({"Pumps": _ROWS})),
    MediaType.ODT: Example("pumps.odt", odt(f'<text:h text:outline-level="1">Pumps</text:h>{odt_table(*_ROWS)}')),
    MediaType.EPUB: Example("pumps.epub", epub(f"<h1>Pumps</h1><table>{_HTML_TABLE}</table>", title="About pumps")),
    MediaType.ZIP: Example("pumps.zip", zipped({"pumps.csv": _CSV})),
    MediaType.TAR: Example("pumps.csv.gz", gzip.compress(_CSV.encode(), mtime=0)),
}
