"""The first stages: parse, chunk. They run ahead of the embedder."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from pipelines.ingest.draft import DocumentFailedError, Draft
from pipelines.ingest.meter import Meter
from pipelines.ingest.tools import Tools
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


async def prepare(
    tools: Tools, job: RunningJob, pending: PendingDocument, standing: Standing, *, meter: Meter
) -> Draft:
    """The chunked document.

    Raises:
        DocumentFailedError: it cannot be ingested.
    """
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
