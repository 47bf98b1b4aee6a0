"""Checks attributes of documents, and filters over them, against a collection's schema."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from services.shared.contracts.metadata import FieldType, MetadataField, MetadataSchema
from services.shared.contracts.search import ComparisonFilter, Scalar, SearchFilter
from services.shared.kit.errors import InvalidRequestError

_ORDERED = frozenset({FieldType.NUMBER, FieldType.DATE})
_RANGES = frozenset({"gt", "gte", "lt", "lte"})


def check_attributes(schema: MetadataSchema | None, attributes: Mapping[str, Scalar], *, of: str) -> None:
    """Raises `InvalidRequestError` when the attributes of the document `of` are not as the schema says."""
    if schema is None:
        return
    problem = next(_problems(schema, attributes), None)
    if problem is not None:
        raise InvalidRequestError(
            f"attributes of {of!r}: {problem}. Its collection has these: {described(schema)}.",
            code="invalid_attributes",
            param="attributes",
        )


def check_filter(schema: MetadataSchema | None, given: SearchFilter, *, chunk_keys: frozenset[str]) -> None:
    """Raises `InvalidRequestError` when the filter compares what documents cannot have; `chunk_keys` they all have."""
    if schema is None:
        return
    for each in _comparisons(given):
        problem = None if each.key in chunk_keys else _filter_problem(schema, each)
        if problem is not None:
            raise InvalidRequestError(
                f"filters: {problem}. The collection has these attributes: {described(schema)}.",
                code="invalid_filter",
                param="filters",
            )


def dates_of(schema: MetadataSchema | None) -> frozenset[str]:
    """The attributes that are dates."""
    return frozenset(key for key, field in schema.fields.items() if field.type is FieldType.DATE) if schema else _NONE


def date_of(value: str) -> datetime:
    """A date as ISO 8601 writes it; UTC where it names no zone. Raises ValueError."""
    read = datetime.fromisoformat(value)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def described(schema: MetadataSchema) -> str:
    """The schema in one line."""
    fields = (f"{key} ({field.type}{', required' * field.required})" for key, field in schema.fields.items())
    return ", ".join(fields)


_NONE: frozenset[str] = frozenset()


def _problems(schema: MetadataSchema, attributes: Mapping[str, Scalar]) -> Iterator[str]:
    for key, field in schema.fields.items():
        if key not in attributes and field.required:
            yield f"'{key}' is missing"
    for key, value in attributes.items():
        field = schema.fields.get(key)
        if field is None and not schema.others:
            yield f"there is no attribute '{key}'"
        problem = _value_problem(key, field, value) if field is not None else None
        if problem is not None:
            yield problem


def _value_problem(key: str, field: MetadataField, value: Scalar) -> str | None:
    if not _FITS[field.type](value):
        return f"'{key}' is {value!r}, which is no {field.type}"
    if field.values is not None and value not in field.values:
        return f"'{key}' is {value!r}, must be one of {', '.join(field.values)}"
    return None


def _filter_problem(schema: MetadataSchema, given: ComparisonFilter) -> str | None:
    field = schema.fields.get(given.key)
    if field is None:
        return None if schema.others else f"there is no attribute '{given.key}'"
    if given.type in _RANGES and field.type not in _ORDERED:
        return f"'{given.key}' is a {field.type}, which '{given.type}' cannot compare"
    values = given.value if isinstance(given.value, list) else [given.value]
    return next((found for value in values if (found := _value_problem(given.key, field, value))), None)


def _comparisons(given: SearchFilter) -> Iterator[ComparisonFilter]:
    waiting = [given]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ComparisonFilter):
            yield each
        else:
            waiting.extend(each.filters)


def _is_date(value: Scalar) -> bool:
    if not isinstance(value, str):
        return False
    try:
        date_of(value)
    except ValueError:
        return False
    return True


_FITS: Mapping[FieldType, Callable[[Scalar], bool]] = {
    FieldType.STRING: lambda value: isinstance(value, str),
    FieldType.NUMBER: lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    FieldType.BOOLEAN: lambda value: isinstance(value, bool),
    FieldType.DATE: _is_date,
}
