"""For operators: every declared model with its replicas, and taking replicas out of use and back."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from services.inference.adapters.fleet import state_of
from services.inference.adapters.pool import EnginePool
from services.inference.adapters.replica import Replica
from services.inference.dependencies import Parts, get_parts
from services.shared.contracts.openai import ModelState

router = APIRouter(prefix="/api/models")


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, protected_namespaces=())


class ReplicaView(_Answer):
    """One replica: where it is, its state, and how many requests it has."""

    url: str
    state: str
    running: int


class ModelView(_Answer):
    """One model as it was declared."""

    name: str
    aliases: list[str]
    adapters: list[str]
    kind: str
    state: ModelState
    price_in: float
    price_out: float
    slo: str | None
    fallback: str | None
    overflow: str | None
    concurrency: int
    replicas: list[ReplicaView]


class Fleet(_Answer):
    """All models."""

    models: list[ModelView]


class Which(BaseModel):
    """The replica that is meant."""

    model_config = ConfigDict(extra="forbid")

    replica: str


@router.get("")
async def list_fleet(parts: Annotated[Parts, Depends(get_parts)]) -> Fleet:
    """Every model and replica, whatever their state."""
    return Fleet(models=[_view(pool) for pool in parts.fleet.pools])


@router.post("/{model:path}/drain")
async def drain(model: str, which: Which, parts: Annotated[Parts, Depends(get_parts)]) -> ReplicaView:
    """Send nothing new to a replica; it is `drained` when its last request has ended."""
    return _replica(parts.fleet.pool(model).drain(which.replica))


@router.post("/{model:path}/undrain")
async def undrain(model: str, which: Which, parts: Annotated[Parts, Depends(get_parts)]) -> ReplicaView:
    """Take a replica into use again."""
    return _replica(parts.fleet.pool(model).undrain(which.replica))


def _view(pool: EnginePool) -> ModelView:
    spec = pool.spec
    return ModelView(
        name=spec.name,
        aliases=list(spec.aliases),
        adapters=[adapter.name for adapter in spec.adapters],
        kind=spec.kind,
        state=state_of(pool),
        price_in=spec.price_in,
        price_out=spec.price_out,
        slo=spec.slo,
        fallback=spec.fallback,
        overflow=spec.overflow,
        concurrency=spec.concurrency,
        replicas=[_replica(each) for each in pool.replicas],
    )


def _replica(replica: Replica) -> ReplicaView:
    return ReplicaView(url=replica.url, state=replica.state, running=replica.running)
