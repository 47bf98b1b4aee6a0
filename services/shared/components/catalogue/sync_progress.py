"""What became of each item of a sync: fetched, ingested, failed, or gone with its document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, and_, cast, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.shared.components.catalogue import collections
from services.shared.components.catalogue.hiding import hide
from services.shared.components.catalogue.reasons import reason_of
from services.shared.components.catalogue.receipts import Order
from services.shared.components.catalogue.schema import documents, job_documents, source_items, sources, sync_items
from services.shared.components.catalogue.sources import get, own_documents
from services.shared.components.catalogue.sync_compare import WANTED
from services.shared.components.catalogue.syncs import StagedStatus
from services.shared.contracts.corpus import DocumentStatus, FailureReason
from services.shared.contracts.sources import Change, ItemStatus
from services.shared.kit.paging import AnyRow


@dataclass(frozen=True, slots=True)
class Wanted:
    """A found item to be fetched; `known_sha256` is that of the searchable version, if it would stay as it is.

    `state` is there only when the listing could not tell whether the searchable version is still the right one.
    """

    seq: int
    key: str
    source: str
    filename: str
    fingerprint: str | None
    size: int | None
    state: Mapping[str, object] | None
    known_sha256: str | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a fetch brought: new bytes, or, without a file, the very same as before."""

    seq: int
    size: int
    sha256: str | None
    file_id: str | None
    state: Mapping[str, object] | None


def settle_unlisted(connection: Connection, sync_id: str, source_id: str) -> None:
    """Record the items that are there but cannot be read."""
    query = select(sync_items).where(
        sync_items.c.sync_id == sync_id,
        sync_items.c.status == StagedStatus.FAILED,
        sync_items.c.change != Change.DELETE,
    )
    for row in connection.execute(query).all():
        _record(connection, source_id, row, failed=reason_of(row))


def wanted(connection: Connection, sync_id: str, source_id: str, *, limit: int) -> list[Wanted]:
    """The next items to fetch."""
    joined = sync_items.outerjoin(
        source_items, and_(source_items.c.source_id == source_id, source_items.c.key == sync_items.c.key)
    ).outerjoin(documents, _document_of(source_id))
    query = (
        select(
            sync_items,
            source_items.c.state.label("known_state"),
            source_items.c.sha256.label("known_sha256"),
            documents.c.version,
            documents.c.access.label("known_access"),
            documents.c.attributes.label("known_attributes"),
        )
        .select_from(joined)
        .where(
            sync_items.c.sync_id == sync_id,
            sync_items.c.status == StagedStatus.WAITING,
            sync_items.c.change.in_(WANTED),
        )
        .order_by(sync_items.c.seq)
        .limit(limit)
    )
    return [
        Wanted(
            seq=row.seq,
            key=row.key,
            source=row.source,
            filename=row.filename,
            fingerprint=row.fingerprint,
            size=row.size,
            state=row.known_state if row.fingerprint is None and row.known_sha256 == row.version else None,
            known_sha256=row.version if _is_told_alike(row) else None,
        )
        for row in connection.execute(query)
    ]


def fetched(connection: Connection, source_id: str, items: Sequence[Fetched]) -> None:
    """Note what fetches brought; what is the same as before is done with."""
    for item in items:
        row = connection.execute(select(sync_items).where(sync_items.c.seq == item.seq)).one()
        noted: dict[str, Any] = {"size": item.size, "state": _merged(row, item), "sha256": item.sha256}
        if item.file_id is None:
            noted |= {"status": StagedStatus.DONE, "change": Change.UNCHANGED}
            _record(connection, source_id, row, renewed=item)
        else:
            noted |= {"status": StagedStatus.FETCHED, "file_id": item.file_id}
            noted |= _renamed(connection, row, source_id, item)
        connection.execute(update(sync_items).where(sync_items.c.seq == item.seq).values(noted))


def failed(connection: Connection, source_id: str, seq: int, reason: FailureReason) -> None:
    """Note why an item could not be fetched."""
    why = {"stage": reason.stage, "code": reason.code, "message": reason.message}
    connection.execute(update(sync_items).where(sync_items.c.seq == seq).values(status=StagedStatus.FAILED, **why))
    row = connection.execute(select(sync_items).where(sync_items.c.seq == seq)).one()
    _record(connection, source_id, row, failed=reason)


def gone(connection: Connection, source_id: str, seq: int) -> bool:
    """Have an item that turned out to be gone deleted with those that vanished; False when it was never synced."""
    row = connection.execute(select(sync_items).where(sync_items.c.seq == seq)).one()
    known = select(source_items.c.seq).where(source_items.c.source_id == source_id, source_items.c.key == row.key)
    if connection.execute(known).first() is None:
        return False
    connection.execute(update(sync_items).where(sync_items.c.seq == seq).values(change=Change.DELETE))
    return True


def fetched_rows(connection: Connection, sync_id: str, *, limit: int) -> Sequence[AnyRow]:
    """Fetched items that no job has yet, and that the same principals may read: seq, source, file id and more."""
    ready = (sync_items.c.sync_id == sync_id, sync_items.c.status == StagedStatus.FETCHED)
    readers = func.coalesce(cast(sync_items.c.access, Text), "")
    first = select(readers).where(*ready).order_by(sync_items.c.seq).limit(1)
    query: Select[Any] = select(sync_items).where(*ready, readers == connection.execute(first).scalar())
    return connection.execute(query.order_by(sync_items.c.seq).limit(limit)).all()


def in_job(connection: Connection, seqs: Sequence[int], job_id: str) -> None:
    """Note that a job ingests these items."""
    for start in range(0, len(seqs), 500):
        some = sync_items.c.seq.in_(seqs[start : start + 500])
        connection.execute(update(sync_items).where(some).values(status=StagedStatus.INGESTING, job_id=job_id))


def settle(connection: Connection, sync_id: str, source_id: str, job_id: str, *, limit: int) -> int:
    """Take over what an ended job made of up to `limit` items; how many those were."""
    joined = sync_items.join(
        job_documents,
        and_(job_documents.c.job_id == sync_items.c.job_id, job_documents.c.file_id == sync_items.c.file_id),
    )
    outcome = [job_documents.c[name].label(f"job_{name}") for name in ("status", "stage", "code", "message")]
    query = (
        select(sync_items, *outcome)
        .select_from(joined)
        .where(
            sync_items.c.sync_id == sync_id,
            sync_items.c.status == StagedStatus.INGESTING,
            sync_items.c.job_id == job_id,
        )
        .limit(limit)
    )
    rows = connection.execute(query).all()
    for row in rows:
        reason = None
        if row.job_status == DocumentStatus.FAILED:
            reason = reason_of(row, "job_")
        status = StagedStatus.DONE if reason is None else StagedStatus.FAILED
        why = reason.model_dump() if reason is not None else {}
        connection.execute(update(sync_items).where(sync_items.c.seq == row.seq).values(status=status, **why))
        _record(connection, source_id, row, failed=reason)
    return len(rows)


def delete_vanished(connection: Connection, sync_id: str, source_id: str, *, limit: int) -> int:
    """Forget up to `limit` vanished items and hide their documents, unless another source has them; how many.

    One receipt tells what is hidden. The files that it leaves are uploads, which nobody asked to delete.
    """
    query = (
        select(sync_items.c.seq, source_items.c.seq.label("item"), source_items.c.source)
        .outerjoin(source_items, and_(source_items.c.source_id == source_id, source_items.c.key == sync_items.c.key))
        .where(
            sync_items.c.sync_id == sync_id,
            sync_items.c.change == Change.DELETE,
            sync_items.c.status == StagedStatus.WAITING,
        )
        .limit(limit)
    )
    rows = connection.execute(query).all()
    doomed = own_documents(connection, source_id, [row.source for row in rows if row.source is not None])
    if doomed:
        source = get(connection, source_id)
        order = Order("sync", principal=None, name=source.source.name, id=source_id, uploads="left")
        hide(connection, order, collections.get(connection, source.collection_id), document_ids=doomed)
    for row in rows:
        connection.execute(delete(source_items).where(source_items.c.seq == row.item))
        connection.execute(update(sync_items).where(sync_items.c.seq == row.seq).values(status=StagedStatus.DONE))
    return len(rows)


def _document_of(source_id: str) -> ColumnElement[bool]:
    """Joins an item of the source with its document."""
    collection = select(sources.c.collection_id).where(sources.c.id == source_id).scalar_subquery()
    return and_(
        documents.c.collection_id == collection,
        documents.c.source == source_items.c.source,
        documents.c.deleting.is_(False),
    )


def _is_told_alike(row: AnyRow) -> bool:
    """Whether the document has the readers and the attributes that the source tells of the item, if it tells any."""
    readers = row.access is None or sorted(row.access) == sorted(row.known_access or [])
    attributes = (row.known_attributes or {}).items() >= (row.attributes or {}).items()
    return readers and attributes


def _renamed(connection: Connection, row: AnyRow, source_id: str, item: Fetched) -> dict[str, Any]:
    """Whether the bytes are those of an item that vanished: only they tell for sure."""
    if row.change == Change.UPDATE:
        return {}
    gone = (
        select(source_items.c.key)
        .join(sync_items, and_(sync_items.c.sync_id == row.sync_id, sync_items.c.key == source_items.c.key))
        .where(
            source_items.c.source_id == source_id,
            source_items.c.sha256 == item.sha256,
            sync_items.c.change == Change.DELETE,
        )
    )
    key = connection.execute(gone.limit(1)).scalar()
    return {"change": Change.ADD if key is None else Change.RENAME, "former_key": key}


def _merged(row: AnyRow, item: Fetched) -> dict[str, object] | None:
    """What the reader wants back: as the listing said, and then the fetch."""
    return {**(row.state or {}), **(item.state or {})} or None


def _record(
    connection: Connection,
    source_id: str,
    row: AnyRow,
    *,
    failed: FailureReason | None = None,
    renewed: Fetched | None = None,
) -> None:
    """Let the item be what the sync made of it."""
    item = {
        "source": row.source,
        "fingerprint": row.fingerprint,
        "size": renewed.size if renewed else row.size,
        "state": _merged(row, renewed) if renewed else row.state,
        "sha256": renewed.sha256 if renewed else row.sha256,
        "status": ItemStatus.FAILED if failed else ItemStatus.SYNCED,
        "stage": failed.stage if failed else None,
        "code": failed.code if failed else None,
        "message": failed.message if failed else None,
        "synced_at": datetime.now(UTC),
    }
    if failed is not None:
        item |= {"state": None}
    new = postgresql.insert(source_items) if connection.dialect.name == "postgresql" else sqlite.insert(source_items)
    upsert = new.values(source_id=source_id, key=row.key, **item)
    connection.execute(upsert.on_conflict_do_update(index_elements=["source_id", "key"], set_=item))
