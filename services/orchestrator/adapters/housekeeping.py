"""What has to be forgotten by and by: records past their time. Looks once at its start, then every hour."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

from services.orchestrator.adapters import records
from services.orchestrator.adapters.record_keeper import RecordKeeper
from services.shared.kit.errors import PlatformError
from services.shared.kit.telemetry import get_logger

_EVERY_S = 3600
_AFTER_FAILURE_S = 60

_log = get_logger("housekeeping")


class Housekeeping:
    """Deletes what is too old, in small transactions; use it as an async context manager."""

    def __init__(self, keeper: RecordKeeper, *, records_days: float) -> None:
        self._keeper = keeper
        self._records_days = records_days
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
        """Delete what is past its time now; raises as the database does."""
        if not self._records_days:
            return
        before = datetime.now(UTC) - timedelta(days=self._records_days)
        total = 0
        while removed := await self._keeper.write(partial(records.remove_older, before=before)):
            total += removed
        if total:
            _log.info("records_expired", records=total)
