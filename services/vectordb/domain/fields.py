"""Reading raw JSON: the few typed questions the other modules ask of a request body.

Bodies of points and queries are read by hand instead of through models: a batch of 256 points with vectors passes in
a fraction of the time, which is most of what an upsert costs.
"""

from typing import TypeAlias, cast

from services.vectordb.errors import FormatError, UnsupportedError, ValidationError

JsonObject: TypeAlias = dict[str, object]


def as_object(value: object, what: str) -> JsonObject:
    """The value as a JSON object; FormatError names `what` when it is not one."""
    if not isinstance(value, dict):
        raise FormatError(f"{what}: expected an object, got {_kind(value)}")
    return cast("JsonObject", value)


def as_list(value: object, what: str) -> list[object]:
    """The value as a JSON array."""
    if not isinstance(value, list):
        raise FormatError(f"{what}: expected an array, got {_kind(value)}")
    return cast("list[object]", value)


def as_text(value: object, what: str) -> str:
    """The value as a JSON string."""
    if not isinstance(value, str):
        raise FormatError(f"{what}: expected a string, got {_kind(value)}")
    return value


def as_number(value: object, what: str) -> float:
    """The value as a JSON number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FormatError(f"{what}: expected a number, got {_kind(value)}")
    return value


def as_count(value: object, what: str) -> int:
    """The value as a whole number of zero or more."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise FormatError(f"{what}: expected an unsigned integer, got {value!r}")
    return value


def as_texts(value: object, what: str) -> list[str]:
    """The value as an array of strings."""
    return [as_text(item, what) for item in as_list(value, what)]


def required(body: JsonObject, key: str) -> object:
    """The value under the key; FormatError when it is missing or null."""
    value = body.get(key)
    if value is None:
        raise FormatError(f"missing field `{key}`")
    return value


def optional_text(body: JsonObject, key: str) -> str | None:
    value = body.get(key)
    return None if value is None else as_text(value, key)


def optional_number(body: JsonObject, key: str) -> float | None:
    value = body.get(key)
    return None if value is None else as_number(value, key)


def optional_count(body: JsonObject, key: str) -> int | None:
    value = body.get(key)
    return None if value is None else as_count(value, key)


def optional_flag(body: JsonObject, key: str) -> bool | None:
    value = body.get(key)
    if value is not None and not isinstance(value, bool):
        raise FormatError(f"{key}: expected a boolean, got {_kind(value)}")
    return value


def limit_of(body: JsonObject, key: str = "limit", *, default: int) -> int:
    """A limit of one or more."""
    value = optional_count(body, key)
    if value == 0:
        raise ValidationError(f"[{key}: value 0 invalid, must be 1 or larger]")
    return default if value is None else value


def refuse(body: JsonObject, **unsupported: str) -> None:
    """Refuse keys that mean something in Qdrant and cannot be honoured here: key to the feature's name."""
    for key, feature in unsupported.items():
        if body.get(key) is not None:
            raise UnsupportedError(feature)


def _kind(value: object) -> str:
    return "null" if value is None else type(value).__name__
