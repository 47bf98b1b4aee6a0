"""Documents that were deleted a short while ago, for the answers that were being made meanwhile."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from services.orchestrator.adapters.tables import forgotten_documents


def remember(connection: Connection, document_ids: Sequence[str], until: datetime) -> None:
    """From now on nothing that was asked until then keeps words of these documents."""
    of_them = forgotten_documents.c.document_id.in_(document_ids)
    connection.execute(delete(forgotten_documents).where(of_them, forgotten_documents.c.until <= until))
    later = set(connection.execute(select(forgotten_documents.c.document_id).where(of_them)).scalars())
    rows = [{"document_id": each, "until": until} for each in dict.fromkeys(document_ids) if each not in later]
    if rows:
        connection.execute(insert(forgotten_documents), rows)


def are_forgotten(connection: Connection, document_ids: Iterable[str], asked_at: datetime) -> bool:
    """Whether one of the documents that an answer stands on was forgotten after it was asked for."""
    named = forgotten_documents.c.document_id.in_(sorted(document_ids))
    query = select(forgotten_documents.c.document_id).where(named, forgotten_documents.c.until >= asked_at)
    return connection.execute(query.limit(1)).first() is not None


def remove_older(connection: Connection, before: datetime) -> int:
    """No answer that was asked for before can still be under way."""
    return connection.execute(delete(forgotten_documents).where(forgotten_documents.c.until < before)).rowcount
