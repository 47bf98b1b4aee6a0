"""What has to be forgotten by and by: rows past their time. Looks once at its start, then every hour."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from services.shared.kit.errors import PlatformError
from services.shared.kit.store import Store
from services.shared.kit.telemetry import get_logger

_EVERY_S = 3600
_AFTER_FAILURE_S = 60

_log = get_logger("housekeeping")


@dataclass(frozen=True)
class Limit:
    """How long something is kept, and how some of what is older is removed: a call tells how many went."""

    what: str
    days: float
    """0: for ever."""
    remove_older: Callable[[Connection, datetime], int]


class Housekeeping:
    """Deletes what is too old, in small transactions; use it as an async context manager."""

    def __init__(self, store: Store, limits: Sequence[Limit]) -> None:
        self._store = store
        self._limits = limits
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Housekeeping":
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                await self.tidy()
                await asyncio.sleep(_EVERY_S)
            except PlatformError as error:
                _log.warning("housekeeping_waits", reason=error.message)
                await asyncio.sleep(_AFTER_FAILURE_S)

    async def tidy(self) -> None:
        """Delete what is past its time now; raises as `Store` does."""
        for limit in self._limits:
            if limit.days:
                await self._forget(limit)

    async def _forget(self, limit: Limit) -> None:
        before = datetime.now(UTC) - timedelta(days=limit.days)
        total = 0
        while removed := await self._store.write(partial(_removed, limit, before)):
            total += removed
        if total:
            _log.info("expired", what=limit.what, rows=total)


def _removed(limit: Limit, before: datetime, connection: Connection) -> int:
    return limit.remove_older(connection, before)
