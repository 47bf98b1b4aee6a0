"""All models of the catalogue, each with its replicas: which one a name means, and how they are."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from services.inference.adapters.metrics import show_load
from services.inference.adapters.pool import EnginePool
from services.inference.domain.admission import Gate
from services.inference.domain.models import ModelSpec, ServiceLevel
from services.inference.errors import ModelNotFoundError, engine_unavailable
from services.shared.contracts.openai import Model, ModelState
from services.shared.kit.errors import UnavailableError


@dataclass(frozen=True)
class Place:
    """Where a request may be served, and under which name."""

    pool: EnginePool
    upstream_name: str
    gate: Gate | None = None
    """Where requests wait, for models that declare how many run at once."""

    @property
    def spec(self) -> ModelSpec:
        return self.pool.spec

    @property
    def window(self) -> int | None:
        """Tokens that fit, as far as it is known."""
        found = (replica.models.window(self.upstream_name) for replica in self.pool.replicas)
        return self.spec.context or next((each for each in found if each), None)


class Fleet:
    """Use it as an async context manager."""

    def __init__(
        self, pools: Sequence[EnginePool], *, is_declared: bool, levels: Mapping[str, ServiceLevel] | None = None
    ) -> None:
        """`is_declared` False: one pool, whose only engine says which models there are."""
        self.pools = pools
        self._levels = levels or {}
        self._is_declared = is_declared
        self._stack = AsyncExitStack()
        self._gates = {pool.spec.name: _gate(pool) for pool in pools}
        self._places = {
            name: Place(pool, pool.spec.upstream_name(name), self._gates[pool.spec.name])
            for pool in pools
            for name in pool.spec.names
            if is_declared
        }

    async def __aenter__(self) -> Self:
        for pool in self.pools:
            await self._stack.enter_async_context(pool)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    async def find(self, name: str) -> Place:
        """The place of a model, alias or adapter.

        Raises:
            ModelNotFoundError: there is none of this name; the message lists those that are.
            EngineUnavailableError: only the engine knows its models, and it cannot be asked.
        """
        if not self._is_declared:
            return await self._ask_engine(name)
        place = self._places.get(name)
        if place is None:
            listed = ", ".join(sorted(self._places))
            raise ModelNotFoundError(
                f"The model '{name}' does not exist or does not do this; available here: {listed}.", param="model"
            )
        return place

    def pool(self, model: str) -> EnginePool:
        """The pool of a model; raises ModelNotFoundError."""
        for pool in self.pools:
            if pool.spec.name == model:
                return pool
        listed = ", ".join(pool.spec.name for pool in self.pools)
        raise ModelNotFoundError(f"No model '{model}' is declared; declared: {listed}.", param="model")

    def waiting(self, model: str) -> int | None:
        """Requests that wait for a place at a replica of a model; None where places are not counted."""
        gate = self._gates.get(model)
        return None if gate is None else gate.waiting

    def instead_of(self, place: Place, *, when_full: bool) -> Place | None:
        """Where requests go that the place cannot serve, as the catalogue says."""
        spec = place.spec
        other = spec.overflow if when_full else spec.fallback
        return self._places.get(other) if other else None

    def level(self, spec: ModelSpec, asked: object) -> tuple[str, ServiceLevel] | None:
        """The class of a request: the one its `service_tier` names, else that of its model, if any is declared."""
        name = asked if isinstance(asked, str) and asked in self._levels else spec.slo
        return None if name is None else (name, self._levels[name])

    async def models(self) -> list[Model]:
        """What can be asked for; raises PlatformError when only an absent engine knows."""
        if not self._is_declared:
            return await self.pools[0].replicas[0].models.models()
        return list(self._listed())

    async def check(self) -> None:
        """Return when at least one model can be asked; raises UnavailableError."""
        if not self._is_declared:
            await self.pools[0].replicas[0].client.check("/v1/models")
        elif all(state_of(pool) != "up" for pool in self.pools):
            raise UnavailableError("No replica of any model is up yet; GET /api/models lists them.")

    async def _ask_engine(self, name: str) -> Place:
        pool = self.pools[0]
        try:
            await pool.replicas[0].models.require(name)
        except UnavailableError as error:
            raise engine_unavailable() from error
        return Place(pool, name)

    def _listed(self) -> Iterator[Model]:
        for name, place in self._places.items():
            yield Model(
                id=name,
                created=0,
                owned_by="ragworks",
                max_model_len=place.window,
                state=state_of(place.pool),
            )


def _gate(pool: EnginePool) -> Gate | None:
    if not pool.spec.concurrency:
        return None

    def capacity() -> int:
        now = time.monotonic()
        return pool.spec.concurrency * max(1, sum(replica.is_usable(now) for replica in pool.replicas))

    gate = Gate(capacity, time.monotonic)
    show_load(pool.spec.name, running=lambda: gate.running, waiting=lambda: gate.waiting)
    return gate


def state_of(pool: EnginePool) -> ModelState:
    """How a model is: as its best replica."""
    states = {replica.state for replica in pool.replicas}
    if "up" in states:
        return "up"
    return "starting" if states & {"starting", "suspect"} else "down"
