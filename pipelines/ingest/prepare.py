"""The first stages: is there anything to do, parse, chunk. They run ahead of the embedder."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from pipelines.ingest.draft import DocumentFailedError, Draft
from pipelines.ingest.ledger import Ledger
from pipelines.ingest.meter import DOCUMENTS, Meter
from pipelines.ingest.tools import Tools
from services.shared.components.catalogue.reasons import DOCUMENT_DELETED, FILE_DELETED, JobStop, given_up_for
from services.shared.components.catalogue.work import PendingDocument, RunningJob, Standing
from services.shared.components.chunkers.chunk import Chunk
from services.shared.components.duplicates.signature import signature_of
from services.shared.components.languages.identify import language_of
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.failure import ParseFailure
from services.shared.components.parsers.registry import UnknownParserError, chosen_parsers
from services.shared.contracts.chunking import Chunking
from services.shared.contracts.corpus import FailureReason

_SECOND_TRY = frozenset({"unreadable", "worker_not_started", "worker_crashed", "timeout"})
"""Failures that may be the machine's fault; a second try tells."""


class JobPausedError(Exception):
    """The job is to pause: the document stays pending."""


async def prepare(
    tools: Tools, job: RunningJob, pending: PendingDocument, *, ledger: Ledger, meter: Meter
) -> Draft | None:
    """The chunked document; None when it is settled: its content is searchable already, as its own or an equal one's.

    Raises:
        DocumentFailedError: it cannot be ingested.
        JobPausedError: no further document of the job is to be begun.
    """
    standing = await ledger.standing(pending)
    if standing.stop is JobStop.PAUSED:
        raise JobPausedError
    reason = given_up(standing)
    if reason is not None:
        raise DocumentFailedError(reason)
    if _is_current(standing, job, pending):
        await ledger.unchanged(pending)
        DOCUMENTS.labels("unchanged").inc()
        return None
    if job.collection.deduplication.exact and await ledger.refer(job, pending):
        DOCUMENTS.labels("referred").inc()
        return None
    with meter.time("parse"):
        parsed = await parse(tools, standing.sha256 or "", filename=standing.filename, choice=job.collection.parsers)
    meter.count("parse")
    with meter.time("chunk"):
        chunks = await cut(tools, parsed, job.collection.chunking, model=job.collection.embedding_model)
        language = await asyncio.to_thread(language_of, parsed.text)
        signature = await asyncio.to_thread(signature_of, parsed.text)
    meter.count("chunk", len(chunks))
    draft = _draft(job, pending, standing, parsed=parsed, chunks=chunks)
    return replace(draft, language=language, signature=signature)


async def parse(tools: Tools, sha256: str, *, filename: str | None, choice: Mapping[str, str]) -> ParsedDocument:
    """The stored file, parsed in isolation; a failure that may be the machine's fault gets a second try.

    `choice` names parsers by media type, where a collection chose them.

    Raises:
        DocumentFailedError: it cannot be read.
    """
    path = tools.blobs.path(sha256)
    try:
        parsers = chosen_parsers(choice)
    except UnknownParserError as error:
        message = f"The collection's parsers cannot be used: {error}."
        raise DocumentFailedError(FailureReason(stage="parse", code="parser_missing", message=message)) from error
    try:
        try:
            return await tools.parsers.parse(path, filename=filename, parsers=parsers)
        except ParseFailure as failure:
            if failure.code not in _SECOND_TRY:
                raise
            return await tools.parsers.parse(path, filename=filename, parsers=parsers)
    except ParseFailure as failure:
        reason = FailureReason(stage="parse", code=failure.code, message=failure.message)
        raise DocumentFailedError(reason) from failure


async def cut(tools: Tools, parsed: ParsedDocument, chosen: Chunking | None, *, model: str) -> list[Chunk]:
    """The chunks of a document in a collection with this choice and this embedding model.

    Raises:
        DocumentFailedError: there are none.
    """
    chunks = await asyncio.to_thread(tools.chunker(chosen, model).chunk, parsed)
    if not chunks:
        reason = FailureReason(stage="chunk", code="no_text", message="The document has no text to search in.")
        raise DocumentFailedError(reason)
    return chunks


def given_up(standing: Standing) -> FailureReason | None:
    """Why the document is not wanted any more; None when it is."""
    stopped = given_up_for(standing.stop)
    if stopped is not None:
        return stopped
    if standing.deleted:
        return DOCUMENT_DELETED
    return FILE_DELETED if standing.sha256 is None else None


def _is_current(standing: Standing, job: RunningJob, pending: PendingDocument) -> bool:
    same_bytes = standing.version == standing.sha256
    return same_bytes and standing.attributes == pending.attributes and standing.access == job.access


def _draft(
    job: RunningJob, pending: PendingDocument, standing: Standing, *, parsed: ParsedDocument, chunks: list[Chunk]
) -> Draft:
    return Draft(
        job=job,
        pending=pending,
        version=standing.sha256 or "",
        former_version=standing.version,
        former_owner=standing.copy_of or pending.document_id,
        shared=standing.shared,
        title=parsed.title or standing.filename or pending.source,
        media_type=parsed.media_type,
        bytes=standing.bytes,
        chunks=chunks,
        unindexed=len(chunks),
        warnings=parsed.warnings,
    )
