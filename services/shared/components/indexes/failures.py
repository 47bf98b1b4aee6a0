"""The vector database's failures as errors of our tree."""

from collections.abc import Generator
from contextlib import contextmanager

import httpx
import orjson
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from services.shared.kit.errors import (
    NotFoundError,
    PlatformError,
    RateLimitedError,
    StorageFullError,
    UnavailableError,
    UpstreamError,
    UpstreamTimeoutError,
    error_from_response,
)

_SERVICE = "vectordb"
_DISK_FULL_WORDS = ("no space left", "not enough space", "disk is full")


class NotIndexedError(NotFoundError):
    """There is no such collection in the index: nothing was ingested into it yet, or it was deleted."""


@contextmanager
def index_errors(collection: str) -> Generator[None]:
    """Map what a call to the vector database raises.

    Raises:
        NotIndexedError: the collection is not in the index.
        StorageFullError: the database's disk is full; the write did not happen.
        UnavailableError: the database is not up.
        UpstreamTimeoutError: it did not answer in time.
        PlatformError: anything else, with the database's own words.
    """
    try:
        yield
    except UnexpectedResponse as error:
        raise _from_response(error, collection) from error
    except ResponseHandlingException as error:
        raise _from_transport(error.source) from error
    except ResourceExhaustedResponse as error:
        raise RateLimitedError(f"{_SERVICE}: {error.message}", retry_after_seconds=error.retry_after_s) from error


def _from_response(error: UnexpectedResponse, collection: str) -> PlatformError:
    status = error.status_code or 502
    mapped = error_from_response(status, _json_or_none(error.content), service=_SERVICE)
    if status == 404:
        return NotIndexedError(
            f"The collection '{collection}' is not in the index; nothing was ingested into it yet.",
            code="collection_not_found",
        )
    if status == 507 or any(words in mapped.message.lower() for words in _DISK_FULL_WORDS):
        return StorageFullError(
            "The vector database's disk is full; nothing was stored. Free some space, then try again."
        )
    if status in {401, 403}:  # our own key is wrong: not the fault of who asked us
        return UpstreamError("The vector database refused our key; check secrets/vectordb.key.")
    return mapped


def _from_transport(source: Exception) -> PlatformError:
    if isinstance(source, httpx.ConnectError | httpx.RemoteProtocolError | httpx.ReadError | httpx.ConnectTimeout):
        return UnavailableError("The vector database is not up; it is being restarted, try again shortly.")
    if isinstance(source, httpx.TimeoutException):
        return UpstreamTimeoutError("The vector database did not answer in time.")
    return UpstreamError(f"The vector database's answer could not be read: {source}.")


def _json_or_none(raw: bytes) -> object:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
