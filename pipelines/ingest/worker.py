"""Builds the ingest worker: it takes jobs from a queue, and answers only how it would cut a file."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from dbos import DBOS
from fastapi import FastAPI

from pipelines.ingest import routes
from pipelines.ingest.batch import LocalBatches
from pipelines.ingest.job import JobRunner
from pipelines.ingest.opening import open_tools
from pipelines.ingest.scale.batches import RayBatches
from pipelines.ingest.settings import IngestSettings
from pipelines.ingest.sweep import Sweep
from pipelines.ingest.syncs.opening import sync_runner
from pipelines.ingest.syncs.workflow import open_sync_queue, register_syncs
from pipelines.ingest.tools import Tools
from pipelines.ingest.workflow import WorkflowLoop, launch
from services.shared.components.catalogue.answer_references import AnswerReferences, open_answer_references
from services.shared.components.catalogue.catalogue import Catalogue, open_catalogue
from services.shared.components.catalogue.deletions import Deletions
from services.shared.components.catalogue.erasure import Erasure
from services.shared.components.catalogue.receipt_signing import ReceiptKey
from services.shared.components.catalogue.versions import Versions
from services.shared.components.languages.identify import read_model
from services.shared.kit.app import create_app


def build_worker(settings: IngestSettings) -> FastAPI:
    """The worker; it takes jobs from its start to its end."""
    catalogue = open_catalogue(settings.catalogue_database)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        reading = asyncio.create_task(asyncio.to_thread(read_model))  # while the first documents are being parsed
        await asyncio.to_thread(catalogue.create_schema)
        async with (
            open_tools(settings) as tools,
            open_answer_references(settings) as answers,
            _working(settings, catalogue, tools, answers),
        ):
            app.state.tools = tools
            yield
        await reading
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
async def _working(
    settings: IngestSettings, catalogue: Catalogue, tools: Tools, answers: AnswerReferences
) -> AsyncGenerator[None]:
    batches = RayBatches(settings, tools) if settings.ray_address else LocalBatches(tools)
    runner = JobRunner(catalogue, tools, batches)
    deletions = Deletions(catalogue, tools.blobs, tools.index)
    erasure = Erasure(catalogue, tools.blobs, deletions, ReceiptKey(settings.receipt_key_file), answers)
    versions = Versions(catalogue, tools.index, deletions)
    sweep = Sweep(catalogue, erasure, versions, runner, settings.ingest_sweep_interval_s)
    loop = WorkflowLoop(asyncio.get_running_loop())
    syncs = sync_runner(settings, catalogue, tools, deletions, sweep.look_now)
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
        await batches.close()
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True)
