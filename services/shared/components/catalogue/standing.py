"""How things stand with documents that are still to be ingested."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, exists, select

from services.shared.components.catalogue.reasons import JobStop
from services.shared.components.catalogue.schema import collections, documents, files, jobs
from services.shared.kit.paging import AnyRow


@dataclass(frozen=True)
class PendingDocument:
    """A document of a job that is still to be ingested."""

    job_id: str
    position: int
    document_id: str
    file_id: str
    source: str
    attributes: Mapping[str, str | float | bool]
    content: str | None = None
    """The SHA-256 of its bytes, hex; None when its file is gone."""


@dataclass(frozen=True)
class Standing:
    """How things stand with a pending document just now; `sha256` and `filename` are None when its file is gone.

    `copy_of` names the document whose chunks are its own; `shared` says that its chunks are those of others, too;
    `stale` that points of another version may be in the index.
    """

    stop: JobStop | None
    deleted: bool
    sha256: str | None
    filename: str | None
    bytes: int
    version: str | None
    attributes: Mapping[str, str | float | bool] | None
    access: tuple[str, ...] | None
    copy_of: str | None
    shared: bool
    stale: bool


_REFERENCE = documents.alias()
# Built once: they are asked for every few documents, and building one costs five times what asking does.
_JOB = (
    select(jobs.c.stop, collections.c.deleting)
    .select_from(jobs.outerjoin(collections, collections.c.id == jobs.c.collection_id))
    .where(jobs.c.id == bindparam("job_id"))
)
_FILES = select(files.c.id, files.c.sha256, files.c.filename, files.c.bytes).where(
    files.c.id.in_(bindparam("ids", expanding=True))
)
_DOCUMENTS = select(
    documents.c.id,
    documents.c.deleting,
    documents.c.version,
    documents.c.attributes,
    documents.c.access,
    documents.c.copy_of,
    documents.c.stale,
    exists().where(_REFERENCE.c.copy_of == documents.c.id).label("shared"),
).where(documents.c.id.in_(bindparam("ids", expanding=True)))
_DOCUMENTS_TO_CHANGE = _DOCUMENTS.order_by(documents.c.seq).with_for_update(of=documents)


def standing(connection: Connection, document: PendingDocument) -> Standing:
    """How things stand with the document."""
    return standings(connection, [document])[0]


def standings(connection: Connection, pending: Sequence[PendingDocument], *, to_change: bool = False) -> list[Standing]:
    """How things stand with documents of one job, in their order; `to_change` locks them."""
    job = connection.execute(_JOB, {"job_id": pending[0].job_id}).one()
    stop = JobStop(job.stop) if job.stop else None
    if stop is None and job.deleting is not False:
        stop = JobStop.COLLECTION_DELETED
    known = connection.execute(
        _DOCUMENTS_TO_CHANGE if to_change else _DOCUMENTS, {"ids": [each.document_id for each in pending]}
    )
    rows: dict[str, Any] = {row.id: row for row in known}
    kept = connection.execute(_FILES, {"ids": [each.file_id for each in pending]})
    originals: dict[str, Any] = {row.id: row for row in kept}
    return [_standing(stop, rows.get(each.document_id), originals.get(each.file_id)) for each in pending]


def _standing(stop: JobStop | None, document: AnyRow | None, file: AnyRow | None) -> Standing:
    return Standing(
        stop=stop,
        deleted=document is None or document.deleting,
        sha256=None if file is None else file.sha256,
        filename=None if file is None else file.filename,
        bytes=0 if file is None else file.bytes,
        version=None if document is None else document.version,
        attributes=None if document is None else document.attributes,
        access=None if document is None or document.access is None else tuple(document.access),
        copy_of=None if document is None else document.copy_of,
        shared=document is not None and document.shared,
        stale=document is not None and document.stale,
    )
