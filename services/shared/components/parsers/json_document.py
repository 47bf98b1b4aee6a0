"""JSON: objects as headings with a line for each value, lists of like objects as tables."""

from collections.abc import Sequence
from itertools import chain
from pathlib import PurePath
from typing import TypeGuard

from services.shared.components.parsers.builder import DocumentBuilder
from services.shared.components.parsers.decoding import decode_text
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.json_values import JsonValue, is_plain, plain_text, read_json, value_lines
from services.shared.components.parsers.protocol import Source

# Deeper objects are lines with a path: headings further down would have a line or two under each.
_MAX_HEADING_LEVEL = 3
_MAX_SPARSITY = 3


class JsonParser:
    """One JSON value. Keys are headings and, below the third level, paths in front of the values."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is the file's name without its extension."""
        builder = DocumentBuilder()
        _write(builder, read_json(decode_text(source.content)), level=1)
        return builder.document(source, title=PurePath(source.filename).stem)


def _write(builder: DocumentBuilder, value: JsonValue, *, level: int) -> None:
    if isinstance(value, list):
        _write_list(builder, value)
    elif isinstance(value, dict) and level <= _MAX_HEADING_LEVEL:
        plain: dict[str, JsonValue] = {key: inner for key, inner in value.items() if is_plain(inner)}
        builder.paragraph("\n".join(value_lines(plain)))
        for key, inner in value.items():
            if not is_plain(inner):
                builder.heading(level, key)
                _write(builder, inner, level=level + 1)
    else:
        builder.paragraph("\n".join(value_lines(value)))


def _write_list(builder: DocumentBuilder, values: Sequence[JsonValue]) -> None:
    if _are_records(values):
        columns = _columns(values)
        builder.table(chain([columns], ([_cell(record.get(key)) for key in columns] for record in values)))
    elif all(map(is_plain, values)):
        builder.items((0, plain_text(value)) for value in values)
    else:
        for value in values:
            builder.paragraph("\n".join(value_lines(value)))


def _are_records(values: Sequence[JsonValue]) -> TypeGuard[Sequence[dict[str, JsonValue]]]:
    """True for objects without values inside values, and so alike that a table of them is not mostly empty."""
    records = [value for value in values if isinstance(value, dict) and all(map(is_plain, value.values()))]
    if not records or len(records) < len(values):
        return False
    return len(_columns(records)) * len(records) <= _MAX_SPARSITY * sum(map(len, records))


def _columns(records: Sequence[dict[str, JsonValue]]) -> list[str]:
    return list(dict.fromkeys(key for record in records for key in record))


def _cell(value: JsonValue) -> str:
    return "" if value is None else plain_text(value)
