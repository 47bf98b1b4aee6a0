"""What a sync found in its source, compared with what the ledger knows of it, and what became of each item.

The items of a sync are rows, not memory: a sync of any size goes on where it was after a kill.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from services.shared.components.catalogue.reasons import reason_of
from services.shared.components.catalogue.schema import source_items, sync_items, syncs
from services.shared.components.catalogue.syncs import StagedStatus
from services.shared.contracts.corpus import FailureReason
from services.shared.contracts.sources import Change, SyncChange
from services.shared.kit.paging import AnyRow, Cursor, Page, page_by_seq

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Found:
    """An item that a listing found; with a `reason` it is there, but cannot be read."""

    key: str
    source: str
    filename: str
    fingerprint: str | None
    size: int | None
    state: Mapping[str, object] | None = None
    reason: FailureReason | None = None
    access: tuple[str, ...] | None = None
    attributes: Mapping[str, str | float | bool] | None = None


def clear(connection: Connection, sync_id: str) -> None:
    """Forget what this sync and those of the same source before it found."""
    source = select(syncs.c.source_id).where(syncs.c.id == sync_id).scalar_subquery()
    of_source = select(syncs.c.id).where(syncs.c.source_id == source)
    connection.execute(delete(sync_items).where(sync_items.c.sync_id.in_(of_source)))


def add(connection: Connection, sync_id: str, found: Sequence[Found]) -> None:
    """Note found items; of one that is found twice the first counts."""
    rows = [_row(sync_id, item) for item in found]
    new = postgresql.insert(sync_items) if connection.dialect.name == "postgresql" else sqlite.insert(sync_items)
    connection.execute(new.on_conflict_do_nothing(), rows)


def change(
    connection: Connection, sync_id: str, source_id: str, *, found: Sequence[Found], gone: Sequence[str]
) -> None:
    """Note what changed, each key once; what was noted of a key before does not count any more."""
    told = [*(each.key for each in found), *gone]
    for start in range(0, len(told), _AT_ONCE):
        some = sync_items.c.key.in_(told[start : start + _AT_ONCE])
        connection.execute(delete(sync_items).where(sync_items.c.sync_id == sync_id, some))
    if found:
        connection.execute(insert(sync_items), [_row(sync_id, item) for item in found])
    for start in range(0, len(gone), _AT_ONCE):
        _add_gone(connection, sync_id, source_id, gone[start : start + _AT_ONCE])


def page(connection: Connection, sync_id: str, cursor: Cursor, *, change: Change | None) -> Page[SyncChange]:
    """A page of what the sync does about each item, as far as that is kept."""
    query = select(sync_items).where(sync_items.c.sync_id == sync_id, sync_items.c.change.is_not(None))
    if change is not None:
        query = query.where(sync_items.c.change == change)
    return page_by_seq(connection, query, cursor, seq=sync_items.c.seq, to_item=_to_change)


def known_state(connection: Connection, source_id: str, key: str) -> Mapping[str, object] | None:
    """What the source's reader wanted back about an item."""
    query = select(source_items.c.state).where(source_items.c.source_id == source_id, source_items.c.key == key)
    return connection.execute(query).scalar()


def _add_gone(connection: Connection, sync_id: str, source_id: str, keys: Sequence[str]) -> None:
    """Those of the keys that the source had are to be deleted; without a fingerprint, as none of them is unchanged."""
    columns = ("sync_id", "key", "source", "filename", "size", "change", "status")
    known = select(
        literal(sync_id),
        source_items.c.key,
        source_items.c.source,
        literal(""),
        source_items.c.size,
        literal(Change.DELETE.value),
        literal(StagedStatus.WAITING),
    ).where(source_items.c.source_id == source_id, source_items.c.key.in_(keys))
    connection.execute(insert(sync_items).from_select(columns, known))


def _row(sync_id: str, item: Found) -> dict[str, object]:
    reason = item.reason
    return {
        "sync_id": sync_id,
        "key": item.key,
        "source": item.source,
        "filename": item.filename,
        "fingerprint": item.fingerprint,
        "size": item.size,
        "state": None if item.state is None else dict(item.state),
        "access": None if item.access is None else list(item.access),
        "attributes": None if item.attributes is None else dict(item.attributes),
        "status": StagedStatus.WAITING if reason is None else StagedStatus.FAILED,
        "stage": reason.stage if reason else None,
        "code": reason.code if reason else None,
        "message": reason.message if reason else None,
    }


def _to_change(row: AnyRow) -> SyncChange:
    failed = row.status == StagedStatus.FAILED
    return SyncChange(
        id=str(row.seq),
        key=row.key,
        change=row.change,
        bytes=row.size,
        former_key=row.former_key,
        reason=reason_of(row) if failed else None,
    )
