"""What an error answer of a remote embedding endpoint means: whose fault it is, and whether to ask again."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import cast

from services.inference.errors import EmbeddingEndpointError, EmbeddingEndpointSetupError
from services.shared.kit.errors import (
    InvalidRequestError,
    PayloadTooLargeError,
    PlatformError,
    RateLimitedError,
    UnavailableError,
    UpstreamTimeoutError,
)

WORTH_REPEATING = (EmbeddingEndpointError, RateLimitedError, UnavailableError, UpstreamTimeoutError)
_OUT_OF_CREDIT = "embedding_endpoint_quota"
_LONGEST_MESSAGE = 300
_REFUSED_TEXT = {400, 413, 422}
_BUSY = {409, 425, 429}
_FAILED = {408, 424}  # 424: a text-embeddings-inference whose model failed
_OURS = {"model", "dimensions", "encoding_format"}  # fields that settings decide, not the texts


def is_worth_repeating(error: PlatformError) -> bool:
    """Whether the same request may succeed in a moment."""
    return isinstance(error, WORTH_REPEATING) and error.code != _OUT_OF_CREDIT


def endpoint_error(
    status: int, body: object, *, endpoint: str, retry_after: str | None, secret: str | None
) -> PlatformError:
    """The error for an answer with this status; `secret` is struck out of what the endpoint said."""
    said, code, param = _fields(body)
    said = _without(said, secret)[:_LONGEST_MESSAGE] or f"HTTP status {status}"
    if status in {401, 403}:
        return EmbeddingEndpointSetupError(
            f"{endpoint} refused the platform's key; check secrets/embedding-endpoint.key.",
            code="embedding_key_refused",
        )
    if status in _REFUSED_TEXT and param not in _OURS and code != "model_not_found":
        kind = PayloadTooLargeError if status == 413 else InvalidRequestError
        return kind(f"{endpoint} refused the text: {said}", code="embedding_refused", param="input")
    if status in _BUSY:
        return _busy(endpoint, said, code, seconds_of(retry_after))
    if status >= 500 or status in _FAILED:
        kind = UnavailableError if status == 503 else EmbeddingEndpointError
        return kind(f"{endpoint} failed: {said}", retry_after_seconds=seconds_of(retry_after))
    return EmbeddingEndpointSetupError(
        f"{endpoint} does not serve this (HTTP status {status}: {said}); check RAGWORKS_EMBEDDING_ENDPOINT, which for "
        "OpenAI's API usually ends in /v1, and RAGWORKS_EMBEDDING_ENDPOINT_MODEL."
    )


def _busy(endpoint: str, said: str, code: str | None, seconds: int | None) -> RateLimitedError:
    if code == "insufficient_quota":
        return RateLimitedError(f"{endpoint} says that the account has no credit left: {said}", code=_OUT_OF_CREDIT)
    return RateLimitedError(f"{endpoint} takes no more requests now: {said}", retry_after_seconds=seconds)


def seconds_of(retry_after: str | None) -> int | None:
    """A Retry-After header in seconds; it holds a number or a date."""
    if not retry_after:
        return None
    if retry_after.strip().isdigit():
        return int(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0, round((until - datetime.now(UTC)).total_seconds()))


def _fields(body: object) -> tuple[str, str | None, str | None]:
    match body:
        case {"error": {"message": str(message), **rest}}:
            return message, _text(rest, "code"), _text(rest, "param")
        case {"error": str(message)} | {"message": str(message)} | {"detail": str(message)}:
            return message, None, None
        case _:
            return "", None, None


def _text(fields: object, name: str) -> str | None:
    value = cast("Mapping[str, object]", fields).get(name)
    return value if isinstance(value, str) else None


def _without(message: str, secret: str | None) -> str:
    return message.replace(secret, "***") if secret else message
