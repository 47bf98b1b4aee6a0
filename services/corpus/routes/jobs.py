"""`/api/jobs`: ingest jobs, to be watched and steered."""

import asyncio

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from services.corpus.adapters.job_events import job_events
from services.corpus.dependencies import CorpusParts, DocumentsCursor, PageCursor
from services.corpus.routes.listing import listing
from services.corpus.schemas import Listing
from services.shared.components.catalogue import collections, files, job_documents, jobs, steering
from services.shared.components.catalogue.files import file_not_found
from services.shared.components.catalogue.jobs import Entry
from services.shared.components.catalogue.reasons import JobStop
from services.shared.contracts.corpus import CreateJob, DocumentProgress, DocumentStatus, Job, JobStatus

router = APIRouter(prefix="/api/jobs")


@router.post("", status_code=201)
def create_job(body: CreateJob, corpus: CorpusParts) -> Job:
    """Ingest uploaded files; the job is durable when this answers."""
    with corpus.catalogue.read() as connection:
        collection = collections.get(connection, body.collection)
        found = files.by_id(connection, (document.file_id for document in body.documents))
    missing = next((document for document in body.documents if document.file_id not in found), None)
    if missing is not None:
        raise file_not_found(missing.file_id)
    entries = [Entry(found[document.file_id], document.source, document.attributes) for document in body.documents]
    return corpus.start_job(collection, entries, body.access)


@router.get("")
def list_jobs(
    corpus: CorpusParts, cursor: PageCursor, collection: str | None = None, status: JobStatus | None = None
) -> Listing[Job]:
    """A page of the jobs, newest first; of one collection or with one status when named."""
    with corpus.catalogue.read() as connection:
        page = jobs.page(connection, cursor, collection=collection, status=status)
    return listing(page, show=lambda job: job, id_of=lambda job: job.id)


@router.get("/{job_id}")
def get_job(job_id: str, corpus: CorpusParts) -> Job:
    """One job, counted up to now."""
    with corpus.catalogue.read() as connection:
        return jobs.get(connection, job_id)


@router.get("/{job_id}/documents")
def list_documents(
    job_id: str, corpus: CorpusParts, cursor: DocumentsCursor, status: DocumentStatus | None = None
) -> Listing[DocumentProgress]:
    """A page of the job's documents in its order; with `status=failed` they are what is to be looked after."""
    with corpus.catalogue.read() as connection:
        jobs.get(connection, job_id)
        page = job_documents.page(connection, job_id, cursor, status=status)
    return listing(page, show=lambda document: document, id_of=lambda document: str(document.position))


@router.get("/{job_id}/events")
async def watch_job(job_id: str, corpus: CorpusParts) -> StreamingResponse:
    """The job as server-sent events until it has ended."""

    async def read() -> Job:
        return await asyncio.to_thread(get_job, job_id, corpus)

    await read()  # an unknown job is refused before the stream begins
    return StreamingResponse(job_events(read), media_type="text/event-stream", headers={"cache-control": "no-cache"})


@router.post("/{job_id}/cancel")
def cancel_job(job_id: str, corpus: CorpusParts) -> Job:
    """End the job early: documents done stay, the others fail as cancelled. A job that has ended stays as it is."""
    with corpus.catalogue.write() as connection:
        jobs.get(connection, job_id)
        jobs.stop(connection, job_id, JobStop.CANCELLED)
        return jobs.get(connection, job_id)


@router.post("/{job_id}/pause")
def pause_job(job_id: str, corpus: CorpusParts) -> Job:
    """Finish the documents in hand and keep the rest for later; later jobs of the collection wait, too."""
    with corpus.catalogue.write() as connection:
        return steering.pause(connection, job_id)


@router.post("/{job_id}/resume")
def resume_job(job_id: str, corpus: CorpusParts) -> Job:
    """Let a paused job go on; ingest workers look for it every few seconds."""
    with corpus.catalogue.write() as connection:
        return steering.resume(connection, job_id)


@router.post("/{job_id}/retry", status_code=201)
def retry_job(job_id: str, corpus: CorpusParts) -> Job:
    """Ingest again, as a new job, what failed in one that has ended."""
    with corpus.catalogue.write() as connection:
        job = steering.retry(connection, job_id)
        collection = collections.get(connection, job.collection)
    corpus.queue.enqueue(job.id, collection_id=collection.id)
    return job
