"""Imports the archive of a collection: all of it, or nothing.

Until everything is there and every checksum was right, the ledger has the collection as one that is being deleted.
So whatever dies meanwhile, the regular looks of the ingest worker remove what had come in, once nobody renews it.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from services.corpus.adapters.import_ledger import ImportLedger
from services.corpus.adapters.import_loading import Loading
from services.corpus.adapters.job_queue import JobQueue
from services.corpus.domain.chunking import ChunkingRules
from services.shared.components.archives.layout import InvalidArchiveError, Limits, over_limit
from services.shared.components.archives.reader import ArchiveReader, Found
from services.shared.components.catalogue import collections, imports
from services.shared.components.catalogue.blobs import BlobStore
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.catalogue.deletions import Deletions
from services.shared.components.catalogue.imports import Import
from services.shared.components.embedders.inference import InferenceEmbedder
from services.shared.components.indexes.qdrant import ChunkIndex
from services.shared.contracts.archives import ArchivedCollection, ArchiveHeader, ImportedCollection
from services.shared.contracts.chunking import ChunkingChoice
from services.shared.contracts.corpus import Collection
from services.shared.kit.errors import ConflictError, NotFoundError, PlatformError
from services.shared.kit.telemetry import get_logger

_log = get_logger("import")


@dataclass(frozen=True)
class ImportRules:
    """What an operator allows."""

    limits: Limits
    lease: timedelta
    """How long an import may stand still before it is removed."""


@dataclass(frozen=True)
class Importer:
    """Imports collections."""

    catalogue: Catalogue
    blobs: BlobStore
    index: ChunkIndex
    deletions: Deletions
    embedder: InferenceEmbedder
    queue: JobQueue
    chunking: ChunkingRules
    rules: ImportRules

    async def receive(
        self, body: AsyncIterable[bytes], *, declared_bytes: int | None, name: str | None, embed_anew: bool
    ) -> ImportedCollection:
        """Import an archive as it comes in; `name` replaces the name it was exported under.

        Raises:
            InvalidArchiveError: it is no archive, damaged, or in an unknown format.
            PayloadTooLargeError: it is over the limits.
            ConflictError: the name is taken, or the embedding model is not served and nothing is to be embedded anew.
        """
        limit = self.rules.limits.archive
        if declared_bytes is not None and declared_bytes > limit:
            raise over_limit("The archive", declared_bytes, limit, "RAGWORKS_IMPORT_MAX_BYTES")
        reader = ArchiveReader(self.rules.limits)
        found = _all_of(reader, body)
        header = await anext(found, None)
        if not isinstance(header, ArchiveHeader):
            raise InvalidArchiveError("The file is no archive of a collection: it is empty.")
        running = await self._begin(header.collection, name=name, embed_anew=embed_anew)
        ledger = ImportLedger(self.catalogue, self.blobs, running)
        async with self._removed_unless_complete(ledger):
            await self.index.ensure_collection(running.collection.name, dimensions=running.collection.dimensions)
            with Loading(ledger, self.blobs, self.index) as loading:
                async for each in found:
                    await loading.take(each)
                await loading.finish()
            jobs = await asyncio.to_thread(ledger.complete)
        for job in jobs:
            await asyncio.to_thread(self.queue.enqueue, job, collection_id=running.collection.id)
        _log.info("collection_imported", collection=running.collection.name, documents=loading.documents)
        return ImportedCollection(
            collection=await asyncio.to_thread(self._collection, running.collection.id),
            documents=loading.documents,
            chunks=0 if running.embeds else loading.chunks,
            originals=loading.originals,
            kept_ids=running.kept_ids,
            jobs=jobs,
        )

    async def _begin(self, archived: ArchivedCollection, *, name: str | None, embed_anew: bool) -> Import:
        await self.deletions.finish()  # a collection of this name may be waiting for its end
        served = await self._dimensions(archived.embedding_model)
        embeds = embed_anew and served != archived.dimensions
        model, dimensions = archived.embedding_model, archived.dimensions
        if embeds:
            self._check_chunking(archived)
            model = self.embedder.model
            dimensions = len(await self.embedder.embed_query("dimensions"))
        elif served != dimensions:
            raise _model_missing(archived, served, self.embedder.model)
        changes = {"name": name or archived.name, "embedding_model": model, "dimensions": dimensions}
        wanted = archived.model_copy(update=changes)
        return await asyncio.to_thread(self._record, wanted, embeds=embeds)

    def _check_chunking(self, archived: ArchivedCollection) -> None:
        """The own model may read less of a text than the other one."""
        if archived.chunking is not None:
            self.chunking.completed(ChunkingChoice.model_validate(archived.chunking.model_dump()))

    async def _dimensions(self, model: str) -> int | None:
        """The dimensions of a model that is served; None of one that is not."""
        try:
            return len(await self.embedder.of(model).embed_query("dimensions"))
        except NotFoundError:
            return None

    def _record(self, wanted: ArchivedCollection, *, embeds: bool) -> Import:
        with self.catalogue.write() as connection:
            return imports.begin(connection, wanted, lease=self.rules.lease, embeds=embeds)

    @asynccontextmanager
    async def _removed_unless_complete(self, ledger: ImportLedger) -> AsyncGenerator[None]:
        renewing = asyncio.create_task(self._renew(ledger))
        try:
            yield
        except BaseException:
            await asyncio.shield(self._remove(ledger))
            raise
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing

    async def _renew(self, ledger: ImportLedger) -> None:
        """Until cancelled; what fails here shows at the next thing the import does with the ledger."""
        while True:
            await asyncio.sleep(self.rules.lease.total_seconds() / 4)
            try:
                await asyncio.to_thread(ledger.renew)
            except PlatformError as error:
                _log.warning("import_not_renewed", collection=ledger.running.collection.name, reason=error.message)

    async def _remove(self, ledger: ImportLedger) -> None:
        collection = ledger.running.collection
        try:
            if await asyncio.to_thread(ledger.give_up):
                await self.deletions.finish_collection(collection.id, collection.name, collection.index)
        except PlatformError as error:
            _log.warning("import_removed_later", collection=collection.name, reason=error.message)

    def _collection(self, collection_id: str) -> Collection:
        with self.catalogue.read() as connection:
            return collections.get(connection, collection_id)


async def _all_of(reader: ArchiveReader, body: AsyncIterable[bytes]) -> AsyncGenerator[Found]:
    async for data in body:
        for found in reader.feed(data):
            yield found
    reader.close()


def _model_missing(archived: ArchivedCollection, served: int | None, own: str) -> ConflictError:
    detail = "is not served here" if served is None else f"has {served} dimensions here, not {archived.dimensions}"
    return ConflictError(
        f"The archive's vectors are of the model '{archived.embedding_model}', which {detail}. Serve it, or embed the "
        f"documents anew with '{own}' (re_embed=true, --re-embed).",
        code="embedding_model_mismatch",
    )
