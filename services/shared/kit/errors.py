"""The platform's error tree: each error knows its HTTP status and a stable code; mapped once, at the edge.

PlatformError
├── InvalidRequestError      400  invalid_request
│   └── ContextLengthError   400  context_length_exceeded
├── AuthenticationError      401  invalid_api_key
├── PermissionDeniedError    403  permission_denied
├── NotFoundError            404  not_found
├── MethodNotAllowedError    405  method_not_allowed (with Allow)
├── RequestTimeoutError      408  request_timeout
├── ConflictError            409  conflict
├── PayloadTooLargeError     413  payload_too_large
├── UnsupportedMediaError    415  unsupported_media_type
├── UnprocessableError       422  unprocessable
├── RateLimitedError         429  rate_limited
├── UpstreamError            502  upstream_error
├── UnavailableError         503  unavailable (with Retry-After)
├── UpstreamTimeoutError     504  upstream_timeout
└── StorageFullError         507  storage_full
"""

from collections.abc import Iterable, Mapping
from typing import ClassVar


class PlatformError(Exception):
    """A failure a caller can act on.

    The message names what happened, with which value, and what to do. `code` is stable and machine-readable;
    `param` names the request field at fault.
    """

    status: ClassVar[int] = 500
    type: ClassVar[str] = "server_error"
    default_code: ClassVar[str] = "internal_error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.param = param
        self.retry_after_seconds = retry_after_seconds

    def body(self) -> dict[str, dict[str, str | None]]:
        """The error in OpenAI's shape."""
        return error_body(self.message, type_=self.type, code=self.code, param=self.param)

    def headers(self) -> dict[str, str]:
        """Headers that belong to the error (`Retry-After` in seconds, when known)."""
        if self.retry_after_seconds is None:
            return {}
        return {"retry-after": str(self.retry_after_seconds)}


class InvalidRequestError(PlatformError):
    status, type, default_code = 400, "invalid_request_error", "invalid_request"


class ContextLengthError(InvalidRequestError):
    default_code = "context_length_exceeded"


class AuthenticationError(PlatformError):
    status, type, default_code = 401, "authentication_error", "invalid_api_key"

    def headers(self) -> dict[str, str]:
        """Names the scheme, as RFC 9110 asks of every 401."""
        return {**super().headers(), "www-authenticate": "Bearer"}


class PermissionDeniedError(PlatformError):
    status, type, default_code = 403, "permission_error", "permission_denied"


class NotFoundError(PlatformError):
    status, type, default_code = 404, "invalid_request_error", "not_found"


class MethodNotAllowedError(PlatformError):
    status, type, default_code = 405, "invalid_request_error", "method_not_allowed"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        retry_after_seconds: int | None = None,
        allowed: Iterable[str] = (),
    ) -> None:
        super().__init__(message, code=code, param=param, retry_after_seconds=retry_after_seconds)
        self.allowed = tuple(sorted(allowed))

    def headers(self) -> dict[str, str]:
        """`Allow`, when the methods are known."""
        return {**super().headers(), **({"allow": ", ".join(self.allowed)} if self.allowed else {})}


class RequestTimeoutError(PlatformError):
    """The client did not send its request in time."""

    status, type, default_code = 408, "invalid_request_error", "request_timeout"


class ConflictError(PlatformError):
    status, type, default_code = 409, "invalid_request_error", "conflict"


class PayloadTooLargeError(PlatformError):
    status, type, default_code = 413, "invalid_request_error", "payload_too_large"


class UnsupportedMediaError(PlatformError):
    status, type, default_code = 415, "invalid_request_error", "unsupported_media_type"


class UnprocessableError(PlatformError):
    """The request is right, but what it is about cannot be worked on.

    Only ever an answer of ours: engine and vector database call a wrong request 422, which `BY_STATUS` leaves to 400.
    """

    status, type, default_code = 422, "invalid_request_error", "unprocessable"


class RateLimitedError(PlatformError):
    status, type, default_code = 429, "rate_limit_error", "rate_limited"


class UpstreamError(PlatformError):
    status, default_code = 502, "upstream_error"


class UnavailableError(PlatformError):
    """A part the request needs is not up yet or was lost; it comes back by itself."""

    status, type, default_code = 503, "service_unavailable", "unavailable"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        retry_after_seconds: int | None = 5,
    ) -> None:
        super().__init__(message, code=code, param=param, retry_after_seconds=retry_after_seconds)


class UpstreamTimeoutError(PlatformError):
    status, default_code = 504, "upstream_timeout"


class StorageFullError(PlatformError):
    status, default_code = 507, "storage_full"


BY_STATUS: Mapping[int, type[PlatformError]] = {
    error.status: error
    for error in (
        InvalidRequestError,
        AuthenticationError,
        PermissionDeniedError,
        NotFoundError,
        MethodNotAllowedError,
        RequestTimeoutError,
        ConflictError,
        PayloadTooLargeError,
        UnsupportedMediaError,
        RateLimitedError,
        UpstreamError,
        UnavailableError,
        UpstreamTimeoutError,
        StorageFullError,
    )
}


def error_body(
    message: str, *, type_: str, code: str | None, param: str | None = None
) -> dict[str, dict[str, str | None]]:
    """OpenAI's error shape, which every client library understands."""
    return {"error": {"message": message, "type": type_, "code": code, "param": param}}


def error_from_response(status: int, body: object, *, service: str, retry_after: str | None = None) -> PlatformError:
    """The error another service answered with, as one of our tree (message, code and status kept)."""
    kind = BY_STATUS.get(status, InvalidRequestError if 400 <= status < 500 else UpstreamError)
    message, code, param = _fields(body)
    seconds = int(retry_after) if retry_after is not None and retry_after.isdigit() else None
    if kind is UnavailableError and seconds is None:
        seconds = 5
    return kind(
        message or f"{service} answered with HTTP status {status}.",
        code=code,
        param=param,
        retry_after_seconds=seconds,
    )


def _fields(body: object) -> tuple[str | None, str | None, str | None]:
    match body:
        case {"error": {"message": str(message), **rest}}:
            code, param = rest.get("code"), rest.get("param")
            return message, code if isinstance(code, str) else None, param if isinstance(param, str) else None
        case {"status": {"error": str(message)}} | {"detail": str(message)} | {"message": str(message)}:
            return message, None, None
        case _:
            return None, None, None
