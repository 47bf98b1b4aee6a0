"""Versions of collections in ledger and index alike: building them, keeping them up, switching between them.

Everything here may be interrupted and called again. The ledger decides: one transaction (`twins.switch`) changes what
searches find, as they take index and model from it together. The index's alias, for others who look into it, follows.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from services.shared.components.catalogue import collections, files, jobs, twins
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.catalogue.deletions import Deletions
from services.shared.components.catalogue.documents import DocumentKey
from services.shared.components.catalogue.jobs import Entry
from services.shared.components.catalogue.twins import Difference
from services.shared.components.indexes.qdrant import ChunkIndex
from services.shared.contracts.corpus import Collection, Job
from services.shared.kit.errors import PlatformError
from services.shared.kit.telemetry import get_logger

_JOB_DOCUMENTS = 10_000
_log = get_logger("versions")


@dataclass(frozen=True)
class Versions:
    """Brings twins to the documents of their originals, and switches to those that are complete."""

    catalogue: Catalogue
    index: ChunkIndex
    deletions: Deletions

    async def advance_all(self) -> list[Job]:
        """Take every collection that has versions a step further; the jobs this made."""
        made: list[Job] = []
        for original in await asyncio.to_thread(self._originals):
            try:
                made += await self.advance(original)
            except PlatformError as error:
                _log.warning("version_deferred", collection=original.name, reason=error.message)
        return made

    async def advance(self, original: Collection) -> list[Job]:
        """Bring the collection's versions to its documents, and switch when the one it is to switch to is complete.

        Returns the jobs that this made.
        """
        made: list[Job] = []
        for twin in await asyncio.to_thread(self._twins, original):
            await self.index.ensure_collection(twin.name, physical=twin.index, dimensions=twin.dimensions)
            for document_id in await asyncio.to_thread(self._surplus, original, twin):
                await self.deletions.delete_document(DocumentKey(twin.index, document_id))
            made += await asyncio.to_thread(self._catch_up, original, twin)
        if not made:
            await asyncio.to_thread(self._switch_if_complete, original.id)
        await self._follow(original.id)
        return made

    async def switch(self, original: Collection, twin: Collection, *, force: bool) -> None:
        """Make the twin the active version: now if it is complete, else as soon as it is."""
        await asyncio.to_thread(self._plan, original, twin)
        if force:
            await asyncio.to_thread(self._switch_anyway, original.id)
        await self.advance(original)

    async def _follow(self, original_id: str) -> None:
        """Let the aliases name what the ledger says."""
        behind = await asyncio.to_thread(self._behind, original_id)
        if behind is None:
            return
        original, others = behind
        await self.index.point_aliases({each.name: each.index for each in (original, *others)})
        await asyncio.to_thread(self._followed, original)

    def _originals(self) -> list[Collection]:
        with self.catalogue.read() as connection:
            return twins.originals(connection)

    def _twins(self, original: Collection) -> list[Collection]:
        with self.catalogue.read() as connection:
            return twins.of(connection, original)

    def _surplus(self, original: Collection, twin: Collection) -> list[str]:
        with self.catalogue.read() as connection:
            if twins.unfinished_job(connection, twin.id) is not None:
                return []
            return twins.surplus(connection, original, twin)

    def _catch_up(self, original: Collection, twin: Collection) -> list[Job]:
        with self.catalogue.write() as connection:
            if not collections.lock(connection, twin.id) or twins.unfinished_job(connection, twin.id) is not None:
                return []
            lacking = [each for each in twins.differences(connection, original, twin) if not each.failed]
            return list(_jobs_over(connection, twin, lacking))

    def _plan(self, original: Collection, twin: Collection) -> None:
        with self.catalogue.write() as connection:
            twins.plan_switch(connection, original, twin)

    def _switch_if_complete(self, original_id: str) -> None:
        with self.catalogue.write() as connection:
            pair = _switchable(connection, original_id)
            if pair is None:
                return
            lacking = twins.differences(connection, *pair)
            if any(each.failed for each in lacking):
                twins.plan_switch(connection, pair[0], None)  # an owner has to decide
            elif not lacking and not twins.surplus(connection, *pair):
                twins.switch(connection, *pair)
                _log.info("version_switched", collection=pair[0].name, version=pair[1].version)

    def _switch_anyway(self, original_id: str) -> None:
        with self.catalogue.write() as connection:
            pair = _switchable(connection, original_id)
            if pair is not None and all(each.failed for each in twins.differences(connection, *pair)):
                twins.switch(connection, *pair)

    def _behind(self, original_id: str) -> tuple[Collection, list[Collection]] | None:
        with self.catalogue.read() as connection:
            original = collections.find(connection, original_id)
            if original is None or not twins.plans(connection, original)[2]:
                return None
            return original, twins.of(connection, original)

    def _followed(self, original: Collection) -> None:
        with self.catalogue.write() as connection:
            current = collections.find(connection, original.id)
            if current is not None and current.index == original.index:
                twins.alias_follows(connection, current)


def _switchable(connection: Connection, original_id: str) -> tuple[Collection, Collection] | None:
    """The collection and the twin it is to switch to, locked and with no job that has not ended."""
    original = collections.find(connection, original_id)
    planned = twins.plans(connection, original)[0] if original else None
    twin = collections.find(connection, planned) if planned else None
    if original is None or twin is None:
        return None
    locked = collections.lock(connection, original.id) and collections.lock(connection, twin.id)
    if not locked or twins.unfinished_job(connection, original.id, twin.id) is not None:
        return None
    return original, twin


def _jobs_over(connection: Connection, twin: Collection, lacking: Sequence[Difference]) -> Iterator[Job]:
    """Jobs that ingest into the twin what it lacks: one for each list of readers, of bounded size."""
    found = files.by_id(connection, (each.file_id for each in lacking))
    wanted = [each for each in lacking if each.file_id in found]
    for access in dict.fromkeys(each.access for each in wanted):
        entries = [Entry(found[each.file_id], each.source, each.attributes) for each in wanted if each.access == access]
        for start in range(0, len(entries), _JOB_DOCUMENTS):
            yield jobs.create(connection, twin, entries[start : start + _JOB_DOCUMENTS], access=access)
