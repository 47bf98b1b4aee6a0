"""One replica of a model: how it is reached, whether it can be used, and what runs on it."""

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Literal

import orjson

from services.inference.adapters.model_source import ModelSource
from services.inference.domain.models import Adapter, Kind
from services.inference.errors import EngineTimeoutError
from services.shared.kit.breaker import Breaker
from services.shared.kit.errors import (
    AuthenticationError,
    InvalidRequestError,
    NotFoundError,
    PlatformError,
    RateLimitedError,
    UnavailableError,
    UpstreamError,
)
from services.shared.kit.http import ServiceClient
from services.shared.kit.telemetry import get_logger

State = Literal["starting", "up", "suspect", "down", "draining", "drained"]
_REFUSALS = (InvalidRequestError, NotFoundError, RateLimitedError, AuthenticationError)
_SILENT_PROBES = 3
_log = get_logger("replica")


class Lease:
    """A request that runs on a replica."""

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker
        self.deadline: asyncio.Timeout | None = None
        """Comes at once when a probe finds the replica gone."""

    def has_answered(self) -> None:
        """The first byte is here."""
        self._breaker.answered()

    def end_now(self) -> None:
        """Let the deadline come."""
        if self.deadline is not None:
            with suppress(RuntimeError):  # it has just come by itself
                self.deadline.reschedule(asyncio.get_running_loop().time())


class Replica:
    """Its state is only what this process saw; nothing of it survives a restart."""

    def __init__(self, client: ServiceClient, models: ModelSource, *, kind: Kind | None, rest_s: float) -> None:
        """`kind` None: whatever it says that it is. `rest_s`: how long it is left alone after it failed."""
        self.client = client
        self.models = models
        self.url = client.base_url
        self.breaker = Breaker(cooldown_s=rest_s)
        self.running = 0
        self.draining = False
        self.answers: bool | None = None
        """What the last probes found; None before the first."""
        self._kind: Kind | None = kind
        self._silent_probes = 0
        self._leases = set[Lease]()
        self._refused_adapters = set[str]()

    @property
    def is_vllm(self) -> bool:
        """Whether it takes vLLM's own request fields."""
        return self.models.is_vllm if self._kind is None else self._kind == "vllm"

    @property
    def state(self) -> State:
        """One word for operators."""
        if self.draining:
            return "draining" if self.running else "drained"
        if self.answers is False:
            return "down"
        if self.breaker.is_open:
            return "suspect"
        return "starting" if self.answers is None and self._kind == "vllm" else "up"

    def is_usable(self, now: float) -> bool:
        """Whether a new request may go there."""
        return not self.draining and self.answers is not False and self.breaker.allows(now)

    @contextmanager
    def use(self) -> Generator["Lease"]:
        """One request runs here; what it ends with is what the breaker hears of."""
        lease = Lease(self.breaker)
        self.running += 1
        self._leases.add(lease)
        self.breaker.sent(time.monotonic())
        try:
            yield lease
        except PlatformError as error:
            self._judge(error)
            raise
        else:
            self.breaker.answered()
        finally:
            self._leases.discard(lease)
            self.running -= 1

    async def probe(self, adapters: tuple[Adapter, ...], *, within_s: float) -> None:
        """Ask for its models; load adapters that it lacks."""
        try:
            async with asyncio.timeout(within_s):
                listed = await self.models.read()
        except TimeoutError:
            self._silent_probes += 1
            if self._silent_probes >= _SILENT_PROBES:  # one alone may only be busy
                self._found_gone("it does not answer")
            return
        except PlatformError as error:
            self._found_gone(error.message)
            return
        self._silent_probes = 0
        self.breaker.rested(time.monotonic())
        if self.answers is not True:
            _log.info("replica_up", replica=self.url)
            self.breaker.answered()
        self.answers = True
        for adapter in adapters:
            if adapter.path and adapter.name not in listed:
                await self._load(adapter)

    def _found_gone(self, reason: str) -> None:
        if self.answers is not False:
            _log.warning("replica_down", replica=self.url, reason=reason)
        self.answers = False
        for lease in self._leases:
            lease.end_now()

    async def _load(self, adapter: Adapter) -> None:
        try:
            wanted = {"lora_name": adapter.name, "lora_path": adapter.path}
            async with (
                asyncio.timeout(60),
                self.client.open("POST", "/v1/load_lora_adapter", body=orjson.dumps(wanted)),
            ):
                _log.info("adapter_loaded", replica=self.url, adapter=adapter.name)
            await self.models.read()
        except (PlatformError, TimeoutError) as error:
            if adapter.name not in self._refused_adapters:  # said once, tried at every probe
                _log.error("adapter_not_loaded", replica=self.url, adapter=adapter.name, reason=str(error))
            self._refused_adapters.add(adapter.name)

    def _judge(self, error: PlatformError) -> None:
        now = time.monotonic()
        if isinstance(error, _REFUSALS):
            self.breaker.answered()
        elif isinstance(error, UnavailableError) or type(error) is UpstreamError:
            self.breaker.lost(now)
        elif isinstance(error, (EngineTimeoutError, UpstreamError)):
            self.breaker.failed(now)
