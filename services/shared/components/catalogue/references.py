"""Settling a document by reference: its content is searchable already, under another source."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, select, update

from services.shared.components.catalogue import copies
from services.shared.components.catalogue.copies import Content
from services.shared.components.catalogue.reasons import given_up_for
from services.shared.components.catalogue.schema import documents
from services.shared.components.catalogue.settling import settle
from services.shared.components.catalogue.standing import PendingDocument, standing
from services.shared.components.catalogue.work import RunningJob
from services.shared.contracts.corpus import DocumentStatus

_SHARED = ("version", "title", "media_type", "language", "bytes", "chunks", "warnings")
_SAME_BYTES = select(documents.c.id, documents.c.version).where(
    documents.c.collection_id == bindparam("of_collection"),
    documents.c.version.in_(bindparam("contents", expanding=True)),
    documents.c.copy_of.is_(None),
)
"""Built once: it is asked every few documents."""


def having_same_bytes(connection: Connection, job: RunningJob, pending: Sequence[PendingDocument]) -> set[str]:
    """Ids of the documents for which `refer` may find an equal one: another of the collection has the same bytes."""
    asked = {"of_collection": job.collection.id, "contents": [each.content for each in pending if each.content]}
    owners: dict[str, set[str]] = {}
    for identity, content in connection.execute(_SAME_BYTES, asked):
        owners.setdefault(content, set()).add(identity)
    return {each.document_id for each in pending if owners.get(each.content or "", set()) - {each.document_id}}


def refer(connection: Connection, job: RunningJob, document: PendingDocument) -> bool:
    """Let the document refer to an equal one of its collection; False, and nothing changed, when there is none.

    Nor is a document made a reference that others refer to: their chunks would have to be handed over first.
    """
    now = standing(connection, document)
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
    settle(connection, document, DocumentStatus.DONE, version=found.version)
    return True
