"""Builds the ingest worker: it takes jobs from a queue, and answers only how it would cut a file."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from dbos import DBOS
from fastapi import FastAPI

from pipelines.ingest import routes
from pipelines.ingest.job import JobRunner
from pipelines.ingest.models import ServedModels
from pipelines.ingest.settings import IngestSettings
from pipelines.ingest.sweep import Sweep
from pipelines.ingest.syncs.opening import sync_runner
from pipelines.ingest.syncs.workflow import open_sync_queue, register_syncs
from pipelines.ingest.tools import Tools
from pipelines.ingest.workflow import WorkflowLoop, launch
from services.shared.components.catalogue.blobs import BlobStore
from services.shared.components.catalogue.catalogue import Catalogue, open_catalogue
from services.shared.components.catalogue.deletions import Deletions
from services.shared.components.catalogue.erasure import Erasure
from services.shared.components.catalogue.receipt_signing import ReceiptKey
from services.shared.components.catalogue.versions import Versions
from services.shared.components.embedders.bm25 import Bm25Embedder
from services.shared.components.indexes.connect import connect_index
from services.shared.components.indexes.qdrant import ChunkIndex
from services.shared.components.parsers.isolation import ParserPool
from services.shared.components.parsers.limits import ParseLimits
from services.shared.kit.app import create_app
from services.shared.kit.http import ServiceClient


def build_worker(settings: IngestSettings) -> FastAPI:
    """The worker; it takes jobs from its start to its end."""
    catalogue = open_catalogue(settings.catalogue_database)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        await asyncio.to_thread(catalogue.create_schema)
        async with _tools(settings, catalogue) as tools, _working(settings, tools):
            app.state.tools = tools
            yield
        catalogue.close()

    async def catalogue_ready() -> None:
        await asyncio.to_thread(catalogue.check)

    return create_app(
        settings,
        title="ingest",
        routers=[routes.router],
        lifespan=lifespan,
        ready_checks={"catalogue": catalogue_ready},
    )


@asynccontextmanager
async def _tools(settings: IngestSettings, catalogue: Catalogue) -> AsyncGenerator[Tools]:
    client = connect_index(settings)
    inference = ServiceClient(settings.inference_url, audience="inference", settings=settings)
    try:
        models = ServedModels(inference, settings)
        limits = ParseLimits() if settings.ocr is None else ParseLimits.with_ocr()
        pool = ParserPool(limits, size=settings.ingest_parse_processes, ocr=settings.ocr)
        async with pool as parsers, inference:
            yield Tools(
                catalogue=catalogue,
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


@asynccontextmanager
async def _working(settings: IngestSettings, tools: Tools) -> AsyncGenerator[None]:
    runner = JobRunner(tools)
    deletions = Deletions(tools.catalogue, tools.blobs, tools.index)
    erasure = Erasure(tools.catalogue, tools.blobs, deletions, ReceiptKey(settings.receipt_key_file))
    versions = Versions(tools.catalogue, tools.index, deletions)
    sweep = Sweep(tools.catalogue, erasure, versions, runner, settings.ingest_sweep_interval_s)
    loop = WorkflowLoop(asyncio.get_running_loop())
    syncs = sync_runner(settings, tools, deletions, sweep.look_now)
    await asyncio.to_thread(
        launch,
        runner,
        loop,
        database_url=settings.jobs_database,
        worker_id=settings.ingest_worker_id,
        jobs=settings.ingest_concurrent_jobs,
        register=lambda: register_syncs(syncs, loop),
    )
    await asyncio.to_thread(open_sync_queue, syncs=settings.ingest_concurrent_syncs)
    sweeping = asyncio.create_task(sweep.run_forever())
    try:
        yield
    finally:
        sweeping.cancel()
        loop.stop()
        with suppress(asyncio.CancelledError):
            await sweeping
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True)
