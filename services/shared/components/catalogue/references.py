"""Settling a document by reference: its content is searchable already, under another source."""

from datetime import UTC, datetime

from sqlalchemy import Connection, update

from services.shared.components.catalogue import copies, work
from services.shared.components.catalogue.copies import Content
from services.shared.components.catalogue.reasons import given_up_for
from services.shared.components.catalogue.schema import documents
from services.shared.components.catalogue.work import PendingDocument, RunningJob
from services.shared.contracts.corpus import DocumentStatus

_SHARED = ("version", "title", "media_type", "language", "bytes", "chunks", "warnings")


def refer(connection: Connection, job: RunningJob, document: PendingDocument) -> bool:
    """Let the document refer to an equal one of its collection; False, and nothing changed, when there is none.

    Nor is a document made a reference that others refer to: their chunks would have to be handed over first.
    """
    now = work.standing(connection, document)
    if given_up_for(now.stop) is not None or now.deleted or now.shared or now.sha256 is None:
        return False
    content = Content(now.sha256, now.filename or "", job.access, dict(document.attributes))
    found = copies.equal(connection, job.collection.id, content, apart_from=document.document_id)
    if found is None:
        return False
    shared = {name: getattr(found, name) for name in _SHARED}
    own = {
        "file_id": document.file_id,
        "access": list(job.access),
        "attributes": dict(document.attributes),
        "ingested_at": datetime.now(UTC),
        "copy_of": found.id,
        "stale": True,  # its own chunks, of a former version or of an interrupted attempt
    }
    connection.execute(update(documents).where(documents.c.id == document.document_id).values(**shared, **own))
    work.settle(connection, document, DocumentStatus.DONE, version=found.version)
    return True
