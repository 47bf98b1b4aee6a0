"""For operators: every declared model with its replicas, and taking replicas out of use and back."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from services.inference.adapters import request_rows
from services.inference.adapters.fleet import state_of
from services.inference.adapters.pool import EnginePool
from services.inference.adapters.replica import Replica
from services.inference.adapters.request_rows import RequestFilter
from services.inference.dependencies import Parts, get_parts
from services.inference.domain.recent import recent_figures
from services.shared.contracts.fleet import Fleet, ModelView, RecentFigures, ReplicaView
from services.shared.kit.errors import PlatformError
from services.shared.kit.paging import Cursor
from services.shared.kit.telemetry import get_logger

router = APIRouter(prefix="/api/models")
_RECENT_MINUTES = 15
_MOST_RECENT = 1_000

_log = get_logger("models")


class Which(BaseModel):
    """The replica that is meant."""

    model_config = ConfigDict(extra="forbid")

    replica: str


@router.get("")
async def list_fleet(parts: Annotated[Parts, Depends(get_parts)]) -> Fleet:
    """Every model and replica, whatever their state, with what their latest requests took."""
    recent = [await _recent(parts, pool.spec.name) for pool in parts.fleet.pools]
    shown = zip(parts.fleet.pools, recent, strict=True)
    return Fleet(models=[_view(pool, figures, parts.fleet.waiting(pool.spec.name)) for pool, figures in shown])


@router.post("/{model:path}/drain")
async def drain(model: str, which: Which, parts: Annotated[Parts, Depends(get_parts)]) -> ReplicaView:
    """Send nothing new to a replica; it is `drained` when its last request has ended."""
    return _replica(parts.fleet.pool(model).drain(which.replica))


@router.post("/{model:path}/undrain")
async def undrain(model: str, which: Which, parts: Annotated[Parts, Depends(get_parts)]) -> ReplicaView:
    """Take a replica into use again."""
    return _replica(parts.fleet.pool(model).undrain(which.replica))


async def _recent(parts: Parts, model: str) -> RecentFigures | None:
    if not parts.keeps_requests:
        return None
    since = datetime.now(UTC) - timedelta(minutes=_RECENT_MINUTES)
    newest = Cursor(limit=_MOST_RECENT, after=None, before=None, ascending=False)
    query = partial(request_rows.page, wanted=RequestFilter(model=model, since=since), cursor=newest)
    try:
        found = await asyncio.to_thread(parts.request_log.read, query)
    except PlatformError as error:  # how the replicas are can be shown without it
        _log.warning("figures_not_read", reason=error.message)
        return None
    return recent_figures(found.items, minutes=_RECENT_MINUTES)


def _view(pool: EnginePool, recent: RecentFigures | None, waiting: int | None) -> ModelView:
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
        waiting=waiting,
        recent=recent,
        replicas=[_replica(each) for each in pool.replicas],
    )


def _replica(replica: Replica) -> ReplicaView:
    return ReplicaView(url=replica.url, state=replica.state, running=replica.running)
