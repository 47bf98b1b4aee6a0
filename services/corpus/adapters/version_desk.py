"""Versions of collections as their owners ask for them; what brings them about is `catalogue.versions`."""

import asyncio
from dataclasses import dataclass

from sqlalchemy import Connection

from services.corpus.adapters.job_queue import JobQueue
from services.corpus.adapters.parsers import checked_parsers
from services.corpus.domain.chunking import ChunkingRules
from services.shared.components.catalogue import collections, twins
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.catalogue.collections import CollectionChoices
from services.shared.components.catalogue.versions import Versions
from services.shared.components.embedders.inference import InferenceEmbedder
from services.shared.contracts.corpus import Collection, CountedCollection
from services.shared.contracts.versions import CollectionVersion, CreateVersion
from services.shared.kit.errors import ConflictError, NotFoundError


@dataclass(frozen=True)
class VersionDesk:
    """Takes orders for versions and tells how they stand."""

    catalogue: Catalogue
    versions: Versions
    embedder: InferenceEmbedder
    rules: ChunkingRules
    queue: JobQueue

    async def all(self, id_or_name: str) -> list[CollectionVersion]:
        """All versions of the collection, the newest first.

        Raises:
            NotFoundError: there is no such collection.
        """
        return await asyncio.to_thread(self._list, id_or_name)

    async def create(self, id_or_name: str, order: CreateVersion) -> CollectionVersion:
        """Begin to build another version.

        Raises:
            NotFoundError: there is no such collection, or no such model is served.
            ConflictError: another version is still being built.
            InvalidRequestError: no collection can be cut or parsed like this.
        """
        original = await asyncio.to_thread(self._original, id_or_name)
        model = order.embedding_model or original.embedding_model
        dimensions = len(await self.embedder.of(model).embed_query("dimensions"))
        twin = await asyncio.to_thread(self._record, original, order, model, dimensions)
        await self._advance(original)
        return await self._one(original, twin.version)

    async def switch(self, id_or_name: str, number: int, *, force: bool) -> CollectionVersion:
        """Make a version the active one, at once when it is complete, else as soon as it is.

        Raises:
            NotFoundError: there is no such version.
            ConflictError: documents failed in it, and it is not forced; or something keeps it back that force does not.
        """
        original, twin = await asyncio.to_thread(self._pair, id_or_name, number)
        if twin is None:
            return await self._one(original, number)  # it is the active one
        await self.versions.switch(original, twin, force=force)
        current = await self._one(original, number)
        if not current.active and not current.switching:
            raise ConflictError(
                f"{current.failed} documents could not be ingested into version {number} of '{original.name}'; look at "
                "its job, try again with 'retry', or switch without them with 'force'.",
                code="version_incomplete",
            )
        return current

    async def rollback(self, id_or_name: str) -> CollectionVersion:
        """Make the version the active one that was it before.

        Raises:
            ConflictError: there is none any more.
        """
        original, before = await asyncio.to_thread(self._before, id_or_name)
        return await self.switch(original.id, before.version, force=False)

    async def retry(self, id_or_name: str, number: int) -> CollectionVersion:
        """Try again what could not be ingested into a version.

        Raises:
            NotFoundError: there is no such version.
        """
        original, twin = await asyncio.to_thread(self._pair, id_or_name, number)
        if twin is not None:
            await asyncio.to_thread(self._forget_failures, twin)
            await self._advance(original)
        return await self._one(original, number)

    async def drop(self, id_or_name: str, number: int) -> None:
        """Delete a version that is not the active one.

        Raises:
            NotFoundError: there is no such version.
            ConflictError: it is the active one.
        """
        original, twin = await asyncio.to_thread(self._pair, id_or_name, number)
        if twin is None:
            raise ConflictError(
                f"Version {number} of '{original.name}' is the active one; switch to another first.",
                code="version_active",
            )
        await self.versions.deletions.delete_collection(twin.id)

    async def _advance(self, original: Collection) -> None:
        for job in await self.versions.advance(original):
            twin = await asyncio.to_thread(self._original, job.collection)
            await asyncio.to_thread(self.queue.enqueue, job.id, collection_id=twin.id)

    async def _one(self, original: Collection, number: int) -> CollectionVersion:
        return next(each for each in await self.all(original.id) if each.number == number)

    def _record(self, original: Collection, order: CreateVersion, model: str, dimensions: int) -> Collection:
        chunking = original.chunking
        if order.chunking is not None:
            chunking = self.rules.completed(order.chunking, base=original.chunking)
        parsers = original.parsers if order.parsers is None else checked_parsers(order.parsers)
        choices = CollectionChoices(chunking, original.deduplication, parsers, original.metadata_schema)
        with self.catalogue.write() as connection:
            collections.lock(connection, original.id)
            current = collections.get(connection, original.id)
            _refuse_a_second(connection, current)
            name, number = twins.name_of_next(connection, current)
            twin = collections.create(
                connection,
                name=name,
                embedding_model=model,
                dimensions=dimensions,
                attributes={},
                choices=choices,
            )
            twins.make_twin(connection, twin, current, number=number)
            if order.switch:
                twins.plan_switch(connection, current, twin)
            return collections.get(connection, twin.id)

    def _original(self, id_or_name: str) -> Collection:
        with self.catalogue.read() as connection:
            return collections.get(connection, id_or_name)

    def _pair(self, id_or_name: str, number: int) -> tuple[Collection, Collection | None]:
        """The collection and its twin with this number; no twin when the number is the active version's."""
        with self.catalogue.read() as connection:
            original = collections.get(connection, id_or_name)
            others = twins.of(connection, original)
        if original.version == number:
            return original, None
        twin = next((each for each in others if each.version == number), None)
        if twin is None:
            raise NotFoundError(
                f"'{original.name}' has no version {number}; list its versions to see which there are.",
                code="version_not_found",
            )
        return original, twin

    def _before(self, id_or_name: str) -> tuple[Collection, Collection]:
        with self.catalogue.read() as connection:
            original = collections.get(connection, id_or_name)
            _, previous, _ = twins.plans(connection, original)
            twin = collections.find(connection, previous) if previous else None
        if twin is None:
            raise ConflictError(
                f"'{original.name}' has no earlier version to go back to: none was active before, or it was dropped.",
                code="no_earlier_version",
            )
        return original, twin

    def _forget_failures(self, twin: Collection) -> None:
        with self.catalogue.write() as connection:
            twins.forget_failures(connection, twin)

    def _list(self, id_or_name: str) -> list[CollectionVersion]:
        with self.catalogue.read() as connection:
            original = collections.get(connection, id_or_name)
            others = twins.of(connection, original)
            planned, _, _ = twins.plans(connection, original)
            versions = collections.counted(connection, [original, *others])
            shown = [_shown(connection, each, original, planned=planned) for each in versions]
        return sorted(shown, key=lambda version: -version.number)


def _refuse_a_second(connection: Connection, original: Collection) -> None:
    if original.version_of is not None:
        raise ConflictError(f"'{original.name}' is a version itself.", code="is_a_version")
    planned, _, _ = twins.plans(connection, original)
    building = collections.find(connection, planned) if planned else None
    if building is not None:
        raise ConflictError(
            f"Version {building.version} of '{original.name}' is being built; wait for it, or drop it.",
            code="version_being_built",
        )


def _shown(
    connection: Connection, version: CountedCollection, original: Collection, *, planned: str | None
) -> CollectionVersion:
    active = version.id == original.id
    lacking = [] if active else twins.differences(connection, original, version)
    job = twins.unfinished_job(connection, version.id)
    switching = planned == version.id
    return CollectionVersion(
        number=version.version,
        collection=version.name,
        active=active,
        created_at=version.created_at,
        embedding_model=version.embedding_model,
        dimensions=version.dimensions,
        chunking=version.chunking,
        parsers=version.parsers,
        documents=version.documents,
        chunks=version.chunks,
        missing=len(lacking),
        failed=sum(each.failed for each in lacking),
        job_id=job,
        switching=switching,
        waits_for=_waits_for(connection, original, job, missing=len(lacking)) if switching else None,
    )


def _waits_for(connection: Connection, original: Collection, job: str | None, *, missing: int) -> str:
    if job is not None:
        return f"The job {job} builds it."
    if missing:
        return f"{missing} documents are still to be ingested into it; a job for them begins within seconds."
    other = twins.unfinished_job(connection, original.id)
    if other is not None:
        return f"The job {other} of '{original.name}' has to end first; what it brings comes into this version, too."
    return "It becomes the active version within seconds."
