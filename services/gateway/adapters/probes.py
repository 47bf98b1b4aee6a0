"""Asks the other parts whether they are ready."""

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

import aiohttp
import orjson

from services.shared.kit.errors import UnavailableError
from services.shared.kit.http import missing_parts


class Prober:
    """Unsigned, unauthenticated GETs to health pages; use it as an async context manager."""

    def __init__(self, *, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._timeout_s))
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    def check(self, url: str) -> Callable[[], Awaitable[None]]:
        """A check that passes when the page answers 200; it raises UnavailableError with the reason when not."""

        async def probe() -> None:
            await self._probe(url)

        return probe

    async def _probe(self, url: str) -> None:
        if self._session is None:
            raise UnavailableError("the gateway is starting")
        try:
            async with self._session.get(url) as response:
                if response.status != 200:
                    raise UnavailableError(_reason(await response.read()) or f"answers with HTTP {response.status}")
        except TimeoutError as error:
            raise UnavailableError(f"did not answer within {self._timeout_s:g} seconds") from error
        except aiohttp.ClientError as error:
            raise UnavailableError("is not up") from error


def _reason(body: bytes) -> str:
    try:
        return missing_parts(orjson.loads(body))
    except orjson.JSONDecodeError:
        return ""
