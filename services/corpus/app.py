"""Builds the corpus service."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.corpus.adapters.collection_import import ImportRules
from services.corpus.adapters.ingest_worker import IngestWorker
from services.corpus.adapters.job_queue import JobQueue
from services.corpus.adapters.source_desk import SourceDesk
from services.corpus.adapters.uploads import Uploads
from services.corpus.dependencies import Corpus
from services.corpus.domain.chunking import ChunkingRules
from services.corpus.routes import (
    archives,
    chunks,
    collections,
    document_parts,
    documents,
    file_batches,
    files,
    jobs,
    plan,
    principals,
    receipts,
    sources,
    syncs,
    vector_store_files,
    vector_stores,
    versions,
)
from services.corpus.settings import CorpusSettings
from services.shared.components.archives.layout import Limits
from services.shared.components.catalogue.answer_references import open_answer_references
from services.shared.components.catalogue.blobs import BlobStore
from services.shared.components.catalogue.catalogue import Catalogue, open_catalogue
from services.shared.components.catalogue.deletions import Deletions
from services.shared.components.catalogue.erasure import Erasure
from services.shared.components.catalogue.receipt_signing import ReceiptKey
from services.shared.components.embedders.inference import InferenceEmbedder
from services.shared.components.indexes.connect import connect_index
from services.shared.components.indexes.qdrant import ChunkIndex
from services.shared.kit.app import create_app
from services.shared.kit.http import ServiceClient

_ROUTES = (
    files,
    vector_stores,
    vector_store_files,
    file_batches,
    collections,
    archives,
    versions,
    documents,
    document_parts,
    jobs,
    plan,
    receipts,
    principals,
    chunks,
    sources,
    syncs,
)


def build_app(settings: CorpusSettings) -> FastAPI:
    """The service; it connects when it starts."""
    catalogue = open_catalogue(settings.catalogue_database)
    blobs = BlobStore(settings.files_folder)
    queue = JobQueue(settings.jobs_database)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        await asyncio.to_thread(catalogue.create_schema)
        await asyncio.to_thread(blobs.remove_abandoned)
        queue.open()
        async with _connected(settings, catalogue, blobs, queue) as corpus:
            app.state.corpus = corpus
            yield
        queue.close()
        catalogue.close()

    async def catalogue_ready() -> None:
        await asyncio.to_thread(catalogue.check)

    return create_app(
        settings,
        title="corpus",
        routers=[module.router for module in _ROUTES],
        lifespan=lifespan,
        ready_checks={"catalogue": catalogue_ready},
        max_body_bytes=None,  # uploads have their own limit, whose refusal names it
    )


@asynccontextmanager
async def _connected(
    settings: CorpusSettings, catalogue: Catalogue, blobs: BlobStore, queue: JobQueue
) -> AsyncGenerator[Corpus]:
    client = connect_index(settings)
    index = ChunkIndex(client)
    deletions = Deletions(catalogue, blobs, index)
    async with (
        ServiceClient(settings.inference_url, audience="inference", settings=settings) as inference,
        ServiceClient(settings.ingest_url, audience="ingest", settings=settings) as ingest,
        open_answer_references(settings) as answers,
    ):
        yield Corpus(
            catalogue=catalogue,
            blobs=blobs,
            uploads=Uploads(catalogue, blobs, settings.max_file_bytes),
            deletions=deletions,
            erasure=Erasure(catalogue, blobs, deletions, ReceiptKey(settings.receipt_key_file), answers),
            index=index,
            embedder=InferenceEmbedder(inference, settings.embedding_model),
            queue=queue,
            ingest=IngestWorker(ingest),
            sources=SourceDesk(catalogue, queue, settings.readable_folders, settings.home, settings.connectors_file),
            chunking=ChunkingRules(settings.default_chunking, settings.embedding_window_tokens),
            imports=ImportRules(Limits(settings.import_max_bytes, settings.max_file_bytes), settings.import_lease),
        )
    await client.close()
