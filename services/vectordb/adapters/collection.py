"""A collection while the service runs: its current shard, the order of its writes, the build that may be under way."""

import asyncio
from collections.abc import Sequence

from services.vectordb.adapters.changes import Change, Operation, to_operation
from services.vectordb.adapters.disk_reserve import DiskReserve
from services.vectordb.adapters.group_commit import GroupCommit
from services.vectordb.adapters.journal import Journal
from services.vectordb.adapters.shard import Shard
from services.vectordb.domain.configuration import CollectionRecord
from services.vectordb.errors import collection_not_found

_DELETES = frozenset({"delete", "delete_vectors", "delete_payload", "clear_payload"})


class Collection:
    """Reads go straight to `shard`; writes go through `apply`, one after another."""

    def __init__(self, name: str, record: CollectionRecord, shard: Shard, *, reserve: DiskReserve) -> None:
        self.name = name
        self.record = record
        self.spaces = record.config.spaces
        self.shard = shard
        self.writes = asyncio.Lock()
        self.journal: Journal | None = None
        self.is_building = False
        self.build_error: str | None = None
        self.closed = False
        self.written_since_build = 0
        self._reserve = reserve
        self._commit = GroupCommit(self.flush)
        self._operations = 0

    async def apply(self, changes: Sequence[Change], *, wait: bool) -> list[int]:
        """Check all writes, apply them in order, and answer their operation ids.

        With `wait` the writes are on disk when this returns; without, they survive the process but maybe not the
        power, until the next flush a second later.
        """
        async with self.writes:
            self._check_open()
            operations = [to_operation(change, self.spaces) for change in changes]
            self._check_space(changes)
            for change, operation in zip(changes, operations, strict=True):
                await self._apply(change, operation)
        if wait:
            await self._commit.commit()
        else:
            self._commit.commit_later()
        first = self._operations
        self._operations += len(changes)
        return list(range(first, self._operations))

    def flush(self) -> None:
        if not self.closed:
            self.shard.flush()

    def close(self) -> None:
        """Give the shard's folder free; later writes meet 'not found'."""
        if not self.closed:
            self.closed = True
            self.shard.close()

    def unindexed_points(self) -> int:
        """Points an index does not hold yet, at most."""
        return min(self.shard.count(), self.written_since_build)

    def count_from(self, indexed_points: int) -> None:
        """Start counting writes: everything beyond the points a build has indexed."""
        self.written_since_build = max(0, self.shard.count() - indexed_points)

    async def _apply(self, change: Change, operation: Operation) -> None:
        if self.journal is not None:
            self.journal.append(change)
        for step in operation.steps:
            self.shard.update(step)
            if len(operation.steps) > 1:
                await asyncio.sleep(0)  # readers get their turn between the steps of a large batch
        self.written_since_build += operation.points

    def _check_open(self) -> None:
        if self.closed:
            raise collection_not_found(self.name)

    def _check_space(self, changes: Sequence[Change]) -> None:
        if all(change.kind in _DELETES for change in changes):
            self._reserve.check_delete()
        else:
            self._reserve.check_write()
