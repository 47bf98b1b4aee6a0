"""Calls to another service: signed, traced, timed, with its errors as errors of our tree."""

from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

import aiohttp
import orjson

from services.shared.kit.asgi import trace_headers
from services.shared.kit.auth import TOKEN_HEADER, ServiceSigner
from services.shared.kit.context import REQUEST_ID_HEADER, principal, request_id
from services.shared.kit.errors import (
    UnavailableError,
    UpstreamError,
    UpstreamTimeoutError,
    error_from_response,
)
from services.shared.kit.settings import PlatformSettings

Query = Mapping[str, str] | str
"""The part of an address after the question mark: names and values, or as it was received."""

Payload = bytes | aiohttp.MultipartWriter | AsyncIterable[bytes]

_IDLE_CONNECTION_S = 30


class ServiceClient:
    """One other service, over pooled connections; use it as an async context manager.

    Every call carries the request id, the trace, the principal, and a token for that very request.
    """

    def __init__(
        self,
        base_url: str,
        *,
        audience: str,
        settings: PlatformSettings,
        bearer: str | None = None,
        read_timeout_s: float | None = None,
        is_outside: bool = False,
    ) -> None:
        """Args:
        audience: name of the service called, as its verifier knows it.
        bearer: API key for servers that are not ours (the engine); such calls carry no service token.
        read_timeout_s: seconds without a byte before giving up; the settings' when left out, 0 when the
            caller keeps its own deadlines.
        is_outside: the server is not part of the platform: no request id, trace or principal leaves with a call, and a
            proxy that the environment names is used.
        """
        self.base_url = base_url.rstrip("/")
        self.audience = audience
        self._settings = settings
        self._bearer = bearer
        self._is_outside = is_outside
        self._read_timeout_s = settings.upstream_read_timeout_s if read_timeout_s is None else read_timeout_s
        self._signer: ServiceSigner | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        if self._bearer is None and not self._is_outside:
            self._signer = ServiceSigner(self._settings.SERVICE, self._settings.secret("internal"))
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE_CONNECTION_S),
            timeout=aiohttp.ClientTimeout(
                total=None,
                sock_connect=self._settings.upstream_connect_timeout_s,
                sock_read=self._read_timeout_s,
            ),
            auto_decompress=False,
            trust_env=self._is_outside,
            headers={"accept-encoding": "identity"},  # answers are passed on and read as they are
        )
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get_json(self, path: str, *, params: Query | None = None) -> object:
        """The JSON another service answers a GET with."""
        return await self.request_json("GET", path, params=params)

    async def post_json(self, path: str, body: object) -> object:
        """The JSON another service answers a POST with."""
        return await self.request_json("POST", path, body=body)

    async def request_json(self, method: str, path: str, *, body: object = None, params: Query | None = None) -> object:
        """One call with JSON both ways.

        Raises:
            PlatformError: the error it answered with, UnavailableError when it cannot be reached,
                UpstreamTimeoutError when it does not answer in time.
        """
        payload = None if body is None else orjson.dumps(body)
        async with self.open(method, path, body=payload, params=params) as response:
            raw = await response.read()
        try:
            return orjson.loads(raw) if raw else None
        except orjson.JSONDecodeError as error:
            raise UpstreamError(f"{self.audience} answered with something that is not JSON.") from error

    @asynccontextmanager
    async def open(
        self,
        method: str,
        path: str,
        *,
        body: Payload | None = None,
        params: Query | None = None,
        headers: Mapping[str, str] | None = None,
        any_status: bool = False,
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        """The response of one call, its body unread; closing it early tells the other side to stop.

        Raises as `request_json` does, unless `any_status` asks for error responses as they came.
        """
        if self._session is None:
            raise UnavailableError(f"The client of {self.audience} is not open.")
        try:
            async with self._session.request(
                method,
                self.base_url + path + (f"?{params}" if isinstance(params, str) and params else ""),
                data=body,
                params=None if isinstance(params, str) else params,
                headers=self._headers(method, path, headers),
            ) as response:
                if response.status >= 400 and not any_status:
                    raise error_from_response(
                        response.status,
                        _json_or_none(await response.read()),
                        service=self.audience,
                        retry_after=response.headers.get("retry-after"),
                    )
                yield response
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError, ConnectionResetError) as error:
            raise UnavailableError(f"{self.audience} is not up; it is being restarted, try again shortly.") from error
        except TimeoutError as error:
            raise UpstreamTimeoutError(f"{self.audience} did not answer in time.") from error
        except aiohttp.ClientError as error:
            raise UpstreamError(f"The connection to {self.audience} broke: {error}.") from error

    async def check(self, path: str = "/readyz") -> None:
        """Return when the service says it is ready; raise with its own words when not."""
        async with self.open("GET", path, any_status=True) as response:
            if response.status != 200:
                found = missing_parts(_json_or_none(await response.read()))
                raise UnavailableError(f"{self.audience} is not ready yet ({found or f'HTTP {response.status}'}).")

    def _headers(self, method: str, path: str, extra: Mapping[str, str] | None) -> dict[str, str]:
        headers = {"content-type": "application/json", **(extra or {})}
        if self._is_outside:
            return {**headers, "authorization": f"Bearer {self._bearer}"} if self._bearer else headers
        headers.update(trace_headers())
        current = request_id.get()
        if current is not None:
            headers[REQUEST_ID_HEADER] = current
        if self._bearer is not None:
            headers["authorization"] = f"Bearer {self._bearer}"
        elif self._signer is not None:
            headers[TOKEN_HEADER] = self._signer.token(
                audience=self.audience, method=method, path=path, principal=principal.get()
            )
        return headers


def _json_or_none(raw: bytes) -> object:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None


def missing_parts(readiness: object) -> str:
    """What a service's `/readyz` says is not ready; empty when it does not say."""
    match readiness:
        case {"checks": dict(checks)}:
            return "; ".join(f"{name}: {state}" for name, state in checks.items() if state != "ready")
        case _:
            return ""
