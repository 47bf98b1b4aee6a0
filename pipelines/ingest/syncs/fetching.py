"""The third stage: the bytes of what is new or changed become files of the platform, and jobs over them begin."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from sqlalchemy import Connection

from pipelines.ingest.syncs.ingesting import start_jobs
from pipelines.ingest.syncs.stops import check_wanted
from pipelines.ingest.syncs.task import SyncTask
from services.shared.components.catalogue import files, sync_progress, syncs
from services.shared.components.catalogue.blobs import BlobWriter
from services.shared.components.catalogue.sync_progress import Fetched, Wanted
from services.shared.components.sources.protocol import Item, ItemError, State
from services.shared.components.sources.streams import too_large
from services.shared.contracts.corpus import FailureReason
from services.shared.contracts.sources import SyncStage

_BATCH = 64
_MAX_NAME_CHARS = 255


@dataclass(frozen=True)
class _Brought:
    """What became of one fetch; `writer` holds new bytes, `error` says why there are none."""

    wanted: Wanted
    writer: BlobWriter | None = None
    file_id: str | None = None
    state: State | None = None
    error: ItemError | None = None


async def fetch_all(task: SyncTask) -> None:
    """Fetch what is still to be fetched, batch by batch, and hand it to ingest jobs.

    Raises:
        SourceError: the source cannot be read any more.
    """
    sync_id, source_id = task.sync.id, task.source_id
    while True:
        await check_wanted(task)
        wanted = await task.ledger.read(
            lambda connection: sync_progress.wanted(connection, sync_id, source_id, limit=_BATCH)
        )
        if not wanted:
            break
        await task.ledger.insist("fetch", lambda batch=wanted: _fetch_batch(task, batch))
        await start_jobs(task, only_full=True)
    await start_jobs(task, only_full=False)
    await task.ledger.write(lambda connection: syncs.enter(connection, sync_id, SyncStage.INGEST))


async def _fetch_batch(task: SyncTask, wanted: Sequence[Wanted]) -> None:
    """All of a batch, recorded in one transaction."""
    gate = asyncio.Semaphore(task.rules.fetch_concurrency)
    with ExitStack() as blobs:
        writers = [blobs.enter_context(task.blobs.begin()) for _ in wanted]
        try:
            async with asyncio.TaskGroup() as group:
                fetches = [
                    group.create_task(_fetch(task, item, writer, gate))
                    for item, writer in zip(wanted, writers, strict=True)
                ]
        except* Exception as failures:
            raise _first(failures) from failures
        brought = [fetch.result() for fetch in fetches]
        await asyncio.to_thread(_write, task, brought)


async def _fetch(task: SyncTask, wanted: Wanted, writer: BlobWriter, gate: asyncio.Semaphore) -> _Brought:
    async with gate:
        try:
            if wanted.size is not None and wanted.size > task.around.max_bytes:
                raise too_large(task.around.max_bytes)
            return await _read(task, wanted, writer)
        except ItemError as error:
            return _Brought(wanted, error=error)


async def _read(task: SyncTask, wanted: Wanted, writer: BlobWriter) -> _Brought:
    async with task.reader.fetch(_item(wanted)) as content:
        if content is None:
            return _Brought(wanted, state=wanted.state)
        if content.file_id is not None:
            return _Brought(wanted, file_id=content.file_id, state=content.state)
        async for block in content.chunks:
            await asyncio.to_thread(writer.write, block)
    if writer.sha256 != wanted.known_sha256:
        await asyncio.to_thread(writer.finish)
    return _Brought(wanted, writer=writer, state=content.state)


def _write(task: SyncTask, brought: Sequence[_Brought]) -> None:
    source_id = task.source_id
    with task.ledger.catalogue.write() as connection:
        for each in brought:
            if each.error is None:
                fetched = _record_file(connection, task, each)
                sync_progress.fetched(connection, source_id, [fetched])
            elif not (each.error.gone and sync_progress.gone(connection, source_id, each.wanted.seq)):
                reason = FailureReason(stage="fetch", code=each.error.code, message=each.error.message)
                sync_progress.failed(connection, source_id, each.wanted.seq, reason)


def _record_file(connection: Connection, task: SyncTask, brought: _Brought) -> Fetched:
    """New bytes as a file; none when the searchable version has these bytes."""
    wanted, writer = brought.wanted, brought.writer
    if brought.file_id is not None:
        record = files.get(connection, brought.file_id)
        same = record.sha256 == wanted.known_sha256
        return Fetched(wanted.seq, record.bytes, record.sha256, None if same else record.id, brought.state)
    if writer is None or writer.sha256 == wanted.known_sha256:
        size = wanted.size or 0 if writer is None else writer.size
        return Fetched(wanted.seq, size, wanted.known_sha256, None, brought.state)
    files.lock_blob(connection, writer.sha256)
    task.blobs.put(writer)
    record = files.create(
        connection,
        sha256=writer.sha256,
        size=writer.size,
        filename=_plain(wanted.filename),
        purpose=files.SYNCED,
    )
    return Fetched(wanted.seq, record.bytes, record.sha256, record.id, brought.state)


def _first(failures: BaseExceptionGroup[Exception]) -> Exception:
    """One of them: whether it is waited for or ends the sync, the others do not change."""
    first: BaseException = failures
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    assert isinstance(first, Exception)  # noqa: S101 - the group was filtered for them
    return first


def _item(wanted: Wanted) -> Item:
    return Item(
        key=wanted.key,
        path="",
        source=wanted.source,
        filename=wanted.filename,
        fingerprint=wanted.fingerprint,
        bytes=wanted.size,
        state=wanted.state,
    )


def _plain(filename: str) -> str:
    """The name without what is not printable, and not too long."""
    printable = "".join(character for character in filename if character.isprintable())
    return printable.strip()[-_MAX_NAME_CHARS:] or "item"
