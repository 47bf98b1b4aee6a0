"""`/api/records`: what is kept of answers; everybody sees their own, the operator all. `/api/feedback` adds to it."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator
from starlette.responses import StreamingResponse

from services.orchestrator.adapters import records
from services.orchestrator.adapters.records import RecordFilter
from services.orchestrator.dependencies import CurrentParts, CurrentViewer, PageCursor, Parts
from services.orchestrator.domain.viewer import Viewer
from services.orchestrator.schemas import Listing
from services.shared.contracts.openai import Deleted
from services.shared.contracts.records import FeedbackRequest, Record, RecordSummary

router = APIRouter()
_EXPORTED_AT_ONCE = 200


def _in_utc(moment: datetime) -> datetime:
    """A time without a zone is meant in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(_in_utc)]


def _filter(
    *,
    collection: str | None = None,
    conversation: str | None = None,
    principal: str | None = None,
    abstained: bool | None = None,
    unsupported: bool | None = None,
    feedback: Literal["any", "none", "up", "down"] | None = None,
    q: Annotated[str | None, Query(description="Text in question or answer.")] = None,
    since: Moment | None = None,
    until: Moment | None = None,
) -> RecordFilter:
    return RecordFilter(
        collection=collection,
        conversation=conversation,
        principal=principal,
        abstained=abstained,
        unsupported=unsupported,
        feedback=feedback,
        text=q,
        since=since,
        until=until,
    )


Wanted = Annotated[RecordFilter, Depends(_filter)]


@router.get("/api/records")
async def list_records(
    wanted: Wanted, cursor: PageCursor, parts: CurrentParts, viewer: CurrentViewer
) -> Listing[RecordSummary]:
    """A page of the records, newest first."""
    page = await parts.records.read(partial(records.page, wanted=wanted, cursor=cursor, viewer=viewer))
    return Listing.of(page, id_of=lambda record: record.id)


@router.get("/api/records/export")
async def export_records(wanted: Wanted, parts: CurrentParts, viewer: CurrentViewer) -> StreamingResponse:
    """All records that fit, in full, oldest first: one JSON object a line."""
    first = await _following(parts, wanted, viewer, seq=0)  # what fails here keeps its HTTP status
    headers = {"content-disposition": 'attachment; filename="records.jsonl"'}
    return StreamingResponse(_lines(parts, wanted, viewer, first), media_type="application/x-ndjson", headers=headers)


@router.get("/api/records/{record_id}")
async def get_record(record_id: str, parts: CurrentParts, viewer: CurrentViewer) -> Record:
    """One record in full, by the answer's id or its request's."""
    return await parts.records.read(partial(records.get, record_id=record_id, viewer=viewer))


@router.delete("/api/records/{record_id}")
async def delete_record(record_id: str, parts: CurrentParts, viewer: CurrentViewer) -> Deleted:
    """Forget an answer, with what was said about it."""
    removed = await parts.records.write(partial(records.remove, record_id=record_id, viewer=viewer))
    return Deleted(id=removed, object="record")


@router.post("/api/feedback")
async def give_feedback(said: FeedbackRequest, parts: CurrentParts, viewer: CurrentViewer) -> RecordSummary:
    """Say what you think of an answer; said again, what is sent replaces what was said before."""
    change = partial(records.say, said=said, viewer=viewer, at=datetime.now(UTC))
    record = await parts.records.write(change)
    return RecordSummary.model_validate(record.model_dump(include=set(RecordSummary.model_fields)))


async def _lines(
    parts: Parts, wanted: RecordFilter, viewer: Viewer, found: list[tuple[int, Record]]
) -> AsyncGenerator[bytes]:
    while found:
        yield b"".join(record.model_dump_json().encode() + b"\n" for _, record in found)
        found = await _following(parts, wanted, viewer, seq=found[-1][0])


async def _following(parts: Parts, wanted: RecordFilter, viewer: Viewer, *, seq: int) -> list[tuple[int, Record]]:
    query = partial(records.following, wanted=wanted, viewer=viewer, seq=seq, limit=_EXPORTED_AT_ONCE)
    return await parts.records.read(query)
