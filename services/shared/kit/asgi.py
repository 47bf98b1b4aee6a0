"""Small ASGI pieces: bodies under a limit, JSON answers, the middleware every service wears."""

import time
from typing import Protocol
from uuid import uuid4

import orjson
from opentelemetry import context as otel_context
from opentelemetry import propagate, trace
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.shared.kit.context import REQUEST_ID_HEADER, principal, request_id
from services.shared.kit.errors import InvalidRequestError, PayloadTooLargeError, PlatformError
from services.shared.kit.telemetry import REQUEST_SECONDS, get_logger, tracer

OPEN_PATHS = frozenset({"/healthz", "/readyz", "/livez", "/metrics"})
"""What an orchestrator of containers or a scraper may ask without a token."""

_MAX_REQUEST_ID_CHARS = 128
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

    async def __call__(self, scope: Scope, headers: Headers) -> str | None:
        """The principal; raises AuthenticationError when the request is not to be served."""
        ...


class RequestMiddleware:
    """Gives every request an id, a span, a verdict on who sends it, a metric and a log line."""

    def __init__(
        self, app: ASGIApp, *, authenticate: Authenticator | None, max_body_bytes: int | None
    ) -> None:
        self._app = app
        self._authenticate = authenticate
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        parent = propagate.extract(headers)
        with tracer.start_as_current_span(
            f"{scope['method']} {scope['path']}", context=parent, kind=trace.SpanKind.SERVER
        ) as span:
            token = request_id.set(_request_id(headers, span))
            try:
                await self._serve(scope, receive, send, headers=headers, span=span)
            finally:
                request_id.reset(token)

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, *, headers: Headers, span: trace.Span
    ) -> None:
        started = time.perf_counter()
        status = 499  # nobody was left to answer

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", []),
                    (REQUEST_ID_HEADER.encode(), (request_id.get() or "").encode()),
                ]
            await send(message)

        try:
            try:
                await self._admit(scope, headers)
            except PlatformError as error:
                await send_error(send_with_id, error)
                return
            await self._app(scope, receive, send_with_id)
        finally:
            _account(scope, status, time.perf_counter() - started, span)

    async def _admit(self, scope: Scope, headers: Headers) -> None:
        if self._authenticate is not None and scope["path"] not in OPEN_PATHS:
            principal.set(await self._authenticate(scope, headers))
        declared = headers.get("content-length", "0")
        if self._max_body_bytes is not None and declared.isdigit() and int(declared) > self._max_body_bytes:
            raise body_too_large(self._max_body_bytes)


async def read_body(receive: Receive, *, max_bytes: int) -> bytes:
    """The whole request body.

    Raises:
        PayloadTooLargeError: more than `max_bytes` came.
        ClientGoneError: the client left before it was complete.
    """
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > max_bytes:
            raise body_too_large(max_bytes)
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
        raise InvalidRequestError(
            f"The request body is not valid JSON: {error}.", code="invalid_json"
        ) from error
    if not isinstance(value, dict):
        raise InvalidRequestError("The request body must be a JSON object.", code="invalid_json")
    return value


def body_too_large(max_bytes: int) -> PayloadTooLargeError:
    """The refusal of a body over the limit, naming the limit."""
    return PayloadTooLargeError(
        f"The request body is larger than the limit of {max_bytes:,} bytes; send less at once."
    )


async def send_json(send: Send, status: int, content: object, headers: dict[str, str] | None = None) -> None:
    """Answer with one JSON document."""
    body = orjson.dumps(content)
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
    return trace.format_trace_id(context.trace_id) if context.is_valid else uuid4().hex


def _account(scope: Scope, status: int, seconds: float, span: trace.Span) -> None:
    path = scope["path"]
    route = getattr(scope.get("route"), "path", None) or ("unmatched" if path not in OPEN_PATHS else path)
    REQUEST_SECONDS.labels(scope["method"], route, str(status)).observe(seconds)
    span.set_attribute("http.response.status_code", status)
    span.set_attribute("http.route", route)
    if path not in OPEN_PATHS:
        _log.info(
            "request_served", method=scope["method"], path=path, status=status, ms=round(seconds * 1000, 2)
        )


def trace_headers() -> dict[str, str]:
    """`traceparent` and friends for an outgoing call, from the current span."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier, context=otel_context.get_current())
    return carrier
