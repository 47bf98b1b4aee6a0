"""One flush for all writers that are waiting."""

import asyncio
from collections.abc import Callable

from services.vectordb.errors import VectorDbError

_LAZY_S = 1.0


class GroupCommit:
    """Makes writes durable. Writers that arrive while a flush runs share the next one."""

    def __init__(self, flush: Callable[[], None]) -> None:
        self._flush = flush
        self._waiting: list[asyncio.Future[None]] = []
        self._lazy: asyncio.TimerHandle | None = None

    async def commit(self) -> None:
        """Return once everything written so far is on disk; raises what the flush raised."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._waiting.append(done)
        if len(self._waiting) == 1:
            loop.call_soon(self._run)
        await done

    def commit_later(self) -> None:
        """Flush within a second, for writers that do not wait."""
        if self._lazy is None:
            self._lazy = asyncio.get_running_loop().call_later(_LAZY_S, self._run)

    def _run(self) -> None:
        if self._lazy is not None:
            self._lazy.cancel()
            self._lazy = None
        waiting, self._waiting = self._waiting, []
        try:
            self._flush()
        except VectorDbError as error:
            _settle(waiting, error)
        else:
            _settle(waiting, None)


def _settle(waiting: list[asyncio.Future[None]], error: VectorDbError | None) -> None:
    for done in waiting:
        if done.cancelled():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
