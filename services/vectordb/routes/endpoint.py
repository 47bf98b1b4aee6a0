"""The frame around every route: Qdrant's envelope for results and errors, the key, the body."""

import hmac
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import orjson
import pydantic
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from services.shared.kit.asgi import ClientGoneError, read_body
from services.shared.kit.errors import PayloadTooLargeError
from services.shared.kit.telemetry import get_logger
from services.vectordb.dependencies import parts_of
from services.vectordb.domain.configuration import Configuration
from services.vectordb.domain.fields import JsonObject, as_object
from services.vectordb.errors import (
    BodyTooLargeError,
    EngineError,
    FormatError,
    UnauthorizedError,
    ValidationError,
    VectorDbError,
)

ConfigurationT = TypeVar("ConfigurationT", bound=Configuration)
Handler = Callable[[Request], Awaitable[object]]

_BEARER = "bearer "
_log = get_logger("http")


class Endpoint:
    """A route as plain ASGI: these paths are hot, and need nothing of a framework's request handling."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        request = Request(scope, receive)
        try:
            _check_key(request)
            result = await self._handler(request)
        except ClientGoneError:
            return
        except VectorDbError as error:
            response = error_response(error, started)
        except Exception as error:  # noqa: BLE001 - the edge of the process: one request fails, the others go on
            _log.error("unexpected_error", exc_info=error)
            response = error_response(EngineError("an unexpected error; the service's log has it"), started)
        else:
            response = result if isinstance(result, Response) else _envelope(result, started)
        await response(scope, receive, send)


def route(path: str, handler: Handler, *, methods: Sequence[str]) -> Route:
    """A path of the API."""
    return Route(path, Endpoint(handler), methods=list(methods), name=handler.__name__)


def error_response(error: VectorDbError, started: float) -> Response:
    """The error in Qdrant's shape."""
    content = {"status": {"error": error.message}, "time": time.perf_counter() - started}
    return Response(orjson.dumps(content), status_code=error.status, media_type="application/json")


async def json_body(request: Request) -> JsonObject:
    """The request's JSON object; FormatError or BodyTooLargeError when it is none or too much."""
    try:
        body = await read_body(request.receive, max_bytes=parts_of(request).max_body_bytes)
    except PayloadTooLargeError as error:
        raise BodyTooLargeError(f"JSON payload is too large: {error.message}") from error
    try:
        return as_object(orjson.loads(body), "body")
    except orjson.JSONDecodeError as error:
        raise FormatError(str(error)) from error


def parse_config(model: type[ConfigurationT], body: object) -> ConfigurationT:
    """A part of the body as a configuration model; FormatError or ValidationError in Qdrant's shape."""
    try:
        return model.model_validate(body)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        if first["type"].startswith(("greater_than", "less_than")):
            raise ValidationError(f"[{place}: value {first['input']!r} invalid, {first['msg']}]") from error
        raise FormatError(f"{place}: {first['msg']}") from error


def waits(request: Request) -> bool:
    """Whether the client waits for its write to be durable; Qdrant's default is not to."""
    return request.query_params.get("wait", "false").lower() == "true"


def update_result(operation_id: int, *, waited: bool) -> JsonObject:
    """The answer to a write."""
    return {"operation_id": operation_id, "status": "completed" if waited else "acknowledged"}


def _check_key(request: Request) -> None:
    expected = parts_of(request).api_key.get_secret_value()
    given = request.headers.get("api-key")
    if given is None:
        authorization = request.headers.get("authorization", "")
        if authorization.lower().startswith(_BEARER):
            given = authorization[len(_BEARER) :]
    if given is None:
        raise UnauthorizedError("Must provide an API key or an Authorization bearer token")
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise UnauthorizedError("Invalid API key or JWT")


def _envelope(result: object, started: float) -> Response:
    content = orjson.dumps({"result": result, "status": "ok", "time": time.perf_counter() - started})
    return Response(content, media_type="application/json")
