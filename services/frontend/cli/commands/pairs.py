"""Options that are pairs: attributes, the fields of a metadata schema, parsers."""

import re
from collections.abc import Sequence

from services.frontend.cli.exits import CliError, ExitCode
from services.shared.contracts.metadata import FieldType

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_WORDS = {"true": True, "false": False}


def attributes_of(given: Sequence[str] | None) -> dict[str, str | float | bool]:
    """`key=value` pairs: numbers, `true` and `false` are what they look like, unless they stand in quotes.

    Raises:
        CliError: one is no pair.
    """
    return {key: _value(value) for key, value in (_pair(each, "--attribute") for each in given or ())}


def parsers_of(given: Sequence[str] | None) -> dict[str, str] | None:
    """`media/type=parser` pairs; None when there are none.

    Raises:
        CliError: one is no pair.
    """
    return dict(_pair(each, "--parser") for each in given) if given else None


def schema_of(given: Sequence[str] | None) -> dict[str, object] | None:
    """A metadata schema of `name:type` fields, with `:required` behind those that all documents must have.

    Raises:
        CliError: one is no such field.
    """
    if not given:
        return None
    return {"fields": dict(_field(each) for each in given)}


def _pair(given: str, option: str) -> tuple[str, str]:
    key, sign, value = given.partition("=")
    if not key or not sign or not value:
        raise CliError(f"{option} {given!r} is no pair: write name=value.", exit_code=ExitCode.USAGE)
    return key, value


def _value(text: str) -> str | float | bool:
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.fullmatch(text):
        return float(text)
    quoted = len(text) > 1 and text[0] == text[-1] == '"'
    return text[1:-1] if quoted else text


def _field(given: str) -> tuple[str, dict[str, object]]:
    name, *rest = given.split(":")
    types = [each.value for each in FieldType]
    if not name or not rest or rest[0] not in types or rest[1:] not in ([], ["required"]):
        raise CliError(
            f"--field {given!r} cannot be read: write name:type or name:type:required.",
            hint=f"Types are {', '.join(types)}.",
            exit_code=ExitCode.USAGE,
        )
    return name, {"type": rest[0], "required": len(rest) > 1}
