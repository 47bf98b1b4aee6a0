"""What became of a document in each job that took it, and who may read it."""

from typing import Any

from sqlalchemy import Connection, Select, func, select

from services.shared.components.catalogue.reasons import reason_of
from services.shared.components.catalogue.schema import documents, files, job_documents, jobs
from services.shared.contracts.corpus import DocumentStatus
from services.shared.contracts.documents import DocumentVersion
from services.shared.kit.errors import NotFoundError
from services.shared.kit.paging import AnyRow, Cursor, Page, fetch_page


def readers(connection: Connection, document_id: str) -> tuple[str, ...]:
    """The principals who may read what is searchable of the document; none when nothing is."""
    access = connection.execute(select(documents.c.access).where(documents.c.id == document_id)).scalar()
    return tuple(access or ())


def page(connection: Connection, document_id: str, cursor: Cursor) -> Page[DocumentVersion]:
    """A page of the document's attempts, one per job, newest first unless the cursor says otherwise.

    Raises:
        NotFoundError: there is no such document.
    """
    known = select(documents.c.version).where(documents.c.id == document_id, documents.c.deleting.is_(False))
    row = connection.execute(known).first()
    if row is None:
        raise NotFoundError(
            f"There is no document '{document_id}'; list the collection's documents to see which there are.",
            code="document_not_found",
        )
    found = fetch_page(
        connection, _attempts(document_id), table=jobs, cursor=cursor, to_item=lambda each: _to_version(each, row[0])
    )
    return Page(_with_one_searchable(found.items, newest_first=not cursor.ascending), found.has_more)


def _attempts(document_id: str) -> Select[Any]:
    """Each job's last entry of the document, as a job may name it twice."""
    last = (
        select(job_documents.c.job_id, func.max(job_documents.c.position).label("position"))
        .where(job_documents.c.document_id == document_id)
        .group_by(job_documents.c.job_id)
        .subquery()
    )
    here = (job_documents.c.job_id == last.c.job_id) & (job_documents.c.position == last.c.position)
    joined = job_documents.join(last, here).join(jobs, jobs.c.id == job_documents.c.job_id)
    joined = joined.outerjoin(files, files.c.id == job_documents.c.file_id)
    return select(job_documents, jobs.c.started_at, jobs.c.finished_at, files.c.sha256).select_from(joined)


def _to_version(row: AnyRow, active: str | None) -> DocumentVersion:
    failed = row.status == DocumentStatus.FAILED
    version = row.version or row.sha256
    return DocumentVersion(
        job_id=row.job_id,
        file_id=row.file_id,
        version=version,
        status=row.status,
        started_at=row.started_at,
        ended_at=row.settled_at or (None if row.status == DocumentStatus.PENDING else row.finished_at),
        bytes=row.bytes,
        chunks=row.chunks,
        reason=reason_of(row) if failed else None,
        searchable=row.status == DocumentStatus.DONE and version is not None and version == active,
    )


def _with_one_searchable(items: list[DocumentVersion], *, newest_first: bool) -> list[DocumentVersion]:
    """Of several attempts that brought the searchable bytes the newest is the one that is searched."""
    newest = next((each for each in (items if newest_first else reversed(items)) if each.searchable), None)
    return [each.model_copy(update={"searchable": each is newest}) for each in items]
