"""What a chunk has where a search's filters look."""

from collections.abc import Iterator

from services.shared.contracts.chunks import ChunkPayload
from services.shared.contracts.search import ComparisonFilter, SearchFilter

_OWN_FIELDS = ("document_id", "source", "file_id", "page", "title", "language")


def compared_values(filters: SearchFilter | None, chunk: ChunkPayload) -> str:
    """The fields that the filters compare and their values in the chunk, as `team is 'sales', page is 3`."""
    keys = dict.fromkeys(_keys(filters)) if filters is not None else {}
    return ", ".join(_value(key, chunk) for key in keys)


def _keys(given: SearchFilter) -> Iterator[str]:
    if isinstance(given, ComparisonFilter):
        yield given.key
        return
    for each in given.filters:
        yield from _keys(each)


def _value(key: str, chunk: ChunkPayload) -> str:
    value = getattr(chunk, key) if key in _OWN_FIELDS else chunk.attributes.get(key)
    return f"it has no {key}" if value is None else f"{key} is {value!r}"
