"""Point ids: unsigned 64-bit integers or UUIDs."""

from typing import TypeAlias
from uuid import UUID

from services.vectordb.domain.fields import as_list
from services.vectordb.errors import FormatError

PointId: TypeAlias = int | UUID | str  # the engine also takes text; ids read from requests are numbers or UUIDs

_MAX_ID = 2**64 - 1


def point_id(value: object) -> PointId:
    """The id in a request; FormatError in Qdrant's words when it is none."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_ID:
        return value
    if isinstance(value, str):
        try:
            return UUID(value)
        except ValueError:
            pass
    raise FormatError(f"value {value} is not a valid point ID, valid values are either an unsigned integer or a UUID")


def point_ids(value: object, what: str = "points") -> list[PointId]:
    """The ids in a request's array."""
    return [point_id(item) for item in as_list(value, what)]


def path_point_id(text: str) -> PointId:
    """The id in a path."""
    return point_id(int(text) if text.isascii() and text.isdigit() else text)


def id_to_json(value: object) -> int | str:
    """The id as it travels."""
    return value if isinstance(value, int) else str(value)
