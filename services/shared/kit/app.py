"""The app factory: what every service has in common, so that a service states only what is its own."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.telemetry import TelemetryConfig
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import Scope

from services.shared.kit.asgi import (
    OPEN_PATHS,
    Authenticator,
    BodyLimit,
    JsonResponse,
    RequestMiddleware,
    invalid_field,
)
from services.shared.kit.auth import TOKEN_HEADER, ServiceVerifier
from services.shared.kit.errors import InvalidRequestError, PlatformError, error_from_response
from services.shared.kit.settings import PlatformSettings

ReadyCheck = Callable[[], Awaitable[None]]
"""Returns when a part is ready; raises with a sentence that says what is missing."""

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

DEFAULT_MAX_BODY_BYTES = 16 * 1024 * 1024

_CHECK_LIMIT_S = 2
_TELEMETRY_IS_OURS = TelemetryConfig(tracing=False, metrics=False, logs=False)  # RequestMiddleware's, once


def create_app(
    settings: PlatformSettings,
    *,
    title: str,
    routers: Sequence[APIRouter] = (),
    raw_routes: Sequence[BaseRoute] = (),
    lifespan: Lifespan | None = None,
    ready_checks: Mapping[str, ReadyCheck] | None = None,
    authenticate: Authenticator | None = None,
    max_body_bytes: int | BodyLimit | None = DEFAULT_MAX_BODY_BYTES,
    open_paths: frozenset[str] = OPEN_PATHS,
) -> FastAPI:
    """A service's app: its routes plus health, metrics, errors, request ids, tracing and authentication.

    Args:
        routers: the service's FastAPI routers.
        raw_routes: plain ASGI routes for hot paths; they are matched before the routers.
        ready_checks: name to check; `/readyz` answers 200 only when all pass.
        authenticate: who may ask; the platform's own services (signed tokens) when left out.
        max_body_bytes: refused beyond, whether declared or only counted; None leaves it to the routes.
        open_paths: asked without authentication.
    """
    app = FastAPI(
        title=title, lifespan=lifespan or _nothing, docs_url=None, redoc_url=None, telemetry=_TELEMETRY_IS_OURS
    )
    app.router.routes[:0] = raw_routes
    for router in routers:
        app.include_router(router)
    _add_operational_routes(app, dict(ready_checks or {}))
    _add_error_handlers(app)
    app.add_middleware(
        RequestMiddleware,
        authenticate=authenticate or ServiceTokens(settings),
        max_body_bytes=max_body_bytes,
        open_paths=open_paths,
    )
    return app


class ServiceTokens:
    """Admits the platform's own services, by their signed tokens."""

    def __init__(self, settings: PlatformSettings) -> None:
        self._verifier = ServiceVerifier(service=settings.SERVICE, key=settings.secret("internal"))

    async def __call__(self, scope: Scope, headers: Headers) -> str | None:
        """The principal the calling service acts for."""
        caller = self._verifier.verify(headers.get(TOKEN_HEADER), method=scope["method"], path=scope["path"])
        return caller.principal


def _add_operational_routes(app: FastAPI, checks: dict[str, ReadyCheck]) -> None:
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    async def readyz() -> Response:
        found = await asyncio.gather(*(_state(check) for check in checks.values()))
        states = dict(zip(checks, found, strict=True))
        ready = all(state == "ready" for state in states.values())
        content = {"status": "ready" if ready else "not_ready", "checks": states}
        return JsonResponse(content, status_code=200 if ready else 503, headers={} if ready else {"retry-after": "2"})

    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    for path, endpoint in (("/healthz", healthz), ("/readyz", readyz), ("/metrics", metrics)):
        app.add_api_route(path, endpoint, methods=["GET"], include_in_schema=False)


async def _state(check: ReadyCheck) -> str:
    try:
        async with asyncio.timeout(_CHECK_LIMIT_S):
            await check()
    except PlatformError as error:
        return error.message
    except TimeoutError:
        return f"did not answer within {_CHECK_LIMIT_S} seconds"
    return "ready"


def _add_error_handlers(app: FastAPI) -> None:
    async def on_platform_error(_: Request, error: Exception) -> Response:
        assert isinstance(error, PlatformError)  # noqa: S101 - registered for this class only
        return _error_response(error)

    async def on_invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
        return _error_response(invalid_request(error))

    async def on_http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
        if isinstance(error.__cause__, PlatformError):  # raised while FastAPI read the body
            return _error_response(error.__cause__)
        message = f"{error.detail}: {request.method} {request.url.path}"
        mapped = error_from_response(error.status_code, {"detail": message}, service=app.title)
        return JsonResponse(mapped.body(), status_code=error.status_code, headers=error.headers)

    app.add_exception_handler(PlatformError, on_platform_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http_error)


def invalid_request(error: RequestValidationError) -> InvalidRequestError:
    """The first validation failure as a sentence that names the field."""
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return InvalidRequestError("The request body is not valid JSON.", code="invalid_json")
    return invalid_field(first["msg"], first["loc"][1:])  # the first part says where: body, query or path


def _error_response(error: PlatformError) -> Response:
    return JsonResponse(error.body(), status_code=error.status, headers=error.headers())


@asynccontextmanager
async def _nothing(_: FastAPI) -> AsyncGenerator[None]:
    yield
