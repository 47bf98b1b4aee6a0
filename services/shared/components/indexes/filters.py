"""OpenAI's search filters and the access rule as Qdrant filters."""

from collections.abc import Callable, Mapping, Sequence

from qdrant_client import models

from services.shared.components.metadata.check import date_of
from services.shared.contracts.chunks import EVERYONE
from services.shared.contracts.search import ComparisonFilter, CompoundFilter, Scalar, SearchFilter
from services.shared.kit.errors import InvalidRequestError

CHUNK_KEYS = frozenset({"document_id", "source", "file_id", "page", "title", "language"})
"""Keys that name the chunk's own fields; every other key is one of the user's attributes."""

_MAX_DEPTH = 8
_RANGE_TYPES = frozenset({"gt", "gte", "lt", "lte"})


Reach = models.Filter
"""Which chunks a search may return; made by `within_reach` alone."""


def readable_by(principal: str | None) -> models.FieldCondition:
    """The condition every query carries: only what this principal, or everyone, may read."""
    allowed = [EVERYONE] if principal is None or principal == EVERYONE else [principal, EVERYONE]
    return models.FieldCondition(key="access", match=models.MatchAny(any=allowed))


def is_hidden() -> models.FieldCondition:
    """The condition no query may meet: a chunk of a version that is not complete yet."""
    return models.FieldCondition(key="hidden", match=models.MatchValue(value=True))


def within_reach(
    principal: str | None, filters: SearchFilter | None = None, *, dates: frozenset[str] = frozenset()
) -> Reach:
    """What the principal may read, of complete documents, and of that what passes the filters.

    The attributes in `dates` are compared as points in time.

    Raises:
        InvalidRequestError: the filters cannot be used.
    """
    extra = [to_condition(filters, dates=dates)] if filters is not None else []
    return models.Filter(must=[readable_by(principal), *extra], must_not=[is_hidden()])


def among(reach: Reach, ids: Sequence[str]) -> Reach:
    """Of what is within reach only these chunks."""
    return models.Filter(must=[reach, models.HasIdCondition(has_id=list(ids))])


def of_document(reach: Reach, name: str) -> Reach:
    """Of what is within reach only the chunks of the document with this id, source or file."""
    keys = ("document_id", "source", "file_id")
    named = [models.FieldCondition(key=key, match=models.MatchValue(value=name)) for key in keys]
    return models.Filter(must=[reach, models.Filter(should=list[models.Condition](named))])


def to_condition(given: SearchFilter, *, dates: frozenset[str] = frozenset(), depth: int = 1) -> models.Condition:
    """The filter as a Qdrant condition; the attributes in `dates` are compared as points in time.

    Raises:
        InvalidRequestError: an operator does not fit its value, a key is unusable, or it nests too deep.
    """
    if depth > _MAX_DEPTH:
        raise InvalidRequestError(f"filters: nested deeper than {_MAX_DEPTH} levels.", param="filters")
    if isinstance(given, CompoundFilter):
        return _compound(given, dates, depth)
    if given.key in dates:
        return _of_date(given)
    return _COMPARISONS[given.type](_path(given.key), given)


def _compound(given: CompoundFilter, dates: frozenset[str], depth: int) -> models.Filter:
    if not given.filters:
        raise InvalidRequestError(f"filters: '{given.type}' needs at least one filter.", param="filters")
    inner = [to_condition(item, dates=dates, depth=depth + 1) for item in given.filters]
    return models.Filter(must=inner) if given.type == "and" else models.Filter(should=inner)


def _path(key: str) -> str:
    if key in CHUNK_KEYS:
        return key
    if not key or '"' in key:
        raise InvalidRequestError(
            f"filters: {key!r} is not a usable key; name an attribute or one of {sorted(CHUNK_KEYS)}.",
            param="filters",
        )
    return f'attributes."{key}"'


def _of_date(given: ComparisonFilter) -> models.Condition:
    """Equal dates may be written in several ways, so that they match as ranges, too."""
    path = _path(given.key)
    values = _values(given) if isinstance(given.value, list) else [given.value]
    if given.type in _RANGE_TYPES:
        return _date_range(path, **{given.type: _scalar(given)})
    conditions: list[models.Condition] = [_date_range(path, gte=value, lte=value) for value in values]
    negated = given.type in {"ne", "nin"}
    return models.Filter(must_not=conditions) if negated else models.Filter(should=conditions)


def _date_range(path: str, **bounds: Scalar) -> models.FieldCondition:
    try:
        times = {bound: date_of(str(value)) for bound, value in bounds.items()}
    except ValueError as error:
        raise InvalidRequestError(f"filters: {error}; give a date as in 2026-01-31.", param="filters") from error
    return models.FieldCondition(key=path, range=models.DatetimeRange.model_validate(times))


def _equals(path: str, given: ComparisonFilter) -> models.Condition:
    return _equal(path, _scalar(given))


def _differs(path: str, given: ComparisonFilter) -> models.Condition:
    return models.Filter(must_not=[_equal(path, _scalar(given))])


def _one_of(path: str, given: ComparisonFilter) -> models.Condition:
    return models.Filter(should=_any_of(path, _values(given)))


def _none_of(path: str, given: ComparisonFilter) -> models.Condition:
    return models.Filter(must_not=_any_of(path, _values(given)))


def _range(path: str, given: ComparisonFilter) -> models.Condition:
    bound = _scalar(given)
    if isinstance(bound, str | bool):
        raise InvalidRequestError(f"filters: '{given.type}' compares numbers, not {bound!r}.", param="filters")
    return models.FieldCondition(key=path, range=models.Range.model_validate({given.type: bound}))


_COMPARISONS: Mapping[str, Callable[[str, ComparisonFilter], models.Condition]] = {
    "eq": _equals,
    "ne": _differs,
    "in": _one_of,
    "nin": _none_of,
    "gt": _range,
    "gte": _range,
    "lt": _range,
    "lte": _range,
}


def _equal(path: str, value: Scalar) -> models.FieldCondition:
    if isinstance(value, str | bool):
        return models.FieldCondition(key=path, match=models.MatchValue(value=value))
    return models.FieldCondition(key=path, range=models.Range(gte=value, lte=value))  # numbers match as ranges only


def _any_of(path: str, values: Sequence[Scalar]) -> list[models.Condition]:
    texts = [value for value in values if isinstance(value, str)]
    together: list[models.Condition] = (
        [models.FieldCondition(key=path, match=models.MatchAny(any=texts))] if texts else []
    )
    return together + [_equal(path, value) for value in values if not isinstance(value, str)]


def _scalar(given: ComparisonFilter) -> Scalar:
    if isinstance(given.value, list):
        raise InvalidRequestError(f"filters: '{given.type}' takes one value, not a list.", param="filters")
    return given.value


def _values(given: ComparisonFilter) -> list[Scalar]:
    if not isinstance(given.value, list) or not given.value:
        raise InvalidRequestError(f"filters: '{given.type}' takes a list of at least one value.", param="filters")
    return given.value
