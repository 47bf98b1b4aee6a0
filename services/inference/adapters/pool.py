"""Where a model's requests go: one interface, and the pool that this service keeps itself."""

import asyncio
import time
from collections.abc import Collection, Sequence
from types import TracebackType
from typing import Protocol, Self

from services.inference.adapters.replica import Replica
from services.inference.domain.affinity import StickyLeastLoaded
from services.inference.domain.models import ModelSpec
from services.inference.errors import ReplicaNotFoundError, engine_unavailable

_PROBE_AT_LEAST_S = 0.5


class EnginePool(Protocol):
    """The replicas of one model. To be opened before use."""

    spec: ModelSpec
    replicas: Sequence[Replica]

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    def choose(self, key: int, *, without: Collection[Replica] = ()) -> Replica:
        """The replica for a request with this affinity key; raises EngineUnavailableError when none is left."""
        ...

    def drain(self, url: str) -> Replica:
        """Send nothing new to a replica; what runs there ends by itself."""
        ...

    def undrain(self, url: str) -> Replica:
        """Take a replica into use again."""
        ...


class DirectPool:
    """Replicas at known addresses: probed, and chosen by affinity and load."""

    def __init__(self, spec: ModelSpec, replicas: Sequence[Replica], *, probe_every_s: float | None) -> None:
        """`probe_every_s` None: requests alone show how the replicas are."""
        self.spec = spec
        self.replicas = replicas
        self._probe_every_s = probe_every_s
        self._policy = StickyLeastLoaded()
        self._probes: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        for replica in self.replicas:
            await replica.client.__aenter__()
            if self._probe_every_s is not None:
                self._probes.append(asyncio.create_task(self._probe(replica, self._probe_every_s)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        for probe in self._probes:
            probe.cancel()
        await asyncio.gather(*self._probes, return_exceptions=True)
        self._probes.clear()
        for replica in self.replicas:
            await replica.client.__aexit__(kind, error, trace)

    def choose(self, key: int, *, without: Collection[Replica] = ()) -> Replica:
        """One that works; when none does, any that is not drained: what was believed of it may be wrong by now."""
        left = [each for each in self.replicas if each not in without and not each.draining]
        if not left:
            raise engine_unavailable()
        now = time.monotonic()
        usable = [each for each in left if each.is_usable(now)] if len(left) > 1 else left
        return self._policy.choose(usable or left, key)

    def drain(self, url: str) -> Replica:
        """Marks it; see `EnginePool`."""
        replica = self._replica(url)
        replica.draining = True
        return replica

    def undrain(self, url: str) -> Replica:
        """Unmarks it; see `EnginePool`."""
        replica = self._replica(url)
        replica.draining = False
        return replica

    def _replica(self, url: str) -> Replica:
        for replica in self.replicas:
            if replica.url == url.rstrip("/").removesuffix("/v1"):
                return replica
        listed = ", ".join(each.url for each in self.replicas)
        raise ReplicaNotFoundError(f"{self.spec.name} has no replica {url}; it has {listed}.", param="replica")

    async def _probe(self, replica: Replica, every_s: float) -> None:
        within_s = max(every_s, _PROBE_AT_LEAST_S)
        while True:
            await replica.probe(self.spec.adapters, within_s=within_s)
            await asyncio.sleep(every_s)
