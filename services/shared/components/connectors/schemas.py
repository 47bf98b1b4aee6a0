"""Checks values against JSON Schemas that may come from outside: nothing is fetched, no pattern of theirs is run."""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, best_match
from referencing import Registry
from referencing.exceptions import Unresolvable

from services.shared.components.connectors.failures import ConnectorError

_COSTLY = frozenset({"pattern", "patternProperties"})
_DEEPEST = 20


class Checker:
    """One schema.

    Raises:
        ConnectorError: it is none, or nested too deep.
    """

    def __init__(self, schema: Mapping[str, Any], *, outside: bool) -> None:
        plain = _harmless(schema, 0) if outside else schema
        try:
            Draft202012Validator.check_schema(plain)
        except SchemaError as error:
            raise ConnectorError("invalid_schema", f"The tool's schema is wrong: {error.message[:200]}.") from error
        self._validator = Draft202012Validator(plain, registry=Registry())

    def problem(self, value: Any) -> str | None:  # noqa: ANN401 - any JSON
        """What is wrong with a value; None when nothing is."""
        try:
            found = best_match(self._validator.iter_errors(value))
        except (Unresolvable, RecursionError):
            return "its schema refers to what is not in it"
        if found is None:
            return None
        place = ".".join(str(part) for part in found.absolute_path)
        return f"{place}: {found.message[:300]}" if place else found.message[:300]


def _harmless(value: object, depth: int) -> Any:  # noqa: ANN401 - any JSON
    if depth > _DEEPEST:
        raise ConnectorError("invalid_schema", "The tool's schema is nested too deep.")
    if isinstance(value, Mapping):
        return {key: _harmless(each, depth + 1) for key, each in value.items() if key not in _COSTLY}
    if isinstance(value, list):
        return [_harmless(each, depth + 1) for each in value]
    return value
