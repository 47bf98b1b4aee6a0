"""What records and conversations have of documents that are deleted. Functions on a connection; blocking.

Of a document its words go: a record keeps its numbers, a turn what the user said. Of a principal everything goes.
A document that was forgotten is remembered as such for a while, for the answers that were being made meanwhile.
"""

from sqlalchemy import ColumnElement, Connection, Select, Table, delete, func, select, update

from services.orchestrator.adapters import conversations, forgotten, records, tables
from services.shared.contracts.answers import RecordLevel
from services.shared.contracts.references import NO_REFERENCES, References, ReferencesTo


def there_are(connection: Connection, meant: ReferencesTo) -> References:
    """How many there are that have words of the documents, or are the principal's."""
    full = tables.records.c.level == RecordLevel.FULL
    found = References(
        records=_count(connection, tables.records.c.seq, _records_on(meant), full),
        turns=_count(connection, tables.responses.c.seq, _turns_on(meant), tables.responses.c.body.is_not(None)),
    )
    return found + _of_principal(connection, meant)


def forget(connection: Connection, meant: ReferencesTo) -> References:
    """Remove them; what was removed."""
    forgotten.remember(connection, meant.document_ids, meant.until)
    removed = _of_principal(connection, meant)
    if meant.principal is not None:
        connection.execute(delete(tables.records).where(*_own(tables.records, meant)))
        connection.execute(delete(tables.conversations).where(*_own(tables.conversations, meant)))
    seqs = _full_records(connection, meant)
    records.blank(connection, seqs)
    return removed + References(records=len(seqs), turns=_clear_turns(connection, meant))


def _full_records(connection: Connection, meant: ReferencesTo) -> list[int]:
    """The numbers (`seq`) of the records that have words of the documents."""
    query = select(tables.records.c.seq).where(_records_on(meant), tables.records.c.level == RecordLevel.FULL)
    return list(connection.execute(query).scalars())


def _clear_turns(connection: Connection, meant: ReferencesTo) -> int:
    """Remove the answers that stand on the documents from their conversations; how many."""
    of_them = (_turns_on(meant), tables.responses.c.body.is_not(None))
    return connection.execute(update(tables.responses).where(*of_them).values(conversations.WORDLESS)).rowcount


def _of_principal(connection: Connection, meant: ReferencesTo) -> References:
    if meant.principal is None:
        return NO_REFERENCES
    theirs = select(tables.conversations.c.id).where(*_own(tables.conversations, meant))
    return References(
        records=_count(connection, tables.records.c.seq, *_own(tables.records, meant)),
        turns=_count(connection, tables.responses.c.seq, tables.responses.c.conversation_id.in_(theirs)),
    )


def _own(table: Table, meant: ReferencesTo) -> tuple[ColumnElement[bool], ...]:
    return table.c.principal == meant.principal, table.c.created_at <= meant.until


def _records_on(meant: ReferencesTo) -> ColumnElement[bool]:
    named: Select[tuple[int]] = select(tables.record_documents.c.record_seq).where(
        tables.record_documents.c.document_id.in_(meant.document_ids)
    )
    return tables.records.c.seq.in_(named) & (tables.records.c.created_at <= meant.until)


def _turns_on(meant: ReferencesTo) -> ColumnElement[bool]:
    named: Select[tuple[int]] = select(tables.response_documents.c.response_seq).where(
        tables.response_documents.c.document_id.in_(meant.document_ids)
    )
    return tables.responses.c.seq.in_(named) & (tables.responses.c.created_at <= meant.until)


def _count(connection: Connection, column: ColumnElement[int], *conditions: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count(column)).where(*conditions)).scalar_one()
