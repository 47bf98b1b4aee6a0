"""Asks one web site politely: never an inner address, never another host, within limits of time and size."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urljoin, urlsplit

import aiohttp

from services.shared.components.sources.addresses import private_address
from services.shared.components.sources.protocol import ItemError, SourceError, Surroundings
from services.shared.components.sources.streams import BLOCK_BYTES, too_large
from services.shared.kit.egress import PrivateAddressError, public_socket

USER_AGENT = "ragworks"
_MOST_REDIRECTS = 5
_MOST_FAILURES = 8
"""So many requests in a row without any answer, and the site counts as away."""

_LONGEST_FACTOR = 10


class WebClient:
    """Requests to one host; use it from one source's reader only."""

    def __init__(self, url: str, around: Surroundings) -> None:
        self._host = host_of(url)
        self._around = around
        self._session: aiohttp.ClientSession | None = None
        self._failures = 0
        self._pause_s = 0.0
        self._turn = asyncio.Lock()

    def wait_between(self, seconds: float) -> None:
        """Leave so much time between two requests."""
        self._pause_s = seconds

    @asynccontextmanager
    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> AsyncGenerator[aiohttp.ClientResponse]:
        """The answer, whatever its status; redirects on the same host are followed.

        Raises:
            ItemError: no answer, or a redirect elsewhere.
            SourceError: the address is not allowed, or the site does not answer at all any more.
        """
        try:
            async with asyncio.timeout(self._around.timeout_s * _LONGEST_FACTOR):
                response = await self._follow(url, headers or {})
                try:
                    self._failures = 0
                    yield response
                finally:
                    response.close()
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, PrivateAddressError):
                raise private_address(self._host) from error
            raise self._failed(url, str(error.os_error)) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._failed(url, str(error) or "no answer in time") from error

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _follow(self, url: str, headers: Mapping[str, str]) -> aiohttp.ClientResponse:
        for _ in range(_MOST_REDIRECTS + 1):
            if host_of(url) != self._host or urlsplit(url).scheme not in {"http", "https"}:
                raise ItemError("other_host", f"It leads to {url}, which is not on {self._host}.")
            await self._wait_for_turn()
            response = await self._open_session().get(url, headers=dict(headers), allow_redirects=False)
            if response.status not in {301, 302, 303, 307, 308} or "location" not in response.headers:
                return response
            response.close()
            url = urljoin(url, response.headers["location"])
        raise ItemError("redirect_loop", f"It was redirected more than {_MOST_REDIRECTS} times.")

    async def _wait_for_turn(self) -> None:
        if self._pause_s:
            async with self._turn:
                await asyncio.sleep(self._pause_s)

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            factory = None if self._around.private_addresses else public_socket
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit_per_host=4, socket_factory=factory),
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=self._around.timeout_s, sock_read=self._around.timeout_s
                ),
                headers={"user-agent": USER_AGENT},
            )
        return self._session

    def _failed(self, url: str, why: str) -> Exception:
        self._failures += 1
        if self._failures >= _MOST_FAILURES:
            return SourceError("unreachable", f"{self._host} does not answer any more: {why}.")
        return ItemError("unreachable", f"{url} does not answer: {why}.")


async def body_blocks(response: aiohttp.ClientResponse, *, most: int) -> AsyncIterator[bytes]:
    """The bytes of an answer.

    Raises:
        ItemError: there are more than `most`.
    """
    size = 0
    async for block in response.content.iter_chunked(BLOCK_BYTES):
        size += len(block)
        if size > most:
            raise too_large(most)
        yield block


async def body_of(response: aiohttp.ClientResponse, *, most: int) -> bytes:
    """The whole answer; raises as `body_blocks` does."""
    return b"".join([block async for block in body_blocks(response, most=most)])


def host_of(url: str) -> str:
    """The host that a URL is on; `www.` makes no difference."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}:{parts.port}" if parts.port else host
