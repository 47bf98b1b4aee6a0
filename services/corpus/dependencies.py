"""The parts that routes use, by name."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Query, Request

from services.corpus.adapters.collection_export import Exporter
from services.corpus.adapters.collection_import import Importer, ImportRules
from services.corpus.adapters.document_text import DocumentReader
from services.corpus.adapters.ingest_worker import IngestWorker
from services.corpus.adapters.job_queue import JobQueue
from services.corpus.adapters.receipts import ReceiptChecker
from services.corpus.adapters.reconciliation import Reconciler
from services.corpus.adapters.source_desk import SourceDesk
from services.corpus.adapters.uploads import Uploads
from services.corpus.adapters.version_desk import VersionDesk
from services.corpus.domain.access import readers
from services.corpus.domain.chunking import ChunkingRules
from services.shared.components.catalogue import collections, jobs
from services.shared.components.catalogue.blobs import BlobStore
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.catalogue.collections import PLATFORM_CHOICES, CollectionChoices
from services.shared.components.catalogue.deletions import Deletions
from services.shared.components.catalogue.erasure import Erasure
from services.shared.components.catalogue.jobs import Entry
from services.shared.components.catalogue.versions import Versions
from services.shared.components.embedders.inference import InferenceEmbedder
from services.shared.components.indexes.qdrant import ChunkIndex
from services.shared.contracts.corpus import Collection, Job
from services.shared.kit.context import principal
from services.shared.kit.paging import Cursor

Order = Literal["asc", "desc"]


@dataclass(frozen=True)
class Corpus:
    """What this service is made of."""

    catalogue: Catalogue
    blobs: BlobStore
    uploads: Uploads
    deletions: Deletions
    erasure: Erasure
    index: ChunkIndex
    embedder: InferenceEmbedder
    queue: JobQueue
    ingest: IngestWorker
    sources: SourceDesk
    chunking: ChunkingRules
    imports: ImportRules

    @property
    def reconciler(self) -> Reconciler:
        return Reconciler(self.catalogue, self.index, self.queue)

    @property
    def receipts(self) -> ReceiptChecker:
        return ReceiptChecker(self.catalogue, self.blobs, self.index, self.erasure.key, self.erasure.answers)

    @property
    def version_desk(self) -> VersionDesk:
        versions = Versions(self.catalogue, self.index, self.deletions)
        return VersionDesk(self.catalogue, versions, self.embedder, self.chunking, self.queue)

    @property
    def exporter(self) -> Exporter:
        return Exporter(self.catalogue, self.blobs, self.index)

    @property
    def importer(self) -> Importer:
        return Importer(
            catalogue=self.catalogue,
            blobs=self.blobs,
            index=self.index,
            deletions=self.deletions,
            embedder=self.embedder,
            queue=self.queue,
            chunking=self.chunking,
            rules=self.imports,
        )

    @property
    def reader(self) -> DocumentReader:
        return DocumentReader(self.catalogue, self.index)

    def collection(self, id_or_name: str) -> Collection:
        """The collection.

        Raises:
            NotFoundError: there is none.
        """
        with self.catalogue.read() as connection:
            return collections.get(connection, id_or_name)

    async def create_collection(
        self, name: str, attributes: dict[str, str], choices: CollectionChoices = PLATFORM_CHOICES
    ) -> Collection:
        """A new, empty collection for the platform's embedding model.

        Raises:
            ConflictError: the name is taken.
            UnavailableError: the embedding model or the vector database is not up.
        """
        await self.deletions.finish()  # a collection of this name may be waiting for its end
        dimensions = len(await self.embedder.embed_query("dimensions"))
        created = await asyncio.to_thread(self._record_collection, name, dimensions, attributes, choices)
        try:
            await self.index.ensure_collection(name, dimensions=dimensions)
        except BaseException:
            await asyncio.shield(self.deletions.delete_collection(created.id))
            raise
        return created

    def start_job(self, collection: Collection, entries: list[Entry], access: Sequence[str] | None = None) -> Job:
        """Queue the files for ingest, readable for these principals, else for everyone."""
        allowed = readers(principal.get(), access)
        with self.catalogue.write() as connection:
            job = jobs.create(connection, collection, entries, access=allowed)
        self.queue.enqueue(job.id, collection_id=collection.id)
        return job

    def _record_collection(
        self, name: str, dimensions: int, attributes: dict[str, str], choices: CollectionChoices
    ) -> Collection:
        with self.catalogue.write() as connection:
            return collections.create(
                connection,
                name=name,
                embedding_model=self.embedder.model,
                dimensions=dimensions,
                attributes=attributes,
                choices=choices,
            )


def _corpus(request: Request) -> Corpus:
    return request.app.state.corpus


def _cursor(*, default: int, maximum: int, first: Order = "desc") -> Callable[..., Cursor]:
    def read(
        limit: Annotated[int, Query(ge=1, le=maximum)] = default,
        after: str | None = None,
        before: str | None = None,
        order: Order = first,
    ) -> Cursor:
        return Cursor(limit=limit, after=after, before=before, ascending=order == "asc")

    return read


CorpusParts = Annotated[Corpus, Depends(_corpus)]
PageCursor = Annotated[Cursor, Depends(_cursor(default=20, maximum=1_000))]
FilesCursor = Annotated[Cursor, Depends(_cursor(default=10_000, maximum=10_000))]
DocumentsCursor = Annotated[Cursor, Depends(_cursor(default=100, maximum=1_000, first="asc"))]
