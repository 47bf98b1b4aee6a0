"""`/api/jobs`: ingest jobs."""

from fastapi import APIRouter

from services.corpus.dependencies import CorpusParts, PageCursor
from services.corpus.routes.listing import listing
from services.corpus.schemas import Listing
from services.shared.components.catalogue import collections, files, jobs
from services.shared.components.catalogue.files import file_not_found
from services.shared.components.catalogue.jobs import Entry
from services.shared.components.catalogue.reasons import JobStop
from services.shared.contracts.corpus import CreateJob, Job

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
    return corpus.start_job(collection, entries)


@router.get("")
def list_jobs(corpus: CorpusParts, cursor: PageCursor, collection: str | None = None) -> Listing[Job]:
    """A page of the jobs, newest first; of one collection when named."""
    with corpus.catalogue.read() as connection:
        page = jobs.page(connection, cursor, collection=collection)
    return listing(page, show=lambda job: job, id_of=lambda job: job.id)


@router.get("/{job_id}")
def get_job(job_id: str, corpus: CorpusParts) -> Job:
    """One job, counted up to now."""
    with corpus.catalogue.read() as connection:
        return jobs.get(connection, job_id)


@router.post("/{job_id}/cancel")
def cancel_job(job_id: str, corpus: CorpusParts) -> Job:
    """End the job early: documents done stay, the others fail as cancelled. A job that has ended stays as it is."""
    with corpus.catalogue.write() as connection:
        jobs.get(connection, job_id)
        jobs.stop(connection, job_id, JobStop.CANCELLED)
        return jobs.get(connection, job_id)
