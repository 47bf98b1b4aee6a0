"""The HTTP client that connectors are given: paced, patient, and kept out of inner networks.

Every address is checked when it is connected to, so neither a redirect nor a name that changes its mind leads inside,
in whatever form it is written.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from fnmatch import fnmatch
from urllib.parse import urljoin, urlsplit

import aiohttp
import orjson
from yarl import URL

from services.shared.components.connectors.failures import ConnectorError
from services.shared.kit.egress import PrivateAddressError, public_socket

_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_IDEMPOTENT = frozenset({"GET", "HEAD"})
_COMES_BACK = frozenset({502, 503, 504})
_BLOCK_BYTES = 65_536
_SETTING = "RAGWORKS_CONNECTORS_PRIVATE_HOSTS"
_SENSITIVE = frozenset({"authorization", "cookie", "x-api-key", "mcp-session-id"})


@dataclass(frozen=True)
class HttpLimits:
    """How much may come, how long it may take, how often may be asked."""

    max_bytes: int = 2_000_000
    timeout_s: float = 15.0
    per_second: float = 10.0
    attempts: int = 3
    longest_wait_s: float = 10.0


@dataclass(frozen=True)
class HttpAnswer:
    """A whole answer."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def media_type(self) -> str:
        """Without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> object:
        """The body as JSON.

        Raises:
            ConnectorError: it is something else.
        """
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise ConnectorError("not_json", f"{_shown(self.url)} did not answer with JSON.") from error


@dataclass(frozen=True)
class HttpRequest:
    """A request before its redirects are followed."""

    method: str
    url: str
    headers: Mapping[str, str]
    data: bytes | None


class HttpClient:
    """Requests of one connector.

    `hosts`: those it may ask, as `api.example.com`, `*.example.com` or with a port; all public ones when empty.
    `private_hosts`: those that may have inner addresses, as the operator says.
    """

    def __init__(
        self, *, hosts: frozenset[str] = frozenset(), private_hosts: frozenset[str] = frozenset(), limits: HttpLimits
    ) -> None:
        self.hosts = hosts
        self.private_hosts = private_hosts
        self.limits = limits
        self._sessions: dict[bool, aiohttp.ClientSession] = {}
        self._next_at = 0.0

    async def get(
        self, url: str, *, headers: Mapping[str, str] | None = None, params: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        """The answer to a GET; see `request`."""
        return await self.request("GET", url, headers=headers, params=params)

    async def get_json(self, url: str, *, params: Mapping[str, str] | None = None) -> object:
        """The JSON that a GET is answered with; see `request`."""
        return found(await self.get(url, params=params)).json()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: object = None,
    ) -> HttpAnswer:
        """The answer, whatever its status. 429, and for reads 502 to 504, are tried again as the server says.

        Raises:
            ConnectorError: a host or an address that is not allowed, no answer, too long or too large a one.
        """
        if params:
            url = str(URL(url).update_query(dict(params)))
        sent = dict(headers or {}) | ({"content-type": "application/json"} if json is not None else {})
        data = None if json is None else orjson.dumps(json)
        request = HttpRequest(method, url, {"user-agent": "ragworks", **sent}, data)
        attempt = 1
        while True:
            answer = await self.attempt(request)
            again = answer.status == 429 or (answer.status in _COMES_BACK and method in _IDEMPOTENT)
            if not again or attempt == self.limits.attempts:
                return answer
            await asyncio.sleep(self._wait_s(answer, attempt))
            attempt += 1

    async def close(self) -> None:
        """Close the connections."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    def _wait_s(self, answer: HttpAnswer, attempt: int) -> float:
        wanted = _retry_after(answer.headers.get("retry-after"))
        wait = 0.2 * 2**attempt if wanted is None else wanted
        if wait > self.limits.longest_wait_s:
            host = urlsplit(answer.url).hostname
            raise ConnectorError("rate_limited", f"{host} asks to come back in {wait:.0f} s; try again then.")
        return wait

    async def attempt(self, request: HttpRequest) -> HttpAnswer:
        """The answer of one try; raises as `request`."""
        host = urlsplit(request.url).hostname or ""
        try:
            async with asyncio.timeout(self.limits.timeout_s):
                return await self._follow(request)
        except TimeoutError as error:
            message = f"{host} did not end its answer within {self.limits.timeout_s:g} s."
            raise ConnectorError("timeout", message, counts=True) from error
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, PrivateAddressError):
                raise inner_address(host) from error
            raise ConnectorError("unreachable", f"{host} cannot be reached: {error.os_error}.", counts=True) from error
        except (aiohttp.ClientError, ValueError) as error:
            raise ConnectorError("unreachable", f"{host}: {type(error).__name__}.", counts=True) from error

    async def _follow(self, request: HttpRequest) -> HttpAnswer:
        url, headers = request.url, dict(request.headers)
        for _ in range(_MOST_REDIRECTS + 1):
            self._require_allowed(url)
            await self._turn()
            session = self._session(private=matches(url, self.private_hosts))
            async with session.request(
                request.method, url, headers=headers, data=request.data, allow_redirects=False
            ) as response:
                if response.status not in _REDIRECTS or "location" not in response.headers:
                    body = await self._body(response)
                    return HttpAnswer(response.status, url, {k.lower(): v for k, v in response.headers.items()}, body)
                target = urljoin(url, response.headers["location"])
            if request.method not in _IDEMPOTENT:
                raise ConnectorError("redirected", f"{_shown(url)} redirects a {request.method}; name its new address.")
            if urlsplit(target)[:2] != urlsplit(url)[:2]:
                headers = {name: value for name, value in headers.items() if name.lower() not in _SENSITIVE}
            url = target
        raise ConnectorError("redirect_loop", f"{_shown(request.url)} redirects more than {_MOST_REDIRECTS} times.")

    def _require_allowed(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
            raise ConnectorError("host_refused", f"{_shown(url)} is no plain http or https address.")
        if self.hosts and not matches(url, self.hosts):
            allowed = ", ".join(sorted(self.hosts))
            raise ConnectorError("host_refused", f"'{parts.hostname}' is not among the connector's hosts ({allowed}).")

    async def _turn(self) -> None:
        now = time.monotonic()
        mine, self._next_at = max(now, self._next_at), max(now, self._next_at) + 1 / self.limits.per_second
        if mine > now:
            await asyncio.sleep(mine - now)

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        """The body, counted after it was decompressed."""
        blocks, size = list[bytes](), 0
        async for block in response.content.iter_chunked(_BLOCK_BYTES):
            size += len(block)
            if size > self.limits.max_bytes:
                response.close()
                message = f"{_shown(str(response.url))} answers with more than {self.limits.max_bytes:,} bytes."
                raise ConnectorError("too_large", message)
            blocks.append(block)
        return b"".join(blocks)

    def _session(self, *, private: bool) -> aiohttp.ClientSession:
        if private not in self._sessions:
            self._sessions[private] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=16, socket_factory=None if private else public_socket),
                timeout=aiohttp.ClientTimeout(total=None),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._sessions[private]


def found(answer: HttpAnswer) -> HttpAnswer:
    """The same answer when it is a good one.

    Raises:
        ConnectorError: its status is not 2xx.
    """
    if not 200 <= answer.status < 300:
        message = f"{_shown(answer.url)} answered with HTTP status {answer.status}."
        raise ConnectorError("upstream_status", message, counts=answer.status >= 500)
    return answer


def matches(url: str, patterns: frozenset[str]) -> bool:
    """Whether a URL's host, or its host and port, is among those."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return any(fnmatch(host, each) or fnmatch(f"{host}:{port}", each) for each in patterns)


def _retry_after(said: str | None) -> float | None:
    if said is None:
        return None
    if said.strip().isdigit():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _shown(url: str) -> str:
    """A URL without what may be secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


def inner_address(host: str) -> ConnectorError:
    """The refusal of an inner address."""
    return ConnectorError(
        "address_refused",
        f"'{host}' is an address of an inner network, which connectors may not ask; the operator allows a host by "
        f"naming it in {_SETTING}.",
    )
