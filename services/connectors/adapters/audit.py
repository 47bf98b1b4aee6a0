"""The audit log: every call, whatever became of it. Calls that change something are noted before they are made."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, delete, insert, select

from services.connectors.adapters.tables import calls
from services.shared.contracts.tools import CallRecord
from services.shared.kit.errors import PlatformError
from services.shared.kit.store import Store
from services.shared.kit.telemetry import get_logger

_MOST_WAITING = 10_000
_AT_ONCE = 500
_AFTER_FAILURE_S = 1.0
_log = get_logger("tools")


class Audit:
    """Writes behind the answers, many calls at once; use it as an async context manager."""

    def __init__(self, store: Store, *, days: float) -> None:
        self._store = store
        self._days = days
        self._waiting = deque[CallRecord]()
        self._stirred = asyncio.Event()
        self._writing = asyncio.Lock()
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write_on())
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
        try:
            await self.flush()
        except PlatformError as error:
            _log.error("calls_not_kept", count=len(self._waiting), reason=error.message)

    async def note(self, record: CallRecord) -> None:
        """Keep a line; it is in the log at once, and in the table soon.

        Raises:
            PlatformError: the table has taken nothing for so long that no more can wait.
        """
        _say(record)
        if len(self._waiting) >= _MOST_WAITING:
            await self.flush()
        self._waiting.append(record)
        self._stirred.set()

    async def note_now(self, record: CallRecord) -> None:
        """The same, in the table when this returns.

        Raises:
            PlatformError: the table did not take it.
        """
        _say(record)
        async with self._writing:
            await self._write([record])

    async def flush(self) -> None:
        """Return when all that was noted before is in the table.

        Raises:
            PlatformError: the table did not take it; it goes on waiting.
        """
        await asyncio.shield(self._drain())  # who asked may leave; what is half written must be written once

    async def newest(self, limit: int) -> list[CallRecord]:
        """The latest calls, newest first."""
        await self.flush()
        query = select(calls).order_by(calls.c.seq.desc()).limit(limit)
        columns = CallRecord.model_fields.keys()

        def read(connection: Connection) -> list[CallRecord]:
            rows = connection.execute(query)
            return [CallRecord.model_validate({name: getattr(row, name) for name in columns}) for row in rows]

        return await self._store.read(read)

    async def _write_on(self) -> None:
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            try:
                await self.flush()
            except PlatformError as error:
                _log.error("calls_wait", count=len(self._waiting), reason=error.message)
                await asyncio.sleep(_AFTER_FAILURE_S)
                self._stirred.set()

    async def _drain(self) -> None:
        async with self._writing:
            while self._waiting:
                batch = list(islice(self._waiting, _AT_ONCE))
                await self._write(batch)
                for _ in batch:
                    self._waiting.popleft()

    async def _write(self, records: Sequence[CallRecord]) -> None:
        rows: list[dict[str, Any]] = [each.model_dump() for each in records]
        oldest = datetime.now(UTC) - timedelta(days=self._days)

        def change(connection: Connection) -> None:
            connection.execute(insert(calls), rows)
            if self._days:
                connection.execute(delete(calls).where(calls.c.at < oldest))

        await self._store.write(change)


def _say(record: CallRecord) -> None:
    _log.info("tool_called", **record.model_dump(exclude={"request_id", "at"}))
