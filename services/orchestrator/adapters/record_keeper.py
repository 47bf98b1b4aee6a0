"""Keeps records without anybody waiting for it: a bounded queue, written in batches, to its end at shutdown."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from prometheus_client import Counter
from sqlalchemy import Connection

from services.orchestrator.adapters import records
from services.orchestrator.domain.recording import RecordDraft
from services.shared.kit.errors import PlatformError
from services.shared.kit.store import Store
from services.shared.kit.telemetry import get_logger

T = TypeVar("T")
_CAPACITY = 2_000
_BATCH = 100
_COLLECT_S = 0.2
_AFTER_FAILURE_S = 2.0
_LAST_TRY_S = 5.0

_log = get_logger("records")
_written = Counter("ragworks_records_written", "Records of answers that were stored.")
_lost = Counter("ragworks_records_lost", "Records of answers that could not be stored.", ["reason"])


class RecordKeeper:
    """The way of an answer's record into the database; use it as an async context manager."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: deque[RecordDraft] = deque()
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()
        self._writing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "RecordKeeper":
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        self._wake.set()
        if self._task is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._task, _LAST_TRY_S)
        if self._waiting:
            _lost.labels("shutdown").inc(len(self._waiting))
            _log.error("records_lost", records=len(self._waiting), reason="shutdown")

    def keep(self, draft: RecordDraft) -> None:
        """Have an ended answer stored, if it is to be; never waits, never fails."""
        if not draft.is_kept:
            return
        if len(self._waiting) >= _CAPACITY:
            _lost.labels("queue_full").inc()
            _log.error("record_lost", record_id=draft.id, reason="queue_full")
            return
        self._waiting.append(draft)
        self._wake.set()

    async def read(self, query: Callable[[Connection], T]) -> T:
        """A query's result, over all answers that have ended; raises as `Store` does."""
        with suppress(PlatformError):  # on a full disk what was stored before can still be read
            await self._flush()
        return await self._store.read(query)

    async def write(self, change: Callable[[Connection], T]) -> T:
        """A change's result, made in one transaction after all answers that have ended; raises as `Store` does."""
        await self._flush()
        return await self._store.write(change)

    async def _run(self) -> None:
        self._wake.set()  # the tables are made at once, not with the first record
        while not self._closing.is_set():
            await self._wake.wait()
            self._wake.clear()
            await self._pause(_COLLECT_S)
            try:
                await self._flush()
            except PlatformError as error:
                _log.warning("records_wait", records=len(self._waiting), reason=error.message)
                await self._pause(_AFTER_FAILURE_S)
                self._wake.set()
        with suppress(PlatformError):
            await self._flush()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()

    async def _flush(self) -> None:
        """Store all that waits; what could not be stored goes on waiting."""
        async with self._writing:
            await self._store.prepare()
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
                try:
                    await self._store_batch(batch)
                except PlatformError:
                    self._waiting.extendleft(reversed(batch))
                    raise

    async def _store_batch(self, batch: Sequence[RecordDraft]) -> None:
        try:
            await self._store.write(lambda connection: records.add(connection, [draft.record() for draft in batch]))
            _written.inc(len(batch))
        except PlatformError:
            raise
        except Exception:  # noqa: BLE001 - one record that no database takes must not hold up the others
            for draft in batch:
                await self._store_alone(draft)

    async def _store_alone(self, draft: RecordDraft) -> None:
        try:
            await self._store.write(lambda connection: records.add(connection, [draft.record()]))
            _written.inc()
        except PlatformError:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            _lost.labels("refused").inc()
            _log.error("record_lost", record_id=draft.id, reason=type(error).__name__)
