"""Opens what the stages of the pipeline work with."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

from pipelines.ingest.models import ServedModels
from pipelines.ingest.settings import IngestSettings
from pipelines.ingest.tools import Tools
from services.shared.components.catalogue.blobs import BlobStore
from services.shared.components.embedders.bm25 import Bm25Embedder
from services.shared.components.indexes.connect import connect_index
from services.shared.components.indexes.qdrant import ChunkIndex
from services.shared.components.parsers.isolation import ParserPool
from services.shared.components.parsers.limits import ParseLimits
from services.shared.kit.http import ServiceClient


@asynccontextmanager
async def open_tools(settings: IngestSettings) -> AsyncGenerator[Tools]:
    """The tools while the block runs; nothing is sent to a service before it is needed."""
    client = connect_index(settings)
    inference = ServiceClient(settings.inference_url, audience="inference", settings=settings)
    try:
        models = ServedModels(inference, settings)
        limits = ParseLimits() if settings.ocr is None else ParseLimits.with_ocr()
        pool = ParserPool(limits, size=settings.ingest_parse_processes, ocr=settings.ocr)
        async with pool as parsers, inference:
            yield Tools(
                blobs=BlobStore(settings.files_folder),
                parsers=parsers,
                models=models,
                model=settings.embedding_model,
                chunking=settings.default_chunking,
                sparse=Bm25Embedder(),
                index=ChunkIndex(client),
                parse_ahead=settings.ingest_parse_processes,
                embed_batch=settings.ingest_embed_batch,
                retry_window=timedelta(seconds=settings.ingest_retry_window_s),
            )
    finally:
        await client.close()
