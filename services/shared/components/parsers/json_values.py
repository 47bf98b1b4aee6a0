"""Reads JSON and writes its values as lines of text that name their keys."""

import json
from collections.abc import Iterator
from typing import TypeAlias, cast

from services.shared.components.parsers.failure import ParseFailure, ParseStage

JsonValue: TypeAlias = "dict[str, JsonValue] | list[JsonValue] | str | bool | None"
"""A value whose numbers are strings: they are shown as they were written, however large or precise."""

# The lines are written by a recursive function; data made by programs stays below 20.
_MAX_DEPTH = 100


def read_json(text: str, *, line: int | None = None) -> JsonValue:
    """The value that `text` holds; `line` is its place in a file of many.

    Raises `ParseFailure` for text that is no complete JSON, and for values nested too deeply.
    """
    try:
        return cast("JsonValue", json.loads(text, parse_int=str, parse_float=str, parse_constant=str))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno if line is None else line:,}, column {error.colno:,}"
        message = (
            f"The JSON is damaged or incomplete at {where} ({error.msg}). "
            "Correct it, or fetch or export it again, and upload the new copy."
        )
        raise ParseFailure(ParseStage.PARSE, "damaged", message) from error
    except RecursionError:
        raise _too_deep() from None


def value_lines(value: JsonValue, path: str = "", depth: int = 0) -> Iterator[str]:
    """One line for each plain value, with the path of keys that leads to it: `server.ports[0].name: http`."""
    if depth > _MAX_DEPTH:
        raise _too_deep()
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from value_lines(inner, f"{path}.{key}" if path else key, depth + 1)
    elif isinstance(value, list) and not all(map(is_plain, value)):
        for number, inner in enumerate(value):
            yield from value_lines(inner, f"{path}[{number}]", depth + 1)
    else:
        shown = ", ".join(map(plain_text, value)) if isinstance(value, list) else plain_text(value)
        yield f"{path}: {shown}" if path else shown


def is_plain(value: JsonValue) -> bool:
    """True for what has no values inside."""
    return not isinstance(value, (dict, list))


def plain_text(value: JsonValue) -> str:
    """A plain value on one line."""
    if isinstance(value, str):
        return " ".join(value.split())
    return json.dumps(value)


def _too_deep() -> ParseFailure:
    message = (
        f"The JSON nests values more than {_MAX_DEPTH} levels deep, which no reader can follow. "
        "Flatten it, or split it into smaller documents, and upload it again."
    )
    return ParseFailure(ParseStage.PARSE, "nested_too_deeply", message)
