"""`/v1/vector_stores/{id}/file_batches`: several files at once, in OpenAI's API. A batch is an ingest job."""

from collections.abc import Sequence

from fastapi import APIRouter

from services.corpus.dependencies import Corpus, CorpusParts, PageCursor
from services.corpus.domain.batches import batch_id, batch_status, file_status, job_id_of
from services.corpus.domain.failures import file_error
from services.corpus.domain.names import file_source
from services.corpus.routes.listing import listing
from services.corpus.schemas import BatchFile, CreateFileBatch, Listing
from services.shared.components.catalogue import collections, files, job_documents, jobs
from services.shared.components.catalogue.files import file_not_found
from services.shared.components.catalogue.jobs import Entry
from services.shared.components.catalogue.reasons import JobStop
from services.shared.contracts.corpus import Collection, DocumentProgress, Job
from services.shared.contracts.openai import FileCounts, VectorStoreFile, VectorStoreFileBatch, VectorStoreFileStatus
from services.shared.kit.errors import NotFoundError

router = APIRouter(prefix="/v1/vector_stores/{id_or_name}/file_batches")


@router.post("")
def create_batch(id_or_name: str, body: CreateFileBatch, corpus: CorpusParts) -> VectorStoreFileBatch:
    """Ingest uploaded files into the collection; poll the batch until it is no more `in_progress`."""
    wanted = body.wanted()
    with corpus.catalogue.read() as connection:
        collection = collections.get(connection, id_or_name)
        found = files.by_id(connection, (each.file_id for each in wanted))
    missing = next((each.file_id for each in wanted if each.file_id not in found), None)
    if missing is not None:
        raise file_not_found(missing)
    entries = [Entry(found[each.file_id], file_source(each.file_id), each.attributes or {}) for each in _once(wanted)]
    return _shown(corpus, corpus.start_job(collection, entries), collection)


@router.get("/{batch}")
def get_batch(id_or_name: str, batch: str, corpus: CorpusParts) -> VectorStoreFileBatch:
    """One batch, and how its files stand."""
    collection, job = _find(corpus, id_or_name, batch)
    return _shown(corpus, job, collection)


@router.post("/{batch}/cancel")
def cancel_batch(id_or_name: str, batch: str, corpus: CorpusParts) -> VectorStoreFileBatch:
    """End the batch early: files done stay, the others are cancelled. A batch that has ended stays as it is."""
    collection, job = _find(corpus, id_or_name, batch)
    with corpus.catalogue.write() as connection:
        jobs.stop(connection, job.id, JobStop.CANCELLED)
        job = jobs.get(connection, job.id)
    return _shown(corpus, job, collection)


@router.get("/{batch}/files")
def list_batch_files(
    id_or_name: str,
    batch: str,
    corpus: CorpusParts,
    cursor: PageCursor,
    filter: VectorStoreFileStatus | None = None,  # noqa: A002 - OpenAI's name
) -> Listing[VectorStoreFile]:
    """A page of the batch's files, the last one first."""
    collection, job = _find(corpus, id_or_name, batch)
    with corpus.catalogue.read() as connection:
        page = job_documents.page_of_files(connection, job.id, cursor, outcome=filter)
    created = int(job.created_at.timestamp())
    return listing(page, show=lambda each: _file(each, collection, created), id_of=lambda file: file.id)


def _once(wanted: Sequence[BatchFile]) -> list[BatchFile]:
    """Each file with what was said of it last."""
    return list({each.file_id: each for each in wanted}.values())


def _find(corpus: Corpus, id_or_name: str, batch: str) -> tuple[Collection, Job]:
    with corpus.catalogue.read() as connection:
        collection = collections.get(connection, id_or_name)
        job = jobs.find(connection, job_id_of(batch), collection_id=collection.id)
    if job is None:
        raise NotFoundError(
            f"There is no file batch '{batch}' in this vector store; its id is what creating it answered.",
            code="file_batch_not_found",
        )
    return collection, job


def _shown(corpus: Corpus, job: Job, collection: Collection) -> VectorStoreFileBatch:
    with corpus.catalogue.read() as connection:
        cancelled = job_documents.count_cancelled(connection, job.id)
    settled = job.done + job.unchanged
    return VectorStoreFileBatch(
        id=batch_id(job.id),
        created_at=int(job.created_at.timestamp()),
        vector_store_id=collection.id,
        status=batch_status(job),
        file_counts=FileCounts(
            in_progress=job.total - settled - job.failed,
            completed=settled,
            failed=job.failed - cancelled,
            cancelled=cancelled,
            total=job.total,
        ),
    )


def _file(document: DocumentProgress, collection: Collection, created_at: int) -> VectorStoreFile:
    status = file_status(document)
    return VectorStoreFile(
        id=document.file_id,
        created_at=created_at,
        usage_bytes=document.bytes if status == "completed" else 0,
        vector_store_id=collection.id,
        status=status,
        last_error=file_error(document.reason) if document.reason and status == "failed" else None,
        attributes=document.attributes,
    )
