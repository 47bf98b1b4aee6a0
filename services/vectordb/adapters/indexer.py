"""Builds indexes in the background: watches the collections, and takes one build at a time from copy to switch.

1. With writes paused: flush, copy the shard, start a journal. Reads go on.
2. The builder indexes the copy and repeats the journal; reads and writes go on.
3. With writes paused again: repeat the journal's short rest, flush, and name the copy in the catalogue. That one step
   is the switch; a kill before it leaves the old shard, which has had every write all along.
"""

import asyncio
import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from services.shared.kit.telemetry import get_logger
from services.vectordb.adapters.builder_process import BuildOrder, BuildReport, run_builder
from services.vectordb.adapters.collection import Collection
from services.vectordb.adapters.engine_errors import engine_call
from services.vectordb.adapters.journal import Journal, read_changes, repeat
from services.vectordb.adapters.shard import Shard
from services.vectordb.adapters.shard_copy import copy_shard, data_bytes, remove_folder
from services.vectordb.adapters.store import Store
from services.vectordb.domain.indexing import wants_index
from services.vectordb.errors import EngineError, VectorDbError

_RETRY_CHECKS = 30  # a failed build is tried again after so many checks

_log = get_logger("indexer")


@dataclass(frozen=True)
class IndexerLimits:
    threshold_points: int
    indexing_threads: int
    search_threads: int
    check_every: timedelta


class Indexer:
    """Runs until cancelled."""

    def __init__(self, store: Store, limits: IndexerLimits) -> None:
        self._store = store
        self._limits = limits
        self._pauses: dict[str, int] = {}

    async def run(self) -> None:
        """Check all collections again and again."""
        while True:
            await asyncio.sleep(self._limits.check_every.total_seconds())
            for collection in self._store.opened():
                if self._is_due(collection):
                    await self._try_build(collection)

    async def build(self, collection: Collection) -> None:
        """Build the collection's index now.

        Raises:
            VectorDbError: it failed; the collection goes on with the shard it has.
        """
        target = self._store.layout.new_shard()
        journal_path = self._store.layout.new_scratch(".journal")
        try:
            await self._start(collection, target, journal_path)
            order = BuildOrder(
                owner=os.getpid(),
                shard=target,
                journal=journal_path,
                config=collection.record.config,
                indexing_threads=self._limits.indexing_threads,
                search_threads=self._limits.search_threads,
            )
            await self._switch(collection, order, await run_builder(order))
        finally:
            if collection.journal is not None:
                collection.journal.close()
                collection.journal = None
            journal_path.unlink(missing_ok=True)
            if collection.shard.path != target:
                await asyncio.to_thread(remove_folder, target)

    def _is_due(self, collection: Collection) -> bool:
        pause = self._pauses.get(collection.name, 0)
        self._pauses[collection.name] = max(0, pause - 1)
        return pause == 0 and wants_index(
            collection.record.config,
            unindexed_points=collection.unindexed_points(),
            default_threshold=self._limits.threshold_points,
        )

    async def _try_build(self, collection: Collection) -> None:
        collection.is_building = True
        _log.info("index_build_started", collection=collection.name, points=collection.shard.count())
        try:
            await self.build(collection)
        except (VectorDbError, OSError, ValueError) as error:
            collection.build_error = str(error)
            self._pauses[collection.name] = _RETRY_CHECKS
            _log.error("index_build_failed", collection=collection.name, reason=str(error))
        else:
            collection.build_error = None
            _log.info("index_build_done", collection=collection.name, points=collection.record.indexed_points)
        finally:
            collection.is_building = False

    async def _start(self, collection: Collection, target: Path, journal_path: Path) -> None:
        async with collection.writes:
            if collection.closed:
                raise EngineError("the collection was deleted")
            collection.flush()
            self._store.reserve.check_write(2 * data_bytes(collection.shard.path))
            with engine_call():
                await asyncio.to_thread(copy_shard, collection.shard.path, target)
                collection.journal = Journal(journal_path)

    async def _switch(self, collection: Collection, order: BuildOrder, report: BuildReport) -> None:
        shard = Shard.open(order.shard)
        try:
            async with collection.writes:
                await self._catch_up(collection, shard, order.journal, report.journal_offset)
                update = {"shard": order.shard.name, "indexed_points": report.indexed_points}
                await self._store.switch_shard(collection, collection.record.model_copy(update=update), shard)
        finally:
            if collection.shard is not shard:
                shard.close()

    async def _catch_up(self, collection: Collection, shard: Shard, journal: Path, offset: int) -> None:
        if collection.closed or collection.journal is None or collection.journal.broken:
            raise EngineError("the collection was deleted, or the disk was too full to keep its journal")
        for change, _ in read_changes(journal, offset):
            repeat(shard, change, collection.spaces)
            await asyncio.sleep(0)
        shard.flush()
