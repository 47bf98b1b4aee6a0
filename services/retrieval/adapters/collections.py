"""What the corpus service says about collections, kept for a short while."""

import re
import time
from datetime import timedelta
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from services.retrieval.errors import collection_not_found
from services.shared.contracts.corpus import Collection
from services.shared.kit.errors import NotFoundError, UpstreamError
from services.shared.kit.http import ServiceClient

T = TypeVar("T")

_PATH = "/internal/collections"
_ID_OR_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_COLLECTION = TypeAdapter(Collection)
_COLLECTIONS = TypeAdapter(list[Collection])
_REMEMBERED = 1024


class CollectionDirectory:
    """Resolves the id or name of a collection."""

    def __init__(self, client: ServiceClient, ttl: timedelta) -> None:
        self._client = client
        self._ttl_s = ttl.total_seconds()
        self._known: dict[str, tuple[Collection, float]] = {}

    async def resolve(self, id_or_name: str) -> Collection:
        """The collection.

        Raises:
            CollectionNotFoundError: there is none; the message names those that exist.
            PlatformError: the corpus service cannot be asked.
        """
        known = self._known.get(id_or_name)
        if known is not None and time.monotonic() < known[1]:
            return known[0]
        collection = await self._ask(id_or_name)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[id_or_name] = (collection, time.monotonic() + self._ttl_s)
        return collection

    def outdated(self, id_or_name: str) -> Collection | None:
        """What was known of the collection when that is to be asked again; None when it never was, or holds good."""
        known = self._known.get(id_or_name)
        return known[0] if known is not None and time.monotonic() >= known[1] else None

    def forget(self, id_or_name: str) -> None:
        """Ask the corpus service again next time."""
        self._known.pop(id_or_name, None)

    async def _ask(self, id_or_name: str) -> Collection:
        if not _ID_OR_NAME.fullmatch(id_or_name):  # nothing can be called so; it would not survive a path
            raise collection_not_found(id_or_name, await self._names())
        try:
            return _read(_COLLECTION, await self._client.get_json(f"{_PATH}/{id_or_name}"))
        except NotFoundError as error:
            raise collection_not_found(id_or_name, await self._names()) from error

    async def _names(self) -> list[str]:
        return [collection.name for collection in _read(_COLLECTIONS, await self._client.get_json(_PATH))]


def _read(kind: TypeAdapter[T], answer: object) -> T:
    try:
        return kind.validate_python(answer)
    except ValidationError as error:
        raise UpstreamError(f"What the corpus service says about collections could not be read: {error}.") from error
