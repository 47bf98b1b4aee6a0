"""What a sync found, compared with what the ledger knows of its source."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, and_, delete, exists, func, insert, literal, select, update

from services.shared.components.catalogue.schema import documents, source_items, sources, sync_items
from services.shared.components.catalogue.syncs import StagedStatus
from services.shared.contracts.sources import Change, ItemStatus

WANTED = (Change.ADD, Change.UPDATE, Change.RENAME)


@dataclass(frozen=True)
class Counts:
    """A comparison in numbers."""

    changes: Mapping[Change, int]
    unlisted: int
    known: int
    bytes: int


def compare(connection: Connection, sync_id: str, source_id: str, *, whole: bool) -> None:
    """Decide what is to be done about each item; may run again.

    Without `whole` nothing is deleted but what the source said is gone: what was not listed may still be there.
    """
    of_sync = sync_items.c.sync_id == sync_id
    known = and_(source_items.c.source_id == source_id, source_items.c.key == sync_items.c.key)
    is_known = exists().where(known)
    connection.execute(update(sync_items).where(of_sync, sync_items.c.change.is_(None)).values(change=Change.ADD))
    new = sync_items.c.change == Change.ADD
    connection.execute(update(sync_items).where(of_sync, new, is_known).values(change=Change.UPDATE))
    same = exists().where(
        known,
        source_items.c.status == ItemStatus.SYNCED,
        sources.c.id == source_id,
        source_items.c.fingerprint == sync_items.c.fingerprint,
        documents.c.collection_id == sources.c.collection_id,
        documents.c.source == source_items.c.source,
        documents.c.version == source_items.c.sha256,
        documents.c.deleting.is_(False),
    )
    waiting = sync_items.c.status == StagedStatus.WAITING
    unchanged = {"change": Change.UNCHANGED, "status": StagedStatus.DONE}
    connection.execute(update(sync_items).where(of_sync, waiting, same).values(unchanged))
    if whole:
        connection.execute(delete(sync_items).where(of_sync, sync_items.c.change == Change.DELETE))
        _add_vanished(connection, sync_id, source_id)
        _mark_renames(connection, sync_id)


def counts(connection: Connection, sync_id: str, source_id: str) -> Counts:
    """The comparison in numbers; a rename is no deletion."""
    change, size = sync_items.c.change, sync_items.c.size
    query = select(change, sync_items.c.status, func.count().label("items"), func.sum(size).label("bytes"))
    query = query.where(sync_items.c.sync_id == sync_id).group_by(change, sync_items.c.status)
    rows = connection.execute(query).all()
    failed = sum(row.items for row in rows if row.status == StagedStatus.FAILED)
    changes = dict.fromkeys(Change, 0)
    for row in rows:
        changes[Change(row.change)] += 0 if row.status == StagedStatus.FAILED else row.items
    changes[Change.DELETE] -= changes[Change.RENAME]
    wanted = (row for row in rows if row.status == StagedStatus.WAITING and row.change in WANTED)
    known = select(func.count()).where(source_items.c.source_id == source_id)
    return Counts(changes, failed, connection.execute(known).scalar_one(), sum(int(row.bytes or 0) for row in wanted))


def _add_vanished(connection: Connection, sync_id: str, source_id: str) -> None:
    found = exists().where(sync_items.c.sync_id == sync_id, sync_items.c.key == source_items.c.key)
    columns = ("sync_id", "key", "source", "filename", "fingerprint", "size", "change", "status")
    vanished = select(
        literal(sync_id),
        source_items.c.key,
        source_items.c.source,
        literal(""),
        source_items.c.fingerprint,
        source_items.c.size,
        literal(Change.DELETE.value),
        literal(StagedStatus.WAITING),
    ).where(source_items.c.source_id == source_id, ~found)
    connection.execute(insert(sync_items).from_select(columns, vanished))


def _mark_renames(connection: Connection, sync_id: str) -> None:
    """What is new and looks exactly like something that vanished: each vanished item once."""
    new, gone = sync_items.alias(), sync_items.alias()
    pairs = (
        select(func.min(new.c.seq).label("seq"), gone.c.key)
        .join(gone, and_(gone.c.sync_id == new.c.sync_id, gone.c.fingerprint == new.c.fingerprint))
        .where(new.c.sync_id == sync_id, new.c.change == Change.ADD, gone.c.change == Change.DELETE)
        .group_by(gone.c.key)
    )
    for row in connection.execute(pairs).all():
        renamed = update(sync_items).where(sync_items.c.seq == row.seq, sync_items.c.change == Change.ADD)
        connection.execute(renamed.values(change=Change.RENAME, former_key=row.key))
