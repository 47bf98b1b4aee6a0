"""A remote embedding endpoint: texts leave in batches, some at a time; failures are repeated by their kind.

Neither texts nor the key are ever logged, and the platform's own headers (signature, request id) do not leave it.
"""

import asyncio
import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp
import orjson
from prometheus_client import Counter
from pydantic import SecretStr

from services.inference.adapters.endpoint_wire import Answered, Wire
from services.inference.domain.endpoint_errors import endpoint_error, is_worth_repeating
from services.inference.errors import EmbeddingEndpointError, EmbeddingEndpointSetupError
from services.shared.kit.errors import PayloadTooLargeError, PlatformError, UnavailableError, UpstreamTimeoutError
from services.shared.kit.telemetry import get_logger

_FIRST_DELAY_S = 0.5
_LONGEST_DELAY_S = 30.0
_CHECK_S = 10.0
_RETRIES = Counter("ragworks_embedding_endpoint_retries_total", "Requests that were sent again.", ["reason"])
_log = get_logger("embedding_endpoint")


@dataclass(frozen=True)
class Limits:
    """How much at once, how often, how long."""

    batch_texts: int
    concurrency: int
    attempts: int
    timeout_s: float
    deadline_s: float


class EmbeddingEndpoint:
    """One endpoint over pooled connections; use it as an async context manager."""

    def __init__(self, address: str, wire: Wire, limits: Limits, *, key: SecretStr | None) -> None:
        """`address` is what the wire's paths are put behind; it holds no secret, as messages name it."""
        self.name = f"The embedding endpoint {address}"
        self._address = address
        self._wire = wire
        self._limits = limits
        self._key = key.get_secret_value() if key else None
        self._places = asyncio.Semaphore(limits.concurrency)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=self._limits.timeout_s),
            headers={"authorization": f"Bearer {self._key}"} if self._key else None,
            trust_env=True,  # a proxy, where one is the only way out
        )
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def embed(self, texts: Sequence[str]) -> Answered:
        """The vectors of the texts in their order, as the endpoint made them. One text, a query, waits for nobody.

        Raises:
            InvalidRequestError: the endpoint refuses a text.
            PlatformError: it cannot be used now, or not with these settings.
        """
        size = self._limits.batch_texts
        batches = [texts[start : start + size] for start in range(0, len(texts), size)]
        try:
            async with asyncio.timeout(self._limits.deadline_s), asyncio.TaskGroup() as group:
                work = [group.create_task(self._in_turn(batch, waits=len(texts) > 1)) for batch in batches]
        except TimeoutError as error:
            raise UpstreamTimeoutError(f"{self.name} gave no vectors within {self._limits.deadline_s:g} s.") from error
        except ExceptionGroup as failures:
            raise _first(failures) from failures
        parts = [task.result() for task in work]
        return Answered([vector for part in parts for vector in part.vectors], sum(part.tokens for part in parts))

    async def check(self) -> None:
        """Return when the endpoint can be reached and takes our key; what else it says is not about embeddings."""
        async with asyncio.timeout(_CHECK_S):
            status, body, headers = await self._exchange("GET", self._wire.health_path, None)
        if status in {401, 403}:
            raise self._error(status, body, headers)

    async def _in_turn(self, texts: Sequence[str], *, waits: bool) -> Answered:
        if not waits:
            return await self._insist(texts)
        async with self._places:
            return await self._insist(texts)

    async def _insist(self, texts: Sequence[str]) -> Answered:
        for attempt in itertools.count(1):
            try:
                return await self._ask(texts)
            except PayloadTooLargeError:
                if len(texts) == 1:
                    raise
                break
            except PlatformError as error:
                delay = _delay_s(attempt, error.retry_after_seconds)
                if not is_worth_repeating(error) or attempt >= self._limits.attempts or delay > _LONGEST_DELAY_S:
                    raise
                _RETRIES.labels(error.code).inc()
                _log.warning("embedding_repeated", reason=error.message, attempt=attempt, wait_s=round(delay, 1))
                await asyncio.sleep(delay)
        return await self._halves(texts)

    async def _halves(self, texts: Sequence[str]) -> Answered:
        middle = len(texts) // 2
        left, right = await self._insist(texts[:middle]), await self._insist(texts[middle:])
        return Answered([*left.vectors, *right.vectors], left.tokens + right.tokens)

    async def _ask(self, texts: Sequence[str]) -> Answered:
        status, body, headers = await self._exchange("POST", self._wire.path, orjson.dumps(self._wire.request(texts)))
        if status != 200:
            raise self._error(status, body, headers)
        return self._wire.answer(_json_or_none(body), headers, texts=len(texts))

    async def _exchange(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes, dict[str, str]]:
        if self._session is None:
            raise UnavailableError(f"{self.name} is not open yet.")
        headers = {"content-type": "application/json"} if body else None
        try:
            async with self._session.request(
                method, self._address + path, data=body, headers=headers, allow_redirects=False
            ) as response:
                found = {name.lower(): value for name, value in response.headers.items()}
                return response.status, await response.read(), found
        except aiohttp.ClientConnectorCertificateError as error:
            raise EmbeddingEndpointSetupError(f"{self.name} has a certificate that is not trusted here.") from error
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError, ConnectionResetError) as error:
            raise UnavailableError(f"{self.name} cannot be reached.", retry_after_seconds=None) from error
        except TimeoutError as error:
            raise UpstreamTimeoutError(f"{self.name} did not answer within {self._limits.timeout_s:g} s.") from error
        except aiohttp.ClientError as error:
            raise EmbeddingEndpointError(f"The connection to {self.name} broke ({type(error).__name__}).") from error

    def _error(self, status: int, body: bytes, headers: dict[str, str]) -> PlatformError:
        return endpoint_error(
            status,
            _json_or_none(body),
            endpoint=self.name,
            retry_after=headers.get("retry-after"),
            secret=self._key,
        )


def _delay_s(attempt: int, asked_s: int | None) -> float:
    """What the endpoint asked for, else doubling; a little random, so that callers do not come back together."""
    planned = _FIRST_DELAY_S * 2 ** (attempt - 1) if asked_s is None else asked_s
    return planned * random.uniform(1.0, 1.25)  # noqa: S311 - spreads requests, hides nothing


def _first(failures: ExceptionGroup) -> Exception:
    error = failures.exceptions[0]
    return _first(error) if isinstance(error, ExceptionGroup) else error


def _json_or_none(raw: bytes) -> object:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
