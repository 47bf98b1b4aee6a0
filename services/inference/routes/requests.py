"""`/api/inference/requests`: the request log, for the operator; `/references` for the orchestrator, which forgets."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator
from starlette.responses import StreamingResponse

from services.inference.adapters import request_rows
from services.inference.adapters.request_log import RequestLog
from services.inference.adapters.request_rows import RequestFilter
from services.inference.dependencies import Parts, get_parts
from services.inference.schemas import Listing
from services.shared.contracts.openai import Deleted
from services.shared.contracts.references import FORGET, REFERENCES, References, ReferencesTo
from services.shared.contracts.requests import REQUESTS, Flag, LoggedRequest, RequestSummary
from services.shared.kit.paging import Cursor

router = APIRouter()
_EXPORTED_AT_ONCE = 100


def _in_utc(moment: datetime) -> datetime:
    """A time without a zone is meant in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(_in_utc)]


def _filter(
    *,
    model: str | None = None,
    principal: str | None = None,
    replica: str | None = None,
    error: str | None = None,
    flag: Annotated[list[Flag] | None, Query(description="One of these; repeatable.")] = None,
    flagged: bool | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
) -> RequestFilter:
    return RequestFilter(
        model=model,
        principal=principal,
        replica=replica,
        error=error,
        flags=tuple(flag or ()),
        flagged=flagged,
        since=since,
        until=until,
    )


def _cursor(
    limit: Annotated[int, Query(ge=1, le=1_000)] = 20,
    after: str | None = None,
    before: str | None = None,
    order: Literal["asc", "desc"] = "desc",
) -> Cursor:
    return Cursor(limit=limit, after=after, before=before, ascending=order == "asc")


def _log(parts: Annotated[Parts, Depends(get_parts)]) -> RequestLog:
    return parts.kept_requests()


Wanted = Annotated[RequestFilter, Depends(_filter)]
Log = Annotated[RequestLog, Depends(_log)]


@router.get(REQUESTS)
async def list_requests(
    wanted: Wanted, cursor: Annotated[Cursor, Depends(_cursor)], log: Log
) -> Listing[RequestSummary]:
    """A page of the requests, newest first."""
    page = await asyncio.to_thread(log.read, partial(request_rows.page, wanted=wanted, cursor=cursor))
    return Listing.of(page, id_of=lambda request: request.id)


@router.get(f"{REQUESTS}/export")
async def export_requests(wanted: Wanted, log: Log) -> StreamingResponse:
    """All requests that fit, in full, oldest first: one JSON object a line."""
    first = await _following(log, wanted, seq=0)  # what fails here keeps its HTTP status
    headers = {"content-disposition": 'attachment; filename="requests.jsonl"'}
    return StreamingResponse(_lines(log, wanted, first), media_type="application/x-ndjson", headers=headers)


@router.get(f"{REQUESTS}/{{request_id}}")
async def get_request(request_id: str, log: Log) -> LoggedRequest:
    """One request in full, by its id or its transaction's."""
    return await asyncio.to_thread(log.read, partial(request_rows.get, request_id=request_id))


@router.delete(f"{REQUESTS}/{{request_id}}")
async def delete_request(request_id: str, log: Log) -> Deleted:
    """Forget one."""
    removed = await asyncio.to_thread(log.write, partial(request_rows.remove, request_id=request_id))
    return Deleted(id=removed, object="request")


@router.post(REFERENCES)
async def count_references(meant: ReferencesTo, parts: Annotated[Parts, Depends(get_parts)]) -> References:
    """What is kept of the principal's requests. No words of documents are: see docs/requests.md."""
    principal, until = meant.principal, meant.until
    if principal is None or not parts.keeps_requests:
        return References(records=0, turns=0)
    query = partial(request_rows.count_of, principal=principal, until=until)
    return References(records=await asyncio.to_thread(parts.request_log.read, query), turns=0)


@router.post(FORGET)
async def forget_references(meant: ReferencesTo, parts: Annotated[Parts, Depends(get_parts)]) -> References:
    """Remove it; how many there were."""
    if meant.principal is None or not parts.keeps_requests:
        return References(records=0, turns=0)
    return References(records=await asyncio.to_thread(parts.request_log.forget, meant.principal, meant.until), turns=0)


async def _lines(
    log: RequestLog, wanted: RequestFilter, found: list[tuple[int, LoggedRequest]]
) -> AsyncGenerator[bytes]:
    while found:
        yield b"".join(request.model_dump_json().encode() + b"\n" for _, request in found)
        found = await _following(log, wanted, seq=found[-1][0])


async def _following(log: RequestLog, wanted: RequestFilter, *, seq: int) -> list[tuple[int, LoggedRequest]]:
    query = partial(request_rows.following, wanted=wanted, seq=seq, limit=_EXPORTED_AT_ONCE)
    return await asyncio.to_thread(log.read, query)
