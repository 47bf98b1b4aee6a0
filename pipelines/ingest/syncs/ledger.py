"""The ledger as a sync uses it: off the event loop, and patient with a database that is busy, full or away."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import Connection

from pipelines.ingest.patience import Patience
from services.shared.components.catalogue import syncs
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.kit.errors import PlatformError
from services.shared.kit.telemetry import get_logger

T = TypeVar("T")
_log = get_logger("sync")


class SyncLedger:
    """Transactions on behalf of one sync; every method raises ServiceGaveUpError when the database stays away."""

    def __init__(self, catalogue: Catalogue, sync_id: str, *, window: timedelta) -> None:
        self.catalogue = catalogue
        self.sync_id = sync_id
        self._patience = Patience(window, report=self._report)

    async def read(self, query: Callable[[Connection], T]) -> T:
        """What the query finds."""

        def read() -> T:
            with self.catalogue.read() as connection:
                return query(connection)

        return await self.insist("read", lambda: asyncio.to_thread(read))

    async def write(self, change: Callable[[Connection], T]) -> T:
        """The change, all of it or none."""

        def write() -> T:
            with self.catalogue.write() as connection:
                return change(connection)

        return await self.insist("write", lambda: asyncio.to_thread(write))

    async def insist(self, what: str, call: Callable[[], Awaitable[T]]) -> T:
        """The call's result, sooner or later."""
        return await self._patience.insist(what, call)

    async def _report(self, message: str | None) -> None:
        def note() -> None:
            with self.catalogue.write() as connection:
                syncs.note(connection, self.sync_id, error=message)

        try:
            await asyncio.to_thread(note)
        except PlatformError as error:
            _log.warning("wait_not_shown", sync_id=self.sync_id, reason=error.message)
