"""Small ASGI pieces: bodies under a limit, JSON answers, the middleware every service wears."""

import time
from collections.abc import Callable, Sequence
from secrets import token_hex
from typing import Protocol, TypeVar

import orjson
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from pydantic import BaseModel, ValidationError
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.shared.kit.context import REQUEST_ID_HEADER, principal, request_id
from services.shared.kit.errors import InvalidRequestError, PayloadTooLargeError, PlatformError
from services.shared.kit.telemetry import REQUEST_SECONDS, get_logger, tracer

ModelT = TypeVar("ModelT", bound=BaseModel)

OPEN_PATHS = frozenset({"/healthz", "/readyz", "/livez", "/metrics"})
"""What an orchestrator of containers or a scraper may ask without a token."""

BodyLimit = Callable[[Scope], int]
"""Largest body of a request in bytes, where it depends on the path."""

_MAX_REQUEST_ID_CHARS = 128
_NO_SNIFFING = (b"x-content-type-options", b"nosniff")
_TRACE_CONTEXT = TraceContextTextMapPropagator()  # W3C trace context alone: baggage would let callers in
_log = get_logger("http")


class JsonResponse(Response):
    """A JSON answer, written by orjson."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """The content as JSON bytes."""
        return orjson.dumps(content)


class ClientGoneError(Exception):
    """The client closed the connection before its request was complete."""


class Authenticator(Protocol):
    """Decides who sends a request."""

    async def __call__(self, scope: Scope, headers: Headers, /) -> str | None:
        """The principal; raises AuthenticationError when the request is not to be served."""
        ...


class RequestMiddleware:
    """Gives every request an id, a span, a verdict on who sends it, a body limit, a metric and a log line.

    The last line of defence too: what nothing else caught is logged with its trace and answered with a 500.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        authenticate: Authenticator | None,
        max_body_bytes: int | BodyLimit | None,
        open_paths: frozenset[str] = OPEN_PATHS,
    ) -> None:
        self._app = app
        self._authenticate = authenticate
        self._max_body_bytes = max_body_bytes
        self._open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        parent = _TRACE_CONTEXT.extract(headers) if "traceparent" in headers else None
        with tracer.start_as_current_span(scope["method"], context=parent, kind=trace.SpanKind.SERVER) as span:
            identity = _request_id(headers, span)
            token = request_id.set(identity)
            answer = _Answer(send, identity)
            started = time.perf_counter()
            try:
                await self._serve(scope, receive, answer, headers=headers)
            finally:
                _account(scope, answer.status, time.perf_counter() - started, span)
                request_id.reset(token)

    async def _serve(self, scope: Scope, receive: Receive, answer: "_Answer", *, headers: Headers) -> None:
        try:
            if self._authenticate is not None and scope["path"] not in self._open_paths:
                principal.set(await self._authenticate(scope, headers))
            await self._app(scope, self._limited(scope, receive, headers), answer)
        except ClientGoneError:
            pass
        except PlatformError as error:
            await answer.fail(error)
        except Exception as error:  # noqa: BLE001 - the process boundary; logged with its trace
            await answer.fail(_expected(error) if answer.started else _unexpected(error))

    def _limited(self, scope: Scope, receive: Receive, headers: Headers) -> Receive:
        limit = self._max_body_bytes
        max_bytes = limit(scope) if callable(limit) else limit
        if max_bytes is None:
            return receive
        declared = headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > max_bytes:
            raise body_too_large(max_bytes)
        return limit_body(receive, max_bytes=max_bytes)


class _Answer:
    """The way back to the client: adds what every answer carries, and remembers how far it came."""

    def __init__(self, send: Send, identity: str) -> None:
        self._send = send
        self._identity = identity
        self.status = 499  # nobody was left to answer
        self.started = False

    async def __call__(self, message: Message) -> None:
        if not self.started:
            self.started = True
            self.status = message["status"]
            message["headers"] = [
                *message.get("headers", []),
                (REQUEST_ID_HEADER.encode(), self._identity.encode()),
                _NO_SNIFFING,
            ]
        await self._send(message)

    async def fail(self, error: PlatformError) -> None:
        """Answer with the error; an answer already under way breaks off, which the server then does."""
        if self.started:
            _log.warning("answer_broke_off", reason=error.message)
        else:
            await send_error(self, error)


def _expected(error: Exception) -> PlatformError:
    """Once an answer has begun, the framework wraps our errors in its own."""
    return error.__cause__ if isinstance(error.__cause__, PlatformError) else _unexpected(error)


def _unexpected(error: Exception) -> PlatformError:
    _log.error("unexpected_error", exc_info=error)
    return PlatformError("An unexpected error happened; the service's log has it under this request id.")


def limit_body(receive: Receive, *, max_bytes: int) -> Receive:
    """The same request, refused with PayloadTooLargeError once more than `max_bytes` of its body came."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > max_bytes:
            raise body_too_large(max_bytes)
        return message

    return counted


async def read_body(receive: Receive, *, max_bytes: int) -> bytes:
    """The whole request body.

    Raises:
        PayloadTooLargeError: more than `max_bytes` came.
        ClientGoneError: the client left before it was complete.
    """
    parts: list[bytes] = []
    limited = limit_body(receive, max_bytes=max_bytes)
    while True:
        message = await limited()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def parse_json_object(body: bytes) -> dict[str, object]:
    """The JSON object in a request body.

    Raises:
        InvalidRequestError: it is not JSON, or not an object; the message says where.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidRequestError(f"The request body is not valid JSON: {error}.", code="invalid_json") from error
    if not isinstance(value, dict):
        raise InvalidRequestError("The request body must be a JSON object.", code="invalid_json")
    return value


def read_model(model: type[ModelT], raw: object) -> ModelT:
    """What was read from a request's body, as a model.

    Raises:
        InvalidRequestError: it does not fit; the message names the field.
    """
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        raise invalid_field(first["msg"], first["loc"]) from error


def invalid_field(reason: str, place: Sequence[str | int]) -> InvalidRequestError:
    """A field that is not as it should be, and why."""
    field = ".".join(str(part) for part in place)
    return InvalidRequestError(f"{field}: {reason}." if field else f"{reason}.", param=field or None)


def body_too_large(max_bytes: int) -> PayloadTooLargeError:
    """The refusal of a body over the limit, naming the limit."""
    return PayloadTooLargeError(f"The request body is larger than the limit of {max_bytes:,} bytes; send less at once.")


async def send_json(send: Send, status: int, content: object, headers: dict[str, str] | None = None) -> None:
    """Answer with one JSON document; `bytes` are one already."""
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    raw = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    raw += [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def send_error(send: Send, error: PlatformError) -> None:
    """Answer with an error of the tree, OpenAI-shaped."""
    await send_json(send, error.status, error.body(), error.headers())


def _request_id(headers: Headers, span: trace.Span) -> str:
    given = headers.get(REQUEST_ID_HEADER, "")
    if given and given.isascii() and given.isprintable() and len(given) <= _MAX_REQUEST_ID_CHARS:
        return given
    context = span.get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else token_hex(16)


def _account(scope: Scope, status: int, seconds: float, span: trace.Span) -> None:
    path = scope["path"]
    route = getattr(scope.get("route"), "path", None) or ("unmatched" if path not in OPEN_PATHS else path)
    REQUEST_SECONDS.labels(scope["method"], route, str(status)).observe(seconds)
    if span.is_recording():
        span.update_name(f"{scope['method']} {route}")
        span.set_attribute("http.response.status_code", status)
        span.set_attribute("http.route", route)
    if path not in OPEN_PATHS:
        _log.info("request_served", method=scope["method"], path=path, status=status, ms=round(seconds * 1000, 2))


def trace_headers() -> dict[str, str]:
    """`traceparent` and friends for an outgoing call, from the current span."""
    carrier: dict[str, str] = {}
    _TRACE_CONTEXT.inject(carrier)
    return carrier
