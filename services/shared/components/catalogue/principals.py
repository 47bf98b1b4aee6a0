"""What belongs to a principal: documents, jobs and sources by their access lists.

What only the principal may read is the principal's. Of what others may read, too, the principal is a reader: it stays,
and the principal is taken from the list.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, Text, cast, func, select, update

from services.shared.components.catalogue import jobs as jobs_ledger
from services.shared.components.catalogue import sources as sources_ledger
from services.shared.components.catalogue.collections import INDEX_NAME
from services.shared.components.catalogue.hiding import hide
from services.shared.components.catalogue.reasons import JobStop
from services.shared.components.catalogue.receipts import Order, batches
from services.shared.components.catalogue.schema import collections, documents, jobs, sources
from services.shared.contracts.corpus import JobStatus
from services.shared.contracts.receipts import NarrowedDocument, PrincipalData, Receipt

_AT_WORK = (jobs.c.status == JobStatus.RUNNING,)


def data_of(connection: Connection, principal: str) -> PrincipalData:
    """What a deletion would remove, and what it would only be taken from."""
    return PrincipalData(
        principal=principal,
        documents=len(_own_documents(connection, principal)),
        shared_documents=len(shared_documents(connection, principal)),
        sources=_names(connection, _lists(connection, sources, principal, shared=False)),
        shared_sources=_names(connection, _lists(connection, sources, principal, shared=True)),
        jobs=len(_jobs(connection, *_lists(connection, jobs, principal))),
    )


def hide_principal(connection: Connection, order: Order) -> Receipt:
    """Hide what is the principal's, take the principal from all other lists, and stop the principal's own jobs.

    Lists of jobs at work are left to `narrow`: their workers have them in mind.

    Raises:
        ConflictError: a sync of a source that brings documents for the principal is under way.
    """
    named = replace(order, id=order.name)
    own_jobs = _jobs(connection, *_lists(connection, jobs, order.name, shared=False))
    own_documents = _own_documents(connection, order.name)
    for job_id in own_jobs:
        jobs_ledger.stop(connection, job_id, JobStop.CANCELLED)
    items, entries = _remove_sources(connection, order.name)
    narrowed = shared_documents(connection, order.name)
    _narrow(connection, documents, order.name, where=(documents.c.deleting.is_(False),))
    lists = _narrow(connection, sources, order.name) + _narrow(
        connection, jobs, order.name, where=(jobs.c.status != JobStatus.RUNNING,)
    )
    receipt = hide(
        connection,
        named,
        None,
        document_ids=own_documents,
        narrowed=narrowed,
        jobs=own_jobs,
        access_lists=lists,
        source_items=items,
        sync_items=entries,
    )
    _forget_attempts(connection, own_jobs)
    return receipt


def narrow(connection: Connection, receipt: Receipt) -> Receipt:
    """Take the principal from the lists of jobs that were at work, and of what they ingested meanwhile."""
    principal, before = receipt.subject_name, jobs.c.created_at <= receipt.requested_at
    lists = _narrow(connection, jobs, principal, where=(before, jobs.c.status != JobStatus.RUNNING))
    of_before = documents.c.attempt_job_id.in_(select(jobs.c.id).where(before))
    found = shared_documents(connection, principal, where=(of_before,))
    late = [each for each in found if each not in receipt.narrowed]
    _narrow(connection, documents, principal, where=(of_before, documents.c.deleting.is_(False)))
    changed = {"narrowed": [*receipt.narrowed, *late], "access_lists": receipt.access_lists + lists}
    return receipt.model_copy(update=changed)


def at_work(connection: Connection, receipt: Receipt, *, since: datetime | None) -> bool:
    """Whether a job may still write what names the principal, or has begun `since` in a collection concerned."""
    ends = select(jobs.c.id).where(jobs.c.id.in_(receipt.jobs), jobs.c.status.in_(jobs_ledger.UNFINISHED))
    if connection.execute(ends.limit(1)).first() is not None:
        return True
    lists = _lists(connection, jobs, receipt.subject_name)
    older = (jobs.c.id.in_(_jobs(connection, *lists)), jobs.c.created_at <= receipt.requested_at)
    if connection.execute(select(jobs.c.id).where(*older, *_AT_WORK).limit(1)).first() is not None:
        return True
    concerned = {each.collection_id for each in receipt.narrowed}
    busy = jobs.c.status == JobStatus.RUNNING
    if since is not None:
        busy |= jobs.c.started_at >= since
    return any(
        connection.execute(select(jobs.c.id).where(jobs.c.collection_id.in_(some), busy).limit(1)).first() is not None
        for some in batches(sorted(concerned))
    )


def access_of(connection: Connection, receipt: Receipt) -> dict[tuple[str, tuple[str, ...]], list[str]]:
    """The narrowed documents that are still there, by physical index and by whom may read them now."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    index_of = {each.document_id: each.index for each in receipt.narrowed}
    for some in batches(list(index_of)):
        query = select(documents.c.id, documents.c.access).where(documents.c.id.in_(some))
        for row in connection.execute(query):
            if row.access is not None:
                found.setdefault((index_of[row.id], tuple(row.access)), []).append(row.id)
    return found


def lists_left(connection: Connection, receipt: Receipt) -> tuple[int, int]:
    """How many documents, and how many jobs and sources, made before the deletion name the principal as a reader."""
    principal = receipt.subject_name
    before = jobs.c.created_at <= receipt.requested_at
    of_before = documents.c.attempt_job_id.in_(select(jobs.c.id).where(before))
    shared = shared_documents(connection, principal, where=(of_before,))
    own = _own_documents(connection, principal, where=(of_before,))
    old_jobs = jobs.c.id.in_(_jobs(connection, *_lists(connection, jobs, principal))) & before
    old_sources = cast(sources.c.access, Text).in_(_lists(connection, sources, principal)) & (
        sources.c.created_at <= receipt.requested_at
    )
    others = _count(connection, jobs, old_jobs) + _count(connection, sources, old_sources)
    return len(shared) + len(own), others


def shared_documents(
    connection: Connection, principal: str, *, where: Sequence[ColumnElement[bool]] = ()
) -> list[NarrowedDocument]:
    """The documents that the principal and others may read."""
    query = (
        select(documents, INDEX_NAME.label("physical"))
        .join(collections, collections.c.id == documents.c.collection_id)
        .where(
            cast(documents.c.access, Text).in_(_lists(connection, documents, principal, shared=True)),
            documents.c.deleting.is_(False),
            *where,
        )
    )
    return [
        NarrowedDocument(document_id=row.id, index=row.physical, collection_id=row.collection_id, source=row.source)
        for row in connection.execute(query.order_by(documents.c.seq))
    ]


def _own_documents(connection: Connection, principal: str, *, where: Sequence[ColumnElement[bool]] = ()) -> list[str]:
    """Searchable for the principal alone; or in ingest, or failed, for the principal alone."""
    readable = cast(documents.c.access, Text).in_(_lists(connection, documents, principal, shared=False))
    attempted = documents.c.version.is_(None) & documents.c.attempt_job_id.in_(
        _jobs(connection, *_lists(connection, jobs, principal, shared=False))
    )
    query = select(documents.c.id).where(readable | attempted, documents.c.deleting.is_(False), *where)
    return list(connection.execute(query.order_by(documents.c.seq)).scalars())


def _remove_sources(connection: Connection, principal: str) -> tuple[int, int]:
    """Remove the sources of the principal alone; how many items and entries of syncs went with them."""
    items, entries = 0, 0
    for source_id in _ids(connection, sources, _lists(connection, sources, principal)):
        sources_ledger.require_rest(connection, source_id)
    for source_id in _ids(connection, sources, _lists(connection, sources, principal, shared=False)):
        of_items, of_entries = sources_ledger.traces(connection, source_id)
        items, entries = items + of_items, entries + of_entries
        sources_ledger.remove(connection, source_id)
    return items, entries


def _forget_attempts(connection: Connection, job_ids: Sequence[str]) -> None:
    """Let documents of others not stand on files that the principal's own jobs tried to ingest them from."""
    tried = {"attempt_file_id": documents.c.file_id, "attempt_message": None}
    for some in batches(job_ids):
        others = (documents.c.attempt_job_id.in_(some), documents.c.file_id.is_not(None))
        connection.execute(update(documents).where(*others, documents.c.deleting.is_(False)).values(tried))


def _narrow(connection: Connection, table: Table, principal: str, *, where: Sequence[ColumnElement[bool]] = ()) -> int:
    """Take the principal from the lists of a table; how many rows that changed."""
    changed = 0
    for text in _lists(connection, table, principal):
        left = [each for each in json.loads(text) if each != principal]
        rows = (cast(_access(table), Text) == text, *where)
        changed += connection.execute(update(table).where(*rows).values(access=left)).rowcount
    return changed


def _lists(connection: Connection, table: Table, principal: str, *, shared: bool | None = None) -> list[str]:
    """The access lists, as they are stored, that name the principal: with others, alone, or both."""
    query: Select[Any] = select(cast(_access(table), Text)).where(_access(table).is_not(None)).distinct()
    return [
        text
        for text in connection.execute(query).scalars()
        if principal in (readers := json.loads(text) or []) and shared in {None, len(readers) > 1}
    ]


def _jobs(connection: Connection, *lists: str) -> list[str]:
    return _ids(connection, jobs, lists)


def _ids(connection: Connection, table: Table, lists: Sequence[str]) -> list[str]:
    query = select(table.c.id).where(cast(_access(table), Text).in_(lists))
    return list(connection.execute(query.order_by(table.c.seq)).scalars())


def _names(connection: Connection, lists: Sequence[str]) -> list[str]:
    query = select(sources.c.name).where(cast(sources.c.access, Text).in_(lists))
    return list(connection.execute(query.order_by(sources.c.seq)).scalars())


def _count(connection: Connection, table: Table, rows: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(table).where(rows)).scalar_one()


def _access(table: Table) -> Column[Any]:
    return table.c.access
